//! An index that is open for writing.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::copies::Sketcher;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::index::answer::Stats;
use crate::index::answer::Verdict;
use crate::index::answer::asked;
use crate::index::answer::stats;
use crate::index::answer::verdict;
use crate::index::candidates::Arrival;
use crate::index::core::Core;
use crate::index::core::LEDGER;
use crate::index::feed::means;
use crate::index::preparing::Means;
use crate::index::preparing::Meta;
use crate::index::preparing::Page;
use crate::index::preparing::Preparing;
use crate::index::probes::MAX_ASKED;
use crate::index::resolve::clear_work;
use crate::index::ruling::Ruling;
use crate::index::settings::Header;
use crate::index::settings::Settings;
use crate::index::settings::Sync;
use crate::pipeline::Cleaner;
use crate::pipeline::Workers;

/// Documents that are added and made durable together.
const PER_COMMIT: usize = 1024;
/// What a folder holds before its header.
const OURS: &[&str] = &[LEDGER, "records", "runs", ".index.json.part"];
/// Bytes of texts from which on fewer are.
const MAX_WEIGHT: usize = 32 << 20;
/// They ask together where they belong.
const _: () = assert!(PER_COMMIT <= MAX_ASKED);

/// A persistent index of documents, for a crawler that asks page by page whether it has a document
/// already. It lives in a folder, needs no server, and answers for the set as it stands.
///
/// One process writes, any number of processes read ([`Reader`](crate::index::Reader)).
///
/// ```
/// use jingwen::index::{Index, Meta, Settings, Verdict};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("seen");
/// Index::create(&path, &Settings::default())?;
/// let mut index = Index::open(&path, &Settings::default())?;
/// let page = "关于做好防汛工作的通知\n各县,各部门:汛期实行24小时值班,重要情况随时报告;节假日不得脱岗。";
/// assert_eq!(index.check_and_add("a/1", page, &Meta::default())?, Verdict::New);
/// let noisy = page.replace(',', "★,");
/// let Verdict::Copy { of, .. } = index.check_and_add("b/7", &noisy, &Meta::default())? else { panic!() };
/// assert_eq!(of, "a/1");
/// index.sync()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Cost
///
/// Some 170 µs of CPU a bulletin, 2.1 KB of disk; docs/index.md has the figures. A
/// call that fills a run of postings writes it, and now and then merges runs: such a call takes up
/// to seconds in an index of millions.
pub struct Index {
    core: Core,
    preparing: Preparing,
    workers: Workers,
    sync: Sync,
    has_default_seed: bool,
    path: PathBuf,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Index {
    /// Makes an empty index in the folder `path`, which must not exist or be empty.
    ///
    /// # Errors
    ///
    /// If the folder is not empty or cannot be written, or the settings name rules that do not exist.
    pub fn create(path: &Path, settings: &Settings) -> Result<()> {
        let header = Header::new(settings)?;
        if path.exists() {
            let at = |e| Error::io("reading", path, e);
            let names = fs::read_dir(path).map_err(at)?.map(|entry| Ok(entry?.file_name()));
            let names = names.collect::<std::io::Result<Vec<_>>>().map_err(at)?;
            // What a killed `create` left has no header yet.
            let is_ours = |name: &OsString| OURS.iter().any(|ours| name.as_os_str() == *ours);
            if !names.iter().all(is_ours) {
                let what = format!("{} exists and is not empty", path.display());
                return Err(Error::new(Kind::Exists, what).advised("name a new folder for the index"));
            }
            if !names.is_empty() {
                fs::remove_dir_all(path).map_err(|e| Error::io("clearing", path, e))?;
            }
        }
        fs::create_dir_all(path).map_err(|e| Error::creating(path, e))?;
        Core::create(path)?;
        header.write(path)
    }

    /// Opens the index in the folder `path` for writing. Of `settings`, the rules are those that the
    /// index was made with.
    ///
    /// # Errors
    ///
    /// If it is no index, another process writes to it (exit code 75), it is of a newer version, was
    /// made with another seed or under other rules, or is damaged.
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        let (core, preparing, settings) = Core::opened(path, settings, true)?;
        let workers = Workers::new(settings.jobs)?;
        // A decision that was killed left its lists.
        clear_work(path)?;
        let has_default_seed = settings.seed.is_none();
        let path = path.to_owned();
        Ok(Self { core, preparing, workers, sync: settings.sync, has_default_seed, path })
    }

    /// Says what the document is among those that are known, and adds it. The text is cleaned first, as
    /// the index was made to; it may be HTML.
    ///
    /// A document that comes again, with the same id and the same text, is told what it was told
    /// before. One with the same id and another text is a new revision: both take part.
    ///
    /// # Errors
    ///
    /// If the disk fails. What was added since the last commit is taken back then.
    pub fn check_and_add(&mut self, id: &str, text: &str, meta: &Meta<'_>) -> Result<Verdict> {
        let page = Page { id, text, meta: meta.clone() };
        let Some(arrival) = self.preparing.arrival(&page, &self.core.means())? else {
            return Ok(Verdict::Empty);
        };
        let ruling = self.core.add(&[&arrival], &self.workers)?.pop();
        let pending = self.core.ledger.n_docs() - self.core.ledger.n_committed();
        if self.sync == Sync::Each || pending as usize >= PER_COMMIT {
            self.core.commit()?;
        }
        verdict(&ruling.unwrap_or(Ruling::New), &arrival.portrait, &self.core)
    }

