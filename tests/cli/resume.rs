//! Runs that were stopped, and what `--resume` makes of them.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]
#![cfg(unix)]

use std::fs;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::cli::Desk;
use crate::cli::PATIENCE;
use crate::cli::archives::file;
use crate::cli::gzip;
use crate::cli::rows;
use crate::cli::said;

/// Rows of `n` bulletins of 3 kB; every fifth is a worn copy of the one before.
fn bulletins(n: u32) -> String {
    let line = |n: u32| {
        let c = |k: u32| char::from_u32(0x4E00 + n.wrapping_mul(7919).wrapping_add(k) % 20_000).unwrap();
        format!("第{n}条 由{}{}部门负责{}{}的清理★,并就{}提出意见。", c(1), c(77), c(913), c(4001), c(9001))
    };
    let text = |n: u32| (n * 30..n * 30 + 30).map(line).collect::<Vec<_>>().join("\\n");
    let row = |n: u32| match n % 5 {
        4 => format!("{{\"id\":{n},\"text\":\"{}\\n责任编辑：某某\"}}\n", text(n - 1)),
        _ => format!("{{\"id\":{n},\"text\":\"{}\"}}\n", text(n)),
    };
    (0..n).map(row).collect::<Vec<_>>().concat()
}

/// Batches in `bulletins(N)` are about as many as its megabytes.
const N: u32 = 3_000;

fn progress(desk: &Desk) -> Option<Value> {
    let text = fs::read_to_string(desk.path("out/work/manifest.json")).ok()?;
    let manifest: Value = serde_json::from_str(text.lines().next()?).ok()?;
    Some(manifest["progress"].clone())
}

/// Starts a run that makes sure of each batch, and waits until `reached` holds of what is done.
fn begun(desk: &Desk, args: &str, reached: impl Fn(&Value) -> bool) -> Child {
    let mut command = desk.command(&format!("{args} --part-size 1"));
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !progress(desk).is_some_and(|progress| reached(&progress)) {
        assert!(child.try_wait().unwrap().is_none(), "{args}: it ended too early");
        assert!(begun.elapsed() < PATIENCE, "{args}: nothing is done");
        thread::sleep(Duration::from_millis(1));
    }
    child
}

fn killed(desk: &Desk, args: &str, reached: impl Fn(&Value) -> bool) {
    let mut child = begun(desk, args, reached);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(progress(desk).is_some() && !desk.path("out/_SUCCESS").exists(), "{args}: killed too late");
}

fn batches(n: u64) -> impl Fn(&Value) -> bool {
    move |progress| progress["batches"].as_u64().unwrap() >= n
}

fn assert_equal(desk: &Desk, want: &str, got: &str) {
    assert_eq!(desk.tree(want), desk.tree(got));
    for name in desk.tree(want) {
        let [want, got] = [want, got].map(|dir| fs::read(desk.path(&format!("{dir}/{name}"))).unwrap());
        assert!(want == got, "{name} differs");
    }
}

fn resumed(desk: &Desk, args: &str) {
    let said = desk.run(&format!("{args} --resume"));
    assert_eq!(said.code, Some(0), "{args}: {}", said.err);
    assert_equal(desk, "want", "out");
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let desk = Desk::new();
    desk.put("a.jsonl", bulletins(N));
    assert_eq!(desk.run("run a.jsonl -o want --trail").code, Some(0));
    for (jobs, n) in [(1, 1), (2, 3), (2, 5)] {
        killed(&desk, &format!("run a.jsonl -o out --trail -j {jobs}"), batches(n));
        resumed(&desk, &format!("run a.jsonl -o out --trail -j {}", 3 - jobs));
        fs::remove_dir_all(desk.path("out")).unwrap();
    }
    // Twice, and at the end of the first pass.
    killed(&desk, "run a.jsonl -o out --trail", batches(1));
    killed(&desk, "run a.jsonl -o out --trail --resume", batches(3));
    killed(&desk, "run a.jsonl -o out --trail --resume", |progress| progress["is_whole"] == true);
    resumed(&desk, "run a.jsonl -o out --trail");
}

