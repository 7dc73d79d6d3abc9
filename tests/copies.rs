//! `jingwen run` over copies: what is decided depends on the documents, not on how they came.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use jingwen::Cleaner;
use jingwen::pipeline::Judged;
use jingwen::pipeline::Keeping;
use jingwen::pipeline::Stop;
use jingwen::pipeline::dedup_texts;
use serde_json::Value;
use tempfile::TempDir;

/// A notice about matter `n`, of sentences that no other notice has.
fn notice(n: u32) -> String {
    let sentence = |k: u32| {
        let c = |salt: u32| char::from_u32(0x4E00 + (n * 97 + k).wrapping_mul(salt) % 20_000).unwrap();
        format!(
            "第{k}项由{}{}村负责，完成{}{}{}的整治，并报{}{}站备案。",
            c(7919),
            c(6007),
            c(104_729),
            c(15_485),
            c(3571),
            c(9973),
            c(27_644)
        )
    };
    let body: Vec<String> = (1..12).map(sentence).collect();
    format!("关于整治工作第{n}号的通知\n{}\n请遵照执行。", body.join("\n"))
}

/// Copies, forwards, spoilt copies and look-alikes of some notices.
fn documents() -> Vec<(String, String)> {
    let mut docs = Vec::new();
    for n in 0..25 {
        let text = notice(n);
        docs.push((format!("d{n}"), text.clone()));
        docs.push((format!("d{n}-flat"), text.replace('\n', " ")));
        docs.push((format!("d{n}-slips"), text.replacen("负责", "负的责", 2)));
        docs.push((format!("d{n}-forward"), format!("编者按：现将通知原文转发给大家，供参考。\n{text}")));
        docs.push((format!("d{n}-other"), text.replacen("第3项", "第30项", 1)));
    }
    docs
}

fn row((id, text): &(String, String)) -> String {
    serde_json::json!({"id": id, "text": text}).to_string() + "\n"
}

/// The decisions of a run, by id and without their sources.
fn decisions(dir: &Path, input: &str, more: &[&str]) -> BTreeMap<String, Value> {
    let out = dir.join(format!("out-{input}-{}", more.concat()));
    let done = Command::new(env!("CARGO_BIN_EXE_jingwen"))
        .arg("run")
        .arg(dir.join(input))
        .arg("-o")
        .arg(&out)
        .args(more)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let read = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row.as_object_mut().unwrap().remove("source");
        (row["id"].as_str().unwrap().to_owned(), row)
    };
    fs::read_to_string(out.join("decisions.jsonl")).unwrap().lines().map(read).collect()
}

#[test]
fn decisions_do_not_depend_on_order_threads_or_files() {
    let dir = TempDir::new().unwrap();
    let mut docs = documents();
    let put = |name: &str, docs: &[(String, String)]| {
        fs::write(dir.path().join(name), docs.iter().map(row).collect::<String>()).unwrap();
    };
    put("all.jsonl", &docs);
    let want = decisions(dir.path(), "all.jsonl", &["-j1"]);
    assert_eq!(want.len(), docs.len());
    assert_eq!(decisions(dir.path(), "all.jsonl", &["-j2"]), want);
    fs::create_dir(dir.path().join("fifty")).unwrap();
    for (n, some) in docs.chunks(docs.len().div_ceil(50)).enumerate() {
        put(&format!("fifty/{n:02}.jsonl"), some);
    }
    assert_eq!(decisions(dir.path(), "fifty", &[]), want);
    for turn in [3, 50] {
        docs.rotate_left(turn);
        docs.reverse();
        put("turned.jsonl", &docs);
        assert_eq!(decisions(dir.path(), "turned.jsonl", &["--overwrite"]), want, "turned by {turn}");
    }
    for n in 0..25 {
        let of = |what: &str| want[&format!("d{n}{what}")]["of"].as_str().map(str::to_owned);
        assert_eq!(of(""), None);
        for what in ["-flat", "-slips", "-forward"] {
            assert_eq!(of(what), Some(format!("d{n}")), "d{n}{what}");
        }
        let other = &want[&format!("d{n}-other")];
        assert_eq!(
            (other["verdict"].as_str(), other["variant_of"].as_str()),
            (Some("kept"), Some(format!("d{n}").as_str()))
        );
    }
}

