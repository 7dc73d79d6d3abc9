//! One sorted run of postings: a file that is written once and never changed.
//!
//! ```text
//! head | where each bucket begins | filter | slips | postings
//! ```
//!
//! A bucket holds the hashes that begin with the same bits; a posting is the last 32 bits of its
//! hash and the number of its document. Slips stand in the order of the documents, which are all
//! those from `first` on. All numbers are little-endian. Each part has its sum in the head.

use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use xxhash_rust::xxh3::Xxh3;

use crate::disk::read_at;
use crate::disk::write_at;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::index::filter;
use crate::index::filter::LINE;
use crate::index::posting::MAX_PER_HASH;
use crate::index::probes::Probes;
use crate::index::slip::SLIP;
use crate::index::slip::Slip;

/// The first bytes of a run.
const MAGIC: &[u8; 8] = b"jwrun\0\0\x01";
/// Bytes of the head.
const HEAD: usize = 96;
/// Bytes of a posting.
const POSTING: usize = 8;
/// Postings of a bucket, about.
const PER_BUCKET: u64 = 128;
/// With fewer bits of the bucket and 32 of the posting a hash would not be whole.
const LEAST_BITS: u32 = 16;
const MOST_BITS: u32 = 28;
/// Postings of a run, whose buckets count in 32 bits.
pub(super) const MAX_POSTINGS: u64 = u32::MAX as u64;
/// Bytes that are written or read together.
const BLOCK: usize = 256 << 10;

/// What the head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    bits: u32,
    first: u32,
    n_docs: u32,
    n_postings: u64,
    n_lines: u64,
    /// Of the buckets, the filter, the slips and the postings.
    sums: [u64; 4],
}

impl Head {
    fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = Vec::with_capacity(HEAD);
        bytes.extend_from_slice(MAGIC);
        for n in [self.bits, self.first, self.n_docs, 0] {
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        for n in [self.n_postings, self.n_lines].into_iter().chain(self.sums) {
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        bytes.resize(HEAD - 8, 0);
        bytes.extend_from_slice(&filter::sum(&bytes).to_le_bytes());
        bytes.try_into().unwrap_or([0; HEAD])
    }

    /// `None` where the sum does not fit.
    fn read(bytes: &[u8; HEAD]) -> Option<Self> {
        let word = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        let half = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
        let fits = bytes.starts_with(MAGIC) && word(HEAD - 8) == filter::sum(&bytes[..HEAD - 8]);
        let bits = half(8);
        // A forged head must not overflow what is reckoned with it.
        let fits = fits
            && half(12).checked_add(half(16)).is_some()
            && word(24) <= MAX_POSTINGS
            && word(32) <= filter::n_lines(64 * MAX_POSTINGS);
        (fits && (LEAST_BITS..=MOST_BITS).contains(&bits)).then(|| Self {
            bits,
            first: half(12),
            n_docs: half(16),
            n_postings: word(24),
            n_lines: word(32),
            sums: [word(40), word(48), word(56), word(64)],
        })
    }

    /// Where the buckets, the filter, the slips and the postings begin, and the end.
    fn places(&self) -> [u64; 5] {
        let buckets = HEAD as u64;
        let filter = buckets + 4 * ((1 << self.bits) + 1);
        let slips = filter + LINE as u64 * self.n_lines;
        let postings = slips + (SLIP as u64) * u64::from(self.n_docs);
        [buckets, filter, slips, postings, postings + POSTING as u64 * self.n_postings]
    }
}

/// A part of a file that grows from its place on.
struct Part<'a> {
    file: &'a File,
    path: &'a Path,
    at: u64,
    buffer: Vec<u8>,
    sum: Xxh3,
}

