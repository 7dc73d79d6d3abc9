//! Odd texts for the laws: pieces of real archives in orders that no archive has.

use proptest::prelude::*;

use crate::generator::{Generator, Mix};

/// Addresses that the odd texts hold; none may change in any character.
pub(crate) const URLS: &[&str] = &[
    "http://www.yunling.example/art/2024/5/6/art_12_3456.html",
    "https://gjj.hewan.example/help?id=1,2&type=3",
    "http://a.example/b;c=1:2!3(4)/d",
    "ftp://files.example/%E9%80%9A%E7%9F%A5.doc",
];

/// Pieces of text that real archives hold; the odd texts are made of them.
const PROSE: &[&str] = &[
    "为切实做好冬季供暖工作，保障群众温暖过冬，现就有关事项通知如下：",
    "全县粮食总产量38.75万吨，比上年增长1.6%",
    "会议指出，要压实各级河长、库长责任",
    "根据《城市绿化条例》和《关于印发〈实施方案〉的通知》",
    "他说：“我们最怕的不是‘没政策’，而是‘找不到政策’。”",
    "截至10月底，办件量达到4.86万件",
    "中 华 人 民 共 和 国",
    "张  勇 李小明",
    "第一条 为了保护生态环境",
    "第二章 总 则",
    "（一）在树木上刻划",
    "一是理顺窗口设置。二是打通数据壁垒",
    "云政办发〔2024〕37号",
    "国发[2024]5号",
    "（2024）云01民终123号",
    "二○二四年五月二十日",
    "二〇二四年",
    "机密★10年",
    "★1.投标人应当提供营业执照",
    "带★号的条款为实质性条款",
    "▲3.2 最短扫描时间≤0.35秒",
    "☑是 □否 ○就业",
    "买买提·吐尔逊、卡尔•马克思",
    "— 3 —",
    "- 12 -",
    "第3页 共9页",
    "当前位置：首页 > 政务公开 > 通知",
    "发布时间：2024-05-06 来源：云岭日报 浏览次数：12 【字体：大 中 小】",
    "发布时间：2024-05-06",
    "来源：云岭日报",
    "【打印本页】 【关闭窗口】",
    "责任编辑：王五",
    "编辑：王五",
    "主办单位：云岭市人民政府",
    "版权所有 ICP备00000000号",
    "上一篇：关于停水的通知",
    "各县（市、区）人民政府：",
    "发展",
    "改革",
    "的",
    "、",
    "，",
    "。",
    "；",
    "：",
    "？",
    "！",
    "……",
    "——",
];

const MARKS: &[&str] = &[
    ",", ";", ":", "?", "!", "(", ")", ".", "...", "....", "。。", "，，", "、、", "…", "⋯⋯", "--", "――",
    "-", "~", "～", "—", "\"", "'", "“", "”", "‘", "’", "＂", "〝", "<<", ">>", "<", ">", "《", "》", "〈",
    "〉", "«", "»", "[", "]", "【", "】", "〔", "〕", "（", "）", "{", "}", "•", "‧", "・", "·", "．", "％",
    "％，", "/", "%", "￥", "‼", "⁇", "﹐", "︰", "｡", "＊", "*", "#", "|", "=", "_", "^",
];

const SYMBOLS: &[&str] =
    &["★", "☆", "▲", "△", "○", "□", "●", "■", "◆", "※", "✦", "×", "√", "→", "①", "㎡", "℃", "😀", "\u{FFFD}"];

const SPACES: &[&str] = &[
    " ",
    "  ",
    "   ",
    "\u{3000}",
    "\u{3000}\u{3000}",
    "\u{A0}",
    "\u{2002}",
    "\t",
    "\u{200B}",
    "\u{FEFF}",
    "\u{AD}",
    "\u{200E}",
    "\u{202A}",
    "\u{2060}",
    "\u{7}",
    "\u{85}",
    "\u{FE0F}",
    "\u{E0100}",
    "\u{3164}",
];

const ENDS: &[&str] =
    &["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\n\u{3000}\u{3000}", "\u{2028}", "\u{C}", "\n \n"];

const FIGURES: &[&str] = &[
    "5.6%",
    "1,355",
    "1,234,567.89元",
    "12:30",
    "1:500",
    "1-11月",
    "100~150公斤",
    "2024-01-05",
    "0800-6123456",
    "１２３",
    "５．６％",
    "3",
    "10",
    "2024",
    "N30°24.2′",
    "△0.5",
    "-12℃",
    "≥100",
    "210×297",
    "1.",
    "2、",
    "3)",
    "（4）",
    "⑸",
];

