//! Sketches of keys that were met lately: equal keys have equal sketches, and of the texts of an
//! archive every second one was there before, with other marks.

use crate::copies::sketch::Mins;

/// Bytes that are held: some ten thousand texts of usual length.
const MAX_BYTES: usize = 16 << 20;
/// Places for entries, a power of two. Who comes to a taken one takes it over.
const SLOTS: usize = 1 << 15;

/// The sketch of one key.
#[derive(Debug)]
struct Entry {
    said: u128,
    mins: Mins,
    kept: Box<[u64]>,
}

/// Sketches by the hashes of their keys, within bounds.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    slots: Vec<Option<Box<Entry>>>,
    bytes: usize,
    /// Where the next one is thrown out when the bytes do not suffice.
    hand: usize,
}

impl Entry {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.kept)
    }
}

impl Recent {
    /// The sketch of the key with this hash, if it is still held; its kept hashes go to `kept`.
    pub(crate) fn recall(&self, said: u128, kept: &mut Vec<u64>) -> Option<Box<Mins>> {
        let entry = self.slots.get(slot(said))?.as_ref().filter(|entry| entry.said == said)?;
        kept.clear();
        kept.extend_from_slice(&entry.kept);
        Some(Box::new(entry.mins))
    }

    /// Holds the sketch of the key with this hash, and lets others go for it.
    pub(crate) fn hold(&mut self, said: u128, mins: &Mins, kept: &[u64]) {
        let entry = Box::new(Entry { said, mins: *mins, kept: kept.into() });
        // A book must not throw out everything else.
        if entry.weight() > MAX_BYTES / 64 {
            return;
        }
        self.slots.resize_with(SLOTS, || None);
        self.drop_at(slot(said));
        while self.bytes + entry.weight() > MAX_BYTES {
            self.drop_at(self.hand);
            self.hand = (self.hand + 1) % SLOTS;
        }
        self.bytes += entry.weight();
        self.slots[slot(said)] = Some(entry);
    }

    fn drop_at(&mut self, slot: usize) {
        if let Some(entry) = self.slots[slot].take() {
            self.bytes -= entry.weight();
        }
    }
}

const fn slot(said: u128) -> usize {
    said as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_recalled_and_stays_within_bounds() {
        let (mut recent, mut kept) = (Recent::default(), vec![7]);
        assert!(recent.recall(1, &mut kept).is_none());
        for said in 1..20_000_u128 {
            let own = vec![said as u64; 500];
            recent.hold(said, &[said as u16; _], &own);
            assert_eq!(recent.recall(said, &mut kept), Some(Box::new([said as u16; _])));
            assert_eq!(kept, own);
            assert!(recent.bytes <= MAX_BYTES);
        }
        let is_held = |said: &u128| recent.recall(*said, &mut Vec::new()).is_some();
        assert!((1..20_000).filter(is_held).count() > 3000);
        assert!(!is_held(&1));
        recent.hold(5, &[0; _], &vec![1; MAX_BYTES / 256]);
        assert!(recent.recall(5, &mut kept).is_none());
    }
}
