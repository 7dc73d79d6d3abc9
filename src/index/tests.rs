//! Small worlds: what an index says page by page, and that what it says last is what one run says.

use std::collections::BTreeSet;
use std::path::Path;

use tempfile::TempDir;

use crate::copies::tests::sentences::sentence;
use crate::index::CopyKind;
use crate::index::Index;
use crate::index::Meta;
use crate::index::Page;
use crate::index::Reader;
use crate::index::Settings;
use crate::index::Sync;
use crate::index::Verdict;
use crate::pipeline::Limits;
use crate::pipeline::Stop;

const LIMITS: Limits = Limits { jobs: 2, memory: 1 << 24 };

fn settings() -> Settings {
    Settings { jobs: 2, memory: 1 << 20, per_run: Some(20), ..Settings::default() }
}

/// A text of sentences that no other numbers have, three a paragraph.
fn text(from: u32, n: u32) -> String {
    let lines: Vec<String> =
        (from..from + n).map(|n| sentence(n) + if n % 3 == 2 { "\n" } else { "" }).collect();
    lines.concat()
}

/// Copies, forwards, parts and look-alikes of some texts.
fn documents() -> Vec<(String, String)> {
    let mut docs = Vec::new();
    for n in 0..24 {
        let text = format!("关于第{}号事项的通知\n{}", n + 100, text(40 * n, 9));
        docs.push((format!("d{n}"), text.clone()));
        docs.push((format!("d{n}-flat"), text.replace('\n', " ")));
        docs.push((format!("d{n}-stars"), text.replace('，', "★,")));
        docs.push((format!("d{n}-forward"), format!("编者按：现将通知原文转发给大家，供参考。\n{text}")));
        docs.push((format!("d{n}-other"), text.replacen("号事项", "7号事项", 1)));
        docs.push((format!("d{n}-cut"), text.chars().take(text.chars().count() * 4 / 5).collect()));
    }
    docs
}

fn pages(docs: &[(String, String)]) -> Vec<Page<'_>> {
    docs.iter().map(|(id, text)| Page { id, text, meta: Meta::default() }).collect()
}

/// A folder with an empty index.
fn made() -> TempDir {
    let folder = TempDir::new().unwrap();
    Index::create(&folder.path().join("i"), &settings()).unwrap();
    folder
}

fn open(folder: &TempDir) -> Index {
    Index::open(&folder.path().join("i"), &settings()).unwrap()
}

fn survivors(index: &mut Index) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    let told = |resolved: crate::index::Resolved| {
        if resolved.kind.is_none() {
            kept.insert(resolved.id);
        }
        Ok(())
    };
    index.resolve(LIMITS, &Stop::default(), told).unwrap();
    kept
}

