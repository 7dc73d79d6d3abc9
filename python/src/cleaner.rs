//! The class `Cleaner`: rules as chosen, and all that is done with them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::PathBuf;

use jingwen::Desk;
use jingwen::decode::Hints;
use jingwen::fields;
use jingwen::is_page;
use jingwen::rules::Choice;
use jingwen::rules::Profile;
use jingwen::rules::Rules;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::types::PyString;
use pyo3::types::PyTuple;

use crate::batch;
use crate::decoded;
use crate::errors;
use crate::explained::Explained;
use crate::fields::told;
use crate::guard::detached;
use crate::points::quoted;

/// Offsets have 32 bits.
pub(crate) const TOO_LARGE: &str = "the text has 4 GiB or more; split it first";

/// The buffers of a desk grow with the largest text; beyond this they are given back.
const LARGE_TEXT: usize = 1 << 20;

thread_local! {
    /// The desk of this thread, warm for its next text.
    static DESK: RefCell<Desk> = RefCell::default();
}

/// Cleans texts by one choice of rules. Build it once: reading the rules takes some milliseconds.
/// It may be used from many threads, and pickled for many processes.
#[pyclass(frozen, module = "jingwen")]
pub(crate) struct Cleaner {
    pub(crate) inner: jingwen::Cleaner,
    /// What it was made of, to make it again in another process.
    profile: String,
    enable: Vec<String>,
    disable: Vec<String>,
    rules: Option<PathBuf>,
}

/// The document that an HTML page carries, or a text.
#[pyclass(frozen, get_all, module = "jingwen")]
pub(crate) struct Page {
    /// The clean text.
    text: String,
    /// What it says of itself, and what its page says of it.
    fields: Py<PyDict>,
    /// As in `Decoded`; UTF-8 for what came as str.
    encoding: &'static str,
    reversible: bool,
    n_malformed: usize,
    /// It was HTML.
    is_html: bool,
}

#[pymethods]
impl Page {
    fn __repr__(&self) -> String {
        let kind = if self.is_html { "HTML" } else { "text" };
        format!("<jingwen.Page of {kind}, {}, {} bytes of text>", self.encoding, self.text.len())
    }
}

impl Cleaner {
    /// The bundled rules of a profile with these changes, and the tables of `rules` on top.
    fn build(
        profile: &str,
        enable: &[String],
        disable: &[String],
        rules: Option<&PathBuf>,
    ) -> Result<jingwen::Cleaner, BadChoice> {
        let profile = Profile::named(profile).ok_or_else(|| {
            let names = Profile::ALL.map(Profile::name).join(", ");
            BadChoice::Profile(format!("there is no profile {profile:?}; there are {names}"))
        })?;
        let choice = Choice { profile, enable: enable.to_vec(), disable: disable.to_vec() };
        let rules = match rules {
            Some(folder) => Rules::with_dir(&choice, folder),
            None => Rules::bundled(&choice),
        };
        rules.map(jingwen::Cleaner::with_rules).map_err(BadChoice::Rules)
    }

    /// Cleans one text into `keep`; it is told the clean text and what was said around it.
    fn on_desk<R: Send>(
        &self,
        py: Python<'_>,
        text: &str,
        page: bool,
        keep: impl FnOnce(&str, &Desk) -> R + Send,
    ) -> PyResult<R> {
        if u32::try_from(text.len()).is_err() {
            return Err(errors::raise(py, "UsageError", TOO_LARGE.to_owned()));
        }
        detached(py, || {
            // A panic in the middle leaves an empty desk behind.
            let mut desk = DESK.take();
            let clean = self.inner.clean_document_at(&mut desk, text, page);
            // The borrow of the text ends before the desk is asked for its trail.
            let clean = if std::ptr::eq(clean.as_ptr(), text.as_ptr()) {
                Cow::Borrowed(text)
            } else {
                Cow::Owned(clean.to_owned())
            };
            let kept = keep(&clean, &desk);
            if text.len() <= LARGE_TEXT {
                DESK.set(desk);
            }
            kept
        })
    }
}

