//! The boilerplate of sites in two passes: the workers count the lines of each site's documents, then
//! take the frequent ones out.

use std::mem;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::boilerplate::Counts;
use crate::boilerplate::Policy;
use crate::boilerplate::host;
use crate::pipeline::fields::Fields;
use crate::pipeline::fields::Names;
use crate::pipeline::job::Sites;
use crate::rules::Rules;
use crate::text::Edits;

/// The name of the step in trails and reports.
pub(crate) const STEP: &str = "boilerplate";

/// Fields of a row that hold its address, when nobody names one.
const ADDRESSES: [&str; 2] = ["url", "link"];

/// What the workers do with the lines of their documents.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    Count(Shelf),
    Strip(Arc<Counts>),
}

/// Counts that no worker uses at the moment: one for each that ever worked at the same time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(Arc<Mutex<Vec<Counts>>>);

impl Shelf {
    /// Adds one document.
    fn add(&self, site: &str, text: &str) {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts = lock().pop().unwrap_or_default();
        counts.add(site, text);
        lock().push(counts);
    }

    /// Everything that was counted.
    pub(crate) fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        for counts in mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            sum.merge(counts);
        }
        sum
    }
}

/// Counts or strips the lines of documents, by site.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(crate) sites: Sites,
    pub(crate) task: Task,
}

impl Lines {
    /// The site of a document out of the file `name`, which has been found at `address`.
    pub(crate) fn site(
        &self,
        fields: Option<&Fields<'_>>,
        address: Option<&str>,
        names: &Names,
        name: &str,
    ) -> String {
        if let Some(address) = address {
            return host(address).to_owned();
        }
        let Some(fields) = fields else {
            return name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        };
        let asked = self.sites.field.as_deref();
        let value = asked.into_iter().chain(ADDRESSES).find_map(|path| fields.value(path, names));
        value.map_or_else(|| name.to_owned(), |value| host(&value).to_owned())
    }

    /// Counts the lines of a clean document; false where it is to be worked on.
    pub(crate) fn count(&self, site: &str, text: &str) -> bool {
        let Task::Count(counts) = &self.task else { return false };
        counts.add(site, text);
        true
    }

    /// Says which lines of a clean document go.
    pub(crate) fn strip(&self, site: &str, text: &str, rules: &Rules, edits: &mut Edits) {
        if let Task::Strip(counts) = &self.task {
            counts.strip(site, text, &Policy::default(), rules, edits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_named_by_the_row_or_by_its_place() {
        let names = |id: &str| Names { id: id.to_owned(), text: "text".to_owned() };
        for (line, field, id, want) in [
            (r#"{"text":"甲","url":"https://qingshan.example/a/b.html"}"#, None, "id", "qingshan.example"),
            (r#"{"text":"甲","url":"https:\/\/qingshan.example\/a"}"#, None, "url", "qingshan.example"),
            (r#"{"text":"甲","link":"https://a.example/","url":null}"#, None, "id", "a.example"),
            (
                r#"{"text":"甲","meta":{"site":"青山县"},"url":"https://a.example/"}"#,
                Some("meta.site"),
                "id",
                "青山县",
            ),
            (r#"{"text":"甲","meta":7,"url":"https://a.example/"}"#, Some("meta.site"), "id", "a.example"),
            (r#"{"text":"甲"}"#, Some("site"), "id", "in/a.jsonl"),
        ] {
            let lines = Lines {
                sites: Sites { field: field.map(str::to_owned) },
                task: Task::Count(Shelf::default()),
            };
            let names = names(id);
            let fields = Fields::read(line, &names).unwrap();
            assert_eq!(lines.site(Some(&fields), None, &names, "in/a.jsonl"), want, "{line}");
            assert_eq!(lines.site(None, None, &names, "in/a.html"), "in");
        }
    }
}
