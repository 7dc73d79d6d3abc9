//! All postings and slips: the newest in memory, the others in runs on disk, which are merged as
//! they grow, four of a size into one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::io;
use std::iter::Peekable;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Error;
use crate::error::Result;
use crate::index::formulas::Formulas;
use crate::index::memtable::Memtable;
use crate::index::probes::Probes;
use crate::index::run;
use crate::index::run::Run;
use crate::index::slip::Slip;

/// Documents whose postings lie in memory before they become a run. They are made again from the
/// records when an index is opened: half a second.
const PER_RUN: usize = 1 << 14;
/// Postings in memory from which on they become a run, however few documents have them.
const MAX_POSTINGS: usize = 4 << 20;
/// Runs of a size that are merged into one.
const FAN: usize = 4;

/// The postings of an index.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    /// By their first documents, with their numbers.
    runs: Vec<(u32, Run)>,
    formulas: Formulas,
    newest: Memtable,
    /// Of the documents in memory, from `first` on.
    slips: Vec<Slip>,
    first: u32,
    /// Bytes that the filters may take.
    memory: usize,
    per_run: usize,
}

/// The file of a run.
fn path_of(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:06}.run"))
}

impl Shelf {
    /// The postings in `folder`, before the first look at which runs there are.
    pub(super) fn open(folder: &Path, memory: usize, per_run: Option<usize>) -> Self {
        Self {
            folder: folder.to_owned(),
            runs: Vec::new(),
            formulas: Formulas::new(),
            newest: Memtable::new(),
            slips: Vec::new(),
            first: 0,
            memory,
            per_run: per_run.unwrap_or(PER_RUN),
        }
    }

    fn take_runs(&mut self, numbers: &[u32]) -> Result<()> {
        let mut left = self.memory;
        let mut runs = Vec::new();
        for &number in numbers {
            let run = match self.runs.iter().position(|(known, _)| *known == number) {
                Some(at) => self.runs.swap_remove(at).1,
                None => Run::open(&path_of(&self.folder, number), left)?,
            };
            left = left.saturating_sub(run.memory());
            runs.push((number, run));
        }
        runs.sort_unstable_by_key(|(_, run)| run.docs().start);
        self.runs = runs;
        let first = self.runs.last().map_or(0, |(_, run)| run.docs().end);
        if first > self.first {
            // What lay in memory lies in a run now.
            self.newest = Memtable::new();
            self.slips.clear();
            self.first = first;
        }
        Ok(())
    }

    /// Follows what another process has committed.
    pub(super) fn follow(&mut self, numbers: &[u32]) -> Result<()> {
        if self.runs.len() == numbers.len() && self.numbers().all(|number| numbers.contains(&number)) {
            return Ok(());
        }
        self.take_runs(numbers)
    }

    /// The first document that is neither in a run nor in memory.
    pub(super) fn end(&self) -> u32 {
        self.first + self.slips.len() as u32
    }

    /// Takes in the next document, with the hashes by which it is found.
    pub(super) fn push(&mut self, slip: Slip, hashes: impl Iterator<Item = u64>) {
        let doc = self.end();
        self.slips.push(slip);
        hashes.for_each(|hash| self.newest.insert(hash, doc));
    }

    /// Forgets the documents from `end` on, which were not committed.
    pub(super) fn cut(&mut self, end: u32) {
        let keep = end.saturating_sub(self.first) as usize;
        if keep < self.slips.len() {
            self.slips.truncate(keep);
            let mut newest = Memtable::new();
            for (hash, doc) in self.newest.sorted() {
                if doc < end {
                    newest.insert(hash, doc);
                }
            }
            self.newest = newest;
        }
    }

    /// The slip of a document.
    pub(super) fn slip(&self, doc: u32) -> Result<Slip> {
        if let Some(n) = doc.checked_sub(self.first) {
            return Ok(self.slips.get(n as usize).copied().unwrap_or(Slip::NONE));
        }
        let at = self.runs.partition_point(|(_, run)| run.docs().end <= doc);
        self.runs.get(at).map_or(Ok(Slip::NONE), |(_, run)| run.slip(doc))
    }

