//! Many texts at once: lists, columns and tables, cleaned by several threads, answered in kind.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::StructArray;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use arrow_schema::FieldRef;
use jingwen::Cleaner;
use jingwen::Desk;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::types::PyList;
use pyo3::types::PyMapping;
use pyo3::types::PyString;

use crate::arrow::Arrow;
use crate::errors;
use crate::guard;
use crate::strings::Strings;

/// Bytes of text in one piece of work: small enough that threads end together.
const PIECE: usize = 256 << 10;

/// The buffers of a desk grow with the largest text; beyond this they are given back.
const LARGE_TEXT: usize = 1 << 20;

/// The column that holds the texts unless somebody says otherwise, as in the program.
pub(crate) const TEXT: &str = "text";

/// A row after cleaning.
#[derive(Clone, Copy)]
enum Row<'a> {
    Null,
    /// There was nothing to do.
    Same(&'a str),
    /// So many bytes of the text of its piece.
    Made(usize),
}

/// Some rows, and the text of those that changed.
struct Piece<'a> {
    rows: Vec<Row<'a>>,
    text: String,
}

impl Piece<'_> {
    fn rows(&self) -> impl Iterator<Item = Option<&str>> {
        let mut at = 0;
        self.rows.iter().map(move |row| match *row {
            Row::Null => None,
            Row::Same(text) => Some(text),
            Row::Made(length) => {
                at += length;
                Some(&self.text[at - length..at])
            }
        })
    }
}

/// The rows in pieces of about [`PIECE`] bytes, and the bytes of all.
fn pieces(rows: &[Option<&[u8]>]) -> (Vec<Range<usize>>, usize) {
    let mut pieces = Vec::new();
    let (mut start, mut size, mut total) = (0, 0, 0);
    for (n, row) in rows.iter().enumerate() {
        let length = row.map_or(0, <[u8]>::len);
        total += length;
        // A row costs something, however short it is.
        size += length + 64;
        if size >= PIECE || n + 1 == rows.len() {
            pieces.push(start..n + 1);
            (start, size) = (n + 1, 0);
        }
    }
    (pieces, total)
}

/// Cleans `rows`; the error is the number of one that is no text.
fn clean_rows<'a>(
    py: Python<'_>,
    cleaner: &Cleaner,
    rows: &'a [Option<&'a [u8]>],
    jobs: usize,
) -> PyResult<Vec<Piece<'a>>> {
    let (spans, bytes) = pieces(rows);
    let work = |desk: &mut Desk, n: usize| {
        let span = spans[n].clone();
        let mut piece = Piece { rows: Vec::with_capacity(span.len()), text: String::new() };
        for (n, row) in rows[span.clone()].iter().enumerate() {
            let Some(row) = row else {
                piece.rows.push(Row::Null);
                continue;
            };
            let text = text_of(row).map_err(|what| format!("row {}: {what}", span.start + n))?;
            let clean = cleaner.clean_at(desk, text);
            if std::ptr::eq(clean.as_ptr(), text.as_ptr()) && clean.len() == text.len() {
                piece.rows.push(Row::Same(text));
            } else {
                piece.text.push_str(clean);
                piece.rows.push(Row::Made(clean.len()));
            }
            if text.len() > LARGE_TEXT {
                *desk = Desk::default();
            }
        }
        Ok(piece)
    };
    let done: Result<Vec<_>, String> =
        guard::in_pieces(py, jobs, bytes, spans.len(), work)?.into_iter().collect();
    done.map_err(|what| errors::raise(py, "UsageError", what))
}

/// The text of a row, if it is one that can be cleaned.
pub(crate) fn text_of(row: &[u8]) -> Result<&str, &'static str> {
    if u32::try_from(row.len()).is_err() {
        return Err(crate::cleaner::TOO_LARGE);
    }
    simdutf8::basic::from_utf8(row).map_err(|_| "its bytes are no UTF-8, whatever its Arrow type says")
}

/// All rows of these columns.
pub(crate) fn rows_of<'a>(columns: &[Strings<'a>]) -> Vec<Option<&'a [u8]>> {
    columns.iter().flat_map(|column| (0..column.len()).map(|n| column.row(n))).collect()
}

/// Cleans `data`, whatever it is.
pub(crate) fn clean_batch(
    cleaner: &Cleaner,
    data: &Bound<'_, PyAny>,
    column: Option<&str>,
    jobs: Option<usize>,
) -> PyResult<Py<PyAny>> {
    let py = data.py();
    let jobs = guard::threads(py, jobs)?;
    let Some(arrow) = Arrow::take(data)? else {
        return clean_list(cleaner, data, jobs);
    };
    let chunks = match place_of(py, arrow.field(), column)? {
        None => clean_columns(py, cleaner, arrow.chunks(), jobs)?,
        Some(place) => {
            let columns: Vec<ArrayRef> =
                arrow.chunks().iter().map(|chunk| Arc::clone(chunk.as_struct().column(place))).collect();
            let clean = clean_columns(py, cleaner, &columns, jobs)?;
            arrow.chunks().iter().zip(clean).map(|(chunk, clean)| with_column(chunk, place, clean)).collect()
        }
    };
    arrow.answer(py, chunks)
}