impl<'a> Part<'a> {
    fn new(file: &'a File, path: &'a Path, at: u64) -> Self {
        Self { file, path, at, buffer: Vec::with_capacity(BLOCK), sum: Xxh3::new() }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        write_at(self.file, self.at, &self.buffer).map_err(|e| Error::io("writing", self.path, e))?;
        self.sum.update(&self.buffer);
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<u64> {
        self.flush()?;
        Ok(self.sum.digest())
    }
}

/// Writes a run of at most `most` postings, which come by hash and document, and of the documents
/// from `first` on, of which `slips` come in order. A hash keeps [`MAX_PER_HASH`] documents.
pub(super) fn write(
    path: &Path,
    first: u32,
    most: u64,
    mut slips: impl ExactSizeIterator<Item = Result<Slip>>,
    postings: impl Iterator<Item = Result<(u64, u32)>>,
) -> Result<()> {
    let at = |e: io::Error| Error::io("writing", path, e);
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path).map_err(at)?;
    let bits = (most / PER_BUCKET).max(1).ilog2().clamp(LEAST_BITS, MOST_BITS);
    let n_lines = filter::n_lines(most);
    let n_docs = slips.len() as u32;
    let mut head = Head { bits, first, n_docs, n_postings: 0, n_lines, sums: [0; 4] };
    let [buckets, filter_at, slips_at, postings_at, _] = head.places();
    let mut part = Part::new(&file, path, slips_at);
    slips.try_for_each(|slip| part.push(&slip?.bytes()))?;
    head.sums[2] = part.finish()?;
    let (mut buckets, mut lines) = (Part::new(&file, path, buckets), Part::new(&file, path, filter_at));
    let mut part = Part::new(&file, path, postings_at);
    let (mut bucket, mut line_no, mut line) = (0, 0, [0; LINE]);
    let (mut last, mut n_same) = (u64::MAX, 0);
    buckets.push(&0_u32.to_le_bytes())?;
    for posting in postings {
        let (hash, doc) = posting?;
        n_same = if hash == last { n_same + 1 } else { 0 };
        last = hash;
        if n_same == MAX_PER_HASH {
            n_same -= 1;
            continue;
        }
        while bucket < hash >> (48 - bits) {
            buckets.push(&(head.n_postings as u32).to_le_bytes())?;
            bucket += 1;
        }
        let its_line = filter::line_of(hash, n_lines);
        while line_no < its_line {
            lines.push(&line)?;
            line = [0; LINE];
            line_no += 1;
        }
        filter::note(&mut line, hash);
        part.push(&(hash as u32).to_le_bytes())?;
        part.push(&doc.to_le_bytes())?;
        head.n_postings += 1;
        if head.n_postings > MAX_POSTINGS {
            let what = format!("{}: more than {MAX_POSTINGS} postings in one run", path.display());
            return Err(Error::new(Kind::Usage, what).advised("start another index"));
        }
    }
    while bucket < 1 << bits {
        buckets.push(&(head.n_postings as u32).to_le_bytes())?;
        bucket += 1;
    }
    while line_no < n_lines {
        lines.push(&line)?;
        line = [0; LINE];
        line_no += 1;
    }
    head.sums = [buckets.finish()?, lines.finish()?, head.sums[2], part.finish()?];
    write_at(&file, 0, &head.bytes()).map_err(at)?;
    file.sync_all().map_err(at)
}

/// An open run.
#[derive(Debug)]
pub(super) struct Run {
    file: File,
    path: PathBuf,
    head: Head,
    buckets: Vec<u32>,
    /// Empty where it did not fit in memory.
    filter: Vec<u8>,
}

impl Run {
    /// Opens the run in `path`; its filter is held in memory if it takes no more than `memory` bytes.
    pub(super) fn open(path: &Path, memory: usize) -> Result<Self> {
        let at = |e: io::Error| Error::io("reading", path, e);
        let file = File::open(path).map_err(at)?;
        let mut bytes = [0; HEAD];
        read_at(&file, 0, &mut bytes).map_err(at)?;
        let damaged = |what: &str| {
            let what = format!("{} is no run of this program or is damaged: {what}", path.display());
            Error::new(Kind::Damaged, what).advised("add the documents to a new index")
        };
        let head = Head::read(&bytes).ok_or_else(|| damaged("its head (byte 0) does not fit its sum"))?;
        let [buckets_at, filter_at, .., end] = head.places();
        let length = file.metadata().map_err(at)?.len();
        if length != end {
            return Err(damaged(&format!("it has {length} bytes, and its head says {end}")));
        }
        let mut bytes = vec![0; 4 * ((1 << head.bits) + 1)];
        read_at(&file, buckets_at, &mut bytes).map_err(at)?;
        if filter::sum(&bytes) != head.sums[0] {
            return Err(damaged(&format!("its buckets (byte {buckets_at}) do not fit their sum")));
        }
        let buckets: Vec<u32> = bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        if !buckets.is_sorted() || buckets.last().is_some_and(|&end| u64::from(end) != head.n_postings) {
            return Err(damaged(&format!("its buckets (byte {buckets_at}) are in no order")));
        }
        let size = head.n_lines as usize * LINE;
        let mut filter = Vec::new();
        if size <= memory {
            filter.resize(size, 0);
            read_at(&file, filter_at, &mut filter).map_err(at)?;
            if filter::sum(&filter) != head.sums[1] {
                return Err(damaged(&format!("its filter (byte {filter_at}) does not fit its sum")));
            }
        }
        Ok(Self { file, path: path.to_owned(), head, buckets, filter })
    }

