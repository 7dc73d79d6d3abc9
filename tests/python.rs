//! The Python package: its wheel is built and installed as a user would, and its own tests run
//! against the libraries that it works with.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::venv::must;
use crate::venv::python;

/// Builds the wheel with `maturin`; answers its place.
fn wheel(python: &Path, package: &Path) -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = temporary.parent().unwrap();
    let wheels = temporary.join("wheels");
    let _ = fs::remove_dir_all(&wheels);
    let mut build = Command::new(python);
    build.args(["-m", "maturin", "build", "--release", "--locked", "--quiet", "--interpreter"]).arg(python);
    build.arg("--manifest-path").arg(package.join("Cargo.toml"));
    build.arg("--target-dir").arg(target).arg("--out").arg(&wheels);
    must(&mut build, "the wheel cannot be built; crates.io is needed at the first time");
    let found: Vec<PathBuf> = fs::read_dir(&wheels).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [wheel] = found.as_slice() else { panic!("one wheel was expected: {found:?}") };
    wheel.clone()
}

/// Installs `wheel` and runs the tests `which`.
fn test(python: &Path, wheel: &Path, package: &Path, which: &[&str]) {
    let mut install = Command::new(python);
    install.args(["-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--force-reinstall"]);
    must(install.arg(wheel), "the wheel cannot be installed");
    let mut tests = Command::new(python);
    // Of the folder nothing but the tests is used: the package is the installed one.
    tests.current_dir(package).env("PYTHONDONTWRITEBYTECODE", "1").env("HF_HUB_OFFLINE", "1");
    tests.args(["-m", "pytest", "--quiet", "--tb=short"]).args(which);
    must(&mut tests, "the tests of the Python package fail");
}

#[test]
fn the_python_package_keeps_its_word() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let newest = python("python-venv", &package.join("tests/requirements.txt"));
    let wheel = wheel(&newest, &package);
    test(&newest, &wheel, &package, &["tests"]);
    let oldest = python("python-scrapy-2.11-venv", &package.join("tests/requirements-scrapy-2.11.txt"));
    test(&oldest, &wheel, &package, &["tests/test_scrapy.py"]);
}
