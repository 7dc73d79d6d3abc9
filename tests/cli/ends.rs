//! How it ends before its end: wrong calls, closed pipes, full disks, signals, other runs.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::io::Read;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use crate::cli::Desk;
use crate::cli::NOTICE;
use crate::cli::rows;
use crate::cli::said;

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
fn a_second_run_on_the_same_output_is_told_to_wait() {
    for (args, sign) in [
        ("clean - -o out.jsonl", ".out.jsonl.part"),
        ("clean - -o out", ".out.part/lock"),
        ("run - -o out", "out/work/lock"),
    ] {
        let desk = Desk::new();
        let mut first = desk.waiting(args, sign);
        let second = desk.run(args);
        assert_eq!(second.code, Some(75), "{args}: {}", second.err);
        assert!(second.err.contains("another run is writing"), "{}", second.err);
        first.stdin.take().unwrap().write_all(NOTICE.as_bytes()).unwrap();
        let first = said(first.wait_with_output().unwrap());
        assert_eq!(first.code, Some(0), "{args}: {}", first.err);
        assert!(desk.tree("").iter().all(|name| !name.contains(".part")), "{:?}", desk.tree(""));
        // What the first one finished is not replaced unasked.
        assert_eq!(desk.run(args).code, Some(1), "{args}");
    }
}

#[test]
fn what_a_killed_run_left_is_taken_over() {
    let desk = Desk::new();
    desk.put("a.jsonl", rows(3));
    desk.put(".out.jsonl.part", "half of something longer than what comes ".repeat(100));
    assert_eq!(desk.run("clean a.jsonl -o out.jsonl").code, Some(0));
    assert_eq!(desk.rows("out.jsonl").len(), 3);
    assert_eq!(desk.tree(""), ["a.jsonl", "out.jsonl"]);
}
