//! What comes out, and what stands at its place already.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::io::Read;

use serde_json::Value;

use crate::cli::Desk;
use crate::cli::NOTICE;
use crate::cli::gzip;
use crate::cli::rows;
use crate::cli::zstd;

#[test]
fn output_is_compressed_by_its_name() {
    let desk = Desk::new();
    desk.put("a.jsonl", rows(20));
    let plain = desk.run("clean a.jsonl").out;
    assert_eq!(desk.run("clean a.jsonl -o a.jsonl.gz").code, Some(0));
    assert_eq!(desk.run("clean a.jsonl -o a.jsonl.zst").code, Some(0));
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(desk.path("a.jsonl.gz")).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, plain);
    assert_eq!(
        zstd::decode_all(fs::File::open(desk.path("a.jsonl.zst")).unwrap()).unwrap(),
        plain.as_bytes()
    );
    assert_eq!(desk.tree(""), ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"]);
}

#[test]
fn a_folder_is_mirrored() {
    let desk = Desk::new();
    desk.put("in/a.txt", NOTICE);
    desk.put("in/a.html", "另一件事。");
    desk.put("in/2024/b.txt.gz", gzip(NOTICE.as_bytes()));
    desk.put("in/c.jsonl.zst", zstd(rows(3).as_bytes()));
    let said = desk.run("clean in -o out");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(desk.tree("out"), ["2024/b.txt", "a.txt", "a~2.txt", "c.jsonl"]);
    assert_eq!(desk.text("out/a.txt"), "另一件事。\n", "a.html comes before a.txt");
    assert_eq!(desk.text("out/2024/b.txt"), format!("{NOTICE}\n"));
    assert_eq!(desk.rows("out/c.jsonl").len(), 3);
    assert_eq!(desk.run("clean in -o out").code, Some(1));
    desk.put("out/mine.md", "stays");
    assert_eq!(desk.run("clean in/a.txt -o out --overwrite").code, Some(0));
    assert_eq!(desk.text("out/a.txt"), format!("{NOTICE}\n"));
    assert_eq!(desk.text("out/mine.md"), "stays");
    assert_eq!(desk.tree("").iter().filter(|name| name.contains(".part")).count(), 0);
}

#[test]
fn repeated_documents_are_dropped_and_named() {
    let desk = Desk::new();
    desk.put("a.jsonl", "{\"id\":\"b\",\"text\":\"各县区，现通知如下。\",\"k\":1}\n{\"id\":\"a\",\"text\":\"各县区，现通知如下。\"}\n{\"id\":\"c\",\"text\":\"各县区\\n现通知如下。\"}\n{\"id\":\"d\",\"text\":\"另一件事。\"}\n");
    let said = desk.run("run a.jsonl -o out --report copy.json");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(
        desk.tree("out"),
        [
            "_SUCCESS",
            "decisions.jsonl",
            "dropped-00000.jsonl",
            "kept-00000.jsonl",
            "quarantine.jsonl",
            "report.json"
        ]
    );
    let decisions = desk.rows("out/decisions.jsonl");
    let told: Vec<_> =
        decisions.iter().map(|row| (row["id"].clone(), row["kind"].clone(), row["of"].clone())).collect();
    let (same, c) = (Value::from("same"), Value::from("c"));
    assert_eq!(told[0], ("b".into(), same.clone(), c.clone()), "paragraphs stay");
    assert_eq!(told[1], ("a".into(), same, c));
    assert_eq!(told[2], ("c".into(), Value::Null, Value::Null));
    let dropped = desk.rows("out/dropped-00000.jsonl");
    assert_eq!((&dropped[0]["k"], &dropped[0]["verdict"]["of"]), (&1.into(), &"c".into()));
    let report = desk.report("out/report.json");
    assert_eq!((&report["kept"], &report["dropped"]), (&2.into(), &2.into()));
    assert_eq!(report["reasons"]["same"], 2);
    assert_eq!(desk.text("copy.json"), desk.text("out/report.json"));
    assert_eq!(desk.run("run a.jsonl -o again --trail").code, Some(0));
    assert_eq!(desk.text("again/trail-00000.jsonl").lines().count(), 5);
}

