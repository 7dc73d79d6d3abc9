//! What cannot be read is named, counted and kept in quarantine, and nothing else is lost with it.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::io::Write;

use crate::cli::Desk;
use crate::cli::NOTICE;
use crate::cli::bzip2;
use crate::cli::gzip;
use crate::cli::rows;
use crate::cli::said;
use crate::cli::zstd;
use crate::cli::zstd_with_window;

/// Damaged streams: file, bytes, rows that must come out at least and at most, a word of the error.
#[test]
fn damaged_streams_lose_no_more_than_is_damaged() {
    let rows = rows(60);
    let whole = gzip(rows.as_bytes());
    let n = whole.len();
    let mut bad_crc = whole.clone();
    bad_crc[n - 8] ^= 1;
    let mut bad_size = whole.clone();
    bad_size[n - 1] ^= 1;
    let third: Vec<String> =
        rows.split_inclusive('\n').collect::<Vec<_>>().chunks(20).map(<[_]>::concat).collect();
    let [a, b, c] = [0, 1, 2].map(|i| gzip(third[i].as_bytes()));
    let mut damaged = b.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8].fill(0xFF);
    let mut rubbish = whole.clone();
    rubbish.extend([0; 100]);
    rubbish.extend(b"no gzip here");
    let long_name = [&[0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 3][..], &vec![b'x'; 2_000_000]].concat();
    let frame = zstd(rows.as_bytes());
    let mut checked = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    checked.include_checksum(true).unwrap();
    checked.write_all(rows.as_bytes()).unwrap();
    let mut bad_sum = checked.finish().unwrap();
    *bad_sum.last_mut().unwrap() ^= 1;
    let packed = bzip2(rows.as_bytes());

    for (name, bytes, least, most, word) in [
        ("g01.jsonl.gz", whole[..n * 6 / 10].to_vec(), 10, 59, "ends inside"),
        ("g02.jsonl.gz", whole[..n - 8].to_vec(), 60, 60, "without its checksum"),
        ("g02b.jsonl.gz", whole[..n - 4].to_vec(), 60, 60, "without its checksum"),
        ("g03.jsonl.gz", bad_crc, 60, 60, "unverified"),
        ("g04.jsonl.gz", bad_size, 60, 60, "unverified"),
        ("g05.jsonl.gz", [a.clone(), damaged, c.clone()].concat(), 40, 59, "gzip member that starts"),
        ("g06.jsonl.gz", [&a[..], &b[..b.len() / 2], &c[..]].concat(), 40, 59, "gzip"),
        ("g07.jsonl.gz", rubbish, 60, 60, "what follows is not read"),
        ("g10.jsonl.gz", long_name, 0, 0, "no end"),
        ("z01.jsonl.zst", frame[..frame.len() / 2].to_vec(), 0, 59, "zstd frame"),
        (
            "z02.jsonl.zst",
            [&zstd(third[0].as_bytes())[..], &frame[..frame.len() / 2]].concat(),
            20,
            79,
            "zstd",
        ),
        ("z03.jsonl.zst", bad_sum, 0, 60, "checksum"),
        ("z05.jsonl.zst", zstd_with_window(31), 0, 0, "zstd"),
        ("b01.jsonl.bz2", packed[..packed.len() / 2].to_vec(), 0, 59, "bzip2 stream"),
    ] {
        let desk = Desk::new();
        desk.put(name, bytes);
        let said = desk.run(&format!("clean {name} -o out.jsonl --report report.json"));
        assert_eq!(said.code, Some(3), "{name}: {}", said.err);
        let kept = desk.rows("out.jsonl").len();
        assert!((least..=most).contains(&kept), "{name}: {kept} rows\n{}", said.err);
        for text in [&said.err, &desk.text("out.jsonl.quarantine.jsonl"), &desk.text("report.json")] {
            assert!(text.contains(name) && text.contains(word), "{name}: {text}");
        }
        desk.report("report.json");
        assert!(!desk.text("report.json").contains("raw_base64"), "lost bytes are in the quarantine only");
    }
}

