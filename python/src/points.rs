//! Texts as Python sees them: places in code points, and quoted.

use pyo3::prelude::*;
use pyo3::types::PyString;

/// So many bytes are counted at most to answer one question.
const BLOCK: usize = 1024;

/// A text with the code points before each of its blocks: one pass to make, then any place is
/// found in constant time.
pub(crate) struct Points<'a> {
    text: &'a str,
    before: Vec<usize>,
}

/// Bytes that begin a character.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}

impl<'a> Points<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut before = vec![0];
        let mut total = 0;
        for block in text.as_bytes().chunks(BLOCK) {
            total += count(block);
            before.push(total);
        }
        Self { text, before }
    }

    /// The code points before byte `at`.
    pub(crate) fn before(&self, at: usize) -> usize {
        let block = at / BLOCK;
        self.before[block] + count(&self.text.as_bytes()[block * BLOCK..at])
    }
}

/// `text` as Python shows it.
pub(crate) fn quoted(py: Python<'_>, text: &str) -> PyResult<String> {
    Ok(PyString::new(py, text).repr()?.to_str()?.to_owned())
}

/// The byte at which code point number `point` of `text` begins; its end for one beyond it.
pub(crate) fn byte_of(text: &str, point: usize) -> usize {
    text.char_indices().nth(point).map_or(text.len(), |(at, _)| at)
}
