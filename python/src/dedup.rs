//! Which of many texts are copies, and the decisions as objects and as Arrow.

use std::sync::Arc;

use arrow_array::Array as _;
use arrow_array::ArrayRef;
use arrow_array::Float64Array;
use arrow_array::Int64Array;
use arrow_array::StringArray;
use arrow_array::StructArray;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::types::Int64Type;
use arrow_array::types::UInt32Type;
use arrow_array::types::UInt64Type;
use arrow_schema::DataType;
use arrow_schema::Field;
use jingwen::pipeline::Judged;
use jingwen::pipeline::Keeping;
use jingwen::pipeline::dedup_texts;
use pyo3::exceptions::PyIndexError;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::types::PyIterator;
use pyo3::types::PyMapping;
use pyo3::types::PySlice;
use pyo3::types::PyString;
use pyo3::types::PyTuple;

use crate::arrow::Array;
use crate::arrow::Arrow;
use crate::batch;
use crate::cleaner::Cleaner;
use crate::errors;
use crate::guard;
use crate::points::quoted;
use crate::strings::Strings;

/// The column that holds the ids unless somebody says otherwise, as in the program.
const ID: &str = "id";

/// What becomes of one document, and why.
#[pyclass(frozen, get_all, module = "jingwen")]
pub(crate) struct Decision {
    /// Its place in the data.
    row: usize,
    id: String,
    /// `kept` or `dropped`.
    verdict: &'static str,
    /// Why it is dropped: `exact`, `same`, `near`, `contained`, `variant`, `empty`; else None.
    kind: Option<&'static str>,
    /// The ids of others: of what it is a copy, a variant, a part; what it carries.
    of: Option<String>,
    variant_of: Option<String>,
    part_of: Option<String>,
    contains: Option<String>,
    /// The evidence: docs/copies.md says how to read it.
    jaccard: Option<f64>,
    containment: Option<f64>,
    containment_of: Option<f64>,
    differences: Option<usize>,
    differs: Vec<(&'static str, String, String)>,
    matched: Vec<(usize, usize, usize)>,
}

#[pymethods]
impl Decision {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut said = format!("Decision({}, {}", quoted(py, &self.id)?, self.verdict);
        if let Some(kind) = self.kind {
            said.push_str(&format!(", {kind}"));
        }
        for (name, other) in [
            ("of", &self.of),
            ("variant_of", &self.variant_of),
            ("part_of", &self.part_of),
            ("contains", &self.contains),
        ] {
            if let Some(other) = other {
                said.push_str(&format!(", {name}={}", quoted(py, other)?));
            }
        }
        said.push(')');
        Ok(said)
    }

    /// The members as a dict, as they stand in a row of decisions.jsonl.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("id", &self.id)?;
        dict.set_item("verdict", self.verdict)?;
        dict.set_item("kind", self.kind)?;
        dict.set_item("of", &self.of)?;
        dict.set_item("variant_of", &self.variant_of)?;
        dict.set_item("part_of", &self.part_of)?;
        dict.set_item("contains", &self.contains)?;
        dict.set_item("jaccard", self.jaccard)?;
        dict.set_item("containment", self.containment)?;
        dict.set_item("containment_of", self.containment_of)?;
        dict.set_item("matched", &self.matched)?;
        dict.set_item("differences", self.differences)?;
        dict.set_item("differs", &self.differs)?;
        Ok(dict)
    }
}

/// One decision for each document, in the order of the data.
#[pyclass(frozen, sequence, module = "jingwen")]
pub(crate) struct Decisions {
    ids: Vec<String>,
    judged: Vec<Judged>,
}

impl Decisions {
    fn name(&self, other: Option<usize>) -> Option<&str> {
        other.map(|n| self.ids[n].as_str())
    }

    fn decision(&self, row: usize) -> Decision {
        let judged = &self.judged[row];
        let owned = |other| self.name(other).map(str::to_owned);
        let likeness = judged.likeness.clone();
        let figure = |take: fn(&jingwen::pipeline::Likeness) -> f64| likeness.as_ref().map(take);
        Decision {
            row,
            id: self.ids[row].clone(),
            verdict: verdict(judged),
            kind: judged.kind,
            of: owned(judged.of),
            variant_of: owned(judged.variant_of),
            part_of: owned(judged.part_of),
            contains: owned(judged.contains),
            jaccard: figure(|likeness| likeness.jaccard),
            containment: figure(|likeness| likeness.containment),
            containment_of: figure(|likeness| likeness.containment_of),
            differences: likeness.as_ref().map(|likeness| likeness.differences),
            differs: likeness.as_ref().map(|likeness| likeness.differs.clone()).unwrap_or_default(),
            matched: likeness.map(|likeness| likeness.matched).unwrap_or_default(),
        }
    }
}

