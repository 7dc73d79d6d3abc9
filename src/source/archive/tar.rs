//! tar, read as it streams: of one header after another, each member as an input of its own.
//!
//! The crate of this name stops at the first damaged header, takes names of any length into memory
//! and does not say where in the file it is; here a damaged header costs its member only.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::source::archive::Labels;
use crate::source::archive::MAX_MEMBERS;
use crate::source::archive::Member;
use crate::source::batch::Batch;
use crate::source::batch::Cause;
use crate::source::batch::Item;
use crate::source::batch::Loss;
use crate::source::batch::Origin;
use crate::source::input::Input;
use crate::source::unpack::Damage;
use crate::source::unpack::Stream;

const BLOCK: usize = 512;

/// Bytes of the fields that stand before a member: long names, PAX records.
const MAX_EXTENSION: u64 = 64 * 1024;

/// A member cannot be larger; a header that says so is damaged.
const MAX_SIZE: u64 = 1 << 50;

/// Where in a header its fields stand (POSIX ustar).
const NAME: std::ops::Range<usize> = 0..100;
const SIZE: std::ops::Range<usize> = 124..136;
const SUM: std::ops::Range<usize> = 148..156;
const SORT: usize = 156;
const MAGIC: std::ops::Range<usize> = 257..262;
const PREFIX: std::ops::Range<usize> = 345..500;
/// GNU: another header of holes follows.
const MORE_HOLES: usize = 482;
const MORE_HOLES_AGAIN: usize = 504;

/// Tells whether a header stands there.
pub(in crate::source) fn is_start(head: &[u8]) -> bool {
    head.get(..BLOCK).is_some_and(|block| is_header(block) && block[0] != 0)
}

/// The archive and how much of the present member is left; the reader of the member shares it.
pub(in crate::source) struct Part {
    input: Input,
    left: u64,
    /// The member ended too early, which its reader has told.
    broken: bool,
}

impl Part {
    /// Bytes of the present member; 0 at its end.
    pub(in crate::source) fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        if self.left == 0 {
            return Ok(0);
        }
        let most = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.input.read(&mut into[..most]);
        match read {
            Ok(n) if n > 0 => {
                self.left -= n as u64;
                Ok(n)
            }
            Ok(_) => {
                let (left, at) = (self.left, self.input.disk_at());
                (self.left, self.broken) = (0, true);
                let what = format!("the archive ends {left} bytes before the end of this member");
                Err(Damage { cause: Cause::Damaged, what, at, unverified: false })
            }
            Err(damage) => {
                (self.left, self.broken) = (0, true);
                Err(damage)
            }
        }
    }

    pub(in crate::source) fn disk_at(&self) -> u64 {
        self.input.disk_at()
    }
}

/// A tar archive that is being read.
pub(in crate::source) struct Tar {
    origin: Arc<Origin>,
    part: Arc<Mutex<Part>>,
    /// Bytes behind the present member up to the next block.
    padding: u64,
    labels: Labels,
    members: usize,
    /// Blocks of zeros say that the archive ends; another one may follow.
    is_behind_end: bool,
    anything: bool,
    ended: bool,
}

/// What stands before a member and is about it.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
}

impl Tar {
    pub(in crate::source) fn new(origin: Arc<Origin>, stream: Stream) -> Self {
        let part = Part { input: Input::layer(stream), left: 0, broken: false };
        Self {
            origin,
            part: Arc::new(Mutex::new(part)),
            padding: 0,
            labels: Labels::default(),
            members: 0,
            is_behind_end: false,
            anything: false,
            ended: false,
        }
    }

    pub(in crate::source) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    pub(in crate::source) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(in crate::source) fn disk_at(&self) -> u64 {
        self.lock().disk_at()
    }