#[test]
fn a_run_tells_why() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("in.jsonl"), documents()[..5].iter().map(row).collect::<String>()).unwrap();
    let got = decisions(dir.path(), "in.jsonl", &[]);
    let slips = &got["d0-slips"];
    assert_eq!((slips["kind"].as_str(), slips["differences"].as_u64()), (Some("near"), Some(2)));
    assert_eq!(slips["differs"][0], serde_json::json!(["noise", "的", ""]));
    assert!(slips["jaccard"].as_f64().unwrap() > 0.9);
    assert_eq!(got["d0-other"]["differs"][0][0], "number");
    let told = Command::new(env!("CARGO_BIN_EXE_jingwen"))
        .args(["run", "in.jsonl", "-o", "x", "--explain", "d0-forward"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(told.contains("d0-forward: contained, of \"d0\""), "{told}");
    let dropped = decisions(dir.path(), "in.jsonl", &["--drop-variants"]);
    assert_eq!(dropped["d0-other"]["kind"], "variant");
}

/// A decision in memory as the row that a run writes about it.
fn as_row(n: usize, judged: &Judged, docs: &[(String, String)]) -> Value {
    let id = |other: Option<usize>| other.map(|other| docs[other].0.as_str());
    let mut row = serde_json::json!({
        "id": docs[n].0,
        "verdict": if judged.is_kept() { "kept" } else { "dropped" },
        "kind": judged.kind,
        "of": id(judged.of),
        "variant_of": id(judged.variant_of),
        "jaccard": null,
        "containment": null,
    });
    for (name, other) in [("part_of", judged.part_of), ("contains", judged.contains)] {
        if other.is_some() {
            row[name] = id(other).into();
        }
    }
    let rounded = |figure: f64| (figure * 10_000.0).round() / 10_000.0;
    if let Some(its) = &judged.likeness {
        row["jaccard"] = rounded(its.jaccard).into();
        row["containment"] = rounded(its.containment).into();
        row["containment_of"] = rounded(its.containment_of).into();
        row["matched"] = serde_json::json!(its.matched);
        row["differences"] = its.differences.into();
        row["differs"] = serde_json::json!(its.differs);
    }
    row
}

#[test]
fn texts_in_memory_are_judged_as_files_are() {
    let dir = TempDir::new().unwrap();
    let mut docs = documents();
    docs.insert(7, ("blank".to_owned(), " ★ ".to_owned()));
    docs.push(("page".to_owned(), format!("<html><body><p>{}</p></body></html>", notice(3))));
    fs::write(dir.path().join("all.jsonl"), docs.iter().map(row).collect::<String>()).unwrap();
    let want = decisions(dir.path(), "all.jsonl", &["--drop-variants"]);
    let texts: Vec<(&str, &str)> = docs.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    let keeping = Keeping { drop_variants: true, ..Keeping::default() };
    let (cleaner, stop) = (Cleaner::new(), Stop::default());
    for jobs in [1, 3] {
        let judged = dedup_texts(&texts, Some(&cleaner), &keeping, jobs, &stop).unwrap();
        for (n, judged) in judged.iter().enumerate() {
            assert_eq!(as_row(n, judged, &docs), want[&docs[n].0], "{jobs} jobs");
        }
    }
    let as_they_are = dedup_texts(&texts, None, &keeping, 2, &stop).unwrap();
    assert!(as_they_are[7].is_kept(), "without a cleaner a mark is a text");
    assert_eq!(dedup_texts(&[], Some(&cleaner), &keeping, 2, &stop).unwrap(), []);
    let files = Keeping { against: vec!["a.jsonl".into()], ..Keeping::default() };
    assert_eq!(dedup_texts(&texts, None, &files, 1, &stop).unwrap_err().exit_code(), 2);
}