fn verdict(judged: &Judged) -> &'static str {
    if judged.is_kept() { "kept" } else { "dropped" }
}

#[pymethods]
impl Decisions {
    fn __len__(&self) -> usize {
        self.judged.len()
    }

    fn __repr__(&self) -> String {
        let kept = self.kept().len();
        format!("<jingwen.Decisions about {} documents: {kept} kept>", self.judged.len())
    }

    fn __getitem__(&self, py: Python<'_>, at: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let n = self.judged.len().cast_signed();
        if let Ok(slice) = at.cast::<PySlice>() {
            let span = slice.indices(n)?;
            let rows =
                (0..span.slicelength.cast_signed()).map(|i| (span.start + i * span.step).cast_unsigned());
            let decisions: Vec<Decision> = rows.map(|row| self.decision(row)).collect();
            return Ok(decisions.into_pyobject(py)?.unbind());
        }
        let at: isize = at.extract()?;
        let row = if at < 0 { at + n } else { at };
        if !(0..n).contains(&row) {
            return Err(PyIndexError::new_err(format!("there are {n} decisions, and none at {at}")));
        }
        Ok(Py::new(py, self.decision(row.cast_unsigned()))?.into_any())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        let decisions: Vec<Decision> = (0..self.judged.len()).map(|row| self.decision(row)).collect();
        decisions.into_pyobject(py)?.try_iter()
    }

    /// The rows that stay, in order.
    #[getter]
    fn kept(&self) -> Vec<usize> {
        (0..self.judged.len()).filter(|&n| self.judged[n].is_kept()).collect()
    }

    /// A table of id, verdict, kind, of, variant_of, part_of, contains, jaccard, containment,
    /// containment_of, differences.
    fn to_arrow(&self) -> Array {
        let judged = &self.judged;
        let ids: StringArray = self.ids.iter().map(|id| Some(id.as_str())).collect();
        let verdicts: StringArray = judged.iter().map(|judged| Some(verdict(judged))).collect();
        let kinds: StringArray = judged.iter().map(|judged| judged.kind).collect();
        let link = |which: fn(&Judged) -> Option<usize>| -> ArrayRef {
            Arc::new(judged.iter().map(|judged| self.name(which(judged))).collect::<StringArray>())
        };
        let figure = |which: fn(&jingwen::pipeline::Likeness) -> f64| -> ArrayRef {
            Arc::new(judged.iter().map(|one| one.likeness.as_ref().map(which)).collect::<Float64Array>())
        };
        let differences: Int64Array = judged
            .iter()
            .map(|one| one.likeness.as_ref().map(|its| i64::try_from(its.differences).unwrap_or(i64::MAX)))
            .collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(ids)),
            ("verdict", Arc::new(verdicts)),
            ("kind", Arc::new(kinds)),
            ("of", link(|judged| judged.of)),
            ("variant_of", link(|judged| judged.variant_of)),
            ("part_of", link(|judged| judged.part_of)),
            ("contains", link(|judged| judged.contains)),
            ("jaccard", figure(|likeness| likeness.jaccard)),
            ("containment", figure(|likeness| likeness.containment)),
            ("containment_of", figure(|likeness| likeness.containment_of)),
            ("differences", Arc::new(differences)),
        ];
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns
            .into_iter()
            .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
            .unzip();
        let table = StructArray::new(fields.into(), arrays, None);
        let field = Field::new("", table.data_type().clone(), false);
        Array::new(Arc::new(table), Arc::new(field))
    }
}

/// What stands in front of the comparison.
#[derive(FromPyObject)]
pub(crate) enum Clean<'py> {
    /// By the profile `standard`, or not at all.
    Wish(bool),
    By(Bound<'py, Cleaner>),
}

