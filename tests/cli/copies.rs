//! Copies from outside: what a document says of itself, texts that are clean already, another set
//! to be held against, and the boilerplate of sites.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;

use serde_json::Value;
use serde_json::json;

use crate::cli::Desk;
use crate::sentences::sentence;

/// `n` lines that nobody wrote twice, from number `from` on.
fn body(from: u32, n: u32) -> String {
    (from..from + n).map(|n| sentence(n) + "\n").collect()
}

fn row(id: &str, text: &str) -> Value {
    json!({"id": id, "text": text})
}

fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect::<Vec<_>>().concat()
}

/// By id: verdict, kind, and the named links, in the order of the decisions.
fn fates(desk: &Desk, out: &str, links: &[&str]) -> Vec<String> {
    let told = |row: &Value| {
        let links: Vec<&str> = links.iter().map(|link| row[*link].as_str().unwrap_or("-")).collect();
        let kind = row["kind"].as_str().unwrap_or("kept");
        format!("{} {kind} {}", row["id"].as_str().unwrap(), links.join(" "))
    };
    desk.rows(&format!("{out}/decisions.jsonl")).iter().map(told).collect()
}

#[test]
fn rows_tell_what_the_document_says_of_itself() {
    let desk = Desk::new();
    let text = "青政办发[2024]12号\n青山县人民政府办公室关于做好防汛工作的通知\n各乡镇人民政府：\n现通知如下。\n\
                青山县人民政府办公室\n2024年3月5日";
    let own = json!({"id": "b", "text": text, "title": "theirs", "jingwen": {"title": "given"}});
    let mut first = row("a", text);
    first["title"] = "theirs".into();
    desk.put("a.jsonl", lines(&[first, own, row("c", "今日停水。")]));
    assert_eq!(desk.run("clean a.jsonl -o clean.jsonl").code, Some(0));
    assert_eq!(desk.run("run a.jsonl -o out").code, Some(0));
    assert_eq!(desk.run("clean clean.jsonl -o again.jsonl").code, Some(0));
    let clean = desk.rows("clean.jsonl");
    assert_eq!(
        clean[0]["jingwen"],
        json!({
            "title": "青山县人民政府办公室关于做好防汛工作的通知",
            "issuer": "青山县人民政府办公室",
            "number": "青政办发〔2024〕12号",
            "date": "2024-03-05",
            "addressee": "各乡镇人民政府",
        })
    );
    assert_eq!((&clean[0]["title"], &clean[1]["title"]), (&"theirs".into(), &"theirs".into()));
    assert_eq!(clean[1]["jingwen"], json!({"title": "given"}), "what the row had is not ours to change");
    assert_eq!(clean[2].get("jingwen"), None);
    for (again, clean) in desk.rows("again.jsonl").iter().zip(&clean) {
        assert_eq!(again["jingwen"], clean["jingwen"]);
    }
    let kept = desk.rows("out/kept-00000.jsonl");
    assert_eq!(kept[0]["jingwen"], clean[0]["jingwen"]);
    assert_eq!(desk.rows("out/dropped-00000.jsonl")[0]["jingwen"], json!({"title": "given"}));
}

#[test]
fn a_document_of_its_own_may_carry_another() {
    let desk = Desk::new();
    let plan = body(0, 12);
    let carrier = |number: &str, note: u32| {
        format!(
            "{number}\n青山县人民政府办公室关于转发县水务局年度工作安排的通知\n各乡镇人民政府，县直各单位：\n\
             {}请认真贯彻执行。\n青山县人民政府办公室\n2024年3月5日\n{plan}",
            body(100 + note, 1)
        )
    };
    let own = carrier("青政办发〔2024〕12号", 0);
    desk.put(
        "a.jsonl",
        lines(&[
            row("plan", &plan),
            row("own", &own),
            row("own again", &format!("{own}转自：某某日报\n")),
            // Another number: a document of its own, however alike.
            row("other", &carrier("青政办发〔2024〕13号", 0)),
            row("note", &format!("编者按：{}现转发给大家。\n{plan}", body(200, 2))),
        ]),
    );
    assert_eq!(desk.run("run a.jsonl -o out").code, Some(0));
    let want = [
        "plan kept - - own",
        "own kept - plan -",
        "own again near own - -",
        "other kept - plan -",
        "note contained plan - -",
    ];
    assert_eq!(fates(&desk, "out", &["of", "contains", "part_of"]), want);
    assert_eq!(desk.run("run a.jsonl -o bare --drop-forwards").code, Some(0));
    let kept: Vec<_> = desk.rows("bare/kept-00000.jsonl").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(kept, ["plan"]);
}

