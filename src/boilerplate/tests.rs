//! A site of twenty pages, and what stays on them.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use super::{Counts, Policy, host};
use crate::rules::{Choice, Rules};
use crate::text::Edits;

const SITE: &str = "qingshan.example";

fn rules() -> Rules {
    Rules::bundled(&Choice { enable: vec!["boilerplate.line".into()], ..Choice::default() }).unwrap()
}

fn strip(counts: &Counts, text: &str) -> String {
    let mut edits = Edits::default();
    counts.strip(SITE, text, &Policy::default(), &rules(), &mut edits);
    let mut clean = String::new();
    edits.apply(text, &mut clean);
    clean
}

/// Page number `n`: frame, title, body, signature, foot.
fn page(frame: &str, n: usize, foot: &str) -> String {
    format!(
        "{frame}关于第{n}号渠道的通知\n第一章 总则\n序号\n名称\n金额\n备注\n本办法自公布之日起施行。\n附件：\n青山县水务局\n{foot}"
    )
}

fn site(frame: &str, foot: &str) -> (Counts, Vec<String>) {
    let pages: Vec<String> = (0..20).map(|n| page(frame, n, &foot.replace('@', &n.to_string()))).collect();
    let mut counts = Counts::default();
    for page in &pages {
        counts.add(SITE, page);
    }
    (counts, pages)
}

#[test]
fn furniture_goes_and_official_text_stays() {
    for (frame, foot, kept_frame, kept_foot) in [
        ("首页\n政务公开\n走进青山\n青山要闻\n", "版权所有：青山县人民政府", "", ""),
        ("", "访问量：@\n青ICP备12345678号", "", ""),
        ("", "上一篇：关于甲的通知\n欢迎", "", "欢迎"),
        // Four frequent lines without a word of furniture are content.
        ("青山之歌\n山高水长\n云淡风轻\n四季如春\n", "", "青山之歌\n山高水长\n云淡风轻\n四季如春\n", ""),
        ("首页\n走进青山\n", "", "首页\n走进青山\n", ""),
        ("首页\n首页\n", "二〇二四年三月五日", "首页\n首页\n", "二〇二四年三月五日"),
    ] {
        let (counts, pages) = site(frame, foot);
        let clean = strip(&counts, &pages[7]);
        let told = page(kept_frame, 7, kept_foot);
        assert_eq!(clean.trim_end(), told.trim_end(), "{frame}{foot}");
        assert_eq!(strip(&counts, &clean), clean, "a second run changes nothing");
    }
}

#[test]
fn rare_lines_other_sites_and_whole_documents_stay() {
    let (counts, pages) = site("", "版权所有：青山县人民政府");
    let rare = "关于甲的通知\n版权所有：乙县人民政府";
    assert_eq!(strip(&counts, rare), rare);
    assert_eq!(
        strip(&counts, "版权所有：青山县人民政府"),
        "版权所有：青山县人民政府",
        "nothing would be left"
    );
    assert_eq!(strip(&counts, ""), "");
    let mut edits = Edits::default();
    counts.strip("other.example", &pages[1], &Policy::default(), &rules(), &mut edits);
    assert!(edits.is_empty(), "the counts of another site");
    let off = Rules::bundled(&Choice::default()).unwrap();
    counts.strip(SITE, &pages[1], &Policy::default(), &off, &mut edits);
    assert!(edits.is_empty(), "the rule is off by default");
}

#[test]
fn order_and_threads_make_no_difference() {
    let (_, pages) = site("首页\n政务公开\n走进青山\n青山要闻\n", "访问量：@");
    for limit in [1000, 4] {
        let count = |pages: &mut dyn Iterator<Item = &String>| {
            let mut counts = Counts::with_limit(limit);
            pages.for_each(|page| counts.add(SITE, page));
            counts
        };
        let forward = count(&mut pages.iter());
        let backward = count(&mut pages.iter().rev());
        let mut merged = count(&mut pages.iter().skip(13));
        merged.merge(count(&mut pages.iter().take(13)));
        assert_eq!(forward.is_sketch(), limit == 4);
        for other in [&backward, &merged] {
            assert_eq!(other.is_sketch(), forward.is_sketch());
            assert_eq!(other.report(&Policy::default()), forward.report(&Policy::default()));
            for page in &pages {
                assert_eq!(strip(other, page), strip(&forward, page));
            }
        }
        assert!(!strip(&forward, &pages[0]).contains("走进青山"));
    }
}

#[test]
fn the_report_names_line_and_share() {
    let (counts, _) = site("", "访问量：@");
    let policy = Policy::default();
    let report = counts.report(&policy);
    let line = report.iter().find(|line| line.line.starts_with("访问量")).unwrap();
    assert_eq!((line.site, line.line, line.documents, line.of), (SITE, "访问量：0", 20, 20));
}

#[test]
fn hosts_are_read_from_addresses() {
    for (url, name) in [
        ("http://www.qingshan.example/a", "www.qingshan.example"),
        ("https://user@qingshan.example:80?x=/", "qingshan.example"),
        ("青山", "青山"),
        ("", ""),
    ] {
        assert_eq!(host(url), name, "{url}");
    }
}

#[test]
fn hostile_text_costs_no_more_than_its_length() {
    let mut counts = Counts::with_limit(64);
    for piece in ["首页\n", "\n", "a", "\u{3000}\n", "©\n"] {
        let text = piece.repeat(100_000);
        for _ in 0..12 {
            counts.add(SITE, &text);
        }
        let _ = strip(&counts, &text);
    }
    let mut many = String::new();
    for n in 0..100_000 {
        many.extend(["栏目", &n.to_string(), "甲\n"]);
    }
    counts.add(SITE, &many);
    assert!(counts.is_sketch());
}