#[test]
fn a_document_cut_by_its_compression_is_quarantined_whole() {
    let desk = Desk::new();
    let text = NOTICE.repeat(200);
    let whole = gzip(text.as_bytes());
    desk.put("in/a.txt.gz", &whole[..whole.len() - 12]);
    desk.put("in/b.txt", NOTICE);
    let said = desk.run("run in -o out");
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert_eq!(desk.rows("out/kept-00000.jsonl").len(), 1);
    let lost = &desk.rows("out/quarantine.jsonl")[0];
    assert_eq!(lost["source"], "a.txt.gz");
    assert!(!lost["raw_base64"].as_str().unwrap().is_empty());
}

#[test]
fn what_is_no_row_is_named_with_line_and_offset() {
    let desk = Desk::new();
    let good = "{\"id\":\"x\",\"text\":\"通知。\"}\n";
    let deep = format!("{{\"text\":\"甲\",\"x\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    let bad: Vec<(&[u8], &str)> = vec![
        (b"{\"text\":\"a\", broken}\n", "not valid JSON"),
        (b"[1,2]\n", "not a JSON object"),
        (b"\"text\"\n", "not a JSON object"),
        (b"NaN\n", "not a JSON object"),
        (b"// text\n", "not a JSON object"),
        (b"{\"text\":\"a\"}{\"text\":\"b\"}\n", "not valid JSON"),
        (b"{\"id\":1}\n", "no field"),
        (b"{\"text\":null}\n", "not a string"),
        (b"{\"text\":7}\n", "not a string"),
        (b"{\"text\":\"a\",\"text\":\"b\"}\n", "occurs twice"),
        (deep.as_bytes(), "deeper"),
        (b"{\"text\":\"cut", "not valid JSON"),
    ];
    let (mut bytes, mut places) = (good.as_bytes().to_vec(), Vec::new());
    for (n, (line, why)) in bad.iter().enumerate() {
        places.push((2 * n + 2, bytes.len(), *line, *why));
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(if n + 1 < bad.len() { good.as_bytes() } else { b"" });
    }
    desk.put("a.jsonl", &bytes);
    let said = desk.run("run a.jsonl -o out");
    assert_eq!(said.code, Some(3), "{}", said.err);
    let lost = desk.rows("out/quarantine.jsonl");
    assert_eq!(lost.len(), places.len());
    for (row, (line, offset, raw, why)) in lost.iter().zip(places) {
        assert_eq!(row["source"], format!("a.jsonl#{line}"));
        assert_eq!(row["offset"], offset, "{row}");
        assert_eq!(row["length"], raw.len());
        assert!(row["error"].as_str().unwrap().contains(why), "{row}");
        assert!(said.err.contains(&format!("a.jsonl#{line}, byte {offset}: ")), "{}", said.err);
        assert!(row["raw_base64"].is_string());
    }
    let report = desk.report("out/report.json");
    assert_eq!(report["documents_in"], 24);
    assert_eq!(report["bytes_in"], bytes.len());
    assert_eq!(report["quarantined"], 12);
    assert_eq!(desk.rows("out/decisions.jsonl").len(), 24);
}

