//! Archives of files: members are read as files are, and hostile ones are named.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::io::Write;

use crate::cli::Desk;
use crate::cli::NOTICE;
use crate::cli::gzip;
use crate::cli::rows;
use crate::cli::zstd;

/// A header of tar with a right checksum.
fn header(name: &[u8], sort: u8, size: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = sort;
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

fn member(name: impl AsRef<[u8]>, sort: u8, data: &[u8]) -> Vec<u8> {
    let size = format!("{:011o}", data.len());
    let padding = vec![0; data.len().next_multiple_of(512) - data.len()];
    [&header(name.as_ref(), sort, size.as_bytes())[..], data, &padding].concat()
}

pub(crate) fn file(name: &str, data: impl AsRef<[u8]>) -> Vec<u8> {
    member(name, b'0', data.as_ref())
}

fn pax(key: &str, value: &[u8]) -> Vec<u8> {
    let bare = key.len() + value.len() + 3;
    let length = (bare + 1..bare + 9).find(|n| bare + n.to_string().len() == *n).unwrap();
    let record = [format!("{length} {key}=").as_bytes(), value, b"\n"].concat();
    member("PaxHeaders/x", b'x', &record)
}

const TAR_END: [u8; 1024] = [0; 1024];

/// A file of a zip archive, as its two headers say it.
#[derive(Clone)]
struct Zipped {
    name: Vec<u8>,
    local_name: Vec<u8>,
    data: Vec<u8>,
    method: u16,
    flags: u16,
    crc: u32,
    size: u32,
    attributes: u32,
}

fn zipped(name: impl AsRef<[u8]>, text: &[u8]) -> Zipped {
    let mut crc = flate2::Crc::new();
    crc.update(text);
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text).unwrap();
    Zipped {
        name: name.as_ref().to_vec(),
        local_name: name.as_ref().to_vec(),
        data: packed.finish().unwrap(),
        method: 8,
        flags: 0,
        crc: crc.sum(),
        size: u32::try_from(text.len()).unwrap(),
        attributes: 0,
    }
}

/// The bytes of an archive of these files; `same` points all entries at the first one.
fn zip(files: &[Zipped], same: bool) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let n32 = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    for file in files {
        let at = if same { 0 } else { bytes.len() };
        let common = |name: &[u8], method: u16| {
            let mut common = [20_u16.to_le_bytes(), file.flags.to_le_bytes(), method.to_le_bytes()].concat();
            common.extend([0; 4]);
            common.extend(file.crc.to_le_bytes());
            common.extend(n32(file.data.len()));
            common.extend(file.size.to_le_bytes());
            common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            common.extend([0, 0]);
            common
        };
        bytes.extend(b"PK\x03\x04");
        bytes.extend(common(&file.local_name, file.method));
        bytes.extend(&file.local_name);
        bytes.extend(&file.data);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(common(&file.name, file.method));
        directory.extend([0; 6]);
        directory.extend(file.attributes.to_le_bytes());
        directory.extend(n32(at));
        directory.extend(&file.name);
    }
    let (at, size, n) =
        (bytes.len(), directory.len(), u16::try_from(files.len() % 65_536).unwrap().to_le_bytes());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([n, n].concat());
    bytes.extend([n32(size), n32(at)].concat());
    bytes.extend([0, 0]);
    bytes
}

/// Sources of the documents, then of the losses with their causes; the errors in one text.
fn read(desk: &Desk, name: &str) -> (Vec<String>, Vec<String>, String) {
    let said = desk.run(&format!("clean {name} -o out.jsonl --report report.json --overwrite"));
    let report = desk.report("report.json");
    let lost = report["quarantined"].as_u64().unwrap() > 0;
    assert_eq!(said.code, Some(if lost { 3 } else { 0 }), "{name}: {}", said.err);
    let source = |row: &serde_json::Value| row["source"].as_str().unwrap().to_owned();
    let docs = desk.rows("out.jsonl").iter().map(source).collect();
    let quarantine = if lost { desk.rows("out.jsonl.quarantine.jsonl") } else { Vec::new() };
    let losses = quarantine.iter().map(|row| format!("{} {}", source(row), row["cause"].as_str().unwrap()));
    (docs, losses.collect(), said.err)
}

