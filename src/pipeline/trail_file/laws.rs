//! What holds for any text and any edits: a row leads forwards and backwards, and a damaged row
//! leads nowhere.

#![allow(clippy::format_push_string, clippy::format_collect, reason = "tests are short before they are fast")]

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::pipeline::trail_file;
use crate::pipeline::trail_file::Header;
use crate::pipeline::trail_file::Row;
use crate::rules::Choice;
use crate::rules::Rules;
use crate::rules::builtin::MARK_NOISE;
use crate::rules::builtin::REPEAT_BLOCK;
use crate::text::Edits;
use crate::text::RuleId;
use crate::text::Trail;

const CHARACTERS: &str = "改革发展中文★,，。、：:？《》\"\\ \n\r\u{3000}\u{FEFF}\u{200B}aB19-—😀";

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::bundled(&Choice::default()).unwrap());

static HEADER: LazyLock<Header> = LazyLock::new(|| Header::read(&trail_file::header(&RULES)).unwrap());

fn characters(n: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let all: Vec<char> = CHARACTERS.chars().collect();
    prop::collection::vec(prop::sample::select(all), n).prop_map(|chars| chars.into_iter().collect())
}

/// A change by numbers, so that it fits any text: characters to skip, characters to take, what
/// comes in, the rule, and for a removed repeat start and length of its twin.
type Wish = (usize, usize, String, u16, Option<(usize, usize)>);

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let twin = prop::option::of((0..200_usize, 0..120_usize));
    prop::collection::vec((0..30_usize, 0..12_usize, characters(0..4), 0..40_u16, twin), 1..12)
}

/// A text whose second half repeats its first one with some characters changed.
fn texts() -> impl Strategy<Value = String> {
    let changes = prop::collection::vec((0..200_usize, characters(0..3)), 0..6);
    (characters(0..120), changes).prop_map(|(half, changes)| {
        let mut copy: Vec<String> = half.chars().map(String::from).collect();
        for (at, with) in changes {
            if let Some(cell) = copy.get_mut(at) {
                *cell = with;
            }
        }
        half + &copy.concat()
    })
}

fn make(text: &str, steps: &[Vec<Wish>]) -> Trail {
    const NAMES: [&str; 4] = ["marks", "width", "repeats", "width"];
    let mut trail = Trail::default();
    let mut now = text.to_owned();
    for (wishes, name) in steps.iter().zip(NAMES) {
        let places: Vec<usize> = now.char_indices().map(|c| c.0).chain([now.len()]).collect();
        let place = |n: usize| places[n.min(places.len() - 1)];
        let edits = trail.open(name);
        let mut n = 0;
        for (skip, take, with, rule, twin) in wishes {
            let span = place(n + skip)..place(n + skip + take);
            match twin {
                Some((start, length)) => {
                    edits.delete_copy(span, place(*start)..place(start + length), RuleId(*rule));
                }
                None => edits.replace(span, with, RuleId(*rule)),
            }
            n += skip + take;
        }
        let mut next = String::new();
        edits.apply(&now, &mut next);
        now = next;
        trail.keep();
    }
    trail
}

fn write(text: &str, trail: &Trail) -> String {
    trail_file::row("\"a.txt\"", "a.txt", "UTF-8", true, text, trail, &RULES)
}

