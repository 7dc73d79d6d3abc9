//! A clean text with the edits that led to it. Places are told as Python counts: in code points.

use jingwen::pipeline::trail_file;
use jingwen::rules::Rules;
use jingwen::text::Trail;
use pyo3::prelude::*;

use crate::errors;
use crate::guard::detached;
use crate::points::Points;
use crate::points::byte_of;
use crate::points::quoted;

/// One change.
#[pyclass(frozen, get_all, module = "jingwen")]
#[derive(Clone)]
pub(crate) struct Edit {
    /// The step that made it: `width`, `marks`, `repeats`, …
    step: &'static str,
    /// The rule that asked for it, as `jingwen rules list` names it.
    rule: String,
    /// What stood there before this step, and what stands there after it.
    was: String,
    now: String,
    /// Where in the decoded text (`Explained.source`) that came from, in code points.
    start: usize,
    end: usize,
}

#[pymethods]
impl Edit {
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Self { step, rule, was, now, start, end } = self;
        let [step, rule, was, now] = [step, rule.as_str(), was, now].map(|text| quoted(py, text));
        let (step, rule, was, now) = (step?, rule?, was?, now?);
        Ok(format!("Edit(step={step}, rule={rule}, was={was}, now={now}, start={start}, end={end})"))
    }
}

/// A clean text and the way it came about.
#[pyclass(frozen, module = "jingwen")]
pub(crate) struct Explained {
    /// The clean text.
    #[pyo3(get)]
    text: String,
    /// The decoded text.
    #[pyo3(get)]
    source: String,
    /// The edits as a row of a trail file.
    #[pyo3(get)]
    trail: String,
    header: String,
    steps: Trail,
    edits: Vec<Edit>,
}

impl Explained {
    pub(crate) fn new(source: &str, text: &str, trail: &Trail, rules: &Rules) -> Self {
        let points = Points::new(source);
        let mut edits = Vec::new();
        let (mut before, mut after) = (source.to_owned(), String::new());
        for (n, frame) in trail.frames().iter().enumerate() {
            for change in frame.edits.iter() {
                let from = trail.span_to_text(n, change.src.clone());
                edits.push(Edit {
                    step: frame.step,
                    rule: rules.name(change.rule).to_owned(),
                    was: before[change.src].to_owned(),
                    now: change.with.to_owned(),
                    start: points.before(from.start),
                    end: points.before(from.end),
                });
            }
            after.clear();
            frame.edits.apply(&before, &mut after);
            std::mem::swap(&mut before, &mut after);
        }
        Self {
            text: text.to_owned(),
            source: source.to_owned(),
            trail: trail_file::row("null", "", "UTF-8", true, source, trail, rules),
            header: trail_file::header(rules),
            steps: trail.clone(),
            edits,
        }
    }
}

#[pymethods]
impl Explained {
    fn __repr__(&self) -> String {
        format!("<jingwen.Explained of {} bytes, {} edits>", self.source.len(), self.edits.len())
    }

    /// Every change, step by step, in reading order within a step.
    #[getter]
    fn edits(&self) -> Vec<Edit> {
        self.edits.clone()
    }

    /// The decoded text, made again from the clean one and the trail.
    fn restore(&self, py: Python<'_>) -> PyResult<String> {
        let restored = detached(py, || {
            let header = trail_file::Header::read(&self.header)?;
            trail_file::Row::read(&self.trail, &header)?.restore(&self.text)
        })?;
        restored.map_err(|error| errors::of(py, &error))
    }

    /// The code point of `source` from which code point `at` of `text` came.
    fn origin(&self, at: usize) -> usize {
        let byte = self.steps.to_text(byte_of(&self.text, at));
        self.source[..byte].chars().count()
    }
}