    fn lock(&self) -> MutexGuard<'_, Part> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next member, once that before it is read; none while there is nothing but losses, which go
    /// to `batch`, or at the end.
    pub(in crate::source) fn next(&mut self, batch: &mut Batch) -> Option<(Input, Member)> {
        self.leave_member(batch);
        let mut about = Extension::default();
        while !self.ended && !batch.is_full() {
            let at = self.lock().input.at();
            let block = {
                let mut part = self.lock();
                let bytes = part.input.peek(BLOCK);
                bytes[..bytes.len().min(BLOCK)].to_vec()
            };
            if block.len() < BLOCK {
                self.finish(batch, at, &block);
                return None;
            }
            if block.iter().all(|b| *b == 0) {
                self.lock().input.consume(BLOCK);
                self.is_behind_end = true;
                continue;
            }
            if !is_header(&block) {
                let what = if self.is_behind_end {
                    "what stands behind the end of the archive is not read"
                } else {
                    "the header of a member is damaged"
                };
                self.lose(batch, at, what.to_owned());
                continue;
            }
            self.is_behind_end = false;
            self.lock().input.consume(BLOCK);
            let size = about.size.or_else(|| number(&block[SIZE])).filter(|size| *size <= MAX_SIZE);
            let Some(size) = size else {
                self.lose(batch, at, "the header of a member gives no possible size".to_owned());
                about = Extension::default();
                continue;
            };
            let sort = block[SORT];
            match sort {
                b'x' | b'L' => self.extend(batch, at, sort, size, &mut about),
                b'K' | b'g' => self.skip_data(size),
                b'1'..=b'6' => {
                    batch.pass(match sort {
                        b'1' | b'2' => "link in an archive",
                        b'5' => "folder in an archive",
                        _ => "device in an archive",
                    });
                    about = Extension::default();
                }
                b'D' | b'M' | b'N' | b'V' => {
                    batch.pass("note of tar");
                    self.skip_data(size);
                    about = Extension::default();
                }
                _ => {
                    let name = about.name.take().unwrap_or_else(|| name_of(&block));
                    let is_sparse = sort == b'S' || about.is_sparse;
                    about = Extension::default();
                    if let Some(found) = self.member(batch, at, &block, &name, size, is_sparse) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }

    fn member(
        &mut self,
        batch: &mut Batch,
        at: u64,
        block: &[u8],
        name: &[u8],
        size: u64,
        is_sparse: bool,
    ) -> Option<(Input, Member)> {
        if name.ends_with(b"/") && matches!(block[SORT], 0 | b'0') && size == 0 {
            batch.pass("folder in an archive");
            return None;
        }
        self.anything = true;
        self.members += 1;
        if self.members > MAX_MEMBERS {
            let what = format!("the archive has more than {MAX_MEMBERS} members: the rest is not read");
            self.push_loss(batch, at, Cause::OverLimit, what);
            self.ended = true;
            return None;
        }
        let label = self.labels.give(name);
        if is_sparse {
            if block[SORT] == b'S' && block[MORE_HOLES] != 0 {
                self.skip_holes();
            }
            self.skip_data(size);
            self.push_loss(
                batch,
                at,
                Cause::Unsupported,
                format!("the member {label:?} is a file with holes (sparse)"),
            );
            return None;
        }
        self.padding = size.next_multiple_of(BLOCK as u64) - size;
        self.lock().left = size;
        Some((Input::part(Arc::clone(&self.part), size), Member { name: label, size }))
    }

    /// Reads a long name or PAX records, which are about the next member.
    fn extend(&mut self, batch: &mut Batch, at: u64, sort: u8, size: u64, about: &mut Extension) {
        if size > MAX_EXTENSION {
            self.skip_data(size);
            let what = format!("a name of {size} bytes, above {MAX_EXTENSION}, is not read");
            return self.push_loss(batch, at, Cause::OverLimit, what);
        }
        let bytes = {
            let mut part = self.lock();
            let bytes = part.input.peek(size as usize);
            bytes[..bytes.len().min(size as usize)].to_vec()
        };
        self.skip_data(size);
        if sort == b'L' {
            about.name = Some(bytes.split(|b| *b == 0).next().unwrap_or_default().to_vec());
            return;
        }
        for (key, value) in records(&bytes) {
            match key {
                b"path" => about.name = Some(value.to_vec()),
                b"size" => about.size = std::str::from_utf8(value).ok().and_then(|n| n.parse().ok()),
                _ if key.starts_with(b"GNU.sparse.") => about.is_sparse = true,
                _ => {}
            }
        }
    }

    fn skip_holes(&mut self) {
        let mut part = self.lock();
        loop {
            let more = part.input.peek(BLOCK).get(MORE_HOLES_AGAIN).is_some_and(|more| *more != 0);
            let n = part.input.peek(BLOCK).len().min(BLOCK);
            part.input.consume(n);
            if !more {
                return;
            }
        }
    }

    /// Passes over the data of a header; where the archive ends first, the next look tells.
    fn skip_data(&mut self, size: u64) {
        skip(&mut self.lock().input, size.next_multiple_of(BLOCK as u64));
    }

    /// Passes over what nobody read of the last member.
    fn leave_member(&mut self, batch: &mut Batch) {
        let (left, broken, at) = {
            let mut part = self.lock();
            let state = (part.left, part.broken, part.input.at());
            (part.left, part.broken) = (0, false);
            state
        };
        let missing = if broken { 0 } else { skip(&mut self.lock().input, left + self.padding) };
        self.padding = 0;
        if broken {
            // The member is named already; where the next one begins is not known any more.
            self.seek(false);
        } else if missing > 0 && left > 0 {
            self.push_loss(
                batch,
                at,
                Cause::Damaged,
                format!("the archive ends {missing} bytes before the end of a member"),
            );
        }
    }

    /// Names the header at `at` and goes on at the next one.
    fn lose(&mut self, batch: &mut Batch, at: u64, what: String) {
        self.seek(true);
        let told = self.lock().input.tell();
        let what = match told {
            Err(damage) => format!("{what}: {}", damage.what),
            Ok(()) => what,
        };
        self.push_loss(batch, at, Cause::Damaged, what);
    }

    fn push_loss(&mut self, batch: &mut Batch, at: u64, cause: Cause, what: String) {
        self.anything = true;
        let length = self.lock().input.at().saturating_sub(at);
        let (origin, raw) = (Arc::clone(&self.origin), 0..0);
        batch.items.push(Item::Loss(Loss { origin, line: None, offset: at, length, cause, what, raw }));
    }

    /// Consumes bytes up to the next header: at a distance of whole blocks, or anywhere.
    fn seek(&mut self, by_blocks: bool) {
        let mut part = self.lock();
        let input = &mut part.input;
        loop {
            let bytes = input.peek(128 * BLOCK);
            let n_headers = (bytes.len() + 1).saturating_sub(BLOCK);
            let found = if by_blocks {
                (0..n_headers).step_by(BLOCK).find(|n| is_start(&bytes[*n..]))
            } else {
                memchr::memmem::find_iter(bytes, b"ustar")
                    .filter_map(|n| n.checked_sub(MAGIC.start))
                    .find(|n| is_start(&bytes[*n..]))
            };
            if let Some(n) = found {
                return input.consume(n);
            }
            if bytes.len() < 128 * BLOCK {
                let n = bytes.len();
                return input.consume(n);
            }
            let n = bytes.len() / BLOCK * BLOCK - BLOCK;
            input.consume(n);
        }
    }

    /// Fewer bytes than a block are left.
    fn finish(&mut self, batch: &mut Batch, at: u64, rest: &[u8]) {
        self.lock().input.consume(rest.len());
        let told = self.lock().input.tell();
        match told {
            Err(damage) => {
                self.push_loss(
                    batch,
                    at,
                    damage.cause,
                    format!("{}; {} members came before", damage.what, self.members),
                );
                return self.seek(false);
            }
            Ok(()) if rest.iter().any(|b| *b != 0) => {
                let what = "the archive ends inside the header of a member".to_owned();
                self.push_loss(batch, at, Cause::Damaged, what);
            }
            Ok(()) => {}
        }
        self.ended = true;
        if !self.anything {
            let (origin, length) = (Arc::clone(&self.origin), self.lock().input.at());
            batch.items.push(Item::NoRows { origin, length });
        }
    }
}

/// Consumes `n` bytes; tells how many were not there.
fn skip(input: &mut Input, n: u64) -> u64 {
    let mut left = n;
    while left > 0 {
        let held = input.peek(1).len() as u64;
        if held == 0 {
            break;
        }
        let n = held.min(left);
        input.consume(n as usize);
        left -= n;
    }
    left
}

/// Whether the checksum of a block is that of a header.
fn is_header(block: &[u8]) -> bool {
    let Some(sum) = number(&block[SUM]) else { return false };
    let sums = |as_number: fn(u8) -> i64| -> i64 {
        let byte = |(n, b): (usize, &u8)| if SUM.contains(&n) { i64::from(b' ') } else { as_number(*b) };
        block[..BLOCK].iter().enumerate().map(byte).sum()
    };
    // Some old programs have summed signed characters.
    i64::try_from(sum).is_ok_and(|sum| sum == sums(i64::from) || sum == sums(|b| i64::from(b.cast_signed())))
}

/// A number in octal digits, or in base 256 where its first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let (high, low) = field.split_at(field.len() - 8);
        let is_small = high.first() == Some(&0x80) && high[1..].iter().all(|b| *b == 0);
        return is_small.then(|| low.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
    }
    let digits: Vec<u8> =
        field.iter().copied().skip_while(|b| *b == b' ').take_while(|b| *b != 0 && *b != b' ').collect();
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()
}

fn name_of(block: &[u8]) -> Vec<u8> {
    let text = |field: &[u8]| field.split(|b| *b == 0).next().unwrap_or_default().to_vec();
    let name = text(&block[NAME]);
    // GNU headers have other things there.
    let prefix =
        if &block[MAGIC.start..=MAGIC.end] == b"ustar\0" { text(&block[PREFIX]) } else { Vec::new() };
    if prefix.is_empty() { name } else { [&prefix[..], b"/", &name[..]].concat() }
}

/// The records of a PAX header: `length key=value`, a line each.
fn records(mut bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut found = Vec::new();
    while let Some(space) = memchr::memchr(b' ', bytes) {
        let length = std::str::from_utf8(&bytes[..space]).ok().and_then(|n| n.parse::<usize>().ok());
        let Some(record) = length.filter(|n| *n > space + 1).and_then(|n| bytes.get(..n)) else { break };
        let line = record[space + 1..].strip_suffix(b"\n").unwrap_or(&record[space + 1..]);
        if let Some(sign) = memchr::memchr(b'=', line) {
            found.push((&line[..sign], &line[sign + 1..]));
        }
        bytes = &bytes[record.len()..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_records_are_read_as_they_are_written() {
        for (field, want) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"00000000", Some(0)),
            (b"0000x44\0", None),
            (b"\x80\0\0\0\0\0\0\0\0\0\x01\0", Some(256)),
            (b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", None),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
        ] {
            assert_eq!(number(field), want, "{field:?}");
        }
        assert_eq!(
            records(b"11 path=ab\n12 size=123\nrest"),
            [(&b"path"[..], &b"ab"[..]), (b"size", b"123")]
        );
        assert!(records(b"99999999999999999999 a=b\n").is_empty() && records(b"0 a=b\n").is_empty());
    }
}