    /// Its documents, from the first to behind the last.
    pub(super) fn docs(&self) -> std::ops::Range<u32> {
        self.head.first..self.head.first + self.head.n_docs
    }

    pub(super) fn n_postings(&self) -> u64 {
        self.head.n_postings
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        self.head.places()[4]
    }

    /// Bytes that it holds in memory.
    pub(super) fn memory(&self) -> usize {
        self.filter.len() + 4 * self.buckets.len()
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        read_at(&self.file, at, into).map_err(|e| Error::io("reading", &self.path, e))
    }

    /// Notes the documents for each of `probes`, which are sorted.
    pub(super) fn look_up(&self, probes: &mut Probes) -> Result<()> {
        let [_, filter_at, _, postings_at, _] = self.head.places();
        let (mut line, mut line_no) = ([0; LINE], u64::MAX);
        let (mut bucket, mut bytes) = (usize::MAX, Vec::new());
        for n in 0..probes.len() {
            let probe = probes.get(n);
            if probe.is_over() {
                continue;
            }
            let number = filter::line_of(probe.hash, self.head.n_lines);
            let may_have = if self.filter.is_empty() {
                if number != line_no {
                    self.read(filter_at + number * LINE as u64, &mut line)?;
                    line_no = number;
                }
                filter::may_have(&line, probe.hash)
            } else {
                let at = number as usize * LINE;
                filter::may_have(&self.filter[at..at + LINE], probe.hash)
            };
            if !may_have {
                continue;
            }
            let number = (probe.hash >> (48 - self.head.bits)) as usize;
            if number != bucket {
                let (start, end) = (self.buckets[number], self.buckets[number + 1].max(self.buckets[number]));
                bytes.resize((end - start) as usize * POSTING, 0);
                self.read(postings_at + u64::from(start) * POSTING as u64, &mut bytes)?;
                bucket = number;
            }
            let last = probe.hash as u32;
            for posting in bytes.as_chunks::<POSTING>().0 {
                let (its, doc) = split(*posting);
                if its == last {
                    probes.meet(n, doc);
                }
            }
        }
        Ok(())
    }

    /// The slip of a document of this run.
    pub(super) fn slip(&self, doc: u32) -> Result<Slip> {
        let mut bytes = [0; SLIP];
        let at = self.head.places()[2] + u64::from(doc - self.head.first) * SLIP as u64;
        self.read(at, &mut bytes)?;
        Ok(Slip::read(&bytes))
    }

    /// All slips, in order.
    pub(super) fn slips(&self) -> impl ExactSizeIterator<Item = Result<Slip>> + '_ {
        // Some thousand at a time: a call of the system for each would take most of a merge.
        let mut block = Vec::new();
        let per_block = BLOCK / SLIP;
        (0..self.head.n_docs as usize).map(move |n| {
            if n.is_multiple_of(per_block) {
                let rest = self.head.n_docs as usize - n;
                block.resize(rest.min(per_block) * SLIP, 0);
                self.read(self.head.places()[2] + (n * SLIP) as u64, &mut block)?;
            }
            let at = n % per_block * SLIP;
            Ok(Slip::read(block[at..].first_chunk().unwrap_or(&[0; SLIP])))
        })
    }

    /// All postings, by hash and document.
    pub(super) fn postings(&self) -> impl Iterator<Item = Result<(u64, u32)>> + '_ {
        let (mut block, mut bucket) = (Vec::new(), 0);
        let per_block = BLOCK / POSTING;
        (0..self.head.n_postings).map(move |n| {
            let in_block = n as usize % per_block;
            if in_block == 0 {
                let rest = (self.head.n_postings - n) as usize;
                block.resize(rest.min(per_block) * POSTING, 0);
                self.read(self.head.places()[3] + n * POSTING as u64, &mut block)?;
            }
            while self.buckets.get(bucket + 1).is_some_and(|&end| u64::from(end) <= n) {
                bucket += 1;
            }
            let (last, doc) = split(*block[in_block * POSTING..].first_chunk().unwrap_or(&[0; POSTING]));
            // Bucket and posting overlap where there are more than sixteen bits of the bucket.
            let high = (bucket as u64) << (48 - self.head.bits) & !u64::from(u32::MAX);
            Ok((high | u64::from(last), doc))
        })
    }

    /// What does not fit its sum, as sentences.
    pub(super) fn verify(&self) -> Result<Vec<String>> {
        let places = self.head.places();
        let mut wrong = Vec::new();
        let mut block = vec![0; BLOCK];
        for (part, name) in ["buckets", "filter", "slips", "postings"].into_iter().enumerate() {
            let (mut at, end, mut sum) = (places[part], places[part + 1], Xxh3::new());
            while at < end {
                let some = &mut block[..BLOCK.min((end - at) as usize)];
                self.read(at, some)?;
                sum.update(some);
                at += some.len() as u64;
            }
            if sum.digest() != self.head.sums[part] {
                let (path, at) = (self.path.display(), places[part]);
                wrong.push(format!("{path}: its {name} (from byte {at} on) do not fit their sum"));
            }
        }
        Ok(wrong)
    }
}

