//! What was found about the pairs that were compared. A table of hashes would take twice the
//! memory, and that of pairs is what a large template costs most.

use crate::copies::verdict::Match;

/// What was found about pairs, the smaller node first, in ascending order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pairs: Vec<(u32, u32)>,
    found: Vec<Match>,
    /// Where the pairs of each smaller node begin, and the end.
    starts: Vec<usize>,
}

impl Known {
    /// `found` about `pairs`, which are sorted, each once.
    pub(crate) fn new(pairs: Vec<(u32, u32)>, found: Vec<Match>, n_nodes: usize) -> Self {
        let mut starts = Vec::with_capacity(n_nodes + 1);
        let mut at = 0;
        for node in 0..=n_nodes as u32 {
            at += pairs[at..].iter().take_while(|pair| pair.0 < node).count();
            starts.push(at);
        }
        Self { pairs, found, starts }
    }

    /// What was found about nodes `x` < `y`.
    pub(crate) fn get(&self, x: u32, y: u32) -> Option<Match> {
        let start = *self.starts.get(x as usize)?;
        let pairs = &self.pairs[start..self.starts[x as usize + 1]];
        pairs.binary_search_by_key(&y, |pair| pair.1).ok().map(|at| self.found[start + at])
    }

    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32, Match)> + '_ {
        self.pairs.iter().zip(&self.found).map(|(&(x, y), &found)| (x, y, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::verdict::Relation;

    #[test]
    fn pairs_are_found_again_and_no_others() {
        let pairs = vec![(0, 3), (2, 3), (2, 5), (4, 5)];
        let found = |n| Match { relation: Relation::Near, matched: n, even: 0, span: (0, 0), start: (0, 0) };
        let known = Known::new(pairs.clone(), (0..4).map(found).collect(), 6);
        for x in 0..6 {
            for y in x + 1..6 {
                let want = pairs.iter().position(|&pair| pair == (x, y)).map(|n| n as u32);
                assert_eq!(known.get(x, y).map(|found| found.matched), want, "{x} {y}");
            }
        }
        assert_eq!((known.len(), known.iter().count(), Known::default().get(0, 1)), (4, 4, None));
    }
}
