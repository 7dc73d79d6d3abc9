//! What a document says of itself, as a dict of the names that rows have too.

use jingwen::fields::Fields;
use jingwen::fields::Said;
use jingwen::pipeline::tell_fields;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::guard::detached;

/// Names and values, in a fixed order.
pub(crate) fn told(fields: &Fields<'_>, said: &Said<'_>) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    tell_fields(fields, said, |name, value| told.push((name, value.to_owned())));
    told
}

/// Title, issuer, number, date and the other parts of a clean text; what is not sure is not there.
#[pyfunction]
pub(crate) fn fields<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyDict>> {
    let found = detached(py, || told(&jingwen::fields::read(text), &Said::default()))?;
    let fields = PyDict::new(py);
    for (name, value) in found {
        fields.set_item(name, value)?;
    }
    Ok(fields)
}
