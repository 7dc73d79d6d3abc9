//! The persistent index: one call a page, from a crawler that lives in Python.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Mutex;

use jingwen::decode::Hints;
use jingwen::index;
use jingwen::index::Meta;
use jingwen::index::Page;
use jingwen::index::Reader;
use jingwen::index::Settings;
use jingwen::index::Sync;
use jingwen::pipeline::Limits;
use jingwen::rules::Choice;
use jingwen::rules::Profile;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::types::PyString;
use pyo3::types::PyType;

use crate::decoded;
use crate::dedup;
use crate::errors;
use crate::guard;
use crate::guard::detached;
use crate::points::quoted;

/// What was found when two documents were compared.
#[pyclass(frozen, get_all, module = "jingwen")]
#[derive(Clone)]
pub(crate) struct Evidence {
    jaccard: f64,
    containment: f64,
    containment_of: f64,
    /// How many places differ, and the first of them.
    differences: usize,
    differs: Vec<(&'static str, String, String)>,
}

#[pymethods]
impl Evidence {
    fn __repr__(&self) -> String {
        format!("Evidence(jaccard={:.4}, differences={})", self.jaccard, self.differences)
    }
}

/// What a document is among those that are known.
#[pyclass(frozen, get_all, module = "jingwen")]
pub(crate) struct Verdict {
    /// `new`, `copy`, `supersedes`, `variant` or `empty`.
    kind: &'static str,
    /// The id of the document of which it is a copy, or a variant.
    of: Option<String>,
    /// Of a copy: `exact`, `same`, `near` or `contained`.
    how: Option<&'static str>,
    /// The ids of documents that stayed until now and are copies of this one.
    ids: Vec<String>,
    /// The ids of documents that stay again, for what stood in their place is gone.
    restored: Vec<String>,
    /// Of a copy: what was found when the two were compared.
    evidence: Option<Evidence>,
}

impl From<index::Verdict> for Verdict {
    fn from(verdict: index::Verdict) -> Self {
        let none = Self { kind: "new", of: None, how: None, ids: vec![], restored: vec![], evidence: None };
        match verdict {
            index::Verdict::New => none,
            index::Verdict::Empty => Self { kind: "empty", ..none },
            index::Verdict::Variant { of } => Self { kind: "variant", of: Some(of), ..none },
            index::Verdict::Supersedes { ids, restored } => {
                Self { kind: "supersedes", ids, restored, ..none }
            }
            index::Verdict::Copy { of, kind, evidence } => {
                let differs =
                    evidence.differences.into_iter().map(|place| (place.kind, place.here, place.there));
                let evidence = Evidence {
                    jaccard: evidence.jaccard,
                    containment: evidence.containment,
                    containment_of: evidence.containment_of,
                    differences: evidence.n_differences,
                    differs: differs.collect(),
                };
                Self { kind: "copy", of: Some(of), how: Some(kind.name()), evidence: Some(evidence), ..none }
            }
        }
    }
}

#[pymethods]
impl Verdict {
    /// It stays: it is new, a variant, or better than what was there.
    #[getter]
    fn is_kept(&self) -> bool {
        matches!(self.kind, "new" | "variant" | "supersedes")
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut said = format!("Verdict({}", self.kind);
        if let Some(how) = self.how {
            said.push_str(&format!(", {how}"));
        }
        if let Some(of) = &self.of {
            said.push_str(&format!(", of={}", quoted(py, of)?));
        }
        for (name, ids) in [("ids", &self.ids), ("restored", &self.restored)] {
            if !ids.is_empty() {
                let ids: PyResult<Vec<String>> = ids.iter().map(|id| quoted(py, id)).collect();
                said.push_str(&format!(", {name}=[{}]", ids?.join(", ")));
            }
        }
        said.push(')');
        Ok(said)
    }
}

/// What became of one document when all were decided about at once.
#[pyclass(frozen, get_all, module = "jingwen")]
pub(crate) struct Resolved {
    id: String,
    /// How it is a copy; None for one that stays.
    kind: Option<&'static str>,
    of: Option<String>,
    variant_of: Option<String>,
}

#[pymethods]
impl Resolved {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut said = format!("Resolved({}, {}", quoted(py, &self.id)?, self.kind.unwrap_or("kept"));
        for (name, other) in [("of", &self.of), ("variant_of", &self.variant_of)] {
            if let Some(other) = other {
                said.push_str(&format!(", {name}={}", quoted(py, other)?));
            }
        }
        said.push(')');
        Ok(said)
    }
}