    /// Notes the documents for each of `probes`: of those in memory, the ones that are smaller than
    /// `end` of whoever asks.
    pub(super) fn look_up(&self, probes: &mut Probes, end: impl Fn(u16) -> u32) -> Result<()> {
        probes.begin();
        for n in 0..probes.len() {
            let probe = probes.get(n);
            let met = |doc| probes.meet(n, doc);
            if probe.is_part && self.formulas.has(probe.hash)
                || self.newest.look_up(probe.hash, end(probe.asker), probe.is_part, met)
            {
                probes.give_up(n);
            }
        }
        probes.end_newest();
        // In the largest run most formulas become known as such, and the others need not be asked.
        let mut runs: Vec<&Run> = self.runs.iter().map(|(_, run)| run).collect();
        runs.sort_by_key(|run| Reverse(run.n_postings()));
        for run in runs {
            run.look_up(probes)?;
        }
        for n in 0..probes.len() {
            let probe = probes.get(n);
            if probe.is_formula() {
                self.formulas.note(probe.hash);
            }
        }
        Ok(())
    }

    fn numbers(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().map(|(number, _)| *number)
    }

    /// Whether what lies in memory should become a run.
    pub(super) fn is_full(&self) -> bool {
        self.slips.len() >= self.per_run || self.newest.len() >= MAX_POSTINGS
    }

    /// Makes a run of what lies in memory, and merges runs where there are many of a size; the
    /// numbers of all there are then. They count when the ledger has noted them.
    pub(super) fn flush(&mut self) -> Result<Vec<u32>> {
        if !self.slips.is_empty() {
            let postings = self.newest.sorted();
            let number = self.next();
            let path = path_of(&self.folder, number);
            let slips = self.slips.iter().copied().map(Ok);
            run::write(&path, self.first, postings.len() as u64, slips, postings.into_iter().map(Ok))?;
            self.add(number)?;
            self.slips.clear();
            self.newest = Memtable::new();
        }
        while let Some(many) = self.many_of_a_size() {
            self.merge(many)?;
        }
        sync_folder(&self.folder)?;
        Ok(self.numbers().collect())
    }

    /// Merges all runs into one.
    pub(super) fn compact(&mut self) -> Result<Vec<u32>> {
        self.flush()?;
        let n_postings: u64 = self.runs.iter().map(|(_, run)| run.n_postings()).sum();
        if self.runs.len() > 1 && n_postings <= run::MAX_POSTINGS {
            self.merge(0)?;
            sync_folder(&self.folder)?;
        }
        Ok(self.numbers().collect())
    }

    fn next(&self) -> u32 {
        self.numbers().max().map_or(1, |number| number + 1)
    }

    fn add(&mut self, number: u32) -> Result<()> {
        let held: usize = self.runs.iter().map(|(_, run)| run.memory()).sum();
        let run = Run::open(&path_of(&self.folder, number), self.memory.saturating_sub(held))?;
        self.first = run.docs().end;
        self.runs.push((number, run));
        Ok(())
    }

    /// From which run on the last ones are of a size, if they are many.
    fn many_of_a_size(&self) -> Option<usize> {
        // Long documents fill a run by their postings.
        let size =
            |run: &Run| (run.docs().len() / self.per_run).max(run.n_postings() as usize / MAX_POSTINGS);
        let class = |run: &Run| size(run).max(1).ilog(FAN);
        let last = class(&self.runs.last()?.1);
        let n = self.runs.iter().rev().take_while(|(_, run)| class(run) <= last).count();
        let from = self.runs.len() - n;
        let n_postings: u64 = self.runs[from..].iter().map(|(_, run)| run.n_postings()).sum();
        (n >= FAN && n_postings <= run::MAX_POSTINGS).then_some(from)
    }

