//! A document as the index stores it: what its portrait cannot be made of again, packed.
//!
//! Sketches are made again from the key when a document is read: that takes less time than reading
//! them would, and they would double the size.

use std::cmp::Reverse;
use std::ops::Range;

use zstd::bulk::Compressor;
use zstd::bulk::Decompressor;

use crate::copies::Facts;
use crate::copies::Form;
use crate::copies::Gap;
use crate::copies::Number;
use crate::copies::Portrait;
use crate::copies::Sketcher;
use crate::copies::is_digit;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;

/// An id as JSON: a string in quotes, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id<'a>(pub(super) &'a [u8]);

/// zstd level: 3 packs bulletins a tenth smaller, and takes a third longer.
const LEVEL: i32 = 1;
/// Bytes of content at most: those of a document of 256 MiB.
const MAX_CONTENT: usize = 1 << 29;
/// Bytes of the hashes at the front.
const HASHES: usize = 3 * 16 + 8;

const HAS_SKETCH: u8 = 1;
const HAS_NUMBER: u8 = 2;
const HAS_ISSUER: u8 = 4;
const IS_FORWARD: u8 = 8;
const IS_ONE_LINE: u8 = 16;
const ENDS_BADLY: u8 = 32;
const IS_TRADITIONAL: u8 = 64;
const CARRIES: u8 = 128;

/// Packs with one dictionary; buffers serve for the next document.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    content: Vec<u8>,
}

impl Packer {
    /// With the dictionary of the index; an empty one is none.
    pub(super) fn new(dictionary: &[u8]) -> Result<Self> {
        let compressor = Compressor::with_dictionary(LEVEL, dictionary)
            .map_err(|e| Error::new(Kind::Io, format!("preparing the dictionary of the index: {e}")))?;
        Ok(Self { compressor, content: Vec::new() })
    }

    /// What is packed of a portrait: of many of these a dictionary is made.
    pub(super) fn content(portrait: &Portrait, into: &mut Vec<u8>) {
        into.clear();
        let mut last = 0;
        for gap in &portrait.gaps {
            push_number(u64::from(gap.before - last) << 1 | u64::from(gap.has_space), into);
            push_number(u64::from(gap.marks), into);
            last = gap.before;
        }
        into.extend(portrait.key.iter().flat_map(|unit| unit.to_le_bytes()));
    }

    /// Appends the record of a document.
    pub(super) fn pack(&mut self, portrait: &Portrait, id: Id<'_>, out: &mut Vec<u8>) -> Result<()> {
        let Portrait { key, gaps, said, marked, text, exact, form, facts, mins, .. } = portrait;
        let number = facts.number.as_deref();
        let flags = [
            (HAS_SKETCH, mins.is_some()),
            (HAS_NUMBER, number.is_some()),
            (HAS_ISSUER, facts.issuer.is_some()),
            (IS_FORWARD, facts.is_forward),
            (IS_ONE_LINE, form.is_one_line),
            (ENDS_BADLY, form.ends_badly),
            (IS_TRADITIONAL, form.is_traditional),
            (CARRIES, facts.carries_at.is_some()),
        ];
        out.push(flags.iter().filter(|(_, is_set)| *is_set).fold(0, |all, (flag, _)| all | flag));
        out.extend_from_slice(&[form.longest_line, form.n_lines.0]);
        for hash in [said, text, exact] {
            out.extend_from_slice(&hash.to_le_bytes());
        }
        out.extend_from_slice(&marked.to_le_bytes());
        let prefix = number.map_or("", |number| &number.prefix);
        let (year, serial) = number.map_or((0, 0), |number| (number.year, number.serial));
        let numbers = [
            id.0.len() as u64,
            prefix.len() as u64,
            u64::from(year),
            u64::from(serial),
            u64::from(facts.date.unwrap_or(0)),
            u64::from(facts.published.unwrap_or(0)),
            u64::from(facts.carries_at.unwrap_or(0)),
            key.len() as u64,
            gaps.len() as u64,
        ];
        for n in numbers {
            push_number(n, out);
        }
        if let Some(issuer) = facts.issuer {
            out.extend_from_slice(&issuer.to_le_bytes());
        }
        out.extend_from_slice(id.0);
        out.extend_from_slice(prefix.as_bytes());
        Self::content(portrait, &mut self.content);
        push_number(self.content.len() as u64, out);
        let packed = self.compressor.compress(&self.content);
        out.extend(packed.map_err(|e| Error::new(Kind::Io, format!("packing a document: {e}")))?);
        Ok(())
    }
}