/// An open index.
enum Open {
    Writer(Box<index::Index>),
    Reader(Box<Reader>),
}

/// Documents that are known, in a folder: one process writes, any number read.
#[pyclass(frozen, module = "jingwen")]
pub(crate) struct Index {
    open: Mutex<Option<Open>>,
    path: PathBuf,
    limits: Limits,
}

/// What only a writer does, asked of a reader.
const ONLY_READ: &str = "the index is open for reading only; open it without read_only=True";

impl Index {
    /// Lets `work` have the index, without the interpreter.
    fn with<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Open) -> jingwen::Result<R> + Send,
    ) -> PyResult<R> {
        /// Why nothing was done.
        enum Refusal {
            Closed,
            Harmed,
            Failed(jingwen::Error),
        }
        let done = detached(py, || {
            let mut open = self.open.lock().map_err(|_| Refusal::Harmed)?;
            work(open.as_mut().ok_or(Refusal::Closed)?).map_err(Refusal::Failed)
        })?;
        done.map_err(|why| {
            let place = self.path.display();
            match why {
                Refusal::Closed => errors::raise(py, "UsageError", format!("the index {place} is closed")),
                Refusal::Harmed => {
                    let what = format!("a fault met the index {place}; open it again");
                    errors::raise(py, "FaultError", what)
                }
                Refusal::Failed(error) => errors::of(py, &error),
            }
        })
    }

    /// As [`Index::with`], for what only a writer does.
    fn write<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut index::Index) -> jingwen::Result<R> + Send,
    ) -> PyResult<R> {
        let done = self.with(py, |open| match open {
            Open::Writer(index) => work(index).map(Some),
            Open::Reader(_) => Ok(None),
        })?;
        done.ok_or_else(|| errors::raise(py, "UsageError", ONLY_READ.to_owned()))
    }
}

/// A text as str, or as bytes in whatever encoding.
fn text_of<'a>(py: Python<'_>, text: &'a Bound<'_, PyAny>, bytes: &'a mut Vec<u8>) -> PyResult<Cow<'a, str>> {
    let text = if let Ok(text) = text.cast::<PyString>() {
        Cow::Borrowed(text.to_str()?)
    } else {
        *bytes = text.extract::<Cow<'_, [u8]>>().map(Cow::into_owned).map_err(|_| {
            let kind = text.get_type();
            PyTypeError::new_err(format!("expected str or bytes, got {kind}"))
        })?;
        decoded::read(py, bytes, &Hints::default())?.text
    };
    if u32::try_from(text.len()).is_err() {
        return Err(errors::raise(py, "UsageError", crate::cleaner::TOO_LARGE.to_owned()));
    }
    Ok(text)
}

/// How an index is opened.
#[expect(clippy::too_many_arguments, reason = "the keywords of Python functions")]
fn settings(
    py: Python<'_>,
    choice: Option<Choice>,
    rules: Option<PathBuf>,
    sync: &str,
    jobs: Option<usize>,
    memory: usize,
    key: Option<u64>,
    accept_rules: bool,
) -> PyResult<Settings> {
    let sync = match sync {
        "each" => Sync::Each,
        "batch" => Sync::Batch,
        other => {
            let what = format!("sync is \"each\" or \"batch\", and not {other:?}");
            return Err(errors::raise(py, "UsageError", what));
        }
    };
    let jobs = guard::threads(py, jobs)?;
    let more =
        Settings { rules: choice, tables: rules, sync, jobs, memory, seed: key, ..Settings::default() };
    Ok(Settings { accept_rules, ..more })
}