/// Does the row that `damage` left lead from either end to something other than the truth?
fn lies(row: &str, text: &str, clean: &str) -> bool {
    let Ok(row) = Row::read(row, &HEADER) else { return false };
    row.restore(clean).is_ok_and(|got| got != text) || row.replay(text).is_ok_and(|got| got != clean)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn rows_run_forwards_and_backwards(text in texts(), steps in prop::collection::vec(wishes(), 0..5)) {
        let trail = make(&text, &steps);
        let clean = trail.replay(&text);
        let line = write(&text, &trail);
        prop_assert!(!line.contains('\n'));
        let row = Row::read(&line, &HEADER).unwrap();
        prop_assert_eq!(row.replay(&text).unwrap(), clean.clone());
        prop_assert_eq!(row.restore(&clean).unwrap(), text);
    }

    #[test]
    fn removed_repeats_run_forwards_and_backwards(
        half in characters(60..150),
        changes in prop::collection::vec((0..300_usize, characters(0..3)), 0..4),
        others in wishes(),
        is_first_removed in any::<bool>(),
    ) {
        let mut copy: Vec<String> = half.chars().map(String::from).collect();
        for (at, with) in changes {
            if let Some(cell) = copy.get_mut(at) {
                *cell = with;
            }
        }
        let (copy, mut trail) = (copy.concat(), Trail::default());
        let edits = trail.open("repeats");
        let other = |edits: &mut Edits, text: &str, from: usize| {
            let places: Vec<usize> = text.char_indices().map(|c| from + c.0).collect();
            let mut n = 0;
            for (skip, take, with, rule, _) in &others {
                let (start, end) = (n + skip, n + skip + take);
                if end < places.len() {
                    edits.replace(places[start]..places[end], with, RuleId(*rule));
                }
                n = end;
            }
        };
        let text = if is_first_removed {
            edits.delete_copy(0..copy.len(), copy.len()..copy.len() + half.len(), REPEAT_BLOCK);
            other(edits, &half, copy.len());
            copy + &half
        } else {
            other(edits, &half, 0);
            edits.delete_copy(half.len()..half.len() + copy.len(), 0..half.len(), REPEAT_BLOCK);
            half + &copy
        };
        trail.keep();
        let clean = trail.replay(&text);
        let row = Row::read(&write(&text, &trail), &HEADER).unwrap();
        prop_assert_eq!(row.replay(&text).unwrap(), clean.clone());
        prop_assert_eq!(row.restore(&clean).unwrap(), text);
    }

    #[test]
    fn a_changed_row_never_lies(
        text in texts(),
        steps in prop::collection::vec(wishes(), 1..4),
        at in any::<prop::sample::Index>(),
        with in prop::option::of(prop::sample::select("0189\"[],{}:a改 ".chars().collect::<Vec<_>>())),
    ) {
        let trail = make(&text, &steps);
        let clean = trail.replay(&text);
        let mut row: Vec<char> = write(&text, &trail).chars().collect();
        let at = at.index(row.len());
        match with {
            Some(c) => row[at] = c,
            None => { row.remove(at); }
        }
        prop_assert!(!lies(&row.into_iter().collect::<String>(), &text, &clean));
    }

    #[test]
    fn a_changed_text_is_refused(
        text in texts(),
        steps in prop::collection::vec(wishes(), 1..4),
        at in any::<prop::sample::Index>(),
    ) {
        let trail = make(&text, &steps);
        let clean = trail.replay(&text);
        let row = Row::read(&write(&text, &trail), &HEADER).unwrap();
        let mut changed: Vec<char> = clean.chars().collect();
        changed.insert(at.index(changed.len() + 1), '丢');
        prop_assert!(row.restore(&changed.iter().collect::<String>()).is_err());
    }
}

/// A document with one edit of each sort.
fn sample() -> (String, Trail, Value) {
    let half = "各县人民政府：★\n一是推进改革,扩大开放。\n二是办好民生实事，增进福祉。";
    let text = format!("{half}{}", half.replace('\n', " "));
    let mut trail = Trail::default();
    let edits = trail.open("marks");
    let star = text.find('★').unwrap();
    edits.delete(star..star + 3, MARK_NOISE);
    trail.keep();
    let edits = trail.open("repeats");
    edits.delete_copy(half.len() - 3..text.len() - 3, 0..half.len() - 3, REPEAT_BLOCK);
    trail.keep();
    let row = serde_json::from_str(&write(&text, &trail)).unwrap();
    (text, trail, row)
}

