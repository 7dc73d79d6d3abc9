//! Our readers and writers beside those of others: warcio, pyarrow, `DuckDB`, and Python's own.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

const PACKAGES: &str = include_str!("formats/requirements.txt");

/// Runs a program of the test's surroundings.
fn must(command: &mut Command, why: &str) {
    let done = command.output().unwrap_or_else(|e| panic!("{why}: {command:?} cannot be started: {e}"));
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success(), "{why}: {command:?} failed:\n{}", String::from_utf8_lossy(&said));
}

/// A virtual environment of Python with the packages, made once below `target/`.
fn python() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats-venv");
    let ready = place.join("packages.txt");
    let python = place.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if fs::read_to_string(&ready).is_ok_and(|made| made == PACKAGES) && python.exists() {
        return python;
    }
    let _ = fs::remove_dir_all(&place);
    let why = "this test needs python3 with venv, and PyPI at its first run";
    must(Command::new("python3").args(["-m", "venv"]).arg(&place), why);
    let packages = PACKAGES.split_whitespace();
    must(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--no-input"]).args(packages), why);
    fs::write(&ready, PACKAGES).unwrap();
    python
}

#[cfg(feature = "parquet")]
#[test]
fn what_others_write_is_read_and_ours_by_them() {
    let desk = TempDir::new().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/check.py");
    let mut check = Command::new(python());
    must(
        check.arg(script).arg(env!("CARGO_BIN_EXE_jingwen")).arg(desk.path()),
        "a format is not as it should be",
    );
}