/// Decides which of the texts in `data` are copies of others, and which one of them stays.
#[pyfunction]
#[pyo3(
    signature = (
        data, *, ids=None, column=None, id_column=None, clean=Clean::Wish(true), near=0.0, keep="best",
        drop_variants=false, drop_forwards=false, jobs=None
    ),
    text_signature = "(data, *, ids=None, column=None, id_column=None, clean=True, near=0.0, \
        keep='best', drop_variants=False, drop_forwards=False, jobs=None)"
)]
#[expect(clippy::too_many_arguments, reason = "the keywords of a Python function")]
pub(crate) fn dedup(
    data: &Bound<'_, PyAny>,
    ids: Option<&Bound<'_, PyAny>>,
    column: Option<&str>,
    id_column: Option<&str>,
    clean: Clean<'_>,
    near: f32,
    keep: &str,
    drop_variants: bool,
    drop_forwards: bool,
    jobs: Option<usize>,
) -> PyResult<Decisions> {
    let py = data.py();
    let usage = |what: String| errors::raise(py, "UsageError", what);
    let jobs = guard::threads(py, jobs)?;
    if !(0.0..=1.0).contains(&near) {
        return Err(usage(format!("near is a Jaccard index between 0 and 1, and not {near}")));
    }
    let first = match keep {
        "best" => false,
        "first" => true,
        other => return Err(usage(format!("keep is \"best\" or \"first\", and not {other:?}"))),
    };
    let cleaner = match clean {
        Clean::Wish(true) => Some(standard(py)?),
        Clean::Wish(false) => None,
        Clean::By(cleaner) => Some(cleaner),
    };
    let keeping = Keeping { near, first, drop_variants, drop_forwards, ..Keeping::default() };
    let cleaner = cleaner.as_ref().map(|cleaner| &cleaner.get().inner);
    with_documents(data, ids, column, id_column, |ids, texts| {
        let named = |(n, id): (usize, Option<String>)| id.unwrap_or_else(|| n.to_string());
        let ids: Vec<String> = ids.into_iter().enumerate().map(named).collect();
        let texts: Vec<(&str, &str)> = ids.iter().zip(texts).map(|(id, text)| (id.as_str(), *text)).collect();
        let judged = guard::interruptible(py, |stop| dedup_texts(&texts, cleaner, &keeping, jobs, stop))?;
        drop(texts);
        Ok(Decisions { ids, judged })
    })
}

/// Finds ids and texts in `data`, whatever it is, and hands them to `take`. A missing text is an
/// empty one; an id is `None` where nothing names it.
pub(crate) fn with_documents<R>(
    data: &Bound<'_, PyAny>,
    ids: Option<&Bound<'_, PyAny>>,
    column: Option<&str>,
    id_column: Option<&str>,
    take: impl FnOnce(Ids, &[&str]) -> PyResult<R>,
) -> PyResult<R> {
    let py = data.py();
    let usage = |what: String| errors::raise(py, "UsageError", what);
    let given = ids.map(names).transpose()?;
    let hand_over = |own: Option<Ids>, rows: &[Option<&[u8]>]| {
        let ids = given.or(own).unwrap_or_else(|| vec![None; rows.len()]);
        if ids.len() != rows.len() {
            return Err(usage(format!("there are {} ids for {} texts", ids.len(), rows.len())));
        }
        let mut texts = Vec::with_capacity(rows.len());
        for (n, row) in rows.iter().enumerate() {
            let text = row.map_or(Ok(""), batch::text_of);
            texts.push(text.map_err(|what| usage(format!("row {n}: {what}")))?);
        }
        take(ids, &texts)
    };
    if let Some(arrow) = Arrow::take(data)? {
        let (columns, own) = match batch::place_of(py, arrow.field(), column)? {
            None => (arrow.chunks().to_vec(), None),
            Some(place) => {
                let own = id_place(&arrow, id_column).map_err(usage)?;
                let of = |place: usize| {
                    let column = |chunk: &ArrayRef| Arc::clone(chunk.as_struct().column(place));
                    arrow.chunks().iter().map(column).collect::<Vec<_>>()
                };
                (of(place), own.map(|place| arrow_names(&of(place))).transpose()?)
            }
        };
        let columns = batch::strings(&columns)?;
        let rows = guard::detached(py, || batch::rows_of(&columns))?;
        return hand_over(own, &rows);
    }
    let (own, texts) = rows(data, column.unwrap_or(batch::TEXT), id_column)?;
    let mut rows = Vec::with_capacity(texts.len());
    for (n, text) in texts.iter().enumerate() {
        rows.push(match text {
            Some(text) => Some(batch::bytes_of(text, n)?.as_bytes()),
            None => None,
        });
    }
    hand_over(own, &rows)
}