#[test]
fn a_removed_repeat_stores_its_differences_only() {
    let (text, trail, row) = sample();
    let removed = &row["steps"][1][1][0];
    let star = text.find("：★").unwrap() + 3;
    assert_eq!(removed[1]["at"], 0);
    assert_eq!(removed[1]["diff"], json!([[star, "\n", "★ "], [34, "\n", " "]]), "{row}");
    assert_eq!(trail.replay(&text).matches('革').count(), 1);
}

#[test]
fn a_copy_behind_the_removed_span_is_found_though_edits_moved_it() {
    let half = "各县人民政府：\n一是推进改革,扩大开放。\n二是办好民生实事,增进福祉。";
    let flat = half.replace('\n', " ");
    let text = format!("{flat}\n{half}");
    let (start, comma) = (flat.len() + 1, flat.len() + 1 + half.find(',').unwrap());
    let mut trail = Trail::default();
    let edits = trail.open("repeats");
    edits.delete_copy(0..start, start..text.len(), REPEAT_BLOCK);
    edits.replace(comma..comma + 1, "，", REPEAT_BLOCK);
    trail.keep();
    let line = write(&text, &trail);
    let row: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        row["steps"][0][1][0][1],
        json!({"at": 0, "len": 99, "diff": [[21, "\n", " "], [18, "，", ","], [15, "\n", " "], [40, "", "\n"]]}),
        "{line}"
    );
    let row = Row::read(&line, &HEADER).unwrap();
    assert_eq!(row.restore(&trail.replay(&text)).unwrap(), text);
    assert_eq!(row.replay(&text).unwrap(), trail.replay(&text));
}

#[test]
fn every_edit_matters() {
    let (text, trail, row) = sample();
    let clean = trail.replay(&text);
    assert!(!lies(&row.to_string(), &text, &clean));
    let same = Row::read(&row.to_string(), &HEADER).unwrap();
    assert_eq!(same.restore(&clean).unwrap(), text);
    for (what, pointer, value) in [
        ("gap of a deletion", "/steps/0/1/0/0", json!(3)),
        ("gap that splits a character", "/steps/0/1/0/0", json!(1)),
        ("gap behind the end", "/steps/0/1/0/0", json!(u64::MAX)),
        ("what was removed", "/steps/0/1/0/1", json!("☆")),
        ("what came in", "/steps/0/1/0/2", json!("、")),
        ("missing edits", "/steps/0/1", json!([])),
        ("missing steps", "/steps", json!([])),
        ("another copy", "/steps/1/1/0/1/at", json!(3)),
        ("a copy behind the end", "/steps/1/1/0/1/at", json!(u64::MAX)),
        ("a shorter copy", "/steps/1/1/0/1/len", json!(6)),
        ("a missing difference", "/steps/1/1/0/1/diff", json!([])),
        ("no rule of that number", "/steps/0/1/0/3", json!(9999)),
        ("a sum", "/before/1", json!("0000000000000000")),
        ("a size", "/after/0", json!(0)),
    ] {
        let mut damaged = row.clone();
        *damaged.pointer_mut(pointer).unwrap() = value;
        let read = Row::read(&damaged.to_string(), &HEADER);
        let restored = read.as_ref().map(|row| row.restore(&clean));
        assert!(!matches!(restored, Ok(Ok(_))), "{what}: restored all the same");
        let replayed = read.as_ref().map(|row| row.replay(&text));
        assert!(!matches!(replayed, Ok(Ok(_))), "{what}: replayed all the same");
    }
}

