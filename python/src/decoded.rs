//! Bytes as text, whatever encoding they claim to have.

use std::borrow::Cow;

use jingwen::decode::Hints;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors;
use crate::guard::detached;

/// A text, and how it was read.
#[pyclass(frozen, get_all, module = "jingwen")]
pub(crate) struct Decoded {
    text: String,
    /// `UTF-8`, `GB18030`, `Big5`, `UTF-16LE`, …; `UTF-8+GB18030` where both alternate.
    encoding: &'static str,
    /// `encode` gives the very bytes again.
    reversible: bool,
    /// How many places could not be read and became U+FFFD.
    n_malformed: usize,
    /// The first 64 of these, as (start, end) in the bytes.
    malformed: Vec<(usize, usize)>,
}

/// Reads `bytes`, without the interpreter.
pub(crate) fn read<'a>(
    py: Python<'_>,
    bytes: &'a [u8],
    hints: &Hints<'_>,
) -> PyResult<jingwen::decode::Decoded<'a>> {
    detached(py, || jingwen::decode::decode(bytes, hints))?
        .map_err(|why| errors::raise(py, "NotTextError", format!("not text: {}", why.what)))
}

/// Reads bytes as text: the bytes decide, and what is declared only where they leave it open.
#[pyfunction]
#[pyo3(signature = (data, declared=None))]
pub(crate) fn decode(py: Python<'_>, data: Cow<'_, [u8]>, declared: Option<&str>) -> PyResult<Decoded> {
    let decoded = read(py, &data, &Hints { declared })?;
    Ok(Decoded {
        text: decoded.text.into_owned(),
        encoding: decoded.encoding,
        reversible: decoded.reversible,
        n_malformed: decoded.n_malformed,
        malformed: decoded.malformed.iter().map(|span| (span.start, span.end)).collect(),
    })
}

#[pymethods]
impl Decoded {
    fn __repr__(&self) -> String {
        let (encoding, bad) = (self.encoding, self.n_malformed);
        format!("<jingwen.Decoded {encoding}, {} bytes of text, {bad} malformed>", self.text.len())
    }

    /// The text as bytes of its encoding.
    fn encode<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = detached(py, || jingwen::decode::encode(&self.text, self.encoding))?;
        bytes.map(|bytes| PyBytes::new(py, &bytes)).ok_or_else(|| {
            let what = format!("{} has no bytes for this text", self.encoding);
            errors::raise(py, "UsageError", what)
        })
    }
}
