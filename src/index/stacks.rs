//! The portraits of stored documents, and those that were asked for lately.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::copies::Portrait;
use crate::copies::Sketcher;
use crate::error::Result;
use crate::index::ledger::Ledger;
use crate::index::ledger::Tie;
use crate::index::packed::Front;
use crate::index::packed::Unpacker;
use crate::index::records::Place;
use crate::index::records::Records;

/// Portraits that are remembered: the originals of a template are asked for again and again.
const REMEMBERED: usize = 512;
/// Longer keys are not.
const LONG_KEY: usize = 8 << 10;

/// A document that is remembered.
#[derive(Clone)]
struct Slot {
    doc: u32,
    has_sketch: bool,
    portrait: Arc<Portrait>,
}

/// Records, and what it takes to read them. Many threads may ask at once.
pub(super) struct Stacks {
    records: Records,
    sketcher: Sketcher,
    /// Without a dictionary, and with the one of the index.
    unpackers: Mutex<Vec<(bool, Unpacker)>>,
    remembered: Mutex<Vec<Option<Slot>>>,
}

impl Stacks {
    pub(super) fn open(path: &Path, ledger: &Ledger, writes: bool, sketcher: Sketcher) -> Result<Self> {
        Ok(Self {
            records: Records::open(path, ledger.n_records(), writes)?,
            sketcher,
            unpackers: Mutex::new(Vec::new()),
            remembered: Mutex::new(vec![None; REMEMBERED]),
        })
    }

    pub(super) fn sketcher(&self) -> &Sketcher {
        &self.sketcher
    }

    /// Appends records that lie one after another in `bytes`, of these lengths.
    pub(super) fn push(&mut self, bytes: &[u8], lens: &[usize], places: &mut Vec<Place>) -> Result<()> {
        self.records.push(bytes, lens, places)
    }

    /// Waits until all records are on the disk; answers how many bytes they are.
    pub(super) fn sync(&self) -> Result<u64> {
        self.records.sync()?;
        Ok(self.records.len())
    }

    pub(super) fn len(&self) -> u64 {
        self.records.len()
    }

    /// Forgets the documents that were not committed, and the dictionary of before.
    pub(super) fn roll_back(&mut self, path: &Path, ledger: &Ledger) -> Result<()> {
        self.records = Records::open(path, ledger.n_records(), true)?;
        self.forget();
        Ok(())
    }

    /// Forgets what is remembered.
    pub(super) fn forget(&self) {
        lock(&self.unpackers).clear();
        lock(&self.remembered).fill(None);
    }

    /// The portrait of a document.
    pub(super) fn portrait(&self, doc: u32, ledger: &Ledger) -> Result<Arc<Portrait>> {
        self.recall(doc, true).map_or_else(|| Ok(self.remember(doc, true, self.read(doc, ledger)?)), Ok)
    }

    /// The portrait of a document of which no sketch is wanted.
    pub(super) fn words(&self, doc: u32, ledger: &Ledger) -> Result<Arc<Portrait>> {
        let words = || self.unpack(doc, ledger, Unpacker::words);
        self.recall(doc, false).map_or_else(|| Ok(self.remember(doc, false, words()?)), Ok)
    }

    /// As [`Stacks::portrait`], for one that is read once.
    pub(super) fn read(&self, doc: u32, ledger: &Ledger) -> Result<Portrait> {
        self.unpack(doc, ledger, Unpacker::portrait)
    }

    fn recall(&self, doc: u32, needs_sketch: bool) -> Option<Arc<Portrait>> {
        let slots = lock(&self.remembered);
        let slot = slots[doc as usize % REMEMBERED].as_ref()?;
        (slot.doc == doc && (slot.has_sketch || !needs_sketch)).then(|| Arc::clone(&slot.portrait))
    }

    fn remember(&self, doc: u32, has_sketch: bool, portrait: Portrait) -> Arc<Portrait> {
        let portrait = Arc::new(portrait);
        if portrait.key.len() <= LONG_KEY {
            let slot = Slot { doc, has_sketch, portrait: Arc::clone(&portrait) };
            lock(&self.remembered)[doc as usize % REMEMBERED] = Some(slot);
        }
        portrait
    }

    fn unpack(
        &self,
        doc: u32,
        ledger: &Ledger,
        how: fn(&mut Unpacker, &[u8]) -> Option<Portrait>,
    ) -> Result<Portrait> {
        let (place, mut buffer) = (ledger.doc(doc)?.place, Vec::new());
        let record = self.records.read(place, &mut buffer)?;
        let (dictionary, from) = ledger.dictionary();
        let has_one = !dictionary.is_empty() && doc >= from;
        let known = {
            let mut unpackers = lock(&self.unpackers);
            unpackers.iter().position(|(its, _)| *its == has_one).map(|at| unpackers.swap_remove(at).1)
        };
        let mut unpacker = match known {
            Some(unpacker) => unpacker,
            None => Unpacker::new(if has_one { dictionary } else { &[] }, self.sketcher.clone())?,
        };
        let portrait = how(&mut unpacker, record);
        lock(&self.unpackers).push((has_one, unpacker));
        portrait.ok_or_else(|| self.records.damaged(place))
    }

    /// The front of the record of a document, and its id as JSON.
    pub(super) fn front(&self, doc: u32, ledger: &Ledger) -> Result<(Front, Vec<u8>)> {
        let (place, mut buffer) = (ledger.doc(doc)?.place, Vec::new());
        let record = self.records.read(place, &mut buffer)?;
        let front = Front::read(record).ok_or_else(|| self.records.damaged(place))?;
        let id = front.id(record).0.to_vec();
        Ok((front, id))
    }

    /// What orders documents of equal rank: id, clean text, decoded text.
    pub(super) fn tie(&self, doc: u32, ledger: &Ledger) -> Result<Tie> {
        if let Some(tie) = ledger.tie(doc) {
            return Ok(tie.clone());
        }
        let (front, id) = self.front(doc, ledger)?;
        Ok((id, front.text, front.exact))
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
