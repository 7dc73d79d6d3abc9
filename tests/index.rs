//! The index from outside: its commands, what a crash leaves, and that whatever the batches were, the
//! survivors are those of one run.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use jingwen::index::Index;
use jingwen::index::Meta;
use jingwen::index::Page;
use jingwen::index::Reader;
use jingwen::index::Settings;
use serde_json::Value;
use tempfile::TempDir;

use crate::generator::Random;
use crate::notices::Archive;
use crate::notices::Notice;
use crate::notices::Shape;

fn jingwen(dir: &Path, args: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jingwen")).current_dir(dir).args(args.split(' ')).output().unwrap()
}

/// Runs what must succeed; its rows.
fn rows(dir: &Path, args: &str) -> Vec<Value> {
    let done = jingwen(dir, args);
    assert!(done.status.success(), "{args}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn stats(dir: &Path) -> Vec<(String, String)> {
    let done = jingwen(dir, "index stats i");
    assert!(done.status.success());
    let said = String::from_utf8(done.stdout).unwrap();
    said.lines()
        .map(|line| line.split_once('\t').unwrap())
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .collect()
}

/// Made notices with copies among them, as id and text.
fn notices(n: usize, seed: u64) -> Vec<(String, String)> {
    let mut archive = Archive::new(Shape::Plain, seed);
    let mut notice = Notice::default();
    let mut made = Vec::new();
    for _ in 0..n {
        archive.next(&mut notice);
        made.push((notice.id.clone(), notice.text.clone()));
    }
    made
}

fn put(path: &Path, docs: &[(String, String)]) {
    let rows = docs.iter().map(|(id, text)| serde_json::json!({"id": id, "text": text}).to_string() + "\n");
    fs::write(path, rows.collect::<String>()).unwrap();
}

/// How many documents a run kept and dropped.
fn run_sums(dir: &Path, args: &str) -> (u64, u64) {
    let done = jingwen(dir, args);
    assert!(done.status.success(), "{args}: {}", String::from_utf8_lossy(&done.stderr));
    let out = args.split(' ').skip_while(|word| *word != "-o").nth(1).unwrap();
    let report: Value =
        serde_json::from_slice(&fs::read(dir.join(out).join("report.json")).unwrap()).unwrap();
    (report["kept"].as_u64().unwrap(), report["dropped"].as_u64().unwrap())
}

fn kept(rows: &[Value]) -> BTreeSet<String> {
    let kept = rows.iter().filter(|row| row["verdict"] == "kept");
    kept.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_commands_work_together() {
    let dir = TempDir::new().unwrap();
    let bulletins = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/bulletins");
    let bulletins = bulletins.to_str().unwrap();
    assert_eq!(rows(dir.path(), "index create i"), Vec::<Value>::new());
    let told = rows(dir.path(), &format!("index add i {bulletins}"));
    let n_of = |verdict: &str| told.iter().filter(|row| row["verdict"] == verdict).count();
    assert_eq!(told.len(), 38);
    assert!(n_of("copy") + n_of("supersedes") >= 10 && n_of("new") > 10, "{told:?}");
    // All have come before.
    assert_eq!(rows(dir.path(), &format!("index add i {bulletins}")), told);
    let asked = rows(dir.path(), &format!("index query i {bulletins}"));
    assert!(asked.iter().all(|row| row["verdict"] == "copy" || row["verdict"] == "variant"), "{asked:?}");
    assert_eq!(stats(dir.path())[0], ("documents".to_owned(), "38".to_owned()));
    rows(dir.path(), "index verify i");
    rows(dir.path(), "index compact i");
    rows(dir.path(), "index verify i");
    let resolved = rows(dir.path(), "index resolve i");
    rows(dir.path(), &format!("run {bulletins} -o out"));
    let decisions = fs::read_to_string(dir.path().join("out/decisions.jsonl")).unwrap();
    let decisions: Vec<Value> = decisions.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(kept(&resolved), kept(&decisions));
    // A run against the index finds everything known; against another one, nothing the second time.
    assert_eq!(run_sums(dir.path(), &format!("run {bulletins} -o again --index i")), (0, 38));
    rows(dir.path(), "index create j");
    assert_eq!(run_sums(dir.path(), &format!("run {bulletins} -o first --index j")), (28, 10));
    assert_eq!(run_sums(dir.path(), &format!("run {bulletins} -o second --index j")), (0, 38));
    let decision = fs::read_to_string(dir.path().join("second/decisions.jsonl")).unwrap();
    assert!(decision.contains("\"of_source\":\"j!"), "{decision}");
    for (args, code, said) in [
        ("run x -o y --index j --profile corpus", 2, "other rules"),
        ("index create i", 1, "not empty"),
        ("index add nowhere x.txt", 2, "is no index"),
        ("index add i nowhere.txt", 2, "nowhere.txt"),
        ("index stats i --tables nowhere", 2, "nowhere"),
    ] {
        let done = jingwen(dir.path(), args);
        let heard = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!((done.status.code(), heard.contains(said)), (Some(code), true), "{args}: {heard}");
    }
}

#[test]
fn what_cannot_be_read_is_named_and_a_key_is_asked_for() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("key"), "山有木兮木有枝").unwrap();
    fs::write(dir.path().join("in.jsonl"), "{\"id\":\"a\",\"text\":\"今日停水，敬请谅解。\"}\nno row\n")
        .unwrap();
    rows(dir.path(), "index create i --key-file key");
    let done = jingwen(dir.path(), "index add i in.jsonl");
    assert_eq!(done.status.code(), Some(2));
    let done = jingwen(dir.path(), "index add i in.jsonl --key-file key");
    assert_eq!(done.status.code(), Some(3));
    let said = String::from_utf8(done.stdout).unwrap();
    let verdicts: Vec<Value> =
        said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["verdict"].clone()).collect();
    assert_eq!(verdicts, ["new", "quarantined"]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("in.jsonl#2"));
}