#[test]
fn members_are_read_as_files_are() {
    let gbk = encoding_rs::GBK.encode(NOTICE).0.into_owned();
    let page = format!("<html><p>{NOTICE}</p></html>");
    let texts: [(&str, Vec<u8>); 6] = [
        ("a.txt", NOTICE.into()),
        ("目录/b.txt", gbk),
        ("c.html", page.into_bytes()),
        ("d.jsonl.gz", gzip(rows(2).as_bytes())),
        ("e.txt.zst", zstd(NOTICE.as_bytes())),
        ("f.txt", Vec::new()),
    ];
    let tar = [texts.iter().flat_map(|(name, text)| file(name, text)).collect(), TAR_END.to_vec()].concat();
    let zip = zip(&texts.iter().map(|(name, text)| zipped(name, text)).collect::<Vec<_>>(), false);
    let desk = Desk::new();
    for (name, bytes) in [
        ("x.tar", tar.clone()),
        ("x.tar.gz", gzip(&tar)),
        ("x.tgz", gzip(&tar)),
        ("x.tar.zst", zstd(&tar)),
        ("x.zip", zip.clone()),
        ("x.zip.gz", gzip(&zip)),
    ] {
        desk.put(name, bytes);
        let (docs, losses, _) = read(&desk, name);
        let want = ["a.txt", "目录/b.txt", "c.html", "d.jsonl.gz#1", "d.jsonl.gz#2", "e.txt.zst"];
        assert_eq!(docs, want.map(|member| format!("{name}!{member}")), "{name}");
        assert!(losses.is_empty(), "{losses:?}");
        assert_eq!(desk.report("report.json")["reasons"].to_string(), "{\"empty\":1}");
    }
    let said = desk.run("clean x.zip x.tar -o mirror");
    assert_eq!(said.code, Some(0), "{}", said.err);
    let tree = desk.tree("mirror");
    assert!(
        tree.contains(&"x.zip/目录/b.txt".to_owned()) && tree.contains(&"x.tar/d.jsonl".to_owned()),
        "{tree:?}"
    );
    let said = desk.run_with("clean - -o -", &zip);
    assert_eq!((said.code, said.out.lines().count()), (Some(0), 6), "{}", said.err);
    // The same members in an archive of an archive; a third one is named.
    let nested = [file("x.zip", &zip), file("x.tar.gz", gzip(&tar)), TAR_END.to_vec()].concat();
    desk.put("n.tar", &nested);
    let (docs, losses, _) = read(&desk, "n.tar");
    assert_eq!((docs.len(), docs[11].as_str(), losses.len()), (12, "n.tar!x.tar.gz!e.txt.zst", 0));
    desk.put("nn.tar.gz", gzip(&[file("n.tar", &nested), file("a.txt", NOTICE)].concat()));
    let (docs, losses, _) = read(&desk, "nn.tar.gz");
    assert_eq!(docs, ["nn.tar.gz!a.txt"]);
    assert_eq!(losses, ["nn.tar.gz!n.tar!x.zip over-limit", "nn.tar.gz!n.tar!x.tar.gz over-limit"]);
}

#[test]
fn names_are_labels_only() {
    let evil = [
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\a.txt",
        "a/../../b.txt",
        "..",
        "a\u{1b}[2J\n.txt",
        "a.txt",
        "a.txt",
        "a.txt",
    ];
    let desk = Desk::new();
    let mut tar: Vec<u8> = evil.iter().flat_map(|name| file(name, NOTICE)).collect();
    tar.extend(
        [member("l", b'2', b""), member("d/", b'5', b""), member("n", b'3', b""), member("h", b'1', b"")]
            .concat(),
    );
    tar.extend(member([0xCD, 0xA8, 0xD6, 0xAA], b'0', NOTICE.as_bytes()));
    let mut zips: Vec<Zipped> = evil.iter().map(|name| zipped(name, NOTICE.as_bytes())).collect();
    zips.push(Zipped { attributes: 0xA1FF << 16, ..zipped("l", b"/etc/passwd") });
    zips.push(zipped("d/", b""));
    zips.push(zipped([0xCD, 0xA8, 0xD6, 0xAA], NOTICE.as_bytes()));
    for (name, bytes) in [("x.tar", tar), ("x.zip", zip(&zips, false))] {
        desk.put(name, bytes);
        let (docs, losses, _) = read(&desk, name);
        assert_eq!((docs.len(), losses.len()), (10, 0), "{docs:?} {losses:?}");
        let label = |n: usize| docs[n].strip_prefix(&format!("{name}!")).unwrap();
        assert_eq!((label(0), label(5), label(9)), ("../../etc/passwd", "a\\u{1b}[2J\\n.txt", "通知"));
        assert_eq!((label(7), label(8)), ("a.txt~2", "a.txt~3"));
        let said = desk.run(&format!("clean {name} -o mirror-{name}"));
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert_eq!(desk.tree(&format!("mirror-{name}")).len(), 10);
    }
    let outside: Vec<_> = desk.tree("").into_iter().filter(|name| name.contains("passwd")).collect();
    assert!(outside.iter().all(|name| name.starts_with("mirror-")), "{outside:?}");
}