/// Unpacks with one dictionary.
pub(super) struct Unpacker {
    decompressor: Decompressor<'static>,
    sketcher: Sketcher,
}

/// The front of a record.
#[derive(Clone, Debug)]
pub(super) struct Front {
    pub(super) form: Form,
    pub(super) said: u128,
    pub(super) text: u128,
    pub(super) exact: u128,
    pub(super) marked: u64,
    pub(super) facts: Facts,
    pub(super) key_len: u32,
    n_gaps: usize,
    id: Range<usize>,
    content: usize,
    packed_at: usize,
}

impl Front {
    /// `None` where the record ends too early or says what cannot be.
    pub(super) fn read(record: &[u8]) -> Option<Self> {
        let mut from = record;
        let [flags, longest_line, n_lines] = *from.split_off(..3)?.first_chunk()?;
        let mut hashes = from.split_off(..HASHES)?;
        let mut wide = || Some(u128::from_le_bytes(*hashes.split_off(..16)?.first_chunk()?));
        let (said, text, exact) = (wide()?, wide()?, wide()?);
        let marked = u64::from_le_bytes(*hashes.first_chunk()?);
        let mut number = || take_number(&mut from);
        let (id, prefix, year, serial) = (number()?, number()?, number()?, number()?);
        let (date, published, carries_at) = (number()?, number()?, number()?);
        let (key_len, n_gaps) = (number()?, number()?);
        let has = |flag: u8| flags & flag != 0;
        let issuer = if has(HAS_ISSUER) {
            Some(u64::from_le_bytes(*from.split_off(..8)?.first_chunk()?))
        } else {
            None
        };
        let start = record.len() - from.len();
        let id = start..start.checked_add(usize::try_from(id).ok()?)?;
        from.split_off(..id.len())?;
        let prefix = std::str::from_utf8(from.split_off(..usize::try_from(prefix).ok()?)?).ok()?;
        let content = usize::try_from(take_number(&mut from)?).ok()?;
        let day = |n: u64| (n > 0).then_some(n as u32);
        let number = Number { prefix: prefix.into(), year: year as u16, serial: serial as u32 };
        Some(Self {
            form: Form {
                is_one_line: has(IS_ONE_LINE),
                longest_line,
                n_lines: Reverse(n_lines),
                ends_badly: has(ENDS_BADLY),
                is_traditional: has(IS_TRADITIONAL),
            },
            said,
            text,
            exact,
            marked,
            facts: Facts {
                number: has(HAS_NUMBER).then(|| Box::new(number)),
                issuer,
                date: day(date),
                published: day(published),
                is_forward: has(IS_FORWARD),
                carries_at: has(CARRIES).then_some(carries_at as u32),
            },
            key_len: u32::try_from(key_len).ok()?,
            n_gaps: usize::try_from(n_gaps).ok()?,
            id,
            content,
            packed_at: record.len() - from.len(),
        })
    }

    /// The id in a record with this front.
    pub(super) fn id<'a>(&self, record: &'a [u8]) -> Id<'a> {
        Id(record.get(self.id.clone()).unwrap_or_default())
    }
}

impl Unpacker {
    pub(super) fn new(dictionary: &[u8], sketcher: Sketcher) -> Result<Self> {
        let decompressor = Decompressor::with_dictionary(dictionary)
            .map_err(|e| Error::new(Kind::Io, format!("preparing the dictionary of the index: {e}")))?;
        Ok(Self { decompressor, sketcher })
    }

