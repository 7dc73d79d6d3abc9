//! Indexes that older versions of the program left: each version of the format is opened for ever.
//!
//! `tests/indexes/N/` is an index of format N with the documents below, each file of it packed.
//! `JINGWEN_BLESS_INDEX=N cargo test old_index` makes the one of the format that is written now; none
//! that lies there is ever changed.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use jingwen::index::Index;
use jingwen::index::Meta;
use jingwen::index::Page;
use jingwen::index::Settings;
use jingwen::index::Verdict;
use serde_json::Value;

use crate::notices::Archive;
use crate::notices::Notice;
use crate::notices::Shape;

/// All there were.
const FORMATS: &[u32] = &[1];

/// Notices that were added before them: from a thousand documents on an index has a dictionary.
const N_NOTICES: usize = 1_100;

/// A notice, its like of another year, and a text of a different kind; then a spoilt copy of the first.
const DOCS: &[(&str, &str)] = &[
    (
        "a/1",
        "关于做好2023年度农村饮水安全工作的通知\n各乡镇人民政府，县直有关部门：\n为保障群众饮水安全，县政府决定于2023年3月15日至4月20日开展水源地排查。\n一、各乡镇要逐村登记水源、管网和水质，发现问题当日上报。\n二、县水务局负责技术指导，4月25日前汇总结果。\n三、对水质不达标的点位，限期十五日整改，整改期间安排送水。",
    ),
    (
        "a/2",
        "关于做好2024年度农村饮水安全工作的通知\n各乡镇人民政府，县直有关部门：\n为保障群众饮水安全，县政府决定于2024年3月11日至4月18日开展水源地排查。\n一、各乡镇要逐村登记水源、管网和水质，发现问题当日上报。\n二、县水务局负责技术指导，4月22日前汇总结果。\n三、对水质不达标的点位，限期十五日整改，整改期间安排送水。",
    ),
    (
        "b/1",
        "图书馆闭馆公告\n因线路检修，本馆定于周六全天闭馆，周日上午九时恢复开放。\n到期图书的归还日期顺延两日，不计逾期。\n自助还书机照常使用，咨询请致电服务台。",
    ),
    (
        "c/1",
        "关于做好2023年度农村饮水安全工作的通知各乡镇人民政府,县直有关部门:为保障群众饮水安全★,县政府决定于2023年3月15日至4月20日开展水源地排查。一、各乡镇要逐村登记水源、管网和水质★,发现问题当日上报。二、县水务局负责技术指导,4月25日前汇总结果。三、对水质不达标的点位,限期十五日整改,整改期间安排送水。",
    ),
];

const FILES: &[&str] = &["index.json", "ledger.redb", "records", "runs/000001.run"];

fn folder(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/indexes").join(format.to_string())
}

/// The format of an index, by its header.
fn format_of(path: &Path) -> u32 {
    let header: Value = serde_json::from_slice(&fs::read(path.join("index.json")).unwrap()).unwrap();
    header["jingwen_index"].as_u64().unwrap() as u32
}

/// Makes an index of the present format, with all in one run of postings.
fn make(format: u32) {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("made");
    Index::create(&path, &Settings::default()).unwrap();
    let mut index = Index::open(&path, &Settings::default()).unwrap();
    let (mut archive, mut notice) = (Archive::new(Shape::Plain, 1), Notice::default());
    for _ in 0..N_NOTICES {
        archive.next(&mut notice);
        index.check_and_add(&notice.id, &notice.text, &Meta::default()).unwrap();
    }
    let pages: Vec<_> = DOCS.iter().map(|&(id, text)| Page { id, text, meta: Meta::default() }).collect();
    index.add_batch(&pages).unwrap();
    index.compact().unwrap();
    assert_eq!(format_of(&path), format, "the format that is written now");
    drop(index);
    for file in FILES {
        let packed = zstd::encode_all(fs::read(path.join(file)).unwrap().as_slice(), 19).unwrap();
        let to = folder(format).join(format!("{file}.zst"));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        assert!(!to.exists(), "an index of format {format} lies there already");
        fs::write(to, packed).unwrap();
    }
}

#[test]
fn indexes_of_all_formats_are_opened() {
    if let Ok(format) = env::var("JINGWEN_BLESS_INDEX") {
        make(format.parse().unwrap());
    }
    let room = tempfile::tempdir().unwrap();
    Index::create(&room.path().join("new"), &Settings::default()).unwrap();
    assert_eq!(Some(&format_of(&room.path().join("new"))), FORMATS.last(), "a new format brings an index");
    // Rules change from version to version.
    let settings = Settings { accept_rules: true, ..Settings::default() };
    for &format in FORMATS {
        let room = tempfile::tempdir().unwrap();
        for file in FILES {
            let packed = fs::read(folder(format).join(format!("{file}.zst"))).unwrap();
            let to = room.path().join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
        }
        let mut index = Index::open(room.path(), &settings).unwrap();
        assert_eq!(index.verify().unwrap(), Vec::<String>::new(), "format {format}");
        let stats = index.stats().unwrap();
        assert_eq!((stats.documents, stats.runs), (N_NOTICES as u64 + 4, 1), "format {format}");
        let mut told = |id: &str, text: &str| index.check_and_add(id, text, &Meta::default()).unwrap();
        // Told again, and found from what was stored: by words, by a sketch, by a template.
        assert!(matches!(told("c/1", DOCS[3].1), Verdict::Copy { of, .. } if of == "a/1"));
        assert!(
            matches!(told("n/1", &DOCS[2].1.replace('，', ",")), Verdict::Copy { of, .. } if of == "b/1")
        );
        let slips = DOCS[0].1.replace("排查", "徘查").replace("送水", "送永").replace("逐村", "遂村");
        assert!(matches!(told("n/2", &slips), Verdict::Copy { of, .. } if of == "a/1"));
        let other = DOCS[0].1.replace("2023", "2025").replace("15日至4月20", "8日至4月30");
        assert!(matches!(told("n/3", &other), Verdict::Variant { .. }));
        assert_eq!(
            told("n/4", "完全不同的一则启事：本周三下午停电检修，请各住户提前做好准备。"),
            Verdict::New
        );
        index.sync().unwrap();
        drop(index);
        let mut index = Index::open(room.path(), &settings).unwrap();
        assert_eq!(index.verify().unwrap(), Vec::<String>::new(), "format {format}");
        assert_eq!(index.stats().unwrap().documents, stats.documents + 4, "format {format}");
    }
}