/// The last bits of the hash and the document of a posting.
fn split(posting: [u8; POSTING]) -> (u32, u32) {
    let word = u64::from_le_bytes(posting);
    (word as u32, (word >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u64) -> u64 {
        (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16
    }

    fn made(path: &Path, n: u32) -> Vec<(u64, u32)> {
        let mut rows: Vec<(u64, u32)> = (0..n).map(|doc| (hash(u64::from(doc / 3)), doc)).collect();
        rows.extend((0..100).map(|doc| (hash(1 << 40), doc)));
        rows.sort_unstable();
        let slips = (0..n).map(|doc| Ok(Slip { key_len: doc, ..Slip::NONE }));
        let slips = slips.collect::<Vec<_>>().into_iter();
        write(path, 10, rows.len() as u64, slips, rows.iter().copied().map(Ok)).unwrap();
        rows
    }

    #[test]
    fn a_run_gives_back_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.run");
        let mut rows = made(&path, 9_000);
        // A hot hash keeps its first documents.
        rows.retain(|&(h, doc)| h != hash(1 << 40) || doc < MAX_PER_HASH as u32);
        for memory in [0, 1 << 20] {
            let run = Run::open(&path, memory).unwrap();
            assert_eq!(run.docs(), 10..9_010);
            assert_eq!(run.postings().collect::<Result<Vec<_>>>().unwrap(), rows);
            let lens: Vec<u32> = run.slips().map(|slip| slip.unwrap().key_len).collect();
            assert!(lens.iter().copied().eq(0..9_000));
            assert_eq!(run.slip(17).unwrap().key_len, 7);
            let mut probes = Probes::default();
            (0..6_000).for_each(|n| probes.push(hash(n), n as usize, 0, false));
            probes.push(hash(1 << 40), 6_000, 1, false);
            probes.push(hash(1 << 40), 6_001, 2, true);
            probes.begin();
            run.look_up(&mut probes).unwrap();
            let told = probes.tell(6_002, |asker, met| {
                let docs: Vec<u32> = met.rows.iter().map(|row| row.1).collect();
                let n = asker as u32;
                let want = match n {
                    0..3_000 => (3 * n..3 * n + 3, false, 0),
                    6_000 => (0..MAX_PER_HASH as u32, true, 0),
                    // A formula tells nothing.
                    _ => (0..0, false, u32::from(n == 6_001)),
                };
                assert_eq!((docs, met.is_cut, met.n_hot), (want.0.collect(), want.1, want.2), "{asker}");
                Ok::<_, Error>(())
            });
            told.unwrap();
            assert_eq!(run.verify().unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.run");
        made(&path, 900);
        let whole = std::fs::read(&path).unwrap();
        let n = whole.len();
        for (at, is_refused) in [(3, true), (50, true), (200, true), (n - 5, false)] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            match Run::open(&path, 1 << 20) {
                Ok(run) => assert!(!is_refused && run.verify().unwrap().len() == 1, "{at}"),
                Err(error) => assert!(is_refused && error.to_string().contains("1.run"), "{at}: {error}"),
            }
        }
        std::fs::write(&path, &whole[..n - 1]).unwrap();
        assert!(Run::open(&path, 0).is_err());
    }
}