#[test]
fn an_error_names_the_place() {
    let (text, trail, row) = sample();
    let mut damaged = row.clone();
    damaged["steps"][0][1][0][1] = json!("☆");
    let error = Row::read(&damaged.to_string(), &HEADER).unwrap().replay(&text).unwrap_err().to_string();
    assert_eq!(
        error,
        "trail row \"a.txt\", step marks, edit 1: at byte 21 of the text before the step \"☆\" should stand, \
         and \"★\\n一是推进改革,扩大开放。\\n二\" does"
    );
    let row = Row::read(&row.to_string(), &HEADER).unwrap();
    let error = row.restore(&trail.replay(&text).replace("改革", "開放")).unwrap_err().to_string();
    assert!(error.contains("the text was changed since"), "{error}");
}

#[test]
fn newer_formats_are_refused() {
    let line = trail_file::header(&RULES).replace("{\"jingwen_trail\":1", "{\"jingwen_trail\":2");
    let error = Header::read(&line).unwrap_err().to_string();
    assert!(error.contains("format 2") && error.contains("newer one"), "{error}");
    for line in
        ["", "{}", "[]", "{\"jingwen_trail\":\"1\"}", "{\"jingwen_trail\":1}", "{\"id\":1,\"text\":\"甲\"}"]
    {
        assert!(Header::read(line).is_err(), "{line}");
    }
}

/// Files that were written once must be readable for ever: this text must not follow the writer.
#[test]
fn format_1_is_read_for_ever() {
    let header = Header::read(
        r#"{"jingwen_trail":1,"rules":"0123456789abcdef","version":"0.1.0","names":["mark.noise","repeat.block"]}"#,
    )
    .unwrap();
    let row = r#"{"id":"a.txt","source":"a.txt","encoding":"UTF-8","reversible":true,"before":[204,"2620aa6518ad633a"],
        "after":[99,"433193cc7695f3dc"],"steps":[["marks",[[21,"★","",0]]],
        ["repeats",[[99,{"at":0,"len":99,"diff":[[21,"\n","★ "],[34,"\n"," "]]},"",1]]]]}"#;
    let row = Row::read(row, &header).unwrap();
    let half = "各县人民政府：★\n一是推进改革,扩大开放。\n二是办好民生实事，增进福祉。";
    let clean = half.replace('★', "");
    assert_eq!(row.restore(&clean).unwrap(), format!("{half}{}", half.replace('\n', " ")));
}

#[test]
fn bytes_come_back_in_their_encoding() {
    let text = "\u{FEFF}关于印发的通知€";
    for (encoding, bytes) in [
        ("UTF-8", Some(&b"\xEF\xBB\xBF\xE5"[..])),
        ("UTF-16LE", Some(&b"\xFF\xFE\x73\x51"[..])),
        ("UTF-16BE", Some(&b"\xFE\xFF\x51\x73"[..])),
        ("UTF-32LE", Some(&b"\xFF\xFE\0\0\x73\x51\0\0"[..])),
        ("UTF-32BE", Some(&b"\0\0\xFE\xFF\0\0\x51\x73"[..])),
        ("gb18030", Some(&b"\x84\x31\x95\x33\xB9\xD8"[..])),
        ("Big5", None),
        ("KOI8-R", None),
        ("no such", None),
        ("UTF-16", None),
    ] {
        let row = trail_file::row("1", "a.txt", encoding, true, text, &Trail::default(), &RULES);
        let got = Row::read(&row, &HEADER).unwrap().bytes(text);
        match (got, bytes) {
            (Ok(got), Some(start)) => assert!(got.starts_with(start), "{encoding}: {got:x?}"),
            (Err(_), None) => {}
            (got, _) => panic!("{encoding}: {got:x?}"),
        }
    }
    let row = trail_file::row("1", "a.txt", "UTF-8", false, text, &Trail::default(), &RULES);
    assert!(Row::read(&row, &HEADER).unwrap().bytes(text).is_err(), "a lossy decoding has no bytes");
}

