//! Which lines may be furniture at all, and which are by their words.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::text::chars::{is_blank, is_han_numeral};

/// Words that stand in the furniture of a site and in no official text's lines of their own.
const FURNITURE: &[&str] = &[
    "版权所有",
    "Copyright",
    "copyright",
    "COPYRIGHT",
    "©",
    "ICP备",
    "ICP证",
    "公网安备",
    "网站标识码",
    "网站地图",
    "设为首页",
    "加入收藏",
    "添加收藏",
    "打印本页",
    "关闭窗口",
    "返回顶部",
    "回到顶部",
    "回到首页",
    "返回首页",
    "分享到",
    "扫一扫",
    "站长统计",
    "ll Rights Reserved",
    "ll rights reserved",
    "隐私政策",
    "隐私保护",
    "免责声明",
    "网站声明",
    "关于我们",
    "广告服务",
    "浏览次数",
    "访问量",
    "不良信息举报",
    "上一篇",
    "下一篇",
    "您的位置",
    "当前位置",
    "您现在的位置",
    "无障碍浏览",
    "网站无障碍",
    "按回车键",
    "IPv6",
    "忘记密码",
    "免费邮箱",
    "用户登录",
    "建议使用",
    "技术支持：",
    "当前页",
    "微信公众号",
    "手机客户端",
    "意见反馈",
];

/// Short lines of a navigation, whole.
const NAVIGATION: &[&str] = &[
    "首页",
    "网站首页",
    "登录",
    "登 录",
    "注册",
    "注册登录",
    "登录/注册",
    "退出",
    "安全退出",
    "注销",
    "搜索",
    "更多",
    "更多>>",
    "English",
    "EN",
    "繁",
    "繁体",
    "简体",
    "政务公开",
    "新闻中心",
    "机构概况",
    "机构职能",
    "政民互动",
    "办事服务",
    "在线服务",
    "互动交流",
    "专题专栏",
    "数据开放",
    "政务服务",
    "政务信息",
    "新闻资讯",
    "统计数据",
    "分享",
    "收藏",
    "打印",
    "关闭",
    "返回",
    "导航",
    "视频",
    "图片",
    "财经",
    "体育",
    "娱乐",
    "科技",
    "汽车",
    "房产",
    "应用",
    "时尚",
    "直播",
    "彩票",
    "旅游",
    "微信",
    "微博",
    "QQ空间",
    "网站导航",
    "联系我们",
    "专题",
];

static SEARCH: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(FURNITURE)
        .expect("some short words make an automaton")
});

/// The line is furniture by its words.
pub(super) fn is_furniture(line: &str) -> bool {
    SEARCH.is_match(line)
}

/// The line is an entry of a navigation.
pub(super) fn is_navigation(line: &str) -> bool {
    NAVIGATION.contains(&line)
}

/// Longest line of furniture in bytes: the foot of a site in one line.
const MOST_BYTES: usize = 600;

/// Longest line without words of furniture, in bytes: an entry of a navigation.
const ENTRY_BYTES: usize = 60;

/// What official texts repeat by right, at the start of a line.
const KEPT_STARTS: &[&str] = &[
    "第",
    "附件",
    "附：",
    "附表",
    "附则",
    "目录",
    "序号",
    "抄送",
    "主送",
    "签发",
    "特此",
    "此致",
    "敬礼",
    "各",
    "本法",
    "本条例",
    "本办法",
    "本规定",
    "根据",
    "依据",
    "（此件",
    "#",
    "【",
    "《",
    "|",
    "备注",
    "合计",
    "总计",
    "单位",
    "表",
    "图",
    "注",
    "主题词",
    "中华人民共和国",
    "编者按",
    "责任编辑",
];

/// What official texts repeat by right, at the end of a line: labels, organs, types of documents.
const KEPT_ENDS: &[char] = &[
    '：', ':', '。', '；', '，', '、', '？', '日', '号', '局', '厅', '部', '委', '府', '院', '会', '署',
    '知', '告', '法', '例', '定', '见', '报', '令', '决', '函', '章', '条', '节', '则',
];

/// The line may be furniture: it is short and no part of an official text that repeats by right.
pub(super) fn may_go(line: &str) -> bool {
    if line.is_empty() || line.len() > MOST_BYTES {
        return false;
    }
    let kept = KEPT_STARTS.iter().any(|word| line.starts_with(word))
        || is_listed(line)
        || line.contains("自公布之日");
    if kept {
        return false;
    }
    if line.len() <= ENTRY_BYTES && (is_navigation(line) || !line.contains(KEPT_ENDS) && !is_value(line)) {
        return true;
    }
    is_furniture(line)
}

/// 一、（一）1.: a heading or an entry of a list.
fn is_listed(line: &str) -> bool {
    let rest = line.trim_start_matches(['（', '(']);
    let label = rest.trim_start_matches(|c: char| c.is_ascii_digit() || is_han_numeral(c));
    label.len() < rest.len() && label.starts_with(['、', '.', '．', '）', ')'])
}

/// A number, a date, a rule of dashes: cells of tables.
fn is_value(line: &str) -> bool {
    !line.chars().any(char::is_alphabetic)
        || line.chars().all(|c| c.is_ascii_digit() || is_blank(c) || "年月日%.-/:元".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_official_texts_stay() {
        for line in [
            "本法自公布之日起施行。",
            "本条例自2024年1月1日起施行。",
            "第一章 总则",
            "附件：",
            "附件1",
            "二〇二四年三月五日",
            "青山县人民政府办公室",
            "序号",
            "合计",
            "各乡镇人民政府：",
            "一、总体要求",
            "（一）加强值守",
            "1.防汛值班表",
            "特此通知",
            "（此件公开发布）",
            "## 第一章 总则",
            "2024",
            "",
            "---",
            "100.0",
            "抄送：县委办公室，版权所有",
            "青水〔2024〕3号",
            "责任编辑：王五",
        ] {
            assert!(!may_go(line), "{line}");
        }
        for line in
            ["首页", "政务公开", "版权所有：青山县人民政府", "访问量：199", "青ICP备12345678号-1", "走进青山"]
        {
            assert!(may_go(line), "{line}");
        }
    }
}
