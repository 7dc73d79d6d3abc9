//! What is noted of each document as it arrives: by what it will meet others, in piles that are
//! loaded a part at a time once all documents are there.

use std::path::Path;

use crate::copies::brief::Brief;
use crate::copies::ids::Ids;
use crate::copies::rank;
use crate::copies::record::Head;
use crate::copies::sketch::BANDS;
use crate::copies::sketch::band;
use crate::disk::Bytes;
use crate::disk::Pile;
use crate::error::Result;

/// Parts by the first bits of a hash.
pub(crate) const HASH_PARTS: usize = 64;
/// Parts of one band.
pub(crate) const BAND_PARTS: usize = 16;

/// Of a document: what its key says, the value marks, its rank without its copies, its decoded text
/// (and, in the last bit, whether it may carry another document), its number.
pub(crate) type Card = (u128, u64, u128, u64, u32);

/// The piles.
#[derive(Debug)]
pub(crate) struct Intake {
    /// By the first bits of what they say.
    pub(crate) cards: Pile<Card>,
    /// Band keys with documents, by band and first bits.
    pub(crate) bands: Pile<(u64, u32)>,
    /// Hashes of issuer and number.
    pub(crate) names: Pile<(u64, u32)>,
    /// Kept hashes.
    pub(crate) kept: Pile<(u64, u32)>,
    /// Brief sketches, by document.
    pub(crate) briefs: Bytes,
    pub(crate) ids: Ids,
}

impl Intake {
    /// Empty piles in the folder `work`, or in memory.
    pub(crate) fn new(work: Option<&Path>) -> Result<Self> {
        let path = |name: &str| work.map(|work| work.join(name));
        Ok(Self {
            cards: Pile::new(path("cards"), HASH_PARTS)?,
            bands: Pile::new(path("bands"), BANDS * BAND_PARTS)?,
            names: Pile::new(path("names"), HASH_PARTS)?,
            kept: Pile::new(path("kept"), HASH_PARTS)?,
            briefs: Bytes::new(path("briefs"))?,
            ids: Ids::new(path("ids"))?,
        })
    }

    /// Notes the document with number `n` and this record.
    pub(crate) fn take(&mut self, n: u32, record: &[u8]) -> Result<()> {
        let head = Head::read(record);
        let exact = head.exact as u64 & !1 | u64::from(head.carries_at.is_some());
        let card = (head.said, head.marked, rank::base(&head), exact, n);
        self.cards.push((head.said >> 122) as usize, card)?;
        self.ids.push(record.get(head.names().0).unwrap_or_default())?;
        if let Some(name) = head.name {
            self.names.push(part_of(name), (name, n))?;
        }
        let digits = record.get(head.prints().1).unwrap_or_default();
        let brief = head.mins.as_ref().map_or(Brief::NONE, |mins| Brief::of(mins, digits));
        self.briefs.push(&brief.bytes())?;
        if let Some(mins) = &head.mins {
            for number in 0..BANDS {
                let key = band(mins, number);
                self.bands.push(number * BAND_PARTS + (key >> 60) as usize, (key, n))?;
            }
        }
        let kept = record.get(head.prints().0).unwrap_or_default();
        for hash in kept.as_chunks().0 {
            // All kept hashes begin alike: turned, they differ from the first bit on.
            let hash = u64::from_le_bytes(*hash).rotate_left(32);
            self.kept.push(part_of(hash), (hash, n))?;
        }
        Ok(())
    }

    /// Ends the writing.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.cards.flush()?;
        self.bands.flush()?;
        self.names.flush()?;
        self.briefs.flush()?;
        self.ids.flush()?;
        self.kept.flush()
    }
}

/// The part of a hash.
pub(crate) const fn part_of(hash: u64) -> usize {
    (hash >> 58) as usize
}