#[test]
fn damaged_tar_archives_lose_no_more_than_is_damaged() {
    let [a, b, c] = ["a.txt", "b.txt", "c.txt"].map(|name| file(name, NOTICE));
    let mut bad_sum = b.clone();
    bad_sum[0] ^= 1;
    let with_size = |size: &[u8]| [header(b"b.txt", b'0', size), b[512..].to_vec()].concat();
    let smuggled = file("smuggled.txt", NOTICE);
    let outer = [
        pax("size", smuggled.len().to_string().as_bytes()),
        header(b"outer.txt", b'0', b"00000000000"),
        smuggled,
    ]
    .concat();
    let huge = [128, 0, 0, 0, 127, 255, 255, 255, 255, 255, 255, 255];
    let sparse = [pax("GNU.sparse.major", b"1"), b.clone()].concat();
    let desk = Desk::new();
    let packed = gzip(&[a.clone(), b.clone(), c.clone()].concat());
    for (id, bytes, want, word) in [
        ("T01", [&a[..], &b, &c[..530]].concat(), &["a.txt", "b.txt"][..], "before the end of this member"),
        ("T01 header", [&a[..], &b, &c[..300]].concat(), &["a.txt", "b.txt"], "inside the header"),
        ("T02", [&a[..], &b, &c].concat(), &["a.txt", "b.txt", "c.txt"], ""),
        ("T03", [&a[..], &TAR_END, &b, &TAR_END].concat(), &["a.txt", "b.txt"], ""),
        ("T03 rubbish", [&a[..], &TAR_END, &[7; 700]].concat(), &["a.txt"], "behind the end"),
        ("T04", [&a[..], &bad_sum, &c].concat(), &["a.txt", "c.txt"], "header of a member is damaged"),
        ("T05", [&a[..], &with_size(b"0000000zz00"), &c].concat(), &["a.txt", "c.txt"], "no possible size"),
        ("T06", [&a[..], &with_size(&huge), &c].concat(), &["a.txt", "c.txt"], "no possible size"),
        ("T07", [&outer[..], &c].concat(), &["c.txt"], "called a text"),
        (
            "T08",
            [&member("x", b'L', &vec![b'x'; 8 << 20])[..], &b, &c].concat(),
            &["b.txt", "c.txt"],
            "is not read",
        ),
        ("T08 pax", [&member("x", b'x', &vec![b'x'; 8 << 20])[..], &b].concat(), &["b.txt"], "is not read"),
        ("T10", packed[..packed.len() / 2].to_vec(), &[], "ends inside the gzip member"),
        ("K09", [&a[..], &sparse, &c].concat(), &["a.txt", "c.txt"], "holes"),
        ("K09 old", [&a[..], &member("b", b'S', b"x"), &c].concat(), &["a.txt", "c.txt"], "holes"),
        ("long", [&member("x", b'L', b"long.txt\0")[..], &b].concat(), &["long.txt"], ""),
        ("pax", [&pax("path", "通知.txt".as_bytes())[..], &b].concat(), &["通知.txt"], ""),
    ] {
        desk.put("x.tar", bytes);
        let (docs, losses, err) = read(&desk, "x.tar");
        if id == "T10" {
            assert_eq!(losses.len(), 1, "{losses:?}");
        } else {
            assert_eq!(
                docs,
                want.iter().map(|name| format!("x.tar!{name}")).collect::<Vec<_>>(),
                "{id} {err}"
            );
        }
        assert_eq!(losses.len(), usize::from(!word.is_empty()), "{id}: {losses:?}");
        assert!(err.contains(word), "{id}: {err}");
    }
    let mut tar = [a.clone(), b, c].concat();
    tar[148] = b'x';
    desk.put("x.tar", &tar);
    let (docs, losses, _) = read(&desk, "x.tar");
    assert_eq!((docs.len(), losses.len()), (2, 1), "the name helps where the first header is damaged");
}