#[test]
fn dedup_leaves_every_byte_of_the_texts() {
    let desk = Desk::new();
    let text = body(0, 8);
    // Nothing here is as cleaning would leave it.
    let odd = format!("\u{3000}\u{3000}{}\r\n\n", text.replace('，', "★,"));
    let page = "<p>今日停水，敬请谅解。</p>\n";
    desk.put("in/a.jsonl", lines(&[row("worn", &odd), row("text", &text), row("empty", " \n")]));
    desk.put("in/b.html", page);
    desk.put("in/c.txt", "今日停电,敬请谅解.★\n\n");
    let said = desk.run("dedup in -o out -j 2");
    assert_eq!(said.code, Some(0), "{}", said.err);
    let mut rows = desk.rows("out/kept-00000.jsonl");
    rows.extend(desk.rows("out/dropped-00000.jsonl"));
    let text_of = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap()["text"].as_str().unwrap();
    assert_eq!([text_of("worn"), text_of("text"), text_of("b.html")], [&odd, &text, page]);
    assert_eq!(text_of("c.txt"), "今日停电,敬请谅解.★\n\n");
    let want = ["worn same text", "text kept -", "empty empty -", "b.html kept -", "c.txt kept -"];
    assert_eq!(fates(&desk, "out", &["of"]), want);
    assert_eq!(desk.report("out/report.json")["rules"], json!({}));
    assert_eq!(desk.run("dedup in -o again --profile corpus").code, Some(2), "there are no rules to choose");
}

#[test]
fn what_is_in_another_set_is_dropped_and_that_set_stays() {
    let desk = Desk::new();
    let (a, b, c) = (body(0, 10), body(50, 10), body(100, 10));
    // Copies of one another, and worse than the inputs: they stay, and they win.
    let held = lines(&[row("x", &a.replace('\n', " ")), row("y", &a), row("a", &c)]);
    desk.put("ref/r.jsonl", &held);
    desk.put(
        "a.jsonl",
        lines(&[
            row("a", &a),
            row("b", &b),
            row("b2", &format!("{b}转自：某某日报\n")),
            row("part", &body(100, 4)),
        ]),
    );
    for command in ["run", "dedup"] {
        let said = desk.run(&format!("{command} a.jsonl -o {command} --against ref"));
        assert_eq!(said.code, Some(0), "{}", said.err);
        let links = ["of", "of_source", "part_of", "part_of_source"];
        let want = [
            "a exact y r.jsonl#2 - -",
            "b kept - - - -",
            "b2 contained b - - -",
            "part kept - - a r.jsonl#3",
        ];
        let got = fates(&desk, command, &links);
        assert_eq!(got[1..], want[1..], "{command}");
        assert!(got[0].starts_with("a same x r.jsonl#1") || got[0] == want[0], "{command}: {}", got[0]);
        let kept: Vec<_> =
            desk.rows(&format!("{command}/kept-00000.jsonl")).iter().map(|row| row["id"].clone()).collect();
        assert_eq!(kept, ["b", "part"]);
        let report = desk.report(&format!("{command}/report.json"));
        assert_eq!((&report["documents_in"], &report["against"]), (&4.into(), &3.into()));
    }
    assert_eq!(desk.text("ref/r.jsonl"), held);
    assert_eq!(desk.tree("ref"), ["r.jsonl"]);
    // One way: the order of the two sets is no matter of quality, or of which is larger.
    assert_eq!(desk.run("run ref -o back --against a.jsonl").code, Some(0));
    let got = fates(&desk, "back", &["of", "of_source"]);
    assert_eq!(got, ["x same a a.jsonl#1", "y exact a a.jsonl#1", "a kept - -"]);
    assert_eq!(desk.run("run a.jsonl -o dry --against ref --dry-run").code, Some(0));
    assert!(desk.run("run a.jsonl -o dry --against ref --dry-run").err.contains("2 kept, 2 dropped"));
}

#[test]
fn a_set_that_cannot_be_read_is_named() {
    let desk = Desk::new();
    desk.put("a.jsonl", lines(&[row("a", &body(0, 5))]));
    desk.put("ref.jsonl", "{\"id\":1}\n");
    let said = desk.run("run a.jsonl -o out --against nowhere");
    assert_eq!((said.code, desk.path("out").exists()), (Some(2), false), "{}", said.err);
    let said = desk.run("run a.jsonl -o out --against ref.jsonl");
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.err.contains("--against: ref.jsonl#1"), "{}", said.err);
    let report = desk.report("out/report.json");
    assert_eq!((&report["kept"], &report["against_not_readable"]), (&1.into(), &1.into()));
}

