//! The program from outside: what goes in, what comes out, how it ends.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

mod archives;
mod copies;
mod ends;
mod inputs;
mod losses;
mod outputs;
mod resume;
mod tables;
mod warc;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use bzip2::write::BzEncoder;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

/// How long a started program may take to show its first sign; only a hanging one takes so long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A text that stays as it is.
pub(crate) const NOTICE: &str = "各县（区）人民政府：\n现将有关事项通知如下。";

/// What the program said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A folder to run in.
pub(crate) struct Desk {
    dir: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn rows(&self, name: &str) -> Vec<Value> {
        self.text(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jingwen"));
        command.current_dir(self.dir.path()).args(args.split(' ')).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &str) -> Said {
        said(self.command(args).output().unwrap())
    }

    pub(crate) fn run_with(&self, args: &str, input: &[u8]) -> Said {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        said(child.wait_with_output().unwrap())
    }

    /// Starts the program with its standard input open, and waits until the file `sign` is there.
    pub(crate) fn waiting(&self, args: &str, sign: &str) -> Child {
        let mut command = self.command(args);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let begun = Instant::now();
        while !self.path(sign).exists() {
            assert!(begun.elapsed() < PATIENCE, "{args}: {sign} does not come");
            thread::sleep(Duration::from_millis(5));
        }
        child.unwrap()
    }

    /// Names of all files below the folder, but for the named inputs.
    pub(crate) fn tree(&self, below: &str) -> Vec<String> {
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

    pub(crate) fn report(&self, name: &str) -> BTreeMap<String, Value> {
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

pub(crate) fn said(output: std::process::Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Rows of `n` bulletins that all differ.
pub(crate) fn rows(n: usize) -> String {
    let row = |i| format!("{{\"id\":{i},\"text\":\"第{i}号通知。\\n请遵照执行。\"}}\n");
    (0..n).map(row).collect::<Vec<_>>().concat()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut out = BzEncoder::new(Vec::new(), bzip2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// A frame that declares a window of `1 << log` bytes and holds one empty block.
pub(crate) fn zstd_with_window(log: u8) -> Vec<u8> {
    vec![0x28, 0xB5, 0x2F, 0xFD, 0, (log - 10) << 3, 1, 0, 0]
}
