//! Tables: CSV and TSV in, in the shapes that spreadsheets and old sites leave.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use crate::cli::Desk;
use crate::cli::gzip;

const TABLE: &str = "\u{FEFF}id,标题,text,备注\r\n\
    1,通知,\"第1号通知。\r\n请遵照执行。\",\"他说\"\"好\"\"\"\r\n\
    \r\n\
    2,公告,第2号公告。,\r\n\
    ,,第3号公告。,x";

#[test]
fn a_table_gives_a_document_a_row() {
    let desk = Desk::new();
    let gbk = encoding_rs::GBK.encode(TABLE.trim_start_matches('\u{FEFF}')).0.into_owned();
    let tabs = TABLE.replace(',', "\t");
    let wide: Vec<u8> = tabs.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes) in [
        ("a.csv", TABLE.as_bytes().to_vec()),
        ("b.csv.gz", gzip(TABLE.as_bytes())),
        ("c.csv", gbk),
        ("d.csv", TABLE.replace(',', ";").into_bytes()),
        ("e.tsv", tabs.clone().into_bytes()),
        ("f.csv", wide),
    ] {
        desk.put(name, bytes);
        let said = desk.run(&format!("clean {name}"));
        assert_eq!(said.code, Some(0), "{name}: {}", said.err);
        let want = concat!(
            "{\"id\":\"1\",\"text\":\"第1号通知。\\n请遵照执行。\",\"标题\":\"通知\",\"备注\":\"他说\\\"好\\\"\",\"source\":\"NAME#1\"}\n",
            "{\"id\":\"2\",\"text\":\"第2号公告。\",\"标题\":\"公告\",\"备注\":\"\",\"source\":\"NAME#2\"}\n",
            "{\"id\":\"NAME#3\",\"text\":\"第3号公告。\",\"标题\":\"\",\"备注\":\"x\",\"source\":\"NAME#3\"}\n",
        );
        assert_eq!(said.out, want.replace("NAME", name), "{name}");
    }
    desk.put("g.csv", "编号,正文\n7,第7号公告。\n");
    let said = desk.run("clean g.csv --text-field 正文 --id-field 编号");
    assert_eq!(said.out, "{\"id\":\"7\",\"text\":\"第7号公告。\",\"source\":\"g.csv#1\"}\n");
    let said = desk.run("clean g.csv -o mirror");
    assert_eq!(said.code, Some(3));
    assert!(said.err.contains("has no column") && said.err.contains("正文"), "{}", said.err);
    for (name, bytes) in [("h.csv", ""), ("i.csv", "id,text\n"), ("j.csv", "\n\n")] {
        desk.put(name, bytes);
        let said = desk.run(&format!("clean {name}"));
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{}", said.err);
    }
}

#[test]
fn broken_rows_are_named_and_others_stay() {
    let desk = Desk::new();
    let good: Vec<String> = (3..2000).map(|n| format!("{n},第{n}号公告。\n")).collect();
    let good = good.concat();
    for (what, broken, rows, lost, word) in [
        ("more cells", "2,甲,乙,丙\n", 1998, 1, "more than the 2 cells"),
        ("fewer cells", "2\n", 1998, 1, "has 1 cells"),
        ("empty cells behind", "2,第2号公告。,,\n", 1999, 0, ""),
        ("an open quote", "2,\"第2号公告。\n", 1998, 1, "a quote is opened"),
        ("a quote inside", "2,第2号\"公告。\n", 1999, 0, ""),
    ] {
        desk.put("a.csv", format!("id,text\n1,第1号公告。\n{broken}{good}"));
        let said = desk.run("clean a.csv -o out.jsonl --overwrite --report report.json");
        assert_eq!(said.code, Some(if lost > 0 { 3 } else { 0 }), "{what}: {}", said.err);
        assert_eq!(desk.rows("out.jsonl").len(), rows, "{what}: {}", said.err);
        assert!(said.err.contains(word), "{what}: {}", said.err);
        if lost > 0 {
            let loss = &desk.rows("out.jsonl.quarantine.jsonl")[0];
            assert_eq!(
                (loss["source"].as_str(), loss["offset"].as_u64()),
                (Some("a.csv#2"), Some(27)),
                "{what}"
            );
        }
        desk.report("report.json");
    }
    let quotes = "1,\"甲\n".repeat(5_001);
    desk.put("a.csv", format!("id,text\n{quotes}"));
    let said = desk.run("clean a.csv -o out.jsonl --overwrite");
    assert_eq!(said.code, Some(3), "half of all quotes close another one");
    let large = format!("id,text\n1,{}\n2,第2号公告。\n", "长".repeat(60_000));
    desk.put("a.csv", large);
    let said = desk.run("clean a.csv -o out.jsonl --overwrite --max-document-size 64K");
    assert_eq!((said.code, desk.rows("out.jsonl").len()), (Some(3), 1), "{}", said.err);
    let cut = gzip(format!("id,text\n{good}").as_bytes());
    desk.put("a.csv.gz", &cut[..cut.len() / 2]);
    let said = desk.run("clean a.csv.gz -o out.jsonl --overwrite");
    assert!(said.code == Some(3) && desk.rows("out.jsonl").len() > 100, "{}", said.err);
}