/// Why there is no cleaner.
enum BadChoice {
    Profile(String),
    Rules(jingwen::Error),
}

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (profile="standard", *, enable=vec![], disable=vec![], rules=None))]
    fn new(
        py: Python<'_>,
        profile: &str,
        enable: Vec<String>,
        disable: Vec<String>,
        rules: Option<PathBuf>,
    ) -> PyResult<Self> {
        let cleaner = detached(py, || Self::build(profile, &enable, &disable, rules.as_ref()))?;
        let cleaner = cleaner.map_err(|why| match why {
            BadChoice::Profile(what) => errors::raise(py, "UsageError", what),
            BadChoice::Rules(error) => errors::of(py, &error),
        })?;
        Ok(Self { inner: cleaner, profile: profile.to_owned(), enable, disable, rules })
    }

    /// The profile that the choice began with.
    #[getter]
    fn profile(&self) -> &str {
        &self.profile
    }

    /// The hash of the rules in use, in hexadecimal; trails and indexes name it.
    #[getter]
    fn rules_hash(&self) -> String {
        format!("{:016x}", self.inner.rules().hash())
    }

    /// The first line of a trail file, to which the rows of `Explained.trail` belong.
    #[getter]
    fn trail_header(&self) -> String {
        jingwen::pipeline::trail_file::header(self.inner.rules())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut said = format!("jingwen.Cleaner({}", quoted(py, &self.profile)?);
        for (name, rules) in [("enable", &self.enable), ("disable", &self.disable)] {
            if !rules.is_empty() {
                let rules: PyResult<Vec<String>> = rules.iter().map(|rule| quoted(py, rule)).collect();
                said.push_str(&format!(", {name}=[{}]", rules?.join(", ")));
            }
        }
        if let Some(folder) = &self.rules {
            said.push_str(&format!(", rules={}", quoted(py, &folder.to_string_lossy())?));
        }
        said.push(')');
        Ok(said)
    }

    /// A cleaner goes to another process by its choice; `rules` must lie there too.
    fn __reduce__<'py>(own: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = own.py();
        let this = own.get();
        let build = py.import("jingwen")?.getattr("_build")?;
        let choice = (&this.profile, &this.enable, &this.disable, &this.rules);
        PyTuple::new(py, [build, choice.into_pyobject(py)?.into_any()])
    }

    /// The clean text; the same object where there is nothing to do.
    fn clean<'py>(&self, text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
        let py = text.py();
        let was = text.to_str()?;
        let made = self.on_desk(py, was, false, |clean, _| (clean != was).then(|| clean.to_owned()))?;
        Ok(made.map_or_else(|| text.clone(), |clean| PyString::new(py, &clean)))
    }

    /// Cleans a list of str, a column of strings, or the column `column` of a table; answers in kind.
    #[pyo3(signature = (data, *, column=None, jobs=None))]
    fn clean_batch(
        &self,
        data: &Bound<'_, PyAny>,
        column: Option<&str>,
        jobs: Option<usize>,
    ) -> PyResult<Py<PyAny>> {
        batch::clean_batch(&self.inner, data, column, jobs)
    }

    /// The clean text with every edit that led to it. `page=True` takes HTML as `clean_page` does.
    #[pyo3(signature = (text, *, page=false))]
    fn explain(&self, text: &Bound<'_, PyString>, page: bool) -> PyResult<Explained> {
        let py = text.py();
        let was = text.to_str()?;
        self.on_desk(py, was, page && is_page(was), |clean, desk| {
            Explained::new(was, clean, desk.trail(), self.inner.rules())
        })
    }

    /// The document that a page carries: HTML or text, as bytes or str.
    #[pyo3(signature = (data, *, declared=None))]
    fn clean_page(&self, data: &Bound<'_, PyAny>, declared: Option<&str>) -> PyResult<Page> {
        let py = data.py();
        let bytes: Cow<'_, [u8]>;
        let (text, encoding, reversible, n_malformed) = if let Ok(text) = data.cast::<PyString>() {
            (Cow::Borrowed(text.to_str()?), "UTF-8", true, 0)
        } else {
            bytes = data.extract().map_err(|_| {
                let kind = data.get_type();
                PyTypeError::new_err(format!("expected bytes or str, got {kind}"))
            })?;
            let decoded = decoded::read(py, &bytes, &Hints { declared })?;
            (decoded.text, decoded.encoding, decoded.reversible, decoded.n_malformed)
        };
        let is_html = is_page(&text);
        let (clean, found) = self.on_desk(py, &text, is_html, |clean, desk| {
            (clean.to_owned(), told(&fields::read(clean), &fields::said(desk.said())))
        })?;
        let fields = PyDict::new(py);
        for (name, value) in found {
            fields.set_item(name, value)?;
        }
        Ok(Page { text: clean, fields: fields.unbind(), encoding, reversible, n_malformed, is_html })
    }
}
