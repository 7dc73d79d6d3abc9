//! Our errors as Python's exceptions. Their classes are Python's own, in `lib/jingwen/errors.py`, for
//! they have two parents: `JingwenError`, and what a Python programmer would catch.

use std::error::Error as _;
use std::io;

use jingwen::Error;
use jingwen::Kind;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// The exception `class` of `jingwen.errors` with this message.
pub(crate) fn raise(py: Python<'_>, class: &str, message: String) -> PyErr {
    let found = py.import("jingwen.errors").and_then(|module| module.getattr(class));
    match found.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
        Ok(class) => PyErr::from_type(class, (message,)),
        Err(error) => error,
    }
}

/// The exception for `error`.
pub(crate) fn of(py: Python<'_>, error: &Error) -> PyErr {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    let is_missing = cause.is_some_and(|cause| cause.kind() == io::ErrorKind::NotFound);
    let class = match error.kind() {
        Kind::Usage => "UsageError",
        Kind::Io if is_missing => "MissingFileError",
        Kind::Io => "DiskError",
        Kind::Exists => "ExistsError",
        Kind::Damaged => "DamagedError",
        Kind::Locked => "LockedError",
        Kind::Fault => "FaultError",
        _ => "JingwenError",
    };
    let raised = raise(py, class, error.to_string());
    if let Some(code) = cause.and_then(io::Error::raw_os_error) {
        // Only OSError has it; elsewhere it does no harm.
        let _ = raised.value(py).setattr("errno", code);
    }
    raised
}
