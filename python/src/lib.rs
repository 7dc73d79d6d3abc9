//! The Python package `jingwen`: texts in as `str`, `bytes` or Arrow, and out in kind.
//!
//! The package around this module is `lib/jingwen`; it holds what needs no speed.

mod arrow;
mod batch;
mod capsule;
mod cleaner;
mod decoded;
mod dedup;
mod errors;
mod explained;
mod fields;
mod guard;
mod index;
mod points;
mod strings;

use pyo3::prelude::pymodule;

/// Chinese official texts, clean and unique.
#[pymodule(gil_used = false)]
mod _jingwen {
    #[pymodule_export]
    use super::arrow::{Array, ChunkedArray};
    #[pymodule_export]
    use super::cleaner::{Cleaner, Page};
    #[pymodule_export]
    use super::decoded::{Decoded, decode};
    #[pymodule_export]
    use super::dedup::{Decision, Decisions, dedup};
    #[pymodule_export]
    use super::explained::{Edit, Explained};
    #[pymodule_export]
    use super::fields::fields;
    #[pymodule_export]
    use super::index::{Evidence, Index, Resolved, Verdict};

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "the name that Python gives it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