#[test]
fn too_large_documents_are_named_and_not_read() {
    let desk = Desk::new();
    let long = "长".repeat(2_000_000);
    let row = format!("{{\"id\":1,\"text\":\"{long}\"}}\n{{\"id\":2,\"text\":\"短\"}}\n");
    desk.put("in/a.jsonl", &row);
    desk.put("in/b.txt", &long);
    desk.put("in/c.txt.gz", gzip(long.as_bytes()));
    desk.put("in/d.jsonl", format!("{{\"id\":3,\"text\":\"短短\"}}\n{{\"id\":4,\"text\":\"{long}"));
    let said = desk.run("run in -o out --max-document-size 1M");
    assert_eq!(said.code, Some(3), "{}", said.err);
    let lost: Vec<_> = desk.rows("out/quarantine.jsonl");
    let names: Vec<_> = lost.iter().map(|row| row["source"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["a.jsonl#1", "b.txt", "c.txt.gz", "d.jsonl#2"]);
    assert!(lost.iter().all(|row| row["cause"] == "too-large"), "{lost:?}");
    assert_eq!(lost[3]["offset"], "{\"id\":3,\"text\":\"短短\"}\n".len());
    assert_eq!(lost[0]["length"], row.find('\n').unwrap() + 1);
    let report = desk.report("out/report.json");
    assert_eq!(report["kept"], 2);
}

#[test]
fn unread_things_in_a_folder_are_named() {
    let desk = Desk::new();
    desk.put("in/a.txt", NOTICE);
    desk.put("in/sub.txt/b.txt", "另一件事。");
    desk.put("in/table.parquet", "PAR1xxxx");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", desk.path("in/dangling.txt")).unwrap();
        std::os::unix::fs::symlink("..", desk.path("in/loop")).unwrap();
    }
    let said = desk.run("run in -o out");
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert_eq!(desk.rows("out/kept-00000.jsonl").len(), 2);
    let lost = desk.rows("out/quarantine.jsonl");
    let names: Vec<_> = lost.iter().map(|row| row["source"].as_str().unwrap().to_owned()).collect();
    if cfg!(unix) {
        assert_eq!(names, ["dangling.txt", "loop", "table.parquet"]);
    }
    let ids: Vec<_> = desk.rows("out/kept-00000.jsonl").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, ["a.txt", "sub.txt/b.txt"]);
}

#[test]
fn json_over_many_lines_is_refused_once() {
    for text in [
        "{\n \"text\": \"甲\"\n}\n{\n \"text\": \"乙\"\n}\n",
        "[\n{\"text\":\"甲\"},\n{\"text\":\"乙\"}\n]\n",
    ] {
        let desk = Desk::new();
        desk.put("a.jsonl", text);
        let said = desk.run("clean a.jsonl");
        assert_eq!((said.code, said.out.as_str()), (Some(3), ""));
        assert!(said.err.contains("many lines") && said.err.contains("1 not readable"), "{}", said.err);
    }
}

#[test]
fn names_cannot_steer_a_terminal() {
    let desk = Desk::new();
    desk.put("in/a\u{1B}[2J\u{202E}.jsonl", "broken\n");
    let said = desk.run("clean in");
    assert_eq!(said.code, Some(3));
    assert!(!said.err.contains(['\u{1B}', '\u{202E}']), "{:?}", said.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_named_and_the_rest_is_done() {
    let desk = Desk::new();
    desk.put("a.txt", NOTICE);
    // Reading the first page of one's own memory is an error, for every user.
    let said = desk.run("clean /proc/self/mem a.txt -o out.jsonl --report report.json");
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.err.contains("mem, byte 0: ") && said.err.contains("reading stopped"), "{}", said.err);
    assert_eq!(desk.rows("out.jsonl").len(), 1);
    assert_eq!(desk.report("report.json")["reasons"]["unreadable"], 1);
}

#[test]
fn a_file_that_vanishes_is_named() {
    let desk = Desk::new();
    desk.put("gone.txt", NOTICE);
    let mut child = desk.waiting("run - gone.txt -o out", "out/work/lock");
    fs::remove_file(desk.path("gone.txt")).unwrap();
    child.stdin.take().unwrap().write_all("另一件事。".as_bytes()).unwrap();
    let said = said(child.wait_with_output().unwrap());
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.err.contains("gone.txt, byte 0: it cannot be opened"), "{}", said.err);
    let report = desk.report("out/report.json");
    assert_eq!((&report["kept"], &report["quarantined"]), (&1.into(), &1.into()));
}
