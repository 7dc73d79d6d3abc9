//! A portrait as bytes: what the disk holds of a document. The head comes first and has one size,
//! so that a look at the sketch does not read the key.

use crate::copies::facts::{Facts, Number};
use crate::copies::portrait::{Gap, Portrait, push_units};
use crate::copies::rank::Form;
use crate::copies::sketch::Mins;
use crate::copies::sketch::likeness;
use std::cmp::Reverse;

/// Bytes of a record before its parts of variable length.
pub(crate) const HEAD: usize = FIXED + size_of::<Mins>();
/// Bytes of the head before the k-mins.
const FIXED: usize = 3 * 16 + 3 * 8 + 4 + 2 + 11 * 4;

/// Candidates less alike than this by their k-mins are no copies: of the pairs that are, the
/// least alike (a text with a note, typed twice) have a Jaccard index of 0.35.
const MIN_LIKENESS: f32 = 0.2;

const HAS_MINS: u8 = 1;
const HAS_NUMBER: u8 = 2;
const HAS_ISSUER: u8 = 4;
const IS_FORWARD: u8 = 8;
const IS_ONE_LINE: u8 = 16;
const ENDS_BADLY: u8 = 32;
const IS_TRADITIONAL: u8 = 64;
const CARRIES: u8 = 128;

/// Lengths of the parts, in bytes, in the order in which they stand.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    id: usize,
    source: usize,
    prefix: usize,
    kept: usize,
    digits: usize,
    gaps: usize,
    key: usize,
}

/// The front of a record: everything but the texts.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) said: u128,
    pub(crate) marked: u64,
    pub(crate) text: u128,
    pub(crate) exact: u128,
    pub(crate) form: Form,
    pub(crate) is_forward: bool,
    pub(crate) date: Option<u32>,
    published: Option<u32>,
    pub(crate) carries_at: Option<u32>,
    pub(crate) mins: Option<Box<Mins>>,
    /// Characters of the key.
    pub(crate) key_len: u32,
    /// A hash of issuer and number, where both are known.
    pub(crate) name: Option<u64>,
    issuer: Option<u64>,
    number: Option<(u16, u32)>,
    lengths: Lengths,
}

/// Takes numbers from the front of bytes; zeros behind their end.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, n: usize) -> &'a [u8] {
        let (front, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        front
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let front = self.bytes(N);
        array[..front.len()].copy_from_slice(front);
        array
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    fn u128(&mut self) -> u128 {
        u128::from_le_bytes(self.array())
    }
}

impl Portrait {
    /// Appends the record of this portrait. `id` is the id as JSON, `source` the place of a document
    /// of the set that the inputs are held against, or nothing.
    pub(crate) fn write(&self, id: &[u8], source: &str, out: &mut Vec<u8>) {
        let Self { key, gaps, said, marked, mins, kept, digits, text, exact, form, facts } = self;
        let start = out.len();
        let number = facts.number.as_deref();
        let prefix = number.map_or("", |number| &number.prefix);
        for n in [said, text, exact] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&marked.to_le_bytes());
        out.extend_from_slice(&facts.issuer.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&facts.name().unwrap_or(0).to_le_bytes());
        let flags = [
            (HAS_MINS, mins.is_some()),
            (HAS_NUMBER, number.is_some()),
            (HAS_ISSUER, facts.issuer.is_some()),
            (IS_FORWARD, facts.is_forward),
            (IS_ONE_LINE, form.is_one_line),
            (ENDS_BADLY, form.ends_badly),
            (IS_TRADITIONAL, form.is_traditional),
            (CARRIES, facts.carries_at.is_some()),
        ];
        let flags = flags.iter().filter(|(_, is_set)| *is_set).fold(0, |all, (flag, _)| all | flag);
        out.extend_from_slice(&[flags, form.longest_line, form.n_lines.0, 0]);
        let (year, serial) = number.map_or((0, 0), |number| (number.year, number.serial));
        out.extend_from_slice(&year.to_le_bytes());
        let numbers = [
            serial,
            facts.date.unwrap_or(0),
            facts.published.unwrap_or(0),
            facts.carries_at.unwrap_or(0),
            key.len() as u32,
            gaps.len() as u32,
            kept.len() as u32,
            digits.len() as u32,
            id.len() as u32,
            source.len() as u32,
            prefix.len() as u32,
        ];
        for n in numbers {
            out.extend_from_slice(&n.to_le_bytes());
        }
        match mins {
            Some(mins) => mins.iter().for_each(|min| out.extend_from_slice(&min.to_le_bytes())),
            None => out.resize(start + HEAD, 0),
        }
        for part in [id, source.as_bytes(), prefix.as_bytes()] {
            out.extend_from_slice(part);
        }
        kept.iter().for_each(|hash| out.extend_from_slice(&hash.to_le_bytes()));
        out.extend_from_slice(digits);
        for gap in gaps {
            out.extend_from_slice(&(gap.before << 1 | u32::from(gap.has_space)).to_le_bytes());
            out.extend_from_slice(&gap.marks.to_le_bytes());
        }
        push_units(key, out);
    }

    /// The portrait of a whole record.
    pub(crate) fn read(record: &[u8]) -> Self {
        let head = Head::read(record);
        let mut rest = Reader(record.get(HEAD..).unwrap_or_default());
        let lengths = head.lengths;
        rest.bytes(lengths.id + lengths.source);
        let prefix = String::from_utf8_lossy(rest.bytes(lengths.prefix)).into_owned();
        let words = |bytes: &[u8]| bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let kept = words(rest.bytes(lengths.kept));
        let digits = rest.bytes(lengths.digits).into();
        let gap = |bytes: &[u8; 8]| {
            let mut gap = Reader(bytes);
            let (before, marks) = (gap.u32(), gap.u32());
            Gap { before: before >> 1, marks, has_space: before & 1 == 1 }
        };
        let gaps = rest.bytes(lengths.gaps).as_chunks().0.iter().map(gap).collect();
        let units = rest.bytes(lengths.key).as_chunks().0;
        let key = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        let Head { said, marked, text, exact, form, .. } = head;
        let number =
            head.number.map(|(year, serial)| Box::new(Number { prefix: prefix.into(), year, serial }));
        let facts = Facts {
            number,
            issuer: head.issuer,
            date: head.date,
            published: head.published,
            is_forward: head.is_forward,
            carries_at: head.carries_at,
        };
        Self { key, gaps, said, marked, mins: head.mins, kept, digits, text, exact, form, facts }
    }
}