#[test]
fn neither_threads_nor_order_nor_cuts_matter() {
    let desk = Desk::new();
    let all = rows(3_000) + &rows(500);
    desk.put("a.jsonl", &all);
    assert_eq!(desk.run("clean a.jsonl -o one.jsonl -j 1").code, Some(0));
    assert_eq!(desk.run("clean a.jsonl -o four.jsonl -j 4 --memory 1M").code, Some(0));
    assert_eq!(desk.text("one.jsonl"), desk.text("four.jsonl"));
    let mut runs = Vec::new();
    assert_eq!(desk.run("run a.jsonl -o r1 -j 1").code, Some(0));
    assert_eq!(desk.run("run a.jsonl -o r4 -j 4").code, Some(0));
    for name in desk.tree("r1") {
        assert_eq!(desk.text(&format!("r1/{name}")), desk.text(&format!("r4/{name}")), "{name}");
    }
    // The same rows in other files, last rows first.
    let lines: Vec<_> = all.split_inclusive('\n').rev().collect();
    for (n, part) in lines.chunks(700).enumerate() {
        desk.put(&format!("split/{n}.jsonl"), part.concat());
    }
    assert_eq!(desk.run("run split -o r0").code, Some(0));
    for dir in ["r1", "r0"] {
        let mut told: Vec<_> = desk
            .rows(&format!("{dir}/decisions.jsonl"))
            .into_iter()
            .map(|row| {
                (
                    row["id"].to_string(),
                    row["verdict"].to_string(),
                    row["kind"].to_string(),
                    row["of"].to_string(),
                )
            })
            .collect();
        told.sort();
        runs.push(told);
    }
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn what_exists_is_not_replaced_unasked() {
    let desk = Desk::new();
    desk.put("a.jsonl", rows(2));
    desk.put("out.jsonl", "mine");
    desk.put("full/mine.txt", "mine");
    for args in [
        "clean a.jsonl -o out.jsonl",
        "clean a.jsonl -o full",
        "run a.jsonl -o full",
        "run a.jsonl -o out.jsonl",
    ] {
        let said = desk.run(args);
        assert_eq!(said.code, Some(1), "{args}: {}", said.err);
        assert!(said.err.contains("out.jsonl") || said.err.contains("full"), "{}", said.err);
    }
    assert_eq!((desk.text("out.jsonl"), desk.text("full/mine.txt")), ("mine".into(), "mine".into()));
    assert_eq!(desk.run("clean a.jsonl -o out.jsonl --overwrite").code, Some(0));
    assert_eq!(desk.rows("out.jsonl").len(), 2);
    assert_eq!(desk.run("clean a.jsonl -o a.jsonl --overwrite").code, Some(2), "input = output");
    assert_eq!(desk.run("run a.jsonl -o full --overwrite").code, Some(0));
    assert_eq!(desk.text("full/mine.txt"), "mine");
    desk.put("b.jsonl", rows(1));
    assert_eq!(desk.run("run b.jsonl -o full --overwrite").code, Some(0));
    assert_eq!(desk.rows("full/kept-00000.jsonl").len(), 1);
}

#[test]
fn an_unfinished_run_is_begun_again() {
    let desk = Desk::new();
    desk.put("a.jsonl", rows(2));
    desk.put("out/work/lock", "");
    desk.put("out/work/rows-00000.zst", "half");
    desk.put("out/kept-00000.jsonl", "half");
    assert_eq!(desk.run("run a.jsonl -o out").code, Some(0));
    assert_eq!(desk.rows("out/kept-00000.jsonl").len(), 2);
    assert!(!desk.path("out/work").exists());
    desk.put("theirs/work/notes.txt", "mine");
    assert_eq!(desk.run("run a.jsonl -o theirs --overwrite").code, Some(1));
    assert_eq!(desk.text("theirs/work/notes.txt"), "mine");
}

#[test]
fn an_output_inside_the_input_is_not_read() {
    let desk = Desk::new();
    desk.put("in/a.jsonl", rows(2));
    for _ in 0..2 {
        assert_eq!(desk.run("run in -o in/out --overwrite").code, Some(0));
        assert_eq!(desk.report("in/out/report.json")["documents_in"], 2);
    }
    desk.put("two/a.jsonl", rows(2));
    for _ in 0..2 {
        let args = "clean two -o two/b.jsonl --report two/report.json --overwrite";
        assert_eq!(desk.run(args).code, Some(0));
        // Nor are the drafts.
        assert_eq!(desk.report("two/report.json")["documents_in"], 2);
        assert_eq!(desk.rows("two/b.jsonl").len(), 2);
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let desk = Desk::new();
    desk.put("a.jsonl", rows(5) + &rows(2));
    for args in
        ["run a.jsonl -o out --dry-run", "clean a.jsonl -o out.jsonl --dry-run", "clean a.jsonl --dry-run"]
    {
        let said = desk.run(args);
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{args}: {}", said.err);
        assert!(said.err.contains("7 documents"), "{}", said.err);
        assert_eq!(desk.tree(""), ["a.jsonl"]);
    }
    assert!(desk.run("run a.jsonl -o out --dry-run").err.contains("2 dropped"));
    assert_eq!(desk.run("run a.jsonl -o out --dry-run --quiet").err, "");
}

#[test]
fn a_folder_that_is_there_is_filled() {
    let desk = Desk::new();
    desk.put("in/a.html", "另一件事。");
    desk.put("in/a.txt/b.txt", NOTICE);
    let long = format!("in/{}.txt", "长".repeat(83));
    desk.put(&long, NOTICE);
    fs::create_dir(desk.path("out")).unwrap();
    // A draft that a killed run left behind.
    desk.put("out/.jingwen.part/files/old.txt", "half");
    let said = desk.run("clean in -o out");
    assert_eq!(said.code, Some(0), "{}", said.err);
    let cut = format!("{}.txt", "长".repeat(81));
    assert_eq!(desk.tree("out"), ["a.txt", "a.txt~2/b.txt", cut.as_str()]);
}