/// Members, records and rows of tables are read again from the start of their file.
#[test]
fn a_run_over_archives_goes_on_to_the_same_bytes() {
    let desk = Desk::new();
    let rows = bulletins(N);
    let shards: Vec<String> =
        rows.split_inclusive('\n').collect::<Vec<_>>().chunks(700).map(<[_]>::concat).collect();
    let tar: Vec<u8> =
        shards[..3].iter().enumerate().flat_map(|(n, rows)| file(&format!("{n}.jsonl"), rows)).collect();
    desk.put("in/a.tar.gz", gzip(&tar));
    let records: Vec<u8> = shards[3]
        .lines()
        .flat_map(|row| {
            let block = format!("HTTP/1.1 200 OK\r\n\r\n<html><p>{row}</p></html>");
            gzip(
                format!(
                    "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
                    block.len()
                )
                .as_bytes(),
            )
        })
        .collect();
    desk.put("in/b.warc.gz", records);
    let cells = |(n, row): (usize, &str)| format!("{n},\"{}\"\n", row.replace('"', "\"\""));
    let table: Vec<String> = shards[4].lines().enumerate().map(cells).collect();
    desk.put("in/c.csv", format!("id,text\n{}", table.concat()));
    let args = "run in -o out --output-format txt";
    let code = desk.run(&args.replace("-o out", "-o want")).code;
    assert_eq!(code, Some(0));
    for n in [1, 6, 8] {
        killed(&desk, args, batches(n));
        let said = desk.run(&format!("{args} --resume"));
        assert_eq!(said.code, code, "{}", said.err);
        assert_equal(&desk, "want", "out");
        fs::remove_dir_all(desk.path("out")).unwrap();
    }
    killed(&desk, args, batches(1));
    let said = desk.run("run in -o out --output-format jsonl --resume");
    assert_eq!(
        (said.code, said.err.contains("--output-format was txt and is jsonl")),
        (Some(2), true),
        "{}",
        said.err
    );
}

#[test]
fn other_sets_and_sites_are_looked_at_again() {
    let desk = Desk::new();
    desk.put("in/a.jsonl.gz", gzip(bulletins(N).as_bytes()));
    desk.put("in/b.txt", "今日停水。");
    desk.put("in/c.jsonl", "no row\n");
    desk.put("ref.jsonl", rows(3) + &bulletins(10));
    let args = "run in -o out --against ref.jsonl --strip-boilerplate";
    assert_eq!(desk.run(&args.replace("out", "want")).code, Some(3));
    killed(&desk, args, batches(2));
    desk.put("more/ref.jsonl", desk.text("ref.jsonl"));
    desk.put("ref.jsonl", rows(4));
    let said = desk.run(&format!("{args} --resume"));
    assert_eq!((said.code, said.err.contains("--against")), (Some(1), true), "{}", said.err);
    desk.put("ref.jsonl", desk.text("more/ref.jsonl"));
    assert_eq!(desk.run(&format!("{args} --resume")).code, Some(3));
    assert_equal(&desk, "want", "out");
}

#[test]
fn a_signal_leaves_what_is_done() {
    let desk = Desk::new();
    desk.put("a.jsonl", bulletins(N));
    assert_eq!(desk.run("dedup a.jsonl -o want").code, Some(0));
    let child = begun(&desk, "dedup a.jsonl -o out", batches(1));
    let signal = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let said = said(child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.contains("--resume")), (Some(130), true), "{}", said.err);
    resumed(&desk, "dedup a.jsonl -o out");
}

