//! From a text to what the index stores and compares: cleaned, painted, packed.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::copies::Painter;
use crate::copies::Portrait;
use crate::copies::Sketcher;
use crate::error::Result;
use crate::fields;
use crate::index::candidates::Arrival;
use crate::index::packed::Id;
use crate::index::packed::Packer;
use crate::markup;
use crate::pipeline::Cleaner;
use crate::pipeline::Desk;
use crate::pipeline::facts;

/// What a crawler knows of a document beside its text. It counts where the text itself says
/// nothing, as labels around a text do in `jingwen run`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta<'a> {
    /// The day on which the page says it was published, `2024-05-06`. Texts that were published on
    /// different days are variants, not copies: a standing text is published year by year.
    pub published: Option<&'a str>,
    /// The issuing organ.
    pub issuer: Option<&'a str>,
    /// The document number, `青政办发〔2024〕12号`.
    pub number: Option<&'a str>,
}

impl Meta<'_> {
    /// As the lines of labels that a page would have.
    fn lines(&self, into: &mut String) {
        let labels = [("发布时间", self.published), ("发文机关", self.issuer), ("文号", self.number)];
        for (label, value) in labels {
            if let Some(value) = value.filter(|value| !value.contains('\n')) {
                into.extend([label, "：", value, "\n"]);
            }
        }
    }
}

/// A document for [`Index::add_batch`](crate::index::Index::add_batch).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page<'a> {
    /// Its id, the address for example.
    pub id: &'a str,
    /// Its text, or its HTML.
    pub text: &'a str,
    /// What is known beside it.
    pub meta: Meta<'a>,
}

/// The buffers of one thread.
#[derive(Default)]
struct Bench {
    desk: Desk,
    painter: Painter,
    said: String,
    /// With the length of the dictionary that it packs with: an index has one at most.
    packer: Option<(usize, Packer)>,
}

/// What documents are painted and packed with at the moment: an index gets a dictionary once.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) sketcher: Sketcher,
    pub(super) dictionary: Arc<[u8]>,
}

/// Cleans and packs; many threads may ask at once.
pub(super) struct Preparing {
    /// `None` for texts that are clean.
    cleaner: Option<Cleaner>,
    benches: Mutex<Vec<Bench>>,
}

impl Preparing {
    pub(super) fn new(cleaner: Option<Cleaner>) -> Self {
        Self { cleaner, benches: Mutex::new(Vec::new()) }
    }

    /// What cleans the texts.
    pub(super) fn cleaner(&self) -> Option<&Cleaner> {
        self.cleaner.as_ref()
    }

    /// What is to be stored of a document; `None` where nothing is left of it.
    pub(super) fn arrival(&self, page: &Page<'_>, means: &Means) -> Result<Option<Arrival>> {
        self.at_bench(|bench| {
            let Some(portrait) = self.portrait(page, means, bench) else { return Ok(None) };
            pack(portrait, id_of(page), &mut bench.packer, means).map(Some)
        })
    }

    /// What is asked about; nothing of it will be stored.
    pub(super) fn question(&self, page: &Page<'_>, means: &Means) -> Option<Arrival> {
        self.at_bench(|bench| Some(Arrival::new(self.portrait(page, means, bench)?, id_of(page), Vec::new())))
    }

    fn portrait(&self, page: &Page<'_>, means: &Means, bench: &mut Bench) -> Option<Portrait> {
        let Bench { desk, painter, said, .. } = bench;
        let (clean, heard) = match &self.cleaner {
            Some(cleaner) => cleaner.clean_document_and_said(desk, page.text, markup::is_page(page.text)),
            None => (page.text, ""),
        };
        if clean.trim().is_empty() {
            return None;
        }
        said.clear();
        said.push_str(heard);
        page.meta.lines(said);
        let facts = facts(&fields::read(clean), &fields::said(said), clean);
        Some(painter.paint(page.text, clean, facts, &means.sketcher))
    }

    /// As [`Preparing::arrival`] for a portrait that the pipeline has painted.
    pub(super) fn of_record(&self, record: &[u8], means: &Means) -> Result<Arrival> {
        self.at_bench(|bench| pack(Portrait::read(record), named(record), &mut bench.packer, means))
    }

    fn at_bench<R>(&self, work: impl FnOnce(&mut Bench) -> R) -> R {
        let benches = || self.benches.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bench = benches().pop().unwrap_or_default();
        let answer = work(&mut bench);
        benches().push(bench);
        answer
    }
}

/// As [`Preparing::question`] for a portrait that the pipeline has painted.
pub(super) fn question_of(record: &[u8]) -> Arrival {
    Arrival::new(Portrait::read(record), named(record), Vec::new())
}

/// The id in a record of the pipeline, as JSON.
fn named(record: &[u8]) -> Vec<u8> {
    let (id, _) = crate::copies::Head::read(record).names();
    record.get(id).unwrap_or_default().to_vec()
}

/// The id of a page as JSON.
fn id_of(page: &Page<'_>) -> Vec<u8> {
    let mut id = Vec::with_capacity(page.id.len() + 2);
    crate::pipeline::push_json_string(page.id, &mut id);
    id
}

fn pack(
    portrait: Portrait,
    id: Vec<u8>,
    packer: &mut Option<(usize, Packer)>,
    means: &Means,
) -> Result<Arrival> {
    let n = means.dictionary.len();
    if packer.as_ref().is_none_or(|(its, _)| *its != n) {
        *packer = Some((n, Packer::new(&means.dictionary)?));
    }
    let mut record = Vec::with_capacity(portrait.key.len() + 128);
    if let Some((_, packer)) = packer {
        packer.pack(&portrait, Id(&id), &mut record)?;
    }
    Ok(Arrival::new(portrait, id, record))
}