/// Four documents with two equal ids; each loses its stars.
fn archive() -> (Vec<(&'static str, &'static str, &'static str)>, String, String) {
    let documents = vec![
        ("\"甲\"", "a.jsonl#1", "★一是推进改革"),
        ("7", "a.jsonl#2", "二是★扩大开放\r\n"),
        ("\"甲\"", "a.jsonl#3", "一是推进改革★"),
        ("\"乙\"", "a.jsonl#4", "三是办好实事"),
    ];
    let (mut clean, mut trail) = (String::new(), trail_file::header(&RULES) + "\n");
    for (id, source, text) in &documents {
        let mut of = Trail::default();
        let edits = of.open("marks");
        for noise in ["★", "\r\n"] {
            if let Some(at) = text.find(noise) {
                edits.delete(at..at + noise.len(), MARK_NOISE);
            }
        }
        of.keep();
        let text_now = of.replay(text);
        clean += &format!("{{\"id\":{id}, \"text\":{text_now:?}, \"n\":1.50,\"source\":{source:?}}}\n");
        trail += &(trail_file::row(id, source, "UTF-8", true, text, &of, &RULES) + "\n");
    }
    (documents, clean, trail)
}

fn restore(clean: &str, is_jsonl: bool, trail: &str) -> crate::Result<String> {
    let mut out = Vec::new();
    trail_file::restore_all(clean.as_bytes(), is_jsonl, trail.as_bytes(), &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn rows_of_documents_are_restored_and_nothing_else_changes() {
    let (documents, clean, trail) = archive();
    let expected: String = documents
        .iter()
        .map(|(id, source, text)| {
            format!("{{\"id\":{id}, \"text\":{}, \"n\":1.50,\"source\":{source:?}}}\n", json!(text))
        })
        .collect();
    assert_eq!(restore(&clean, true, &trail).unwrap(), expected);

    let backwards = |all: &str| all.lines().rev().map(|l| format!("{l}\n")).collect::<String>();
    assert_eq!(restore(&backwards(&clean), true, &trail).unwrap(), backwards(&expected), "any order");
    let last_two = |all: &str| all.lines().skip(2).map(|l| format!("{l}\n")).collect::<String>();
    assert_eq!(
        restore(&last_two(&clean), true, &trail).unwrap(),
        last_two(&expected),
        "source tells equal ids apart"
    );
    let sourceless = |all: &str| all.replace(",\"source\":\"a.jsonl#", ",\"from\":\"a.jsonl#");
    assert_eq!(
        restore(&sourceless(&clean), true, &trail).unwrap(),
        sourceless(&expected),
        "without sources by order"
    );
    let escaped = clean.replace("\"乙\"", "\"\\u4e59\"");
    assert!(restore(&escaped, true, &trail).is_ok(), "an id may be escaped");
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let (_, clean, trail) = archive();
    for (what, clean, trail) in [
        ("a changed text", clean.replace("改革", "開放"), trail.clone()),
        ("another id", clean.replace("\"乙\"", "\"丙\""), trail.clone()),
        ("no id", clean.replace("\"id\"", "\"key\""), trail.clone()),
        ("no JSON", "{\"id\":1".to_owned(), trail.clone()),
        ("a trail cut short", clean.clone(), trail[..trail.len() - 40].to_owned()),
        ("a trail without its first line", clean.clone(), trail.split_once('\n').unwrap().1.to_owned()),
        ("an empty trail", clean.clone(), String::new()),
    ] {
        assert!(restore(&clean, true, &trail).is_err(), "{what}");
    }
}

#[test]
fn a_bare_text_finds_its_row() {
    let (_, _, trail) = archive();
    assert_eq!(restore("二是扩大开放\n", false, &trail).unwrap(), "二是★扩大开放\r\n");
    assert_eq!(restore("三是办好实事", false, &trail).unwrap(), "三是办好实事");
    let error = restore("一是推进改革\n", false, &trail).unwrap_err().to_string();
    assert!(error.contains("a.jsonl#1 and a.jsonl#3"), "{error}");
    assert!(restore("四是\n", false, &trail).is_err());
}