    /// As [`Index::check_and_add`] for many documents, on all threads; the verdicts are those of one
    /// after the other. Everything is durable when it returns.
    ///
    /// # Errors
    ///
    /// If the disk fails. The documents before the thousand in which it failed are added.
    pub fn add_batch(&mut self, pages: &[Page<'_>]) -> Result<Vec<Verdict>> {
        let weight = |page: &Page<'_>| page.id.len() + page.text.len();
        let told = self.add_all(pages, weight, |preparing, page, means| preparing.arrival(page, means))?;
        Ok(told.into_iter().map(|told| told.unwrap_or(Verdict::Empty)).collect())
    }

    /// As [`Index::add_batch`] for documents that the pipeline has read and painted.
    pub(crate) fn add_records(&mut self, records: &[&[u8]]) -> Result<Vec<Verdict>> {
        let told = self.add_all(
            records,
            |record| record.len(),
            |preparing, record, means| preparing.of_record(record, means).map(Some),
        )?;
        Ok(told.into_iter().flatten().collect())
    }

    /// Adds all of `items` that `prepare` leaves something of, by the thousand: while one is added and
    /// made durable, the next one is prepared.
    fn add_all<T: std::marker::Sync>(
        &mut self,
        items: &[T],
        weight: impl Fn(&T) -> usize,
        prepare: impl Fn(&Preparing, &T, &Means) -> Result<Option<Arrival>> + std::marker::Sync,
    ) -> Result<Vec<Option<Verdict>>> {
        let Self { core, preparing, workers, .. } = self;
        let prepared =
            |some: &[T], means: &Means| workers.map(some.len(), &|n| prepare(preparing, &some[n], means));
        let mut verdicts = Vec::with_capacity(items.len());
        let mut rest = items;
        let mut cut = || {
            let mut bytes = 0;
            let some = rest.iter().take(PER_COMMIT).take_while(|&item| {
                let fits = bytes < MAX_WEIGHT;
                bytes += weight(item);
                fits
            });
            let (some, behind) = rest.split_at(some.count());
            rest = behind;
            some
        };
        let (mut now, mut means) = (cut(), core.means());
        let mut ready = prepared(now, &means)?;
        while !now.is_empty() {
            let next = cut();
            let (told, then) = workers.join(|| take(core, &ready, workers), || prepared(next, &means));
            verdicts.extend(told?);
            ready = then?;
            if core.ledger.dictionary().0.len() != means.dictionary.len() {
                means = core.means();
                ready = prepared(next, &means)?;
            }
            now = next;
        }
        Ok(verdicts)
    }

    /// What a document would be among those that are known; it is not added.
    ///
    /// # Errors
    ///
    /// If the disk fails.
    pub fn query(&mut self, text: &str, meta: &Meta<'_>) -> Result<Verdict> {
        asked(&mut self.core, &self.preparing, text, meta)
    }

    /// Makes everything durable that was added.
    ///
    /// # Errors
    ///
    /// If the disk fails; the index has to be opened again then.
    pub fn sync(&mut self) -> Result<()> {
        self.core.commit()
    }

    /// What it holds. One look at all texts.
    ///
    /// # Errors
    ///
    /// If the disk fails.
    pub fn stats(&self) -> Result<Stats> {
        stats(&self.core, &self.path)
    }

    /// Holds everything that is stored against its sums and against itself: each sentence says what is
    /// wrong; none means that all is well. Reads everything.
    ///
    /// # Errors
    ///
    /// If the disk fails.
    pub fn verify(&mut self) -> Result<Vec<String>> {
        self.core.commit()?;
        self.core.verify(&self.workers)
    }

    /// Merges all postings into one run and gives back what the disk need not hold. Look-ups are
    /// quickest behind it.
    ///
    /// # Errors
    ///
    /// If the disk fails, or is full: for a while the postings stand there twice.
    pub fn compact(&mut self) -> Result<()> {
        self.core.compact()
    }

    /// Each document is made durable before the next one.
    pub(super) fn syncs_each(&self) -> bool {
        self.sync == Sync::Each
    }

    /// It was made with the published seed.
    pub(super) fn has_default_seed(&self) -> bool {
        self.has_default_seed
    }

    /// What the pipeline needs to paint as this index does.
    pub(super) fn means(&self) -> (Option<Cleaner>, Sketcher) {
        means(&self.core, &self.preparing)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn parts(&mut self) -> (&mut Core, &Path) {
        (&mut self.core, &self.path)
    }
}

impl Drop for Index {
    /// What was added is made durable; where that fails nobody hears of it. Call [`Index::sync`] to know.
    fn drop(&mut self) {
        let _ = self.core.commit();
    }
}

/// Adds what was prepared, and makes it durable.
fn take(core: &mut Core, ready: &[Option<Arrival>], workers: &Workers) -> Result<Vec<Option<Verdict>>> {
    let arrivals: Vec<&Arrival> = ready.iter().flatten().collect();
    let rulings = core.add(&arrivals, workers)?;
    core.commit()?;
    let core = &*core;
    let told = workers.map(rulings.len(), &|n| verdict(&rulings[n], &arrivals[n].portrait, core))?;
    let mut told = told.into_iter();
    Ok(ready.iter().map(|arrival| arrival.as_ref().and_then(|_| told.next())).collect())
}
