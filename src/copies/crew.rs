//! The threads that the caller has, and what each of them keeps from one call to the next.

use crate::copies::blocks::Desk;
use crate::copies::gallery::Gallery;
use crate::copies::portrait::Portrait;
use crate::copies::record::Head;
use crate::error::Result;

/// Many calls on any threads; the answers come in order. A door: who keeps threads stands outside.
pub(crate) trait Crew {
    /// Calls `work` with each number below `n`.
    ///
    /// # Errors
    ///
    /// One of those of the calls, or a wish to stop.
    fn map<R: Send>(
        &self,
        n: usize,
        work: &(dyn Fn(&mut Bench, usize) -> Result<R> + Sync),
    ) -> Result<Vec<R>>;
}

/// Heads and portraits that a thread remembers: in a template all documents have the same partners.
const HEADS: usize = 1024;
const PORTRAITS: usize = 256;
/// Longer keys are not remembered.
const LONG_KEY: usize = 8 << 10;

/// The buffers of one thread.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    desk: Desk,
    record: Vec<u8>,
    heads: Vec<Option<(u32, Head)>>,
    portraits: Vec<Option<(u32, Portrait)>>,
}

impl Bench {
    /// The head of document `doc`.
    pub(crate) fn head(&mut self, gallery: &Gallery, doc: u32) -> Result<&Head> {
        self.heads.resize(HEADS, None);
        let slot = &mut self.heads[doc as usize % HEADS];
        if slot.as_ref().is_none_or(|slot| slot.0 != doc) {
            *slot = None;
        }
        Ok(match slot {
            Some((_, head)) => head,
            None => &slot.insert((doc, gallery.head(doc as usize)?)).1,
        })
    }

    /// The whole record of document `doc`.
    pub(crate) fn record(&mut self, gallery: &Gallery, doc: u32) -> Result<&[u8]> {
        gallery.record(doc as usize, &mut self.record)
    }

    /// The portrait of document `doc`.
    pub(crate) fn portrait(&mut self, gallery: &Gallery, doc: u32) -> Result<Portrait> {
        gallery.portrait(doc as usize, &mut self.record)
    }

    /// What `work` makes of the portraits of two documents.
    pub(crate) fn pair<R>(
        &mut self,
        gallery: &Gallery,
        a: u32,
        b: u32,
        work: impl FnOnce(&Portrait, &Portrait, &mut Desk) -> R,
    ) -> Result<R> {
        let (a, b) = (self.take(gallery, a)?, self.take(gallery, b)?);
        let answer = work(&a.1, &b.1, &mut self.desk);
        for taken in [a, b] {
            if taken.1.key.len() <= LONG_KEY {
                let slot = taken.0 as usize % PORTRAITS;
                self.portraits[slot] = Some(taken);
            }
        }
        Ok(answer)
    }

    /// A portrait with the number of its document, remembered or read.
    fn take(&mut self, gallery: &Gallery, doc: u32) -> Result<(u32, Portrait)> {
        self.portraits.resize(PORTRAITS, None);
        let slot = &mut self.portraits[doc as usize % PORTRAITS];
        match slot.take_if(|slot| slot.0 == doc) {
            Some(taken) => Ok(taken),
            None => Ok((doc, gallery.portrait(doc as usize, &mut self.record)?)),
        }
    }
}

/// No threads but the calling one.
#[cfg(test)]
pub(crate) struct Alone;

#[cfg(test)]
impl Crew for Alone {
    fn map<R: Send>(
        &self,
        n: usize,
        work: &(dyn Fn(&mut Bench, usize) -> Result<R> + Sync),
    ) -> Result<Vec<R>> {
        let mut bench = Bench::default();
        (0..n).map(|n| work(&mut bench, n)).collect()
    }
}