fn whole(index: &mut Index) {
    assert_eq!(index.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn a_crawler_is_told_what_it_found() {
    let folder = made();
    let mut index = open(&folder);
    let base = text(0, 9);
    let mut told = |id: &str, text: &str| index.check_and_add(id, text, &Meta::default()).unwrap();
    let of = |verdict: Verdict| match verdict {
        Verdict::Copy { of, kind, .. } => (of, kind),
        other => panic!("{other:?}"),
    };
    assert_eq!(told("a", &base), Verdict::New);
    assert_eq!(told("z", &text(500, 9)), Verdict::New);
    assert_eq!(of(told("b", &base)), ("a".to_owned(), CopyKind::Exact));
    assert_eq!(of(told("c", &base.replace('\n', " "))), ("a".to_owned(), CopyKind::Same));
    let slips = base.replacen("负责", "负的责", 2).replacen('由', "油", 1);
    assert_ne!(slips, base);
    assert_eq!(of(told("d", &slips)), ("a".to_owned(), CopyKind::Near));
    let forward = format!("编者按：现将通知原文转发给大家，供参考。\n{base}");
    assert_eq!(of(told("e", &forward)), ("a".to_owned(), CopyKind::Contained));
    let number = format!("关于12号文件的通知\n{}", text(900, 9));
    assert_eq!(told("f", &number), Verdict::New);
    assert_eq!(told("g", &number.replacen("12号", "13号", 1)), Verdict::Variant { of: "f".to_owned() });
    assert_eq!(told("h", " \n "), Verdict::Empty);
    // Again: what was said before, and nothing is added.
    let n = index.stats().unwrap().documents;
    let mut told = |id: &str, text: &str| index.check_and_add(id, text, &Meta::default()).unwrap();
    assert_eq!(told("a", &base), Verdict::New);
    assert_eq!(of(told("c", &base.replace('\n', " "))), ("a".to_owned(), CopyKind::Same));
    // Another text under the same id is a revision that takes part.
    assert_eq!(told("z", &text(700, 9)), Verdict::New);
    assert_eq!(index.stats().unwrap().documents, n + 1);
    whole(&mut index);
}

#[test]
fn days_of_publication_keep_texts_apart() {
    let folder = made();
    let mut index = open(&folder);
    let on = |day| Meta { published: Some(day), ..Meta::default() };
    assert_eq!(index.check_and_add("a", &text(0, 9), &on("2023-05-06")).unwrap(), Verdict::New);
    let verdict = index.check_and_add("b", &text(0, 9), &on("2024-05-07")).unwrap();
    assert_eq!(verdict, Verdict::Variant { of: "a".to_owned() });
}

#[test]
fn the_better_copy_supersedes_and_gives_back() {
    let folder = made();
    let mut index = open(&folder);
    let base = text(0, 12);
    let mut told = |id: &str, text: &str| index.check_and_add(id, text, &Meta::default()).unwrap();
    assert_eq!(told("flat", &base.replace('\n', " ")), Verdict::New);
    let superseded = |verdict: Verdict| {
        if let Verdict::Supersedes { ids, .. } = verdict { ids } else { panic!("{verdict:?}") }
    };
    assert_eq!(superseded(told("whole", &base)), ["flat"]);
    assert!(matches!(told("flat-2", &base.replace('\n', " ")), Verdict::Copy { of, .. } if of == "whole"));
    assert_eq!(survivors(&mut index), BTreeSet::from(["whole".to_owned()]));
    whole(&mut index);
}

#[test]
fn what_a_digest_held_comes_back() {
    let folder = made();
    let mut index = open(&folder);
    let (a, b) = (text(0, 12), text(300, 7));
    let mut told = |id: &str, text: &str| index.check_and_add(id, text, &Meta::default()).unwrap();
    assert_eq!(told("h", &format!("{a}\n{b}")), Verdict::New);
    assert!(matches!(told("a", &a), Verdict::Copy { of, kind: CopyKind::Contained, .. } if of == "h"));
    let restored = Verdict::Supersedes { ids: Vec::new(), restored: vec!["a".to_owned()] };
    assert_eq!(told("b", &b), restored, "two documents lie in h: it is a digest");
    assert_eq!(survivors(&mut index).len(), 3);
    whole(&mut index);
}

#[test]
fn the_same_page_with_other_bytes_is_no_new_document() {
    let folder = made();
    let mut index = open(&folder);
    let page = |token: u32| format!("<html><body><!--{token}--><p>{}</p></body></html>", text(0, 9));
    let mut told = |id: &str, text: &str| index.check_and_add(id, text, &Meta::default()).unwrap();
    assert_eq!(told("a", &page(1)), Verdict::New);
    assert_eq!(told("a", &page(2)), Verdict::New);
    assert!(matches!(told("b", &page(3)), Verdict::Copy { .. }));
    assert_eq!(index.stats().unwrap().documents, 2);
}

#[test]
fn a_text_of_every_week_is_found_again() {
    let folder = made();
    let mut index = open(&folder);
    let days: Vec<String> =
        (0..90).map(|n| format!("20{:02}-{:02}-{:02}", n / 12, n % 12 + 1, n % 28 + 1)).collect();
    for (n, day) in days.iter().enumerate() {
        let meta = Meta { published: Some(day), ..Meta::default() };
        let verdict = index.check_and_add(&format!("d{n}"), &text(0, 9), &meta).unwrap();
        assert!(matches!(verdict, Verdict::New | Verdict::Variant { .. }), "{n}: {verdict:?}");
        let again = index.check_and_add(&format!("z{n}"), &text(0, 9), &meta).unwrap();
        assert!(matches!(&again, Verdict::Copy { of, .. } if *of == format!("d{n}")), "{n}: {again:?}");
    }
    whole(&mut index);
}

#[test]
fn a_decision_that_is_broken_off_changes_nothing() {
    let folder = made();
    let docs = documents();
    let mut index = open(&folder);
    index.add_batch(&pages(&docs)).unwrap();
    let before = index.stats().unwrap();
    let mut left = 20;
    let broken = index.resolve(LIMITS, &Stop::default(), |_| {
        left -= 1;
        if left > 0 { Ok(()) } else { Err(crate::Error::usage("nobody listens any more")) }
    });
    assert!(broken.is_err());
    index.check_and_add("new", &text(9_000, 9), &Meta::default()).unwrap();
    assert_eq!(index.stats().unwrap().kept, before.kept + 1);
    whole(&mut index);
}

#[test]
fn a_text_that_came_a_thousand_times_with_slips_is_one() {
    let folder = made();
    let mut index = Index::open(&folder.path().join("i"), &Settings { per_run: None, ..settings() }).unwrap();
    let base: Vec<char> = text(0, 12).chars().collect();
    let docs: Vec<(String, String)> = (0..1_000)
        .map(|n| {
            let mut slipped = base.clone();
            // Three slips each, at places of their own.
            for k in 0..3 {
                let at = (n * 37 + k * 101) % slipped.len();
                if slipped[at].is_alphabetic() {
                    slipped[at] = char::from_u32(0x9F00 + ((n * 7 + k) % 90) as u32).unwrap();
                }
            }
            (format!("n{n:04}"), slipped.into_iter().collect())
        })
        .collect();
    let told = index.add_batch(&pages(&docs)).unwrap();
    let is_known = |verdict: &&Verdict| matches!(verdict, Verdict::Copy { .. } | Verdict::Supersedes { .. });
    let n_known = told.iter().filter(is_known).count();
    assert!(n_known > 900, "{n_known} {:?}", told.last());
    whole(&mut index);
}

#[test]
fn a_question_changes_nothing() {
    let folder = made();
    let docs = documents();
    let mut index = open(&folder);
    index.add_batch(&pages(&docs[..80])).unwrap();
    let before = index.stats().unwrap();
    for (_, text) in &docs {
        let asked = index.query(text, &Meta::default()).unwrap();
        assert_eq!(index.query(text, &Meta::default()).unwrap(), asked);
    }
    assert!(matches!(index.query(&docs[0].1, &Meta::default()).unwrap(), Verdict::Copy { .. }));
    assert_eq!(index.query(&text(5_000, 9), &Meta::default()).unwrap(), Verdict::New);
    assert_eq!(index.stats().unwrap(), before);
    whole(&mut index);
}

#[test]
fn batches_say_what_single_calls_say() {
    let docs = documents();
    let (one, many) = (made(), made());
    let mut index = open(&one);
    let single: Vec<Verdict> =
        docs.iter().map(|(id, text)| index.check_and_add(id, text, &Meta::default()).unwrap()).collect();
    whole(&mut index);
    for jobs in [1, 2] {
        let folder = made();
        let mut index = Index::open(&folder.path().join("i"), &Settings { jobs, ..settings() }).unwrap();
        assert_eq!(index.add_batch(&pages(&docs)).unwrap(), single);
    }
    // Closed and opened between the parts.
    let mut told = Vec::new();
    for some in docs.chunks(31) {
        told.extend(open(&many).add_batch(&pages(some)).unwrap());
    }
    assert_eq!(told, single);
    let mut index = open(&many);
    whole(&mut index);
    index.compact().unwrap();
    assert_eq!(index.stats().unwrap().runs, 1);
    whole(&mut index);
    assert_eq!(index.add_batch(&pages(&docs)).unwrap(), single, "all have come before");
}

#[test]
fn a_formula_that_all_have_hides_no_part() {
    // All share a paragraph, which becomes a formula among them; every third holds an earlier one whole.
    let formula = text(0, 12);
    let mut docs: Vec<(String, String)> = Vec::new();
    for n in 0..160_u32 {
        let own = match n {
            _ if n % 3 == 2 => format!("{}\n{}", docs[n as usize - 2].1, text(1_000 + 40 * n, 14)),
            _ => format!("{}\n{formula}", text(1_000 + 40 * n, 8)),
        };
        docs.push((format!("d{n}"), own));
    }
    let (one, many) = (made(), made());
    let mut index = open(&one);
    let single: Vec<Verdict> =
        docs.iter().map(|(id, text)| index.check_and_add(id, text, &Meta::default()).unwrap()).collect();
    whole(&mut index);
    let mut index = open(&many);
    assert_eq!(index.add_batch(&pages(&docs)).unwrap(), single);
    whole(&mut index);
    // A holder that comes when its part is known confirms it, whatever all others share.
    for n in (2..160).step_by(3) {
        let root = index.parts().0.ledger.doc(n).unwrap().root;
        let edges = index.parts().0.ledger.edges(root).unwrap();
        assert!(edges.contains_key(&(n - 2)), "{n}: {:?}", edges.keys());
    }
}

#[test]
fn what_is_resolved_does_not_depend_on_order_or_batches() {
    let mut docs = documents();
    let kept_of = |docs: &[(String, String)], batch: usize| {
        let folder = made();
        let mut index = open(&folder);
        for some in docs.chunks(batch) {
            index.add_batch(&pages(some)).unwrap();
        }
        let kept = survivors(&mut index);
        whole(&mut index);
        assert_eq!(survivors(&mut index), kept);
        kept
    };
    let want = kept_of(&docs, usize::MAX);
    for n in 0..24 {
        let of_group: Vec<&String> =
            want.iter().filter(|id| **id == format!("d{n}") || id.starts_with(&format!("d{n}-"))).collect();
        assert!(of_group.len() == 2 && want.contains(&format!("d{n}-other")), "{of_group:?}");
    }
    assert_eq!(kept_of(&docs, docs.len() / 7), want);
    assert_eq!(kept_of(&docs, 2), want);
    docs.reverse();
    docs.rotate_left(37);
    assert_eq!(kept_of(&docs, 50), want);
}

#[test]
fn readers_follow_and_a_second_writer_is_refused() {
    let folder = made();
    let path = folder.path().join("i");
    let docs = documents();
    let mut index = open(&folder);
    let mut reader = Reader::open(&path, &settings()).unwrap();
    let asked = |reader: &mut Reader, n: usize| reader.query(&docs[n].1, &Meta::default()).unwrap();
    assert_eq!(asked(&mut reader, 0), Verdict::New);
    index.check_and_add(&docs[0].0, &docs[0].1, &Meta::default()).unwrap();
    assert_eq!(asked(&mut reader, 0), Verdict::New, "it is not durable yet");
    index.sync().unwrap();
    assert!(matches!(asked(&mut reader, 1), Verdict::Copy { of, .. } if of == docs[0].0));
    // Runs are written and merged beside the reader.
    for some in docs.chunks(11) {
        index.add_batch(&pages(some)).unwrap();
        let n = some.len() - 1;
        assert!(!matches!(reader.query(&some[n].1, &Meta::default()).unwrap(), Verdict::New));
    }
    let refused = Index::open(&path, &settings()).unwrap_err();
    assert_eq!(refused.exit_code(), 75, "{refused}");
    assert!(refused.to_string().contains("another process writes"), "{refused}");
    drop(index);
    Index::open(&path, &settings()).unwrap();
}

#[test]
fn strangers_and_newer_indexes_are_refused() {
    let folder = made();
    let path = folder.path().join("i");
    let refusal = |path: &Path, settings: &Settings| Index::open(path, settings).unwrap_err().to_string();
    assert!(refusal(folder.path(), &settings()).contains("is no index"));
    let other = Settings { seed: Some(7), ..settings() };
    assert!(refusal(&path, &other).contains("another key"));
    let exists = Index::create(&path, &settings()).unwrap_err();
    assert!(exists.to_string().contains("not empty"), "{exists}");
    let header = path.join("index.json");
    let whole = std::fs::read_to_string(&header).unwrap();
    for (was, now, said) in [
        ("\"jingwen_index\": 1", "\"jingwen_index\": 2", "update jingwen"),
        ("\"jingwen_index\": 1", "\"jingwen_index\": \"x\"", "names no version"),
        ("\"rules\": \"", "\"rules\": \"0", "under other rules"),
        ("{", "", "no header of an index"),
    ] {
        assert!(whole.contains(was));
        std::fs::write(&header, whole.replacen(was, now, 1)).unwrap();
        assert!(refusal(&path, &settings()).contains(said), "{}", refusal(&path, &settings()));
    }
    std::fs::write(&header, whole.replacen("\"rules\": \"", "\"rules\": \"0", 1)).unwrap();
    Index::open(&path, &Settings { accept_rules: true, ..settings() }).unwrap();
}

#[test]
fn damage_is_found() {
    let folder = made();
    let path = folder.path().join("i");
    let mut index = open(&folder);
    index.add_batch(&pages(&documents())).unwrap();
    whole(&mut index);
    drop(index);
    let records = path.join("records");
    let sound = std::fs::read(&records).unwrap();
    let mut bytes = sound.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&records, &bytes).unwrap();
    let found = open(&folder).verify().unwrap();
    assert!(found.len() == 1 && found[0].contains("is damaged"), "{found:?}");
    std::fs::write(&records, &sound[..middle]).unwrap();
    assert!(Index::open(&path, &settings()).unwrap_err().to_string().contains("were written"));
    // What a crash left behind the end does not count.
    std::fs::write(&records, [sound, b"half a record".to_vec()].concat()).unwrap();
    std::fs::write(path.join("runs/000999.run"), b"half a run").unwrap();
    whole(&mut open(&folder));
    assert!(!path.join("runs/000999.run").exists());
}

#[test]
fn equal_texts_cost_no_more_each_time() {
    let folder = made();
    let mut index =
        Index::open(&folder.path().join("i"), &Settings { sync: Sync::Batch, ..settings() }).unwrap();
    let ids: Vec<String> = (0..3_000).map(|n| format!("n{n:04}")).collect();
    let equal = text(0, 9);
    let same: Vec<Page> = ids.iter().map(|id| Page { id, text: &equal, meta: Meta::default() }).collect();
    let told = index.add_batch(&same).unwrap();
    assert!(told[1..].iter().all(|verdict| matches!(verdict, Verdict::Copy { of, .. } if of == "n0000")));
    let stats = index.stats().unwrap();
    assert_eq!((stats.documents, stats.texts, stats.kept), (3_000, 1, 1));
    whole(&mut index);
}