#[test]
fn damaged_zip_archives_are_named() {
    let text = NOTICE.as_bytes();
    let [a, b] = ["a.txt", "b.txt"].map(|name| zipped(name, text));
    let good = zip(&[a.clone(), b.clone()], false);
    let with = |change: fn(&mut Zipped)| {
        let mut changed = b.clone();
        change(&mut changed);
        zip(&[a.clone(), changed], false)
    };
    let mut count = good.clone();
    let n = count.len();
    count[n - 14..n - 10].fill(0xFF);
    let mut comment = good.clone();
    comment[n - 2] = 44;
    comment.extend(&good[n - 22..]);
    comment.extend(&good[n - 22..]);
    let two = [&good[..], &zip(&[zipped("c.txt", text)], false)].concat();
    let many: Vec<Zipped> = (0..40).map(|n| zipped(format!("{n}.txt"), text)).collect();
    let desk = Desk::new();
    for (id, bytes, docs, lost, word) in [
        ("good", good.clone(), 2, 0, ""),
        ("P01", good[..n - 60].to_vec(), 0, 1, "directory at the end"),
        ("P02", with(|b| b.crc ^= 1), 1, 1, "unverified"),
        ("P05 name", with(|b| b.local_name = b"c.txt".to_vec()), 1, 1, "called otherwise"),
        ("P06 method", with(|b| b.method = 98), 1, 1, "method 98"),
        ("P06 encrypted", with(|b| b.flags = 1), 1, 1, "encrypted"),
        ("size", with(|b| b.size = 3), 1, 1, "do not fit"),
        ("data", with(|b| b.data.fill(0xFF)), 1, 1, "damaged"),
        ("P07", [b"\x7fELF loader".as_slice(), &good].concat(), 2, 0, ""),
        ("P08", comment, 2, 0, ""),
        ("P10", count, 2, 1, "says it has 65535"),
        ("P11", two, 3, 0, ""),
        ("K06", zip(&many, true), 0, 1, "lie on one another"),
    ] {
        // Bytes before the archive hide it from a look at the first ones; the name helps.
        desk.put("x.zip", bytes);
        let (got, losses, err) = read(&desk, "x.zip");
        assert_eq!((got.len(), losses.len()), (docs, lost), "{id}: {got:?} {losses:?} {err}");
        assert!(err.contains(word), "{id}: {err}");
    }
    let large = zipped("large.txt", &vec![b'a'; 20 << 20]);
    desk.put("x.zip", zip(&[large, a], false));
    let (docs, losses, _) = read(&desk, "x.zip");
    assert_eq!(
        (docs, losses),
        (vec!["x.zip!a.txt".to_owned()], vec!["x.zip!large.txt too-large".to_owned()])
    );
    let deep = (0..40).fold(good, |inner, _| zip(&[zipped("x.zip", &inner)], false));
    desk.put("x.zip", deep);
    assert_eq!(read(&desk, "x.zip").1, ["x.zip!x.zip!x.zip over-limit"]);
}

#[test]
fn a_hundred_thousand_members_are_read_one_by_one() {
    let tar: Vec<u8> = (0..100_000)
        .flat_map(|n| file(&format!("{n}.txt"), if n % 1000 == 0 { NOTICE } else { "" }))
        .collect();
    let many: Vec<Zipped> = (0..20_000)
        .map(|n| zipped(format!("{n}.txt"), if n % 1000 == 0 { NOTICE.as_bytes() } else { b"" }))
        .collect();
    let desk = Desk::new();
    for (name, bytes, docs, empty) in
        [("x.tar.zst", zstd(&tar), 100, 99_900), ("x.zip", zip(&many, false), 20, 19_980)]
    {
        desk.put(name, bytes);
        let (got, losses, _) = read(&desk, name);
        assert_eq!((got.len(), losses.len()), (docs, 0), "{name}");
        assert_eq!(desk.report("report.json")["dropped"], empty);
    }
}

#[test]
fn a_run_over_archives_is_the_same_for_any_number_of_threads() {
    let desk = Desk::new();
    let members: Vec<u8> = (0..40)
        .flat_map(|n| {
            file(&format!("{n}.jsonl"), rows(500).replace("号通知", &format!("号（{}）通知", n / 2)))
        })
        .collect();
    desk.put("in/x.tar.gz", gzip(&members));
    desk.put(
        "in/x.zip",
        zip(&[zipped("a.txt", NOTICE.as_bytes()), zipped("b.txt", NOTICE.as_bytes())], false),
    );
    for jobs in [1, 4] {
        let said = desk.run(&format!("run in -o out{jobs} -j {jobs} --quiet"));
        assert_eq!(said.code, Some(0), "{}", said.err);
    }
    assert_eq!(desk.tree("out1"), desk.tree("out4"));
    for name in desk.tree("out1") {
        assert!(desk.text(&format!("out1/{name}")) == desk.text(&format!("out4/{name}")), "{name}");
    }
}
