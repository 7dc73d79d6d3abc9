//! The program from outside: what goes in, what comes out, how it ends.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use bzip2::write::BzEncoder;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

const NOTICE: &str = "各县（区）人民政府：\n现将有关事项通知如下。";

/// What the program said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A folder to run in.
struct Desk {
    dir: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn rows(&self, name: &str) -> Vec<Value> {
        self.text(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jingwen"));
        command.current_dir(self.dir.path()).args(args.split(' ')).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &str) -> Said {
        said(self.command(args).output().unwrap())
    }

    fn run_with(&self, args: &str, input: &[u8]) -> Said {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        said(child.wait_with_output().unwrap())
    }

    /// Names of all files below the folder, but for the named inputs.
    fn tree(&self, below: &str) -> Vec<String> {
        fn walk(dir: &Path, prefix: &str, names: &mut Vec<String>) {
            for entry in fs::read_dir(dir).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.file_type().unwrap().is_dir() {
                    walk(&entry.path(), &format!("{name}/"), names);
                } else {
                    names.push(name);
                }
            }
        }
        let mut names = Vec::new();
        walk(&self.path(below), "", &mut names);
        names.sort();
        names
    }

    fn report(&self, name: &str) -> BTreeMap<String, Value> {
        let report: BTreeMap<String, Value> = serde_json::from_str(&self.text(name)).unwrap();
        for unit in ["documents_in", "bytes_in"] {
            let parts = if unit == "bytes_in" {
                ["bytes_kept", "bytes_dropped", "bytes_quarantined"]
            } else {
                ["kept", "dropped", "quarantined"]
            };
            let sum: u64 = parts.iter().map(|part| report[*part].as_u64().unwrap()).sum();
            assert_eq!(report[unit], sum, "{unit}");
        }
        report
    }
}

fn said(output: std::process::Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Rows of `n` bulletins that all differ.
fn rows(n: usize) -> String {
    let row = |i| format!("{{\"id\":{i},\"text\":\"第{i}号通知。\\n请遵照执行。\"}}\n");
    (0..n).map(row).collect::<Vec<_>>().concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut out = BzEncoder::new(Vec::new(), bzip2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A frame that declares a window of `1 << log` bytes and holds one empty block.
fn zstd_with_window(log: u8) -> Vec<u8> {
    vec![0x28, 0xB5, 0x2F, 0xFD, 0, (log - 10) << 3, 1, 0, 0]
}

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
fn wrong_calls_write_nothing() {
    let desk = Desk::new();
    desk.put("a.txt", NOTICE);
    desk.put("rules/width.tsv", "punct.mine\tT1\n");
    for (args, word) in [
        ("clean nowhere.txt -o out.jsonl", "nowhere.txt"),
        ("run a.txt nowhere -o out", "nowhere"),
        ("clean a.txt -o out.jsonl --rules rules", "width.tsv:1"),
        ("clean a.txt -o out.jsonl --enable no.such.rule", "no.such.rule"),
        ("clean a.txt -o out.jsonl --jobs 0", "0"),
        ("clean a.txt -o out.jsonl --memory lots", "lots"),
        ("run a.txt", "--out"),
        ("polish a.txt", "polish"),
        ("rules check rules", "width.tsv:1"),
    ] {
        let said = desk.run(args);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args}: {}", said.err);
        assert!(said.err.contains(word), "{args}: {}", said.err);
        assert_eq!(desk.tree(""), ["a.txt", "rules/width.tsv"], "{args}");
    }
    let said = desk.run("clean a.txt -o a.txt/b.jsonl");
    assert_eq!(said.code, Some(1), "{}", said.err);
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
        assert_eq!(desk.run("clean two -o two/b.jsonl --overwrite").code, Some(0));
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
fn a_closed_pipe_is_a_quiet_end() {
    let desk = Desk::new();
    desk.put("a.jsonl", rows(60_000));
    let mut command = desk.command("clean a.jsonl");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 100];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    let said = said(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let desk = Desk::new();
    desk.put("a.jsonl", rows(10));
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let said = said(desk.command("clean a.jsonl").stdout(full).output().unwrap());
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("standard output") && said.err.contains("No space"), "{}", said.err);
}

#[cfg(unix)]
#[test]
fn a_signal_stops_it_and_leaves_nothing_half_done() {
    for (args, signal) in
        [("clean - -o out.jsonl", "TERM"), ("run - -o out", "INT"), ("clean - -o out", "HUP")]
    {
        let desk = Desk::new();
        let mut command = desk.command(args);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // More than a batch, so that work has begun and signals are listened to.
        input.write_all(rows(60_000).as_bytes()).unwrap();
        let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let code = child.wait().unwrap().code();
        let want = match signal {
            "TERM" => 143,
            "INT" => 130,
            _ => 129,
        };
        assert_eq!(code, Some(want), "{args}");
        assert_eq!(desk.tree(""), Vec::<String>::new(), "{args}");
        drop(input);
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
    assert_eq!(desk.run("explain nowhere.txt").code, Some(2));
}
