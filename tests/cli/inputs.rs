//! What goes in: one document or rows, packed or not, in bytes of one width or two.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use serde_json::Value;

use crate::cli::Desk;
use crate::cli::NOTICE;
use crate::cli::bzip2;
use crate::cli::gzip;
use crate::cli::rows;
use crate::cli::zstd;

#[test]
fn one_document_goes_to_stdout_as_bare_text() {
    let desk = Desk::new();
    desk.put("a.txt", NOTICE);
    let bare = format!("{NOTICE}\n");
    for (args, input) in [("clean a.txt", ""), ("clean a.txt -o -", ""), ("clean -", NOTICE)] {
        let said = desk.run_with(args, input.as_bytes());
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (Some(0), bare.as_str(), ""), "{args}");
    }
    desk.put("in/a.txt", NOTICE);
    let said = desk.run("clean in");
    assert_eq!(said.out.lines().count(), 1, "a folder gives rows: {}", said.out);
    let said = desk.run_with("clean -", b"{\"text\":\"\xE7\x94\xB2\"}\n");
    assert_eq!(said.out, "{\"id\":\"-#1\",\"text\":\"甲\",\"source\":\"-#1\"}\n");
}

#[test]
fn fields_pass_byte_for_byte_and_in_order() {
    let desk = Desk::new();
    desk.put(
        "a.jsonl",
        concat!(
            "\u{FEFF}{\"url\":\"http:\\/\\/x\",\"id\":1.0,\"n\":1e999,\"text\":\"甲\",\"\":[1, 2]}\r\n\r\n",
            "  {\"text\":\"乙\",\"id\":{\"a\":1}}\n{\"text\":\"丙\",\"id\":null,\"source\":\"site\"}",
        ),
    );
    let said = desk.run("clean a.jsonl -o out.jsonl");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(
        desk.text("out.jsonl"),
        concat!(
            "{\"id\":1.0,\"text\":\"甲\",\"url\":\"http:\\/\\/x\",\"n\":1e999,\"\":[1, 2],\"source\":\"a.jsonl#1\"}\n",
            "{\"id\":{\"a\":1},\"text\":\"乙\",\"source\":\"a.jsonl#3\"}\n",
            "{\"id\":\"a.jsonl#4\",\"text\":\"丙\",\"input_source\":\"site\",\"source\":\"a.jsonl#4\"}\n",
        )
    );
    desk.put("b.jsonl", "{\"meta\":{\"key\":\"x\"},\"body\":{\"html\":\"甲\",\"k\":1}}\n");
    let said = desk.run("clean b.jsonl --text-field body.html --id-field meta.key");
    let want = "{\"id\":\"x\",\"text\":\"甲\",\"meta\":{\"key\":\"x\"},\"body\":{\"k\":1},\"source\":\"b.jsonl#1\"}\n";
    assert_eq!(said.out, want);
}

