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
    /// The first of the calls by number, or a wish to stop.
    fn map<R: Send>(
        &self,
        n: usize,
        work: &(dyn Fn(&mut Bench, usize) -> Result<R> + Sync),
    ) -> Result<Vec<R>>;
}

/// Heads that a thread remembers: in a template all documents have the same partners.
const HEADS: usize = 1024;

/// The buffers of one thread.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    pub(crate) desk: Desk,
    record: Vec<u8>,
    heads: Vec<Option<(u32, Head)>>,
    first: Option<(u32, Portrait)>,
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

    /// Portraits of two documents, and the desk to compare them on. The first one is remembered.
    pub(crate) fn pair(
        &mut self,
        gallery: &Gallery,
        a: u32,
        b: u32,
    ) -> Result<(&Portrait, Portrait, &mut Desk)> {
        if self.first.as_ref().is_none_or(|first| first.0 != a) {
            self.first = None;
        }
        let first = match &mut self.first {
            Some((_, first)) => first,
            none => &mut none.insert((a, gallery.portrait(a as usize, &mut self.record)?)).1,
        };
        Ok((first, gallery.portrait(b as usize, &mut self.record)?, &mut self.desk))
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