/// The cleaner of the profile `standard`, which the package keeps.
fn standard(py: Python<'_>) -> PyResult<Bound<'_, Cleaner>> {
    Ok(py.import("jingwen")?.call_method0("_standard")?.cast_into()?)
}

/// The place of the ids in a table: the column that is named, or `id` if there is one.
fn id_place(arrow: &Arrow, id_column: Option<&str>) -> Result<Option<usize>, String> {
    let DataType::Struct(fields) = arrow.field().data_type() else { return Ok(None) };
    let found = fields.iter().position(|field| field.name() == id_column.unwrap_or(ID));
    match (found, id_column) {
        (None, Some(name)) => Err(format!("the table has no column {name:?} for the ids")),
        (found, _) => Ok(found),
    }
}

/// Ids, where there are any.
type Ids = Vec<Option<String>>;

/// An id of any kind that an archive may use.
fn name(id: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    if id.is_none() { Ok(None) } else { Ok(Some(id.str()?.to_str()?.to_owned())) }
}

/// Ids in whatever form.
fn names(ids: &Bound<'_, PyAny>) -> PyResult<Ids> {
    if let Some(arrow) = Arrow::take(ids)? {
        return arrow_names(arrow.chunks());
    }
    ids.try_iter()?.map(|id| name(&id?)).collect()
}

/// A column of strings or integers as ids.
fn arrow_names(columns: &[ArrayRef]) -> PyResult<Ids> {
    let mut names = Vec::new();
    for column in columns {
        macro_rules! integers {
            ($kind:ty) => {
                names.extend(column.as_primitive::<$kind>().iter().map(|id| id.map(|id| id.to_string())))
            };
        }
        if let Some(strings) = Strings::of(column) {
            let id = |n| strings.row(n).map(|id| String::from_utf8_lossy(id).into_owned());
            names.extend((0..strings.len()).map(id));
            continue;
        }
        match column.data_type() {
            DataType::Int32 => integers!(Int32Type),
            DataType::Int64 => integers!(Int64Type),
            DataType::UInt32 => integers!(UInt32Type),
            DataType::UInt64 => integers!(UInt64Type),
            other => {
                let what = format!("ids are strings or integers, and not {other}; cast the column");
                return Err(PyTypeError::new_err(what));
            }
        }
    }
    Ok(names)
}

/// The rows of a list: texts, pairs of id and text, or mappings.
type Rows<'py> = (Option<Ids>, Vec<Option<Bound<'py, PyString>>>);

fn rows<'py>(data: &Bound<'py, PyAny>, column: &str, id_column: Option<&str>) -> PyResult<Rows<'py>> {
    let first = match data.get_item(0) {
        Ok(first) if !data.is_instance_of::<PyString>() => first,
        _ => return Ok((None, batch::elements(data)?)),
    };
    let as_text = |text: Bound<'py, PyAny>, n: usize| {
        if text.is_none() {
            return Ok(None);
        }
        text.cast_into::<PyString>().map(Some).map_err(|error| {
            let kind = error.into_inner().get_type();
            PyTypeError::new_err(format!("row {n}: expected str or None, got {kind}"))
        })
    };
    let (mut ids, mut texts) = (Vec::new(), Vec::new());
    if first.cast::<PyMapping>().is_ok() {
        for (n, row) in data.try_iter()?.enumerate() {
            let row = row?;
            let text = row.get_item(column).map_err(|_| {
                let what = format!("row {n} has no member {column:?}; name the one with the text by column=");
                errors::raise(data.py(), "UsageError", what)
            })?;
            texts.push(as_text(text, n)?);
            ids.push(match (row.get_item(id_column.unwrap_or(ID)), id_column) {
                (Ok(id), _) => name(&id)?,
                (Err(_), None) => None,
                (Err(_), Some(name)) => {
                    let what = format!("row {n} has no member {name:?} for its id");
                    return Err(errors::raise(data.py(), "UsageError", what));
                }
            });
        }
        return Ok((Some(ids), texts));
    }
    if first.cast::<PyTuple>().is_ok() {
        for (n, row) in data.try_iter()?.enumerate() {
            let (id, text): (Bound<'py, PyAny>, Bound<'py, PyAny>) = row?.extract()?;
            ids.push(name(&id)?);
            texts.push(as_text(text, n)?);
        }
        return Ok((Some(ids), texts));
    }
    Ok((None, batch::elements(data)?))
}