#[test]
fn appended_in_any_way_the_survivors_are_those_of_one_run() {
    let dir = TempDir::new().unwrap();
    let mut docs = notices(1_500, 3);
    put(&dir.path().join("in.jsonl"), &docs);
    rows(dir.path(), "run in.jsonl -o out");
    let decisions = fs::read_to_string(dir.path().join("out/decisions.jsonl")).unwrap();
    let decisions: Vec<Value> = decisions.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let want = kept(&decisions);
    assert!(want.len() < 1_400, "there are copies among them");
    let settings = Settings { jobs: 2, per_run: Some(200), ..Settings::default() };
    let mut random = Random::new(5);
    for (n_batches, shuffled) in [(1, false), (7, false), (100, false), (7, true)] {
        if shuffled {
            for n in (1..docs.len()).rev() {
                docs.swap(n, random.below(n + 1));
            }
        }
        let place = dir.path().join(format!("i{n_batches}{shuffled}"));
        Index::create(&place, &settings).unwrap();
        for some in docs.chunks(docs.len().div_ceil(n_batches)) {
            let mut index = Index::open(&place, &settings).unwrap();
            let pages: Vec<Page<'_>> =
                some.iter().map(|(id, text)| Page { id, text, meta: Meta::default() }).collect();
            index.add_batch(&pages).unwrap();
        }
        let resolved = rows(dir.path(), &format!("index resolve i{n_batches}{shuffled}"));
        assert_eq!(kept(&resolved), want, "{n_batches} batches, shuffled: {shuffled}");
        rows(dir.path(), &format!("index verify i{n_batches}{shuffled}"));
    }
}

/// Fifty instants, each of a process that adds where the one before was killed.
#[cfg(unix)]
#[test]
fn a_killed_writer_loses_nothing_that_it_told() {
    let dir = TempDir::new().unwrap();
    let docs = notices(12_000, 9);
    rows(dir.path(), "index create i");
    let mut random = Random::new(11);
    let (mut done, mut n_told) = (0, 0);
    for instant in 0..50 {
        // From where the last one was killed, a few documents before it.
        let from = done.min(docs.len() - 600);
        put(&dir.path().join("in.jsonl"), &docs[from..]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_jingwen"))
            .current_dir(dir.path())
            .args(["index", "add", "i", "in.jsonl", "-q", "--per-run", "500"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let told = child.stdout.take().unwrap();
        let (first, is_told) = mpsc::channel();
        let reader = thread::spawn(move || {
            let lines = BufReader::new(told).lines().map_while(Result::ok);
            let heard = |_: &String| {
                // Nobody waits any more: that is no fault.
                let _ = first.send(());
            };
            lines.inspect(heard).collect::<Vec<_>>()
        });
        // Every other one dies once it has told something, whenever that is on a busy machine.
        if instant % 2 == 1 {
            let _ = is_told.recv();
        }
        thread::sleep(Duration::from_millis(random.below(400) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        let told: Vec<String> = reader
            .join()
            .unwrap()
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        n_told += told.len();
        if let Err(error) = Reader::open(&dir.path().join("i"), &Settings::default()) {
            assert!(error.to_string().contains("open it once for writing"), "{error}");
        }
        let settings = Settings { per_run: Some(500), ..Settings::default() };
        let mut index = Index::open(&dir.path().join("i"), &settings).unwrap();
        assert_eq!(index.verify().unwrap(), Vec::<String>::new(), "instant {instant}");
        let n = index.stats().unwrap().documents as usize;
        assert!(n >= from + told.len(), "instant {instant}: {n} documents, {} told", told.len());
        // A prefix of the input is there and nothing else: to add it again adds nothing.
        let pages: Vec<Page<'_>> =
            docs[from..n].iter().map(|(id, text)| Page { id, text, meta: Meta::default() }).collect();
        index.add_batch(&pages).unwrap();
        assert_eq!(index.stats().unwrap().documents as usize, n, "instant {instant}");
        assert!(told.iter().zip(&docs[from..]).all(|(id, doc)| *id == doc.0));
        done = n.saturating_sub(20);
    }
    assert!(n_told > 1_000, "{n_told} were told in all: the instants lie too early");
}