#[test]
fn compression_is_told_by_the_bytes() {
    let desk = Desk::new();
    let rows = rows(50);
    let (first, second) = rows.split_at(rows.len() / 2);
    let members: Vec<u8> = rows.split_inclusive('\n').flat_map(|row| gzip(row.as_bytes())).collect();
    let mut frames = zstd(first.as_bytes());
    // A skippable frame of four bytes between two frames.
    frames.extend([0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
    frames.extend(zstd(second.as_bytes()));
    let mut empty_members: Vec<u8> = (0..2_000).flat_map(|_| gzip(b"")).collect();
    empty_members.extend(gzip(rows.as_bytes()));
    let mut padded = gzip(rows.as_bytes());
    padded.extend([0; 700]);
    let streams = [bzip2(first.as_bytes()), bzip2(second.as_bytes())].concat();
    for (name, bytes) in [
        ("gz.jsonl.gz", gzip(rows.as_bytes())),
        ("members.jsonl.gz", members),
        ("empty.jsonl.gz", empty_members),
        ("padded.jsonl.gz", padded),
        ("zst.jsonl.zst", zstd(rows.as_bytes())),
        ("frames.jsonl.zst", frames),
        ("bz2.jsonl.bz2", streams),
        ("twice.jsonl", gzip(&gzip(rows.as_bytes()))),
        ("mixed.jsonl", zstd(&bzip2(&gzip(rows.as_bytes())))),
        ("plain.jsonl.gz", rows.clone().into_bytes()),
    ] {
        desk.put(name, bytes);
        let said = desk.run(&format!("clean {name}"));
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{name}");
        assert_eq!(said.out.lines().count(), 50, "{name}");
    }
}

#[test]
fn rows_in_two_byte_units_are_read() {
    let desk = Desk::new();
    let rows = rows(4);
    let units: Vec<u16> = std::iter::once(0xFEFF).chain(rows.encode_utf16()).collect();
    desk.put("le.jsonl", units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>());
    desk.put("be.jsonl", units.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>());
    for name in ["le.jsonl", "be.jsonl"] {
        let said = desk.run(&format!("clean {name}"));
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert_eq!(said.out.lines().count(), 4);
    }
}

#[test]
fn empty_inputs_are_counted() {
    let desk = Desk::new();
    let texts: [&[u8]; 5] = [b"", b"\n", b"\xEF\xBB\xBF", b"  \t \n", "\u{3000}\u{3000}\n".as_bytes()];
    for (n, text) in texts.iter().enumerate() {
        desk.put(&format!("in/empty{n}.txt"), text);
    }
    desk.put("in/none.jsonl", "");
    desk.put("in/blank.jsonl", "\n \n\n");
    desk.put("in/rows.jsonl", "{\"text\":\"\"}\n{\"text\":\"  \"}\n");
    let said = desk.run("run in -o out");
    // A byte order mark is an edit of the cleaner, not of the decoder.
    assert_eq!(said.code, Some(0), "{}", said.err);
    let decisions = desk.rows("out/decisions.jsonl");
    assert_eq!(decisions.len(), 9);
    for row in decisions.iter().filter(|row| row["id"] != "empty2.txt") {
        assert_eq!((&row["verdict"], &row["kind"]), (&"dropped".into(), &"empty".into()), "{row}");
    }
    assert_eq!(desk.report("out/report.json")["documents_in"], 9);
}

#[test]
fn a_trail_gives_the_decoded_texts_again() {
    let desk = Desk::new();
    let text = "第一条　加强管理,提高效率★。\n\n  第二条 本办法自发布之日起施行。\n";
    desk.put("a.txt", text);
    assert_eq!(desk.run("clean a.txt -o clean.jsonl --trail trail.jsonl").code, Some(0));
    let said = desk.run("restore clean.jsonl --trail trail.jsonl");
    assert_eq!(said.code, Some(0), "{}", said.err);
    let row: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(row["text"], text);
}

#[test]
fn the_rules_are_listed_and_a_document_explained() {
    let desk = Desk::new();
    desk.put("a.txt", "达60%,其中:一是改革");
    let said = desk.run("rules list");
    assert_eq!(said.code, Some(0));
    assert!(said.out.lines().all(|line| line.starts_with("on ") || line.starts_with("off")), "{}", said.out);
    let said = desk.run("explain a.txt");
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(!said.out.contains('\u{1B}'), "no colour into a pipe");
}

#[test]
fn what_cannot_be_used_is_told_with_a_way_out() {
    let desk = Desk::new();
    desk.put("folder/a.txt", "甲");
    desk.put("rows.jsonl", "{\"id\":1,\"text\":\"甲\"}\n");
    desk.put("trail.jsonl.gz", &gzip(b"{\"jingwen_trail\":1")[..12]);
    for (command, code, words) in [
        ("explain nowhere.txt", 2, "nowhere.txt cannot be found"),
        ("explain folder", 2, "folder is a folder; name one file of it"),
        ("restore nowhere --trail rows.jsonl", 2, "nowhere cannot be found"),
        ("restore rows.jsonl --trail folder", 2, "folder is a folder"),
        ("restore rows.jsonl --trail rows.jsonl", 1, "this is no trail file"),
        ("restore rows.jsonl --trail trail.jsonl.gz", 1, "gzip"),
        ("clean rows.jsonl -o far/away/b.jsonl", 1, "there is no folder far/away; make it first"),
        ("clean rows.jsonl -o far/away", 1, "there is no folder far; make it first"),
        ("clean rows.jsonl -o b.jsonl --trail far/t.jsonl", 1, "there is no folder far; make it first"),
        ("clean rows.jsonl -o c.jsonl --text-field body", 3, "--text-field names another"),
    ] {
        let said = desk.run(command);
        assert_eq!(said.code, Some(code), "{command}: {}", said.err);
        assert!(said.err.contains(words), "{command}: {}", said.err);
    }
    assert!(!desk.path("b.jsonl").exists(), "half an output");
}
