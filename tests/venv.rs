//! Virtual environments of Python for tests, made once below `target/`.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// Runs a program of the test's surroundings; where it fails, the test fails with what it said.
pub(crate) fn must(command: &mut Command, why: &str) {
    let done = command.output().unwrap_or_else(|e| panic!("{why}: {command:?} cannot be started: {e}"));
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success(), "{why}: {command:?} failed:\n{}", String::from_utf8_lossy(&said));
}

/// The interpreter of the environment `name`, which holds the packages of the requirements file
/// `packages`. Made afresh where it is not there yet, or holds others.
pub(crate) fn python(name: &str, packages: &Path) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let ready = place.join("packages.txt");
    let python = place.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = fs::read_to_string(packages).unwrap();
    if fs::read_to_string(&ready).is_ok_and(|made| made == wanted) && python.exists() {
        return python;
    }
    let _ = fs::remove_dir_all(&place);
    let why = "this test needs python3 with venv, and PyPI at its first run";
    must(Command::new("python3").args(["-m", "venv"]).arg(&place), why);
    must(
        Command::new(&python).args(["-m", "pip", "install", "--quiet", "--no-input", "-r"]).arg(packages),
        why,
    );
    fs::write(&ready, wanted).unwrap();
    python
}