#[test]
fn boilerplate_of_a_site_goes_and_can_come_back() {
    let desk = Desk::new();
    let page = |n: u32| format!("版权所有：青山县人民政府\n关于第{n}号渠道的通知★\n{}", body(n * 20, 5));
    let pages: Vec<Value> = (0..20)
        .map(|n| json!({"id": format!("p{n}"), "text": page(n), "url": "https://qingshan.example/x/"}))
        .chain([json!({"id": "other", "text": page(99), "url": "https://elsewhere.example/"})])
        .collect();
    desk.put("a.jsonl", lines(&pages));
    assert_eq!(desk.run("run a.jsonl -o plain").code, Some(0));
    assert!(desk.text("plain/kept-00000.jsonl").contains("版权所有"), "off by default");
    for jobs in [1, 2] {
        let said = desk.run(&format!("run a.jsonl -o out{jobs} --strip-boilerplate --trail -j {jobs}"));
        assert_eq!(said.code, Some(0), "{}", said.err);
    }
    for name in desk.tree("out1") {
        assert_eq!(desk.text(&format!("out1/{name}")), desk.text(&format!("out2/{name}")), "{name}");
    }
    let kept = desk.rows("out1/kept-00000.jsonl");
    let with: Vec<_> = kept.iter().filter(|row| row["text"].as_str().unwrap().contains("版权所有")).collect();
    assert_eq!((kept.len(), with.len(), &with[0]["id"]), (21, 1, &"other".into()));
    let report = desk.report("out1/report.json");
    assert_eq!(report["rules"]["boilerplate.line"], 20);
    let line =
        json!({"site": "qingshan.example", "line": "版权所有：青山县人民政府", "documents": 20, "of": 20});
    assert_eq!(report["boilerplate"], json!([line]));
    let said = desk.run("restore out1/kept-00000.jsonl --trail out1/trail-00000.jsonl");
    assert_eq!(said.code, Some(0), "{}", said.err);
    let restored: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (page, restored) in pages.iter().zip(&restored) {
        assert_eq!((&page["id"], &page["text"]), (&restored["id"], &restored["text"]));
    }
    // All of one site by name: then the frequent line of the one page goes too.
    assert_eq!(desk.run("run a.jsonl -o one --strip-boilerplate --site-field nowhere").code, Some(0));
    assert_eq!(desk.report("one/report.json")["rules"]["boilerplate.line"], 20, "falls back to the address");
    let rows = desk.text("a.jsonl").replace("\"url\"", "\"where\"");
    desk.put("b.jsonl", rows);
    assert_eq!(desk.run("run b.jsonl -o file --strip-boilerplate").code, Some(0));
    assert_eq!(desk.report("file/report.json")["boilerplate"][0]["site"], "b.jsonl");
    assert_eq!(desk.run("run b.jsonl -o field --strip-boilerplate --site-field where").code, Some(0));
    assert_eq!(desk.report("field/report.json")["boilerplate"], json!([line]));
}

#[test]
fn boilerplate_is_not_counted_on_a_pipe() {
    let desk = Desk::new();
    let said = desk.run_with("run - -o out --strip-boilerplate", b"{\"text\":\"x\"}\n");
    assert_eq!((said.code, said.err.contains("twice")), (Some(2), true), "{}", said.err);
    assert!(!desk.path("out").exists());
    assert_eq!(
        desk.run("run a.jsonl -o out --site-field url").code,
        Some(2),
        "only with --strip-boilerplate"
    );
    fs::create_dir(desk.path("empty")).unwrap();
    assert_eq!(desk.run("run empty -o out --strip-boilerplate").code, Some(0));
}

#[test]
fn the_day_of_publication_tells_standing_texts_apart() {
    let desk = Desk::new();
    let text = body(0, 9);
    let page = |head: &str| format!("关于做好节日值班工作的通知\n{head}{text}");
    let rows = [
        row("this-year", &page("发布时间：2024-09-28 发布人：王小川\n")),
        row("last-year", &page("发布时间：2023-09-28 发布人：王小川\n")),
        row("again", &page("发布时间:2024-09-28 浏览次数:31\n")),
    ];
    desk.put("a.jsonl", lines(&rows));
    assert_eq!(desk.run("run a.jsonl -o out").code, Some(0));
    assert!(
        desk.rows("out/kept-00000.jsonl").iter().all(|row| !row["text"].as_str().unwrap().contains("发布"))
    );
    let fates = fates(&desk, "out", &["of", "variant_of"]);
    assert_eq!(fates, ["this-year same again -", "last-year kept - again", "again kept - -"]);
}