    /// Merges the runs from the `from`th on. Their files stay until the ledger says so.
    fn merge(&mut self, from: usize) -> Result<()> {
        let number = self.next();
        let some = &self.runs[from..];
        let first = some.first().map_or(0, |(_, run)| run.docs().start);
        let most = some.iter().map(|(_, run)| run.n_postings()).sum();
        let slips: Vec<_> = some.iter().map(|(_, run)| run.slips()).collect();
        let n_slips = some.iter().map(|(_, run)| run.docs().len()).sum();
        let slips = Counted { inner: slips.into_iter().flatten(), n: n_slips };
        let postings = Merged::new(some.iter().map(|(_, run)| run.postings()).collect());
        run::write(&path_of(&self.folder, number), first, most, slips, postings)?;
        self.runs.truncate(from);
        self.add(number)
    }

    /// Removes files of runs that no longer count, or never did.
    pub(super) fn sweep(&self) -> Result<()> {
        let at = |e: io::Error| Error::io("clearing", &self.folder, e);
        for entry in fs::read_dir(&self.folder).map_err(at)? {
            let path = entry.map_err(at)?.path();
            let counts = self.runs.iter().any(|(_, run)| run.path() == path);
            if !counts && path.extension().is_some_and(|ending| ending == "run") {
                fs::remove_file(&path).map_err(at)?;
            }
        }
        Ok(())
    }

    /// Bytes of all runs, how many there are, and the bytes of memory that postings take.
    pub(super) fn sizes(&self) -> (u64, usize, usize) {
        let held: usize = self.runs.iter().map(|(_, run)| run.memory()).sum();
        (self.runs.iter().map(|(_, run)| run.size()).sum(), self.runs.len(), held + self.newest.memory())
    }

    /// What does not fit its sum, as sentences.
    pub(super) fn verify(&self) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        let mut end = 0;
        for (number, run) in &self.runs {
            if run.docs().start != end {
                wrong.push(format!("run {number}: it begins at document {}, not {end}", run.docs().start));
            }
            end = run.docs().end;
            wrong.extend(run.verify()?);
        }
        Ok(wrong)
    }
}

/// Waits until the names in `folder` are on the disk.
fn sync_folder(folder: &Path) -> Result<()> {
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|e| Error::io("writing", folder, e))
}

/// Items that are known to be so many.
struct Counted<I> {
    inner: I,
    n: usize,
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.n = self.n.saturating_sub(1);
        self.inner.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.n, Some(self.n))
    }
}

impl<I: Iterator> ExactSizeIterator for Counted<I> {}

/// Postings of several runs in one order.
struct Merged<I: Iterator<Item = Result<(u64, u32)>>> {
    runs: Vec<Peekable<I>>,
    /// The next of each run.
    heads: BinaryHeap<Reverse<(u64, u32, usize)>>,
}

impl<I: Iterator<Item = Result<(u64, u32)>>> Merged<I> {
    fn new(runs: Vec<I>) -> Self {
        let mut merged = Self { runs: Vec::new(), heads: BinaryHeap::new() };
        for (n, run) in runs.into_iter().enumerate() {
            merged.runs.push(run.peekable());
            merged.peek(n);
        }
        merged
    }

    /// Notes the next of run `n`; a failed one comes first.
    fn peek(&mut self, n: usize) {
        match self.runs[n].peek() {
            Some(Ok(posting)) => self.heads.push(Reverse((posting.0, posting.1, n))),
            Some(Err(_)) => self.heads.push(Reverse((0, 0, n))),
            None => (),
        }
    }
}