#[pymethods]
impl Index {
    /// Makes an empty index in the folder `path`, which must not exist or be empty.
    #[classmethod]
    #[pyo3(signature = (
        path, *, profile="standard", enable=vec![], disable=vec![], rules=None, clean=true, key=None
    ))]
    #[expect(clippy::too_many_arguments, reason = "the keywords of a Python function")]
    fn create(
        kind: &Bound<'_, PyType>,
        path: PathBuf,
        profile: &str,
        enable: Vec<String>,
        disable: Vec<String>,
        rules: Option<PathBuf>,
        clean: bool,
        key: Option<u64>,
    ) -> PyResult<Self> {
        let py = kind.py();
        let profile = Profile::named(profile).ok_or_else(|| {
            let names = Profile::ALL.map(Profile::name).join(", ");
            errors::raise(py, "UsageError", format!("there is no profile {profile:?}; there are {names}"))
        })?;
        let choice = clean.then_some(Choice { profile, enable, disable });
        let memory = Settings::default().memory;
        let settings = settings(py, choice, rules.clone(), "batch", None, memory, key, false)?;
        detached(py, || index::Index::create(&path, &settings))?.map_err(|error| errors::of(py, &error))?;
        Self::open(kind, path, false, rules, "batch", None, memory, key, false)
    }

    /// Opens the index in the folder `path`; it cleans by the rules that it was made with.
    #[classmethod]
    #[pyo3(signature = (
        path, *, read_only=false, rules=None, sync="batch", jobs=None, memory=256 << 20, key=None,
        accept_rules=false
    ), text_signature = "($type, path, *, read_only=False, rules=None, sync='batch', jobs=None, \
        memory=268435456, key=None, accept_rules=False)")]
    #[expect(clippy::too_many_arguments, reason = "the keywords of a Python function")]
    fn open(
        kind: &Bound<'_, PyType>,
        path: PathBuf,
        read_only: bool,
        rules: Option<PathBuf>,
        sync: &str,
        jobs: Option<usize>,
        memory: usize,
        key: Option<u64>,
        accept_rules: bool,
    ) -> PyResult<Self> {
        let py = kind.py();
        let settings = settings(py, None, rules, sync, jobs, memory, key, accept_rules)?;
        let opened = detached(py, || {
            Ok(if read_only {
                Open::Reader(Box::new(Reader::open(&path, &settings)?))
            } else {
                Open::Writer(Box::new(index::Index::open(&path, &settings)?))
            })
        })?;
        let opened = opened.map_err(|error| errors::of(py, &error))?;
        let limits = Limits { jobs: settings.jobs, memory };
        Ok(Self { open: Mutex::new(Some(opened)), path, limits })
    }

    /// The folder.
    #[getter]
    fn path(&self) -> &PathBuf {
        &self.path
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<jingwen.Index {}>", quoted(py, &self.path.to_string_lossy())?))
    }

    fn __enter__(own: Bound<'_, Self>) -> Bound<'_, Self> {
        own
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        _error: &Bound<'_, PyAny>,
        _trace: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.close(py)
    }

    /// Makes everything durable and lets the folder go. To close it twice does nothing.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let done = detached(py, || {
            let Ok(mut open) = self.open.lock() else { return Ok(()) };
            match open.take() {
                Some(Open::Writer(mut index)) => index.sync(),
                _ => Ok(()),
            }
        })?;
        done.map_err(|error| errors::of(py, &error))
    }

    /// Says what a document is among those that are known, and adds it.
    #[pyo3(signature = (id, text, *, published=None, issuer=None, number=None))]
    fn check_and_add(
        &self,
        py: Python<'_>,
        id: &str,
        text: &Bound<'_, PyAny>,
        published: Option<&str>,
        issuer: Option<&str>,
        number: Option<&str>,
    ) -> PyResult<Verdict> {
        let mut bytes = Vec::new();
        let text = text_of(py, text, &mut bytes)?;
        let meta = Meta { published, issuer, number };
        self.write(py, |index| index.check_and_add(id, &text, &meta)).map(Verdict::from)
    }

    /// As `check_and_add` for many documents, on all threads; the verdicts are those of one after the other.
    #[pyo3(signature = (data, *, ids=None, column=None, id_column=None))]
    fn add_batch(
        &self,
        data: &Bound<'_, PyAny>,
        ids: Option<&Bound<'_, PyAny>>,
        column: Option<&str>,
        id_column: Option<&str>,
    ) -> PyResult<Vec<Verdict>> {
        let py = data.py();
        dedup::with_documents(data, ids, column, id_column, |ids, texts| {
            let mut pages = Vec::with_capacity(ids.len());
            for (n, (id, text)) in ids.iter().zip(texts).enumerate() {
                let Some(id) = id else {
                    let what = format!(
                        "row {n} has no id, and an index tells documents by theirs: give (id, text), a column `id`, or ids="
                    );
                    return Err(errors::raise(py, "UsageError", what));
                };
                pages.push(Page { id, text, meta: Meta::default() });
            }
            let verdicts = self.write(py, |index| index.add_batch(&pages))?;
            Ok(verdicts.into_iter().map(Verdict::from).collect())
        })
    }

    /// What a document would be among those that are known; it is not added.
    #[pyo3(signature = (text, *, published=None, issuer=None, number=None))]
    fn query(
        &self,
        py: Python<'_>,
        text: &Bound<'_, PyAny>,
        published: Option<&str>,
        issuer: Option<&str>,
        number: Option<&str>,
    ) -> PyResult<Verdict> {
        let mut bytes = Vec::new();
        let text = text_of(py, text, &mut bytes)?;
        let meta = Meta { published, issuer, number };
        let verdict = self.with(py, |open| match open {
            Open::Writer(index) => index.query(&text, &meta),
            Open::Reader(reader) => reader.query(&text, &meta),
        })?;
        Ok(verdict.into())
    }

    /// Makes everything durable that was added.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.write(py, index::Index::sync)
    }

    /// What the index holds, as a dict.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = self.with(py, |open| match open {
            Open::Writer(index) => index.stats(),
            Open::Reader(reader) => reader.stats(),
        })?;
        let dict = PyDict::new(py);
        dict.set_item("documents", stats.documents)?;
        dict.set_item("kept", stats.kept)?;
        dict.set_item("texts", stats.texts)?;
        dict.set_item("candidates_capped", stats.candidates_capped)?;
        dict.set_item("bytes", stats.bytes)?;
        dict.set_item("bytes_documents", stats.bytes_documents)?;
        dict.set_item("bytes_postings", stats.bytes_postings)?;
        dict.set_item("runs", stats.runs)?;
        dict.set_item("memory", stats.memory)?;
        dict.set_item("made_by", stats.made_by)?;
        dict.set_item("rules", stats.rules)?;
        Ok(dict)
    }

    /// What is wrong with what is stored, a sentence each; an empty list means that all is well.
    fn verify(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.write(py, index::Index::verify)
    }

    /// Merges all postings into one run.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.write(py, index::Index::compact)
    }

    /// Decides about all documents as one run over them would, in the order in which they were added.
    fn resolve(&self, py: Python<'_>) -> PyResult<Vec<Resolved>> {
        let resolved = guard::interruptible(py, |stop| {
            let Ok(mut open) = self.open.lock() else { return Ok(None) };
            let Some(Open::Writer(index)) = open.as_mut() else { return Ok(None) };
            let mut resolved = Vec::new();
            index.resolve(self.limits, stop, |one| {
                resolved.push(Resolved {
                    id: one.id,
                    kind: one.kind.map(index::CopyKind::name),
                    of: one.of,
                    variant_of: one.variant_of,
                });
                Ok(())
            })?;
            Ok(Some(resolved))
        })?;
        match resolved {
            Some(resolved) => Ok(resolved),
            // The same refusals as everywhere.
            None => self.write(py, |_| Ok(Vec::new())),
        }
    }
}