    /// The portrait of a record; `None` where the record does not hold one.
    pub(super) fn portrait(&mut self, record: &[u8]) -> Option<Portrait> {
        let mut portrait = self.words(record)?;
        let mut kept = Vec::new();
        let mins = self.sketcher.sketch(&portrait.key, &mut kept);
        if mins.is_some() != (*record.first()? & HAS_SKETCH != 0) {
            return None;
        }
        (portrait.mins, portrait.kept) = (mins, kept.into());
        Some(portrait)
    }

    /// The same without its sketch, which takes as long as all else.
    pub(super) fn words(&mut self, record: &[u8]) -> Option<Portrait> {
        let front = Front::read(record)?;
        let packed = record.get(front.packed_at..).filter(|packed| !packed.is_empty())?;
        // A forged length must not take the memory.
        let most = front.n_gaps.checked_mul(16)?.checked_add(64 + 2 * front.key_len as usize)?;
        let most = most.min(MAX_CONTENT);
        let content = self.decompressor.decompress(packed, front.content.min(most)).ok()?;
        let mut from = content.as_slice();
        let mut gaps = Vec::with_capacity(front.n_gaps.min(from.len()));
        let mut last = 0_u32;
        for _ in 0..front.n_gaps {
            let (step, marks) = (take_number(&mut from)?, take_number(&mut from)?);
            last = last.checked_add((step >> 1) as u32)?;
            gaps.push(Gap { before: last, marks: marks as u32, has_space: step & 1 == 1 });
        }
        let key: Box<[u16]> = from.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        if key.len() != front.key_len as usize || from.len() != 2 * key.len() {
            return None;
        }
        let digits = key.iter().filter(|&&unit| is_digit(unit)).map(|&unit| unit as u8).collect();
        let Front { said, marked, text, exact, form, facts, .. } = front;
        Some(Portrait {
            key,
            gaps: gaps.into(),
            said,
            marked,
            mins: None,
            kept: Box::default(),
            digits,
            text,
            exact,
            form,
            facts,
        })
    }
}

/// Seven bits a byte, the lowest first.
fn push_number(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn take_number(from: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let byte = *from.split_off_first()?;
        n |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(n);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::DEFAULT_SEED;
    use crate::copies::Painter;

    #[test]
    fn a_packed_document_comes_back_whole() {
        let facts = Facts {
            number: Some(Box::new(Number::new("青政办发", 2024, 12))),
            issuer: Some(7),
            date: Some(20_240_506),
            published: None,
            is_forward: true,
            carries_at: Some(13),
        };
        let long = "关于2024年防汛工作的通知。增长 5.6%，其中≥100户𠀀。\n".repeat(9);
        let sketcher = Sketcher::new(DEFAULT_SEED);
        let mut dictionary = Vec::new();
        for (text, facts) in [(long.as_str(), facts), ("今日停水", Facts::default()), ("", Facts::default())]
        {
            let portrait = Painter::default().paint(text, text, facts, &sketcher);
            let mut packer = Packer::new(&dictionary).unwrap();
            let mut record = Vec::new();
            packer.pack(&portrait, Id(b"\"a/1\""), &mut record).unwrap();
            let mut unpacker = Unpacker::new(&dictionary, sketcher.clone()).unwrap();
            assert_eq!(format!("{:?}", unpacker.portrait(&record).unwrap()), format!("{portrait:?}"));
            let front = Front::read(&record).unwrap();
            assert_eq!(front.id(&record), Id(b"\"a/1\""));
            for n in 0..record.len() {
                assert!(unpacker.portrait(&record[..n]).is_none(), "{n}");
            }
            Packer::content(&portrait, &mut dictionary);
        }
    }

    #[test]
    fn numbers_are_short() {
        for n in [0, 1, 127, 128, 20_240_506, u64::MAX] {
            let mut bytes = Vec::new();
            push_number(n, &mut bytes);
            assert_eq!(take_number(&mut bytes.as_slice()), Some(n));
            assert_eq!(take_number(&mut &bytes[..bytes.len() - 1]), None);
        }
    }
}
