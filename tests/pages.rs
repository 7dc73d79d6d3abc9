//! Pages: what a site puts around a text goes, and the text is what it would be without the page. No
//! shape of a page is worse than linear: one that is does not come to its end here.

use jingwen::rules::Profile;
use jingwen::{Cleaner, Desk, is_page};

use crate::generator::{Generator, Mix, ORIGINALS};
use crate::laws::{CLEANERS, cleaner};
use crate::site_pages::{SITES, hostile_pages, page};

/// Bytes of a hostile page. A debug build is slower by a factor of twenty or more.
const HOSTILE: usize = if cfg!(debug_assertions) { 40_000 } else { 600_000 };

/// Nested as deep as the hostile pages of the issue trackers of parsers.
const DEEP: usize = 100_000;

/// Bytes of generated bulletins.
const ARCHIVE: usize = 600_000;

fn clean_page(cleaner: &Cleaner, page: &str) -> String {
    assert!(is_page(page), "{}", &page[..page.floor_char_boundary(60)]);
    cleaner.clean_document_at(&mut Desk::default(), page, true).to_owned()
}

#[test]
fn a_page_carries_its_text() {
    let cleaner = cleaner(Profile::Standard);
    let mut wrong = Vec::new();
    let generated = Generator::new(7).archive(ARCHIVE, Mix::CLEAN);
    let texts = ORIGINALS.iter().map(|(_, text)| *text).chain(generated.iter().map(String::as_str));
    let mut n = 0;
    for text in texts {
        let want = cleaner.clean(text);
        for (site, frame) in SITES.iter().enumerate() {
            n += 1;
            let got = clean_page(cleaner, &page(frame, text));
            if got.trim_end() != want.trim_end() {
                let at = got.bytes().zip(want.bytes()).take_while(|(a, b)| a == b).count();
                let (got, want) =
                    (&got[got.floor_char_boundary(at)..], &want[want.floor_char_boundary(at)..]);
                let cut = |text: &str| text.chars().take(40).collect::<String>();
                wrong.push(format!("site {site}: {:?}, not {:?}", cut(got), cut(want)));
            }
        }
    }
    assert!(
        n > 100 && wrong.is_empty(),
        "{} of {n}\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn hostile_pages_come_to_an_end_and_are_settled() {
    let mut wrong = Vec::new();
    for (name, page) in hostile_pages(HOSTILE) {
        for (profile, cleaner) in CLEANERS.iter() {
            let once = clean_page(cleaner, &page);
            if cleaner.clean(&once) != once {
                wrong.push(format!("{name}, profile {}: not settled", profile.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_nested_deep_keeps_its_text() {
    let cleaner = cleaner(Profile::Standard);
    for (open, close) in
        [("<div>", "</div>"), ("<ul><li>", "</li></ul>"), ("<span>", "</span>"), ("<table><tr><td>", "")]
    {
        let page = format!("<body>{}今日停水。{}", open.repeat(DEEP), close.repeat(DEEP));
        assert_eq!(clean_page(cleaner, &page), "今日停水。", "{open}");
    }
}

#[test]
fn what_a_page_hides_does_not_come_out() {
    let cleaner = cleaner(Profile::Standard);
    let hidden = "<DIV style='display:none'>看不见</DIV><p hidden>看不见<p>第二段，也在。<span style=font-size:0>看不见<span>看不见</span></span>\
                  <noscript>看不见</noscript><div aria-hidden=true><p>看不见</p></div>";
    let page = format!("<body><div id=zoom><p>今日停水，请储水备用。</p>{hidden}<p>三日内恢复。</p></div>");
    assert_eq!(clean_page(cleaner, &page), "今日停水，请储水备用。\n第二段，也在。\n三日内恢复。");
    // A page that hides all its sentences shows them by a script.
    let page = "<body><div style='display:none'><p>今日停水，请储水备用。</p></div><div>正在加载</div>";
    assert_eq!(clean_page(cleaner, page), "今日停水，请储水备用。\n正在加载");
}

#[test]
fn lists_of_other_documents_go_and_attached_files_stay() {
    let cleaner = cleaner(Profile::Standard);
    let text = "<p>今日停水，请各户储水备用，恢复时间另行通知，各社区要做好宣传，确保家喻户晓。</p>";
    let clean = "今日停水，请各户储水备用，恢复时间另行通知，各社区要做好宣传，确保家喻户晓。";
    let links = "<p><a href='/1.html'>关于防汛的通知</a></p><p><b>更多</b></p><p><a href='/2.html'>关于清查的通知</a></p>";
    let signed = "<p>青山县水务局</p>";
    for (body, want) in [
        (format!("{text}<p>【相关链接】</p>{links}{signed}"), format!("{clean}\n青山县水务局")),
        (format!("{text}<h3>延伸 · 阅读</h3>{links}{text}"), format!("{clean}\n{clean}")),
        // No heading says what the links are; a heading without links is the author's.
        (format!("{text}{links}"), format!("{clean}\n关于防汛的通知\n更多\n关于清查的通知")),
        (format!("{text}<p>相关链接</p>{text}"), format!("{clean}\n相关链接\n{clean}")),
        // Files belong to the document, whatever the list is called and wherever their name stands.
        (
            format!("{text}<p>相关链接：</p><p><a href='/a/1.pdf'>值班表</a></p>"),
            format!("{clean}\n相关链接：\n值班表"),
        ),
        (
            format!("{text}<p>相关链接</p><p><a href='http://www.docin.cn/1.html'>值班表</a></p>"),
            clean.to_owned(),
        ),
    ] {
        assert_eq!(clean_page(cleaner, &format!("<body><div id=zoom>{body}</div>")), want, "{body}");
    }
    // A box that is nothing but such a list keeps it.
    let body = format!("<p>相关链接</p>{}", "<p><a href='/1.html'>通知</a></p><p>二〇二四年</p>".repeat(10));
    let got = clean_page(cleaner, &format!("<body><div id=zoom>{body}<a href='/2.html'>公告</a></div>"));
    assert_eq!(got.lines().count(), 22, "{got}");
}

#[test]
fn a_print_copy_and_a_short_notice_keep_their_title() {
    let cleaner = cleaner(Profile::Standard);
    let text = "<p>今年以来，全县各部门认真落实上级部署，统筹推进各项工作，取得了明显成效。</p>\
                <p>一是加强领导，压实责任，确保各项任务落到实处，不折不扣地完成全年目标。</p>\
                <p>二是强化督查，对工作不力的单位进行通报，限期整改到位，年底统一考核评比。</p>";
    let head = "<html><head><title>关于全县工作的通报</title></head><body><div><a href=/>首页</a> <a href=/2>新闻</a></div>";
    let title = "<h1>关于全县工作的通报</h1>";
    let whole = "关于全县工作的通报\n今年以来，全县各部门认真落实上级部署，统筹推进各项工作，取得了明显成效。\n\
                 一是加强领导，压实责任，确保各项任务落到实处，不折不扣地完成全年目标。\n\
                 二是强化督查，对工作不力的单位进行通报，限期整改到位，年底统一考核评比。";
    for (body, want) in [
        (
            format!(
                "{title}<div id=zoom>{text}</div><div class=print>{title}<div class=TRS_Editor>{text}</div></div>"
            ),
            whole,
        ),
        (format!("{title}<div id=zoom>{text}</div><div class=TRS_Editor>{title}{text}</div>"), whole),
        (format!("{title}<div class=a>{text}</div><div class=b>{title}{text}</div>"), whole),
        (format!("<div id=zoom>{title}{text}</div>"), whole),
        (format!("{title}<div>今日停水，请储水。</div>"), "关于全县工作的通报\n今日停水，请储水。"),
        // No sentence: a list, and its menu may be a part of it.
        (format!("{title}<ul><li><a href=/3>停水</a></ul>"), "首页 新闻\n关于全县工作的通报\n停水"),
        // What stands above the title is more than menus.
        (
            format!("<p>青山县人民政府办公室文件</p>{title}<div>今日停水，请储水。</div>"),
            "首页 新闻\n青山县人民政府办公室文件\n关于全县工作的通报\n今日停水，请储水。",
        ),
    ] {
        assert_eq!(clean_page(cleaner, &format!("{head}{body}")), want, "{body}");
    }
}

#[test]
fn the_number_below_the_title_is_a_part_of_it() {
    let cleaner = cleaner(Profile::Standard);
    for (line, stays) in
        [("（青水发〔2024〕5号）", true), ("青水发[2024]第5号", true), ("青水发〔2024〕", false)]
    {
        let page = format!(
            "<html><head><title>关于全县停水的通知</title></head><body><div>首页</div><div>关于全县停水的通知</div>\
             <div>{line}</div><div id=zoom><p>今日停水，请储水备用，三日内恢复，特此通知。</p></div>"
        );
        let got = clean_page(cleaner, &page);
        assert_eq!(got.lines().count(), if stays { 3 } else { 2 }, "{got}");
    }
}

#[test]
fn the_frame_of_a_page_becomes_fields() {
    let page = "<html><head><title>关于停水的通知_青山县人民政府</title><meta name='SiteName' content='青山县人民政府'>\
                <meta name=\"PubDate\" content=\"2024-05-06 10:30\"><link rel='canonical' href='https://qs.example/1.html'></head>\
                <body><div><a href='/'>首页</a> &gt; <a href='/tz'>通知</a></div><h1>关于停水的通知</h1>\
                <table><tr><td>索引号：</td><td>000/2024-1</td><td>发文字号：</td><td>青水发〔2024〕5号</td></tr></table>\
                <div>信息来源：青山日报 浏览次数：12</div><div id='zoom'><p>今日停水，请储水备用。</p></div>\
                <div>责任编辑：王五</div></body></html>";
    let (cleaner, mut desk) = (cleaner(Profile::Standard), Desk::default());
    let clean = cleaner.clean_document_at(&mut desk, page, true).to_owned();
    assert_eq!(clean, "关于停水的通知\n今日停水，请储水备用。");
    let said = jingwen::fields::said(desk.said());
    assert_eq!(said.title, Some("关于停水的通知"));
    assert_eq!(
        said.published.map(|(day, time)| (day.to_string(), time)),
        Some(("2024-05-06".to_owned(), Some("10:30")))
    );
    assert_eq!((said.from, said.views, said.editor), (Some("青山日报"), Some("12"), Some("王五")));
    assert_eq!((said.index, said.site), (Some("000/2024-1"), Some("青山县人民政府")));
    assert_eq!(said.number.map(|number| number.serial), Some(5));
    assert_eq!(said.url, Some("https://qs.example/1.html"));
}
