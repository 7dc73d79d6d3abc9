//! zip, read by its directory at the end; each member is an input of its own, unpacked as it is read.
//!
//! Directory and members must agree: where the two tell different stories, readers differ in what
//! they see, and forgers live on that. Members that lie on one another are a bomb.

use std::io;
use std::sync::Arc;

use crate::source::archive::Labels;
use crate::source::archive::MAX_MEMBERS;
use crate::source::archive::Member;
use crate::source::batch::Batch;
use crate::source::batch::Cause;
use crate::source::batch::Item;
use crate::source::batch::Loss;
use crate::source::batch::Origin;
use crate::source::input::Input;
use crate::source::unpack::Stream;
use crate::source::unpack::Unzip;
use crate::source::whole::Whole;

const LOCAL: &[u8] = b"PK\x03\x04";
const ENTRY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const END_64_PLACE: &[u8] = b"PK\x06\x07";

/// Lengths of these records without what follows them.
const LOCAL_LEN: usize = 30;
const ENTRY_LEN: usize = 46;
const END_LEN: usize = 22;
const END_64_LEN: usize = 56;
const END_64_PLACE_LEN: usize = 20;

/// A comment behind the end of the directory.
const MAX_COMMENT: usize = 0xFFFF;

/// Archives that stand one behind the other in one file.
const MAX_PARTS: usize = 16;

/// Methods by their numbers. Bzip2 and zstd are told by the bytes, as everywhere.
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const BY_THEIR_BYTES: [u16; 2] = [12, 93];
const AES: u16 = 99;