impl Head {
    /// The head of a record, from its first [`HEAD`] bytes or more.
    pub(crate) fn read(record: &[u8]) -> Self {
        let mut from = Reader(record);
        let [said, text, exact] = [from.u128(), from.u128(), from.u128()];
        let [marked, issuer, name] = [from.u64(), from.u64(), from.u64()];
        let [flags, longest_line, n_lines, _] = from.array();
        let year = u16::from_le_bytes(from.array());
        let [serial, date, published, carries_at, key, gaps, kept, digits, id, source, prefix] =
            std::array::from_fn(|_| from.u32());
        let has = |flag: u8| flags & flag != 0;
        let mins = has(HAS_MINS).then(|| {
            let mut mins: Box<Mins> = Box::new([0; _]);
            for (min, bytes) in mins.iter_mut().zip(from.bytes(size_of::<Mins>()).as_chunks().0) {
                *min = u16::from_le_bytes(*bytes);
            }
            mins
        });
        let bytes = |n: u32, size: usize| n as usize * size;
        Self {
            said,
            marked,
            text,
            exact,
            form: Form {
                is_one_line: has(IS_ONE_LINE),
                longest_line,
                n_lines: Reverse(n_lines),
                ends_badly: has(ENDS_BADLY),
                is_traditional: has(IS_TRADITIONAL),
            },
            is_forward: has(IS_FORWARD),
            date: (date > 0).then_some(date),
            published: (published > 0).then_some(published),
            carries_at: has(CARRIES).then_some(carries_at),
            mins,
            key_len: key,
            name: (has(HAS_ISSUER) && has(HAS_NUMBER)).then_some(name),
            issuer: has(HAS_ISSUER).then_some(issuer),
            number: has(HAS_NUMBER).then_some((year, serial)),
            lengths: Lengths {
                id: bytes(id, 1),
                source: bytes(source, 1),
                prefix: bytes(prefix, 1),
                kept: bytes(kept, 8),
                digits: bytes(digits, 1),
                gaps: bytes(gaps, 8),
                key: bytes(key, 2),
            },
        }
    }

    /// Bytes of the whole record.
    pub(crate) fn record_len(&self) -> usize {
        let Lengths { id, source, prefix, kept, digits, gaps, key } = self.lengths;
        HEAD + id + source + prefix + kept + digits + gaps + key
    }

    /// Where the id and where the source stand in the record.
    pub(crate) fn names(&self) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let (id, end) = (HEAD + self.lengths.id, HEAD + self.lengths.id + self.lengths.source);
        (HEAD..id, id..end)
    }

    /// Where the kept hashes and where the digits stand in the record.
    pub(crate) fn prints(&self) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let start = self.names().1.end + self.lengths.prefix;
        let kept = start + self.lengths.kept;
        (start..kept, kept..kept + self.lengths.digits)
    }

    /// Whether two documents that met are worth an alignment.
    pub(crate) fn may_match(&self, other: &Self) -> bool {
        match (&self.mins, &other.mins) {
            _ if self.is_namesake(other) => true,
            (Some(x), Some(y)) => likeness(x, y) >= MIN_LIKENESS,
            _ => false,
        }
    }

    /// They say the same, or have the same issuer and number.
    pub(crate) fn is_namesake(&self, other: &Self) -> bool {
        self.said == other.said || self.name.is_some() && self.name == other.name
    }

    /// The Jaccard index, by the sketches.
    pub(crate) fn likeness(&self, other: &Self) -> f32 {
        match (&self.mins, &other.mins) {
            _ if self.said == other.said => 1.0,
            (Some(x), Some(y)) => likeness(x, y),
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::{DEFAULT_SEED, Painter, Sketcher};

    #[test]
    fn a_record_holds_the_portrait() {
        let number = Number::new("青政办发", 2024, 12);
        let facts = Facts {
            number: Some(Box::new(number)),
            issuer: Some(7),
            date: Some(20_240_506),
            published: Some(20_240_507),
            is_forward: true,
            carries_at: Some(13),
        };
        let long = "关于2024年防汛工作的通知。增长 5.6%，其中≥100户。".repeat(9);
        for (text, facts) in [(long.as_str(), facts), ("今日停水", Facts::default()), ("", Facts::default())]
        {
            let portrait = Painter::default().paint(text, text, facts, &Sketcher::new(DEFAULT_SEED));
            let mut record = Vec::new();
            portrait.write(b"\"a\"", "b.jsonl#3", &mut record);
            assert_eq!(format!("{:?}", Portrait::read(&record)), format!("{portrait:?}"));
            let head = Head::read(&record[..HEAD]);
            assert_eq!((head.record_len(), head.key_len as usize), (record.len(), portrait.key.len()));
            let (id, source) = head.names();
            assert_eq!((&record[id], &record[source]), (&b"\"a\""[..], &b"b.jsonl#3"[..]));
        }
    }
}
