//! Archives of crawlers: which records become documents, and what a broken one costs.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use crate::cli::Desk;
use crate::cli::gzip;

/// A record of this type with these fields.
fn record(kind: &str, fields: &str, block: &[u8]) -> Vec<u8> {
    let head = format!("WARC/1.0\r\nWARC-Type: {kind}\r\n{fields}Content-Length: {}\r\n\r\n", block.len());
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// The answer of a server with a page.
fn answer(n: u32, head: &str, body: &[u8]) -> Vec<u8> {
    let fields = format!(
        "WARC-Record-ID: <urn:uuid:{n}>\r\nWARC-Target-URI: http://qingshan.example/{n}.html\r\n\
         WARC-Date: 2024-05-0{n}T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
    );
    let block = [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat();
    record("response", &fields, &block)
}

const HTML: &str = "200 OK\r\nContent-Type: text/html";

fn page(n: u32) -> Vec<u8> {
    answer(n, HTML, format!("<html><body><p>第{n}号通知。</p><p>请遵照执行。</p></body></html>").as_bytes())
}

/// Ids of the documents of one archive, the causes of its losses with their numbers, and what
/// stands in the report for records that are no documents.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<String>, String) {
    let desk = Desk::new();
    desk.put("a.warc", bytes);
    let said = desk.run("clean a.warc -o out.jsonl --report report.json --max-document-size 64K");
    let report = desk.report("report.json");
    let lost = report["quarantined"].as_u64().unwrap() > 0;
    assert_eq!(said.code, Some(if lost { 3 } else { 0 }), "{}", said.err);
    let ids = desk.rows("out.jsonl").iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let losses = if lost { desk.rows("out.jsonl.quarantine.jsonl") } else { Vec::new() };
    let losses = losses
        .iter()
        .map(|row| {
            assert!(
                row["length"].as_u64().unwrap() > 0 || row["error"].as_str().unwrap().contains("came before")
            );
            format!("{} {}", row["source"].as_str().unwrap(), row["cause"].as_str().unwrap())
        })
        .collect();
    (ids, losses, report["not_documents"].to_string())
}

fn ids(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(|n| format!("<urn:uuid:{n}>")).collect()
}

#[test]
fn pages_become_documents_with_their_address_and_date() {
    let desk = Desk::new();
    let chunked = answer(
        3,
        "200 OK\r\nContent-Type: text/html; charset=gb2312\r\nTransfer-Encoding: chunked",
        b"5\r\n<html\r\n9\r\n><p>\xb5\xda3\xba\xc5\r\n14\r\n\xcd\xa8\xd6\xaa\xa1\xa3</p><p></p>   \r\n0\r\n\r\n",
    );
    let records = [
        record("warcinfo", "", b"software: test\r\n"),
        record("request", "", b"GET / HTTP/1.1\r\n\r\n"),
        page(1),
        answer(
            2,
            "200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip",
            &gzip("<p>第2号通知。</p>".as_bytes()),
        ),
        chunked,
        record("metadata", "", b"fetchTimeMs: 1\r\n"),
        record("revisit", "", b"HTTP/1.1 200 OK\r\n\r\n"),
        answer(4, "404 Not Found\r\nContent-Type: text/html", b"<p>404</p>"),
        answer(5, "200 OK\r\nContent-Type: image/png", b"\x89PNG"),
        answer(6, "200 OK\r\nContent-Type: image/png", "<html><p>第6号通知。</p></html>".as_bytes()),
        answer(7, HTML, b""),
        record("conversion", "Content-Type: text/plain\r\nWARC-Record-ID: <c>\r\n", "第8号通知。".as_bytes()),
        record(
            "resource",
            "Content-Type: text/html\r\nWARC-Target-URI: <file:///a>\r\n",
            "<p>第9号通知。</p>".as_bytes(),
        ),
        record("continuation", "", b"x"),
    ];
    let plain = records.concat();
    let members: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    for (name, bytes) in [("a.warc", plain.clone()), ("b.warc.gz", members), ("c.warc.gz", gzip(&plain))] {
        desk.put(name, bytes);
        let said = desk.run(&format!("clean {name} -o out.jsonl --report report.json --overwrite"));
        assert_eq!(said.code, Some(0), "{name}: {}", said.err);
        let rows = desk.rows("out.jsonl");
        let texts: Vec<_> = rows.iter().map(|row| row["text"].as_str().unwrap().replace('\n', "")).collect();
        let want = [
            "第1号通知。请遵照执行。",
            "第2号通知。",
            "第3号通知。",
            "第6号通知。",
            "第8号通知。",
            "第9号通知。",
        ];
        assert_eq!(texts, want, "{name}");
        assert_eq!(rows[0]["id"], "<urn:uuid:1>");
        assert_eq!(rows[0]["url"], "http://qingshan.example/1.html");
        assert_eq!(rows[0]["date"], "2024-05-01T00:00:00Z");
        assert_eq!(rows[0]["source"], format!("{name}#3"));
        assert_eq!(rows[5]["id"], format!("{name}#13"), "a record without an id");
        assert_eq!(rows[5]["url"], "file:///a");
        let report = desk.report("report.json");
        assert_eq!(report["reasons"].to_string(), "{\"empty\":1}");
        assert_eq!(
            report["not_documents"].to_string(),
            "{\"continuation\":1,\"metadata\":1,\"request\":1,\"response of image/png\":1,\
             \"response with status 404\":1,\"revisit\":1,\"warcinfo\":1}"
        );
    }
    desk.put("none.warc", record("warcinfo", "", b"x"));
    let said = desk.run("run none.warc -o none");
    assert_eq!(
        (said.code, desk.rows("none/decisions.jsonl")[0]["id"].as_str()),
        (Some(0), Some("none.warc"))
    );
    let said = desk.run("clean a.warc -o mirror");
    assert_eq!((said.code, desk.tree("mirror")), (Some(0), vec!["a.jsonl".to_owned()]));
}

#[test]
fn a_broken_record_costs_itself_only() {
    let with = |n: u32, length: &str| {
        let whole = page(n);
        let at = memchr::memmem::find(&whole, b"Content-Length: ").unwrap();
        let end = at + memchr::memmem::find(&whole[at..], b"\r\n").unwrap();
        [&whole[..at], length.as_bytes(), &whole[end..]].concat()
    };
    let length = page(2).len() as u64 - 200;
    for (name, second, want, lost) in [
        ("W02 too small", with(2, "Content-Length: 50"), &[1, 3, 4][..], 1),
        ("W03 too large", with(2, &format!("Content-Length: {}", length + 500)), &[1, 3, 4], 1),
        ("W03 far too large", with(2, "Content-Length: 5000"), &[1, 3, 4], 1),
        ("W04", with(2, "Content-Length: -1"), &[1, 3, 4], 1),
        ("W05", with(2, "Content-Length: 99999999999999999999"), &[1, 3, 4], 1),
        ("W06", with(2, "Content-Length: 9223372036854775807"), &[1, 3, 4], 1),
        ("W07", with(2, "Content-Length: many"), &[1, 3, 4], 1),
        ("W08", with(2, "Content-Length:"), &[1, 3, 4], 1),
        ("W09", with(2, "X: y"), &[1, 3, 4], 1),
        ("no head", b"WARC/1.0\r\nWARC-Type: response\r\n".to_vec(), &[1, 3, 4], 0),
        ("rubbish between", b"rubbish\r\n".to_vec(), &[1, 3, 4], 1),
        ("W18 long head", record("request", &format!("X: {}\r\n", "x".repeat(4 << 20)), b""), &[1, 3, 4], 0),
        ("W18 many fields", record("request", &"X: y\r\n".repeat(20_000), b""), &[1, 3, 4], 0),
        ("too large and true", answer(2, HTML, &vec![b'x'; 9 << 20]), &[1, 3, 4], 1),
        ("a film", answer(2, "200 OK\r\nContent-Type: video/mp4", &vec![b'x'; 9 << 20]), &[1, 3, 4], 0),
        (
            "K10 bomb",
            answer(2, "200 OK\r\nContent-Encoding: gzip", &gzip(&vec![b'x'; 20 << 20])),
            &[1, 3, 4],
            1,
        ),
        ("W14", answer(2, "200 OK\r\nTransfer-Encoding: chunked", b"5\r\nabc"), &[1, 3, 4], 1),
        ("W16", answer(2, "200 OK\r\nContent-Encoding: rot13", b"abc"), &[1, 3, 4], 1),
        ("W19 twice", page(1), &[1, 1, 3, 4], 0),
    ] {
        let (got, losses, others) = read(&[page(1), second, page(3), page(4)].concat());
        if name == "no head" {
            // Its head is that of the next record, and says how long that one is.
            assert_eq!(got.len() + losses.len(), 3, "{name}: {got:?} {losses:?}");
            continue;
        }
        assert_eq!((got, losses.len()), (ids(want), lost), "{name}: {losses:?} {others}");
    }
}

#[test]
fn ends_that_are_missing_are_named() {
    let whole = [page(1), page(2), page(3)].concat();
    // The two line ends behind a record are no part of it.
    for cut in [1, 4, 5, 60, 300] {
        let (got, losses, _) = read(&whole[..whole.len() - cut]);
        let want = if cut <= 4 { (ids(&[1, 2, 3]), 0) } else { (ids(&[1, 2]), 1) };
        assert_eq!((got, losses.len()), want, "cut by {cut}");
    }
    let members: Vec<Vec<u8>> = [page(1), page(2), page(3)].iter().map(|record| gzip(record)).collect();
    let clipped = &members.concat();
    for cut in 1..=8 {
        let (got, losses, _) = read(&clipped[..clipped.len() - cut]);
        assert_eq!((got, losses.len()), (ids(&[1, 2, 3]), 1), "W13 clipped by {cut}");
    }
    let mut damaged = members.clone();
    let middle = damaged[1].len() / 2;
    damaged[1][middle..middle + 8].fill(0xFF);
    let (got, losses, _) = read(&damaged.concat());
    assert_eq!((got, losses.len()), (ids(&[1, 3]), 1), "W11: {losses:?}");
    let mut wrong = members.clone();
    let n = wrong[1].len();
    wrong[1][n - 8] ^= 1;
    let (got, losses, _) = read(&wrong.concat());
    assert_eq!((got, losses), (ids(&[1, 3]), vec!["a.warc#2 damaged".to_owned()]), "a wrong checksum");
    let lines = String::from_utf8(whole).unwrap().replace("\r\n", "\n").replace("WARC/1.0", "WARC/0.18");
    let lengths = |line: &str| match line.strip_prefix("Content-Length: ") {
        // Three line ends in the head of the answer have lost a byte each.
        Some(n) => format!("Content-Length: {}", n.parse::<u32>().unwrap() - 3),
        None => line.to_owned(),
    };
    let folded: Vec<String> = lines.split('\n').map(lengths).collect();
    let (got, losses, _) = read(folded.join("\n").replace("WARC-Type: ", "warc-TYPE:\n ").as_bytes());
    assert_eq!((got, losses.len()), (ids(&[1, 2, 3]), 0), "W10");
}

#[test]
fn the_page_is_read_in_the_charset_that_it_is_in() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let notice = "<html><p>关于印发防汛工作方案的通知</p></html>";
    let records = [
        answer(1, "200 OK\r\nContent-Type: text/html; charset=utf-8", &gbk(notice)),
        answer(2, "200 OK\r\nContent-Type: text/html; charset=\"gbk\"", notice.as_bytes()),
        answer(
            3,
            "200 OK\r\nContent-Type: text/html; charset=iso-8859-1",
            &encoding_rs::BIG5.encode(notice).0,
        ),
        answer(4, "200 OK", &gbk(&notice.replace("<html>", "<html><meta charset=utf-8>"))),
    ];
    let desk = Desk::new();
    desk.put("a.warc", records.concat());
    let said = desk.run("clean a.warc -o out.jsonl");
    assert_eq!(said.code, Some(0), "{}", said.err);
    let texts: Vec<_> = desk.rows("out.jsonl").iter().map(|row| row["text"].to_string()).collect();
    // Big5 has no such characters as 发 and 汛 in Simplified text; what it has comes out right.
    assert!([0, 1, 3].iter().all(|n| texts[*n] == "\"关于印发防汛工作方案的通知\""), "{texts:?}");
}
