//! Inputs on their way to an index: read, cleaned and painted, document by document.

use crate::copies::Sketcher;
use crate::error::Result;
use crate::pipeline::belt;
use crate::pipeline::clean::Cleaner;
use crate::pipeline::clean_files::message;
use crate::pipeline::document::Fate;
use crate::pipeline::document::Workshop;
use crate::pipeline::job::Job;
use crate::pipeline::job::Watcher;

/// What became of one document of the inputs.
pub(crate) enum Painted<'a> {
    /// Its portrait as a record.
    Clean(&'a [u8]),
    /// Nothing was left of it.
    Empty,
    /// It could not be read; the watcher has been told.
    Lost,
}

/// Reads the inputs of `job`, cleans them with `cleaner` (or not), and hands each document to `take`
/// in their order: what became of it, its id as JSON, and where it stands.
///
/// # Errors
///
/// If an input does not exist, `take` fails, or the job is stopped.
pub(crate) fn painted(
    job: &Job,
    cleaner: Option<Cleaner>,
    sketcher: Sketcher,
    watcher: &mut dyn Watcher,
    mut take: impl FnMut(Painted<'_>, &[u8], String) -> Result<()>,
) -> Result<()> {
    let workshop = Workshop {
        as_is: cleaner.is_none(),
        sketcher: Some(sketcher),
        ..job.workshop(cleaner.unwrap_or_default())
    };
    let mut documents = 0;
    belt::run(job.source()?, workshop, job.limits(), &job.stop, |done| {
        let mut records = done.records();
        for doc in &done.docs {
            let what = match doc.fate {
                Fate::Clean => records.next().map_or(Painted::Empty, Painted::Clean),
                Fate::Empty => Painted::Empty,
                Fate::Lost(_) => {
                    watcher.lost(&message(doc, done));
                    Painted::Lost
                }
            };
            take(what, &done.out[doc.id.clone()], doc.source(done))?;
        }
        documents += done.docs.len() as u64;
        watcher.passed(done.read, documents);
        Ok(())
    })
}
