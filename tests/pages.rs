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