#[test]
fn a_full_disk_leaves_what_is_done() {
    let desk = Desk::new();
    desk.put("a.jsonl", bulletins(N));
    assert_eq!(desk.run("run a.jsonl -o want").code, Some(0));
    let program = env!("CARGO_BIN_EXE_jingwen");
    let limited = format!("trap '' XFSZ; ulimit -f 6000; exec {program} run a.jsonl -o out --part-size 1");
    let mut command = desk.command("run");
    let path = command.get_current_dir().unwrap().to_owned();
    command = Command::new("sh");
    let said = said(command.current_dir(path).args(["-c", &limited]).output().unwrap());
    assert_eq!((said.code, said.err.contains("--resume")), (Some(1), true), "{}", said.err);
    resumed(&desk, "run a.jsonl -o out");
}

#[test]
fn another_call_is_refused_and_changes_nothing() {
    let desk = Desk::new();
    let input = bulletins(N);
    desk.put("a.jsonl", &input);
    desk.put("b.jsonl", rows(2));
    let args = "run a.jsonl -o out";
    let said = desk.run(&format!("{args} --resume"));
    assert_eq!((said.code, desk.path("out").exists()), (Some(2), false), "{}", said.err);
    assert!(said.err.contains("nothing to go on with"), "{}", said.err);
    assert_eq!(desk.run("run a.jsonl -o want").code, Some(0));
    assert_eq!(desk.run("run a.jsonl -o want --resume").code, Some(2), "finished");
    killed(&desk, args, batches(2));
    for (other, word) in [
        ("run a.jsonl -o out --near 0.5", "--near was 0 and is 0.5"),
        ("run a.jsonl -o out --profile corpus", "--profile"),
        ("run a.jsonl -o out --trail", "--trail"),
        ("run a.jsonl -o out --keep first", "--keep"),
        ("run b.jsonl -o out", "INPUT was a.jsonl and is b.jsonl"),
        ("dedup a.jsonl -o out", "the command"),
        ("run - -o out", "standard input"),
        ("run a.jsonl -o out --dry-run", "--dry-run"),
    ] {
        let said = desk.run(&format!("{other} --resume"));
        assert_eq!((said.code, said.err.contains(word)), (Some(2), true), "{other}: {}", said.err);
    }
    let same_size = input.replacen("第3条", "第9条", 1);
    for (changed, word) in [(same_size, "a.jsonl"), (rows(2), "a.jsonl was")] {
        desk.put("a.jsonl", changed);
        let said = desk.run(&format!("{args} --resume"));
        assert_eq!((said.code, said.err.contains(word)), (Some(1), true), "{}", said.err);
    }
    desk.put("a.jsonl", &input);
    resumed(&desk, args);
}

#[test]
fn damaged_work_is_named_and_can_be_begun_again() {
    let desk = Desk::new();
    desk.put("a.jsonl", bulletins(N));
    let args = "run a.jsonl -o out";
    assert_eq!(desk.run("run a.jsonl -o want").code, Some(0));
    for (name, at) in [("manifest.json", 20), ("rows", 3), ("rows", 5_000)] {
        killed(&desk, args, batches(2));
        let path = desk.path("out/work").join(name);
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        let said = desk.run(&format!("{args} --resume"));
        assert_eq!((said.code, said.err.contains(name)), (Some(1), true), "{name}: {}", said.err);
        assert!(said.err.contains("without --resume"), "{}", said.err);
    }
    fs::remove_file(desk.path("out/work/rows")).unwrap();
    let said = desk.run(&format!("{args} --resume"));
    assert_eq!((said.code, said.err.contains("rows")), (Some(1), true), "{}", said.err);
    assert_eq!(desk.run(args).code, Some(0));
    assert_equal(&desk, "want", "out");
}

#[test]
fn a_run_stopped_while_it_published_puts_all_in_place() {
    let desk = Desk::new();
    desk.put("a.jsonl", bulletins(N));
    let args = "run a.jsonl -o out --trail";
    assert_eq!(desk.run("run a.jsonl -o want --trail").code, Some(0));
    killed(&desk, args, |progress| progress["is_whole"] == true);
    fs::rename(desk.path("out/work/out/trail-00000.jsonl"), desk.path("out/trail-00000.jsonl")).unwrap();
    desk.put("out/dropped-00000.jsonl", "an older one");
    resumed(&desk, args);
}