const LATIN: &[&str] = &[
    "GDP",
    "PM2.5",
    "ISO 9001:2015",
    "GB/T 15834-2011",
    "Hello, world",
    "It's",
    "f(x,y)=0",
    "a.b@yunling.example",
    "C:\\a.txt",
    "ＧＤＰ",
    "John Smith",
    "IBM,3",
    "x<y",
    "A,B;C",
    "Wi-Fi",
];

const MARKUP: &[&str] = &[
    "&nbsp;",
    "&amp;nbsp;",
    "&lt;p&gt;",
    "&ldquo;",
    "&#8221;",
    "&amp",
    "&#0;",
    "&#x110000;",
    "<p>",
    "</p>",
    "<br/>",
    "<span style='color:red'>",
    "</span>",
    "<b>",
    "<!-- 注 -->",
    "<script>var a=1;</script>",
    "<条例>",
    "<o:p></o:p>",
    "[b]",
    "<style>.a{b:c}",
    "<td>",
    "</tr>",
    "[/b]",
    "[url=http://a.example/]",
    "[/url]",
    ".TRS_Editor P{margin:0;}",
    "\np{color:red}",
    "{mso-style-name:普通表格;}",
    "\nvar a=1;\n",
    "\nfunction f(){\n",
    "}",
    "政(zheng)府(fu)网(wang)站(zhan)检(jian)查(cha)工(gong)作(zuo)",
    "。, {* @1 o5 M. y4 Z#\n",
];

const FORMS: &[&str] = &[
    "⼈⺠政府",
    "⻢⻋",
    "\u{F92C}坊",
    "\u{FA0E}",
    "︵试行︶",
    "二О二四年",
    "二O二四年",
    "一〇",
    "\u{E796}",
    "﹝2024﹞",
    "𠀀",
    "é",
    "ئۇيغۇر",
];

/// What becomes of text that is decoded in the wrong encoding.
const MISREAD: &[&str] = &[
    "鏀垮簻鍏充簬鍗板彂鐨勯€氱煡",
    "鏀垮簻",
    "銆�",
    "锛�",
    "涓€銆佹€讳綋瑕佹眰",
    "缂冩垶妲楁＃鏍€�",
    "æ”¿åºœ",
    "Ã¦Â”Â¿Ã¥ÂºÂœ",
    "â€œ",
    "¹ØÓÚÓ¡·¢¡¶Í¨Öª¡·µÄÍ¨Öª",
    "ÖÐ¹ú",
    "£¬",
    "跪等弇猁偌奀惆冞ㄛ瓮淉葬域鼠弅﹝",
    "锟斤拷",
    "烫烫烫",
    "ï»¿",
    "Ã",
    "€",
    "\u{E4C7}",
];

fn one_of(list: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(list).prop_map(str::to_owned)
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => one_of(PROSE),
        8 => one_of(MARKS),
        3 => one_of(SYMBOLS),
        4 => one_of(SPACES),
        4 => one_of(ENDS),
        4 => one_of(FIGURES),
        2 => one_of(LATIN),
        1 => one_of(URLS),
        2 => one_of(MARKUP),
        1 => one_of(FORMS),
        1 => one_of(MISREAD),
        2 => "[甲乙丙丁的一二三年月日号第条章]{1,4}",
        1 => "[ -~]{1,6}",
        1 => "\\PC",
    ]
}

/// Pieces in any order; now and then one block comes back, whole, flattened or starred.
pub(crate) fn odd_text() -> impl Strategy<Value = String> {
    let short = prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat());
    let repeated =
        (prop::collection::vec(piece(), 8..48), 0_u8..5, piece()).prop_map(|(pieces, how, seam)| {
            let block = pieces.concat();
            let copy = match how {
                0 => block.clone(),
                1 => block.replace('\n', " "),
                2 => block.replace('，', "★，"),
                3 => block.replace('，', ",").replace('：', ":"),
                _ => block.chars().take(block.chars().count() * 2 / 3).collect(),
            };
            format!("{copy}{seam}{block}")
        });
    // A document-wide decision needs a document: a line of marks many times over.
    let dense = (piece(), piece(), piece(), 3_usize..20)
        .prop_map(|(a, b, c, n)| format!("发展{a}改革{b}\n{c}").repeat(n));
    let paged =
        (any::<u64>(), prop::collection::vec((0_usize..2_000, piece()), 0..12)).prop_map(|(seed, slips)| {
            let mut generator = Generator::new(seed);
            let sound: String = generator.sound().chars().take(1_200).collect();
            let mut text = generator.spoilt(sound, Mix::COMMON);
            for (at, slip) in slips {
                let at = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
                text.insert_str(at, &slip);
            }
            text
        });
    prop_oneof![12 => short, 4 => repeated, 4 => dense, 1 => paged]
}