/// Members of office documents, Java archives and books, which are no archives of documents.
const NO_ARCHIVES: &[&[u8]] =
    &[b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/", b"mimetype", b"META-INF/"];

/// Tells whether a zip archive of files begins there.
pub(in crate::source) fn is_start(head: &[u8]) -> bool {
    if head.starts_with(END) {
        return true;
    }
    let Some(name) = head.get(LOCAL_LEN..).filter(|_| head.starts_with(LOCAL)) else { return false };
    !NO_ARCHIVES.iter().any(|no| name.starts_with(no))
}

/// Where the directory of an archive stands.
#[derive(Clone, Copy)]
struct Directory {
    /// What the archive takes its offsets from.
    base: u64,
    start: u64,
    end: u64,
    members: u64,
    /// The number of members is that modulo 2^16.
    is_short: bool,
}

/// What the directory says about a member.
struct Entry {
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    name: Vec<u8>,
    /// A link, by the attributes of Unix.
    is_link: bool,
}

/// A zip archive that is being read.
pub(in crate::source) struct Zip {
    origin: Arc<Origin>,
    whole: Whole,
    /// Directories that are still to be read, the next one last.
    parts: Vec<Directory>,
    /// The directory that is being read, and where its next entry stands.
    now: Option<(Directory, Input, u64)>,
    labels: Labels,
    members: usize,
    anything: bool,
    ended: bool,
}

impl Zip {
    pub(in crate::source) fn new(origin: Arc<Origin>, whole: Whole) -> Self {
        Self {
            origin,
            whole,
            parts: Vec::new(),
            now: None,
            labels: Labels::default(),
            members: 0,
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

    /// As far as the directory is read; members lie before it.
    pub(in crate::source) fn disk_at(&self) -> u64 {
        if self.ended { self.whole.len() } else { 0 }
    }

    /// Looks for the directories.
    pub(in crate::source) fn open(&mut self, batch: &mut Batch) {
        let mut end = self.whole.len();
        loop {
            match directory(&self.whole, end) {
                Ok(found) => {
                    self.parts.push(found);
                    end = found.base;
                }
                Err(what) if self.parts.is_empty() => {
                    self.lose(batch, 0, self.whole.len(), Cause::Damaged, &what);
                    self.ended = true;
                    return;
                }
                // A program that unpacks itself.
                Err(_) => return batch.pass("bytes before a zip archive"),
            }
            if end == 0 {
                return;
            }
            if self.parts.len() >= MAX_PARTS {
                let what = format!(
                    "more than {MAX_PARTS} zip archives one behind the other: the first are not read"
                );
                return self.lose(batch, 0, end, Cause::OverLimit, &what);
            }
        }
    }

    /// The next member; none while there is nothing but losses, which go to `batch`, or at the end.
    pub(in crate::source) fn next(&mut self, batch: &mut Batch) -> Option<(Input, Member)> {
        while !self.ended && !batch.is_full() {
            let Some((directory, mut input, at)) = self.now.take() else {
                self.next_part(batch);
                continue;
            };
            if at == directory.end {
                continue;
            }
            let entry = read_entry(&mut input);
            let Some((entry, len)) = entry.filter(|(_, len)| at + *len as u64 <= directory.end) else {
                let what = "the directory of the archive is damaged: its further members are not read";
                self.lose(batch, at, directory.end - at, Cause::Damaged, what);
                continue;
            };
            self.now = Some((directory, input, at + len as u64));
            self.members += 1;
            if self.members > MAX_MEMBERS {
                let what = format!("the archive has more than {MAX_MEMBERS} members: the rest is not read");
                self.lose(batch, at, 0, Cause::OverLimit, &what);
                (self.ended, self.now) = (true, None);
                break;
            }
            if let Some(found) = self.member(batch, directory.base, &entry) {
                return Some(found);
            }
        }
        None
    }

    fn next_part(&mut self, batch: &mut Batch) {
        let Some(directory) = self.parts.pop() else {
            self.ended = true;
            if !self.anything {
                let (origin, length) = (Arc::clone(&self.origin), self.whole.len());
                batch.items.push(Item::NoRows { origin, length });
            }
            return;
        };
        match look_over(&self.whole, directory) {
            Ok(n) => {
                let fits =
                    if directory.is_short { n & 0xFFFF == directory.members } else { n == directory.members };
                if !fits {
                    let what = format!("the archive says it has {} members and has {n}", directory.members);
                    self.lose(batch, directory.start, 0, Cause::Damaged, &what);
                }
                let input = self.whole.slice(directory.start, directory.end);
                self.now = Some((directory, input, directory.start));
            }
            Err((cause, what)) => {
                self.lose(batch, directory.base, directory.end - directory.base, cause, &what);
            }
        }
    }

    fn member(&mut self, batch: &mut Batch, base: u64, entry: &Entry) -> Option<(Input, Member)> {
        if entry.name.ends_with(b"/") && entry.size == 0 {
            batch.pass("folder in an archive");
            return None;
        }
        if entry.is_link {
            batch.pass("link in an archive");
            return None;
        }
        self.anything = true;
        let label = self.labels.give(&entry.name);
        let at = base + entry.at;
        match self.data(entry, at) {
            Ok(data) => {
                let input = self.whole.slice(data, data + entry.packed);
                let input = if BY_THEIR_BYTES.contains(&entry.method) {
                    input
                } else {
                    let is_deflated = entry.method == DEFLATED;
                    Input::layer_of(
                        Stream::unzip(Unzip::new(input, is_deflated, entry.crc, entry.size)),
                        entry.size,
                    )
                };
                Some((input, Member { name: label, size: entry.size }))
            }
            Err((cause, what)) => {
                let what = format!("the member {label:?} {what}");
                self.lose(batch, at, entry.packed, cause, &what);
                None
            }
        }
    }

    /// Where the data of a member begin, if its own header agrees with the directory.
    fn data(&self, entry: &Entry, at: u64) -> Result<u64, (Cause, String)> {
        if entry.flags & 1 != 0 || entry.method == AES {
            return Err((Cause::Unsupported, "is encrypted".to_owned()));
        }
        if ![STORED, DEFLATED].contains(&entry.method) && !BY_THEIR_BYTES.contains(&entry.method) {
            let what = format!("is packed by method {}, which this version does not read", entry.method);
            return Err((Cause::Unsupported, what));
        }
        let header = self.whole.some(at, LOCAL_LEN + entry.name.len()).map_err(|e| unreadable(&e))?;
        let damaged = |what: &str| Err((Cause::Damaged, what.to_owned()));
        if header.len() < LOCAL_LEN + entry.name.len() || !header.starts_with(LOCAL) {
            return damaged("has no header where the directory says");
        }
        if usize::from(u16_at(&header, 26)) != entry.name.len() || header[LOCAL_LEN..] != entry.name {
            return damaged("is called otherwise by its own header than by the directory");
        }
        let is_counted_behind = entry.flags & 8 != 0;
        let sizes = [(18, entry.packed), (22, entry.size)];
        let agrees = |(place, said): (usize, u64)| {
            let own = u32_at(&header, place);
            // Sizes of 4 GiB and more stand in another field.
            u64::from(own) == said || own == u32::MAX || (is_counted_behind && own == 0)
        };
        if u16_at(&header, 8) != entry.method || !sizes.into_iter().all(agrees) {
            return damaged("has another size or method by its own header than by the directory");
        }
        if entry.method == STORED && entry.packed != entry.size {
            return damaged("is stored, and its two sizes differ");
        }
        Ok(at + (header.len() + usize::from(u16_at(&header, 28))) as u64)
    }

    fn lose(&mut self, batch: &mut Batch, offset: u64, length: u64, cause: Cause, what: &str) {
        self.anything = true;
        let (origin, what, raw) = (Arc::clone(&self.origin), what.to_owned(), 0..0);
        batch.items.push(Item::Loss(Loss { origin, line: None, offset, length, cause, what, raw }));
    }
}

fn unreadable(e: &io::Error) -> (Cause, String) {
    (Cause::Unreadable, format!("cannot be read: {e}"))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// Finds the directory of the archive that ends at `end`.
fn directory(whole: &Whole, end: u64) -> Result<Directory, String> {
    let window = (MAX_COMMENT + END_LEN) as u64;
    let from = end.saturating_sub(window);
    let tail = whole.some(from, (end - from) as usize).map_err(|e| format!("it cannot be read: {e}"))?;
    let mut found = None;
    for at in memchr::memmem::rfind_iter(&tail, END) {
        let is_last = tail.get(at..at + END_LEN).is_some_and(|record| {
            // The comment ends where the archive does.
            at + END_LEN + usize::from(u16_at(record, 20)) == tail.len()
        });
        let Some(candidate) = is_last.then(|| read_end(whole, &tail[at..], from + at as u64)).flatten()
        else {
            continue;
        };
        if found.replace(candidate).is_some() {
            return Err("the archive has two ends, and readers differ in which they believe".to_owned());
        }
    }
    found.ok_or_else(|| {
        "the directory at the end of the zip archive is missing or damaged: it is cut?".to_owned()
    })
}

/// Reads the record of the end at `at`; none where no directory stands before it.
fn read_end(whole: &Whole, record: &[u8], at: u64) -> Option<Directory> {
    let mut members = u64::from(u16_at(record, 10));
    let mut size = u64::from(u32_at(record, 12));
    let mut offset = u64::from(u32_at(record, 16));
    let (mut end, mut is_short) = (at, true);
    let place = at.checked_sub(END_64_PLACE_LEN as u64).and_then(|at| whole.some(at, END_64_PLACE_LEN).ok());
    if place.is_some_and(|place| place.starts_with(END_64_PLACE)) {
        // The larger record stands right before; its place counts from where the archive begins.
        let from = at - END_64_PLACE_LEN as u64;
        let from = from.checked_sub(END_64_LEN as u64)?;
        let large = whole.some(from, END_64_LEN).ok().filter(|large| large.starts_with(END_64))?;
        (members, size, offset) = (u64_at(&large, 32), u64_at(&large, 40), u64_at(&large, 48));
        (end, is_short) = (from, false);
    }
    let start = end.checked_sub(size)?;
    let base = start.checked_sub(offset)?;
    let begins = whole.some(start, 4).ok()?;
    let is_directory = if size == 0 { members == 0 } else { begins == ENTRY };
    is_directory.then_some(Directory { base, start, end, members, is_short })
}

/// Reads the entry at the start of `input`; also its length.
fn read_entry(input: &mut Input) -> Option<(Entry, usize)> {
    let head = input.peek(ENTRY_LEN);
    if head.len() < ENTRY_LEN || !head.starts_with(ENTRY) {
        return None;
    }
    let [name_len, extra_len, comment_len] = [28, 30, 32].map(|at| usize::from(u16_at(head, at)));
    let len = ENTRY_LEN + name_len + extra_len + comment_len;
    let record = input.peek(len).get(..len)?;
    let (name, extra) = record[ENTRY_LEN..].split_at(name_len);
    let mut entry = Entry {
        flags: u16_at(record, 8),
        method: u16_at(record, 10),
        crc: u32_at(record, 16),
        packed: u64::from(u32_at(record, 20)),
        size: u64::from(u32_at(record, 24)),
        at: u64::from(u32_at(record, 42)),
        name: name.to_vec(),
        is_link: record[5] == 3 && u32_at(record, 38) >> 28 == 0xA,
    };
    read_large(&extra[..extra_len], &mut entry);
    input.consume(len);
    Some((entry, len))
}

/// Takes numbers that do not fit into 32 bits from the extra field 1.
fn read_large(mut extra: &[u8], entry: &mut Entry) {
    while extra.len() >= 4 {
        let (id, len) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
        let Some(data) = extra.get(4..4 + len) else { return };
        if id == 1 {
            let mut numbers = data.chunks_exact(8).map(|n| u64_at(n, 0));
            for number in [&mut entry.size, &mut entry.packed, &mut entry.at] {
                if *number == u64::from(u32::MAX)
                    && let Some(large) = numbers.next()
                {
                    *number = large;
                }
            }
        }
        extra = &extra[4 + len..];
    }
}

/// Counts the entries of a directory, and sees that no members lie on one another.
fn look_over(whole: &Whole, directory: Directory) -> Result<u64, (Cause, String)> {
    let mut input = whole.slice(directory.start, directory.end);
    let mut places: Vec<(u64, u64)> = Vec::new();
    while let Some((entry, _)) = read_entry(&mut input) {
        if places.len() > MAX_MEMBERS {
            break;
        }
        let from = directory.base.saturating_add(entry.at);
        let len = (LOCAL_LEN + entry.name.len()) as u64;
        places.push((from, from.saturating_add(len).saturating_add(entry.packed)));
    }
    let n = places.len() as u64;
    places.sort_unstable();
    let overlap = places.windows(2).any(|pair| pair[0].1 > pair[1].0);
    let beyond = places.last().is_some_and(|(_, end)| *end > directory.start);
    match (overlap, beyond) {
        (true, _) => {
            Err((Cause::OverLimit, "members of the zip archive lie on one another: a bomb".to_owned()))
        }
        (_, true) => {
            Err((Cause::Damaged, "a member of the zip archive goes beyond its directory".to_owned()))
        }
        _ => Ok(n),
    }
}