impl<I: Iterator<Item = Result<(u64, u32)>>> Iterator for Merged<I> {
    type Item = Result<(u64, u32)>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((.., n)) = self.heads.pop()?;
        let posting = self.runs[n].next();
        self.peek(n);
        posting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u64) -> u64 {
        (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16
    }

    /// Two hashes of a document: one of its own, one that a hundred share.
    fn hashes(doc: u32) -> [u64; 2] {
        [hash(u64::from(doc)), hash(u64::from(doc / 100 + 1) << 20)]
    }

    #[test]
    fn merged_runs_answer_as_memory_does() {
        let folder = tempfile::tempdir().unwrap();
        let open = |numbers: &[u32], per_run| {
            let mut shelf = Shelf::open(folder.path(), 1 << 20, Some(per_run));
            shelf.follow(numbers).unwrap();
            shelf
        };
        let (mut small, mut whole) = (open(&[], 50), open(&[], 1 << 20));
        let mut numbers = Vec::new();
        for doc in 0..1_730_u32 {
            for shelf in [&mut small, &mut whole] {
                shelf.push(Slip { key_len: doc, ..Slip::NONE }, hashes(doc).into_iter());
            }
            if small.is_full() {
                numbers = small.flush().unwrap();
                small.sweep().unwrap();
            }
        }
        assert!((3..9).contains(&numbers.len()), "{numbers:?}");
        let asked = |shelf: &Shelf| {
            let own = (0..1_800).map(|doc| (hashes(doc)[0], doc));
            let shared = (0..18).map(|n| (hashes(100 * n)[1], 5_000 + n));
            let mut probes = Probes::default();
            own.chain(shared).for_each(|(hash, asker)| probes.push(hash, asker as usize, 0, false));
            shelf.look_up(&mut probes, |_| u32::MAX).unwrap();
            let mut found = Vec::new();
            let told = probes.tell(5_018, |asker, met| {
                let mut docs: Vec<u32> = met.rows.iter().map(|row| row.1).collect();
                // A hot hash keeps the first documents of each run.
                docs.retain(|&doc| asker < 5_000 || doc % 100 < 50);
                docs.sort_unstable();
                found.push((docs, met.is_cut));
                Ok::<_, Error>(())
            });
            told.unwrap();
            found
        };
        let want = asked(&whole);
        assert!(asked(&small) == want);
        assert_eq!(
            (small.end(), small.slip(40).unwrap().key_len, small.slip(1_729).unwrap().key_len),
            (1_730, 40, 1_729)
        );
        assert_eq!(small.verify().unwrap(), Vec::<String>::new());
        let numbers = small.compact().unwrap();
        assert_eq!((asked(&small) == want, numbers.len(), small.sizes().1), (true, 1, 1));
        small.sweep().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut again = open(&numbers, 50);
        assert_eq!((asked(&again) == want, again.end()), (true, 1_730));
        again.push(Slip::NONE, hashes(1_730).into_iter());
        again.cut(1_730);
        assert_eq!(again.end(), 1_730);
    }

    /// What is met by a part that documents below `end` may have, and whether it tells nothing.
    fn part(shelf: &Shelf, hash: u64, end: u32) -> (usize, bool) {
        let (mut probes, mut found) = (Probes::default(), (0, false));
        probes.push(hash, 0, 7, true);
        shelf.look_up(&mut probes, |_| end).unwrap();
        let told = probes.tell(1, |_, met| {
            found = (met.rows.len(), met.n_hot == 1);
            Ok::<_, Error>(())
        });
        told.unwrap();
        found
    }

    #[test]
    fn a_part_is_given_up_where_many_have_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = Shelf::open(folder.path(), 1 << 20, Some(40));
        shelf.follow(&[]).unwrap();
        let push = |shelf: &mut Shelf, n| (0..n).for_each(|_| shelf.push(Slip::NONE, [7, 8].into_iter()));
        push(&mut shelf, 40);
        shelf.flush().unwrap();
        push(&mut shelf, 40);
        // 40 of the run, and of those in memory the ones that had come before whoever asks.
        assert_eq!(part(&shelf, 7, 63), (63, false));
        assert_eq!(part(&shelf, 7, 64), (0, true));
        assert_eq!(part(&shelf, 7, 63), (63, false));
        // What is taken back makes no formula, and may come again.
        shelf.cut(50);
        assert_eq!((part(&shelf, 7, 80), part(&shelf, 8, 80)), ((50, false), (50, false)));
        push(&mut shelf, 30);
        assert_eq!(part(&shelf, 7, 80), (0, true));
        shelf.flush().unwrap();
        push(&mut shelf, 40);
        // Of two runs there are enough; that is remembered.
        assert_eq!(part(&shelf, 7, 0), (0, true));
        assert!(shelf.formulas.has(7) && !shelf.formulas.has(8));
        assert_eq!(part(&shelf, 7, 0), (0, true));
        shelf.compact().unwrap();
        assert_eq!((part(&shelf, 7, 0), part(&shelf, 8, 0)), ((0, true), (0, true)));
    }
}
