//! Our readers and writers beside those of others: warcio, pyarrow, `DuckDB`, and Python's own.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::venv::must;
use crate::venv::python;

#[cfg(feature = "parquet")]
#[test]
fn what_others_write_is_read_and_ours_by_them() {
    let desk = TempDir::new().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let mut check = Command::new(python("formats-venv", &folder.join("requirements.txt")));
    must(
        check.arg(folder.join("check.py")).arg(env!("CARGO_BIN_EXE_jingwen")).arg(desk.path()),
        "a format is not as it should be",
    );
}