/// Which column of a table holds the texts: the one that is named, or `text`, or the only one.
/// `None` where `field` is no table.
pub(crate) fn place_of(py: Python<'_>, field: &FieldRef, column: Option<&str>) -> PyResult<Option<usize>> {
    let DataType::Struct(fields) = field.data_type() else {
        return match column {
            Some(column) => {
                let what =
                    format!("there is no column {column:?}: the data is no table, but {}", field.data_type());
                Err(errors::raise(py, "UsageError", what))
            }
            None => Ok(None),
        };
    };
    let find = |name: &str| fields.iter().position(|field| field.name() == name);
    let found = match column {
        Some(column) => find(column),
        None if fields.len() == 1 => Some(0),
        None => find(TEXT),
    };
    found.map(Some).ok_or_else(|| {
        let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        let wanted = column.unwrap_or(TEXT);
        let what = format!("the table has no column {wanted:?}; it has {}", names.join(", "));
        errors::raise(py, "UsageError", what)
    })
}

/// The columns as strings.
pub(crate) fn strings<'a>(columns: &'a [ArrayRef]) -> PyResult<Vec<Strings<'a>>> {
    let as_strings = |column: &'a ArrayRef| {
        Strings::of(column).ok_or_else(|| {
            PyTypeError::new_err(format!(
                "expected strings, got {}; cast the column to string first",
                column.data_type()
            ))
        })
    };
    columns.iter().map(as_strings).collect()
}

/// Cleans columns of strings, each into one of its type and length.
fn clean_columns(
    py: Python<'_>,
    cleaner: &Cleaner,
    columns: &[ArrayRef],
    jobs: usize,
) -> PyResult<Vec<ArrayRef>> {
    let columns = strings(columns)?;
    let rows = guard::detached(py, || rows_of(&columns))?;
    let pieces = clean_rows(py, cleaner, &rows, jobs)?;
    let build = || {
        let mut clean = pieces.iter().flat_map(Piece::rows);
        let mut made = Vec::with_capacity(columns.len());
        for column in &columns {
            let rows: Vec<Option<&str>> = clean.by_ref().take(column.len()).collect();
            let bytes = rows.iter().flatten().map(|row| row.len()).sum();
            made.push(column.made_of(rows.into_iter(), bytes)?);
        }
        Ok(made)
    };
    guard::detached(py, build)?.map_err(|what: &str| errors::raise(py, "UsageError", what.to_owned()))
}

/// The table `chunk` with another column at `place`.
fn with_column(chunk: &ArrayRef, place: usize, column: ArrayRef) -> ArrayRef {
    let (fields, mut columns, nulls) = chunk.as_struct().clone().into_parts();
    columns[place] = column;
    Arc::new(StructArray::new(fields, columns, nulls))
}

/// The elements of a list of texts.
pub(crate) fn elements<'py>(data: &Bound<'py, PyAny>) -> PyResult<Vec<Option<Bound<'py, PyString>>>> {
    let wrong = data.is_instance_of::<PyString>()
        || data.is_instance_of::<PyBytes>()
        || data.cast::<PyMapping>().is_ok();
    let Some(elements) = (!wrong).then(|| data.try_iter().ok()).flatten() else {
        return Err(PyTypeError::new_err(format!(
            "expected a list of str, or Arrow data; got {}",
            data.get_type().name()?
        )));
    };
    let mut texts = Vec::with_capacity(data.len().unwrap_or(0));
    for (n, element) in elements.enumerate() {
        let element = element?;
        texts.push(if element.is_none() {
            None
        } else {
            Some(element.cast_into::<PyString>().map_err(|error| {
                let kind = error.into_inner().get_type();
                PyTypeError::new_err(format!("row {n}: expected str or None, got {kind}"))
            })?)
        });
    }
    Ok(texts)
}

/// The bytes of a text of Python, in UTF-8.
pub(crate) fn bytes_of<'a>(text: &'a Bound<'_, PyString>, n: usize) -> PyResult<&'a str> {
    text.to_str().map_err(|error| {
        let what = format!("row {n}: {}", error.value(text.py()));
        errors::raise(text.py(), "UsageError", what)
    })
}

fn clean_list(cleaner: &Cleaner, data: &Bound<'_, PyAny>, jobs: usize) -> PyResult<Py<PyAny>> {
    let py = data.py();
    let texts = elements(data)?;
    let mut rows: Vec<Option<&[u8]>> = Vec::with_capacity(texts.len());
    for (n, text) in texts.iter().enumerate() {
        rows.push(match text {
            Some(text) => Some(bytes_of(text, n)?.as_bytes()),
            None => None,
        });
    }
    let pieces = clean_rows(py, cleaner, &rows, jobs)?;
    let answers = PyList::empty(py);
    let rows = pieces.iter().flat_map(|piece| piece.rows.iter().copied().zip(piece.rows()));
    for (text, (row, clean)) in texts.iter().zip(rows) {
        match (row, text) {
            // The very object that came in: nothing is copied.
            (Row::Same(_), Some(text)) => answers.append(text)?,
            _ => answers.append(clean)?,
        }
    }
    Ok(answers.into_any().unbind())
}
