//! Whom a node met, and how often: with whom it is compared when it is decided who stays.

use std::cmp::Reverse;

use crate::copies::candidates::weight;
use crate::copies::groups::Kind;
use crate::error::Result;

/// A node that was met, and whether by more than a band.
pub(crate) type Partner = (u32, bool);

/// All meetings of one node, each as often as it happened.
#[derive(Debug, Default)]
pub(crate) struct Meetings {
    close: Vec<u32>,
    far: Vec<(u32, u32)>,
    n_hot: usize,
}

/// A node of so many hot groups meets its copies in two of them and more: it shares that many bands
/// with them, or a rare gram.
const MANY_HOT: usize = 4;

impl Meetings {
    /// With this one it is compared in any case.
    pub(crate) fn add_close(&mut self, other: u32) {
        self.close.push(other);
    }

    pub(crate) fn add(&mut self, other: u32, kind: Kind) {
        match kind {
            Kind::Close => self.close.push(other),
            Kind::Far | Kind::Rare => self.far.push((other, weight(kind))),
        }
    }

    /// The next ones are met in a hot group, where the best ones stand for all.
    pub(crate) fn begin_hot(&mut self) {
        self.n_hot += 1;
    }

    /// The partners by their place in ρ: all close ones, and of the others those that were met most
    /// often, so many; none that was met once by chance, or is not alike. `place_of` answers nothing
    /// for those that do not count; both are asked once for each. Answers too whether some are left out.
    pub(crate) fn partners(
        mut self,
        limit: usize,
        place_of: impl Fn(u32) -> Option<u32>,
        is_like: impl Fn(u32) -> Result<bool>,
    ) -> Result<(Vec<Partner>, bool)> {
        self.far.sort_unstable_by_key(|met| met.0);
        let least = if self.n_hot < MANY_HOT { 1 } else { 2 };
        let met = self.far.chunk_by(|x, y| x.0 == y.0).filter_map(|same| {
            let n: u32 = same.iter().map(|met| met.1).sum();
            // The place is looked up last: with millions of nodes that is what takes the time.
            if n < least { None } else { Some((Reverse(n), place_of(same[0].0)?, same[0].0)) }
        });
        let met: Vec<(Reverse<u32>, u32, u32)> = met.collect();
        let mut far = Vec::with_capacity(met.len());
        for one in met {
            if is_like(one.2)? {
                far.push(one);
            }
        }
        let is_capped = far.len() > limit;
        if is_capped {
            far.select_nth_unstable(limit);
            far.truncate(limit);
        }
        self.close.sort_unstable();
        self.close.dedup();
        let close = self.close.into_iter().filter_map(|other| Some((place_of(other)?, false, other)));
        let mut partners: Vec<(u32, bool, u32)> = close.collect();
        partners.extend(far.into_iter().map(|(_, place, other)| (place, true, other)));
        partners.sort_unstable();
        partners.dedup_by_key(|partner| partner.2);
        Ok((partners.into_iter().map(|(_, is_far, other)| (other, !is_far)).collect(), is_capped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_ones_and_those_met_most_often_are_partners() {
        let mut meetings = Meetings::default();
        for (other, n) in [(7, 1), (3, 3), (9, 2), (4, 5), (8, 9), (2, 2)] {
            (0..n).for_each(|_| meetings.add(other, Kind::Far));
        }
        meetings.add(1, Kind::Close);
        meetings.add_close(3);
        let place_of = |other: u32| (other != 4).then_some(100 - other);
        // 7 was met once, 4 does not count, 8 is not alike; 2 is the third of those that were met so often.
        let want = (vec![(9, false), (3, true), (1, true)], true);
        assert_eq!(meetings.partners(2, place_of, |other| Ok(other != 8)).unwrap(), want);
        let mut meetings = Meetings::default();
        for n in 0..MANY_HOT as u32 {
            meetings.begin_hot();
            for other in [5, 10 + n] {
                meetings.add(other, Kind::Far);
            }
        }
        meetings.add(6, Kind::Rare);
        assert_eq!(meetings.partners(9, Some, |_| Ok(true)).unwrap(), (vec![(5, false), (6, false)], false));
    }
}
