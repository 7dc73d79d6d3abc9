//! Two keys side by side: the runs of characters that are equal, in order.
//!
//! Long grams that stand once in one key and are met in the other give the frame; between them
//! shorter grams, then the shortest edit script. Each stage is bounded, so that time grows with
//! the length of the keys and not with the number of differences; what a bound cuts off counts as
//! different, which can cost a copy but never a document.

/// `len` characters that are equal at `a` and at `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) a: usize,
    pub(crate) b: usize,
    pub(crate) len: usize,
}

/// Grams of the frame, then of the gaps in it. With one character in 33 mistyped, runs of 24 and
/// more still hold half of the text, and gaps between them are closed by runs of 8.
const GRAMS: [usize; 3] = [24, 12, 8];
/// Edits of one gap that are looked for; beyond, nothing in the gap counts as equal. The search
/// costs the square of it.
const MAX_EDITS: usize = 128;
/// Matches of one stage that are chained; a text with more is periodic.
const MAX_MATCHES: usize = 1 << 14;

/// Buffers of the alignment.
#[derive(Debug, Default)]
pub(crate) struct Aligner {
    /// Open addressing: hash of a gram of `a` in the upper half, its first place there in the lower one
    /// (plus one).
    table: Vec<u64>,
    /// By its place in `a`: where a gram stands in `b` (plus one, `MANY` where it comes twice in either).
    met: Vec<u32>,
    /// Places of `b` whose gram stands once in `a`, and where that is.
    hits: Vec<(u32, u32)>,
    matches: Vec<Run>,
    /// For the chain: best weight up to a rank, and the match before.
    tree: Vec<(u64, u32)>,
    before: Vec<u32>,
    order: Vec<u32>,
    /// Farthest places of the edit script, one row after another.
    rows: Vec<i32>,
    pub(crate) runs: Vec<Run>,
}

const MANY: u32 = u32::MAX;

/// A part of both keys.
#[derive(Clone, Copy)]
struct Part {
    a: (usize, usize),
    b: (usize, usize),
}

impl Aligner {
    /// Aligns `a` and `b`; the equal runs are in [`Aligner::runs`], in order, none empty, no two
    /// of them touching on both sides.
    pub(crate) fn align(&mut self, a: &[u16], b: &[u16]) {
        self.runs.clear();
        self.part(a, b, Part { a: (0, a.len()), b: (0, b.len()) }, 0);
        self.runs.retain(|run| run.len > 0);
        self.runs.dedup_by(|next, run| {
            let touches = run.a + run.len == next.a && run.b + run.len == next.b;
            if touches {
                run.len += next.len;
            }
            touches
        });
    }

    /// Aligns one part by grams of the given stage. Parts are disjoint and stages few: the depth
    /// of the calls is that of the stages.
    fn part(&mut self, a: &[u16], b: &[u16], mut part: Part, stage: usize) {
        let (x, y) = (&a[part.a.0..part.a.1], &b[part.b.0..part.b.1]);
        let head = equal_front(x, y);
        self.runs.push(Run { a: part.a.0, b: part.b.0, len: head });
        let (x, y) = (&x[head..], &y[head..]);
        let tail = equal_back(x, y);
        part.a = (part.a.0 + head, part.a.1 - tail);
        part.b = (part.b.0 + head, part.b.1 - tail);
        let last = Run { a: part.a.1, b: part.b.1, len: tail };
        let (x, y) = (&x[..x.len() - tail], &y[..y.len() - tail]);
        if !x.is_empty() && !y.is_empty() {
            let small = x.len().max(y.len()) <= MAX_EDITS;
            match GRAMS.get(stage) {
                Some(&gram) if !small && x.len().min(y.len()) >= gram => {
                    let chain = self.frame(x, y, gram);
                    let mut from = (0, 0);
                    let end = Run { a: x.len(), b: y.len(), len: 0 };
                    for run in chain.into_iter().chain([end]) {
                        let gap = Part {
                            a: (part.a.0 + from.0, part.a.0 + run.a),
                            b: (part.b.0 + from.1, part.b.0 + run.b),
                        };
                        self.part(a, b, gap, stage + 1);
                        let (at_a, at_b) = (part.a.0 + run.a, part.b.0 + run.b);
                        self.runs.push(Run { a: at_a, b: at_b, len: run.len });
                        from = (run.a + run.len, run.b + run.len);
                    }
                }
                _ => self.edits(x, y, part),
            }
        }
        self.runs.push(last);
    }

    /// The heaviest chain of runs that start from grams unique in both texts: of a passage that
    /// comes twice, a typing error in one place makes a gram unique on one side only.
    fn frame(&mut self, a: &[u16], b: &[u16], gram: usize) -> Vec<Run> {
        let swapped = a.len() > b.len();
        let (a, b) = if swapped { (b, a) } else { (a, b) };
        self.fill_table(a, gram);
        self.find_matches(a, b, gram);
        let mut chain = self.chain(a.len());
        if swapped {
            for run in &mut chain {
                (run.a, run.b) = (run.b, run.a);
            }
        }
        chain
    }

    fn fill_table(&mut self, a: &[u16], gram: usize) {
        let size = (2 * a.len()).next_power_of_two();
        self.table.clear();
        self.table.resize(size, 0);
        self.met.clear();
        self.met.resize(a.len(), 0);
        for (at, hash) in grams(a, gram) {
            let slot = slot_of(&self.table, hash);
            match self.table[slot] as usize {
                0 => self.table[slot] = u64::from(hash) << 32 | (at as u64 + 1),
                first => {
                    self.met[(first as u32 - 1) as usize] = MANY;
                    self.met[at] = MANY;
                }
            }
        }
    }

    fn find_matches(&mut self, a: &[u16], b: &[u16], gram: usize) {
        self.matches.clear();
        self.hits.clear();
        // Behind a gram that stands in `a`, the next one does too if only its last character is the same
        // there: most of two copies is passed so, and the table is asked at differences.
        let mut at = 0;
        while at + gram <= b.len() {
            let mut end = 0;
            for (n, hash) in grams(&b[at..], gram) {
                let entry = self.table[slot_of(&self.table, hash)];
                let Some(place) = (entry as u32 as usize).checked_sub(1) else { continue };
                let here = at + n;
                self.meet(place, here);
                // Two grams may have one hash.
                if a[place..place + gram] == b[here..here + gram] {
                    let on = equal_front(&a[place + gram..], &b[here + gram..]);
                    for step in 1..=on {
                        self.meet(place + step, here + step);
                    }
                    end = here + on + 1;
                    break;
                }
            }
            at = if end == 0 { b.len() } else { end };
        }
        // Where the last match ends in b.
        let mut done = 0;
        for &(at, start) in &self.hits {
            let (at, start) = (at as usize, start as usize);
            if at + gram <= done || self.met[start] == MANY {
                continue;
            }
            let on = equal_front(&a[start..], &b[at..]);
            // Two grams may have one hash.
            if on < gram {
                continue;
            }
            let room = at.saturating_sub(done).min(start);
            let back = equal_back(&a[start - room..start], &b[..at]);
            self.matches.push(Run { a: start - back, b: at - back, len: back + on });
            done = at + on;
            if self.matches.len() == MAX_MATCHES {
                break;
            }
        }
    }

    /// Notes that the gram at `place` in `a` stands at `at` in `b`, while it comes once in both.
    fn meet(&mut self, place: usize, at: usize) {
        let met = &mut self.met[place];
        if *met != MANY {
            *met = if *met == 0 { at as u32 + 1 } else { MANY };
            self.hits.push((at as u32, place as u32));
        }
    }

    /// Matches come in the order of `b`; of all chains that also ascend in `a` the heaviest one.
    fn chain(&mut self, a_len: usize) -> Vec<Run> {
        let matches = &self.matches;
        if matches.len() <= 1 {
            return matches.clone();
        }
        let n = matches.len();
        self.order.clear();
        self.order.extend(0..n as u32);
        self.order.sort_by_key(|&m| (matches[m as usize].a, m));
        let mut ranks = vec![0_usize; n];
        for (rank, &m) in self.order.iter().enumerate() {
            ranks[m as usize] = rank;
        }
        // A tree of prefix maxima over the ranks in a.
        self.tree.clear();
        self.tree.resize(n + 1, (0, 0));
        self.before.clear();
        self.before.resize(n, 0);
        let mut best = (0, 0);
        for (m, run) in matches.iter().enumerate() {
            let mut top = (0, 0);
            let mut node = ranks[m];
            while node > 0 {
                top = top.max(self.tree[node]);
                node &= node - 1;
            }
            self.before[m] = top.1;
            let weight = (top.0 + run.len as u64, m as u32 + 1);
            best = best.max(weight);
            let mut node = ranks[m] + 1;
            while node <= n {
                self.tree[node] = self.tree[node].max(weight);
                node += node & node.wrapping_neg();
            }
        }
        let mut chain = Vec::new();
        let mut m = best.1;
        let (mut a_end, mut b_end) = (a_len, usize::MAX);
        while m > 0 {
            let mut run = matches[m as usize - 1];
            // Runs of a chain may overlap: the earlier one gives way.
            run.len = run.len.min(a_end - run.a).min(b_end - run.b);
            (a_end, b_end) = (run.a, run.b);
            chain.push(run);
            m = self.before[m as usize - 1];
        }
        chain.reverse();
        chain
    }

    #[allow(
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "edits and lengths are below a few hundred"
    )]
    #[allow(clippy::many_single_char_names, reason = "the names of the published algorithm")]
    /// The shortest script of insertions and deletions (Myers 1986), if it has few.
    fn edits(&mut self, x: &[u16], y: &[u16], part: Part) {
        if x.len().abs_diff(y.len()) > MAX_EDITS {
            return;
        }
        let (n, m) = (x.len() as i32, y.len() as i32);
        let limit = MAX_EDITS.min(x.len() + y.len()) as i32;
        self.rows.clear();
        // Row d holds the farthest x on the diagonals -d, -d + 2, …, d.
        let mut row_at = 0_usize;
        let mut found = None;
        for d in 0..=limit {
            let before = row_at;
            row_at = self.rows.len();
            for step in 0..=d {
                let diagonal = 2 * step - d;
                let mut at = if d == 0 {
                    0
                } else if step == 0
                    || step < d && self.rows[before + step as usize - 1] < self.rows[before + step as usize]
                {
                    self.rows[before + step as usize]
                } else {
                    self.rows[before + step as usize - 1] + 1
                };
                while at < n
                    && at - diagonal < m
                    && at - diagonal >= 0
                    && x[at as usize] == y[(at - diagonal) as usize]
                {
                    at += 1;
                }
                self.rows.push(at);
                if at >= n && at - diagonal >= m {
                    found = Some((d, step));
                    break;
                }
            }
            if found.is_some() {
                break;
            }
        }
        let Some((mut d, mut step)) = found else { return };
        let first = self.runs.len();
        // Row d starts after 1 + 2 + … + d entries.
        let row = |d: i32| (d * (d + 1) / 2) as usize;
        let mut at = n;
        loop {
            let diagonal = 2 * step - d;
            let (came, from_step) = if d == 0 {
                (0, 0)
            } else {
                let before = row(d - 1);
                let last = &self.rows[before..];
                if step == 0 || step < d && last[step as usize - 1] < last[step as usize] {
                    (last[step as usize], step)
                } else {
                    (last[step as usize - 1] + 1, step - 1)
                }
            };
            if at > came {
                let (a, b) = (part.a.0 + came as usize, part.b.0 + (came - diagonal) as usize);
                self.runs.push(Run { a, b, len: (at - came) as usize });
            }
            if d == 0 {
                break;
            }
            let before = row(d - 1);
            at = self.rows[before + from_step as usize];
            d -= 1;
            step = from_step;
        }
        self.runs[first..].reverse();
    }
}

/// Where in the table this hash is, or may be entered.
fn slot_of(table: &[u64], hash: u32) -> usize {
    let mask = table.len() - 1;
    let mut slot = hash as usize & mask;
    while table[slot] != 0 && (table[slot] >> 32) as u32 != hash {
        slot = (slot + 1) & mask;
    }
    slot
}

/// Characters that are compared in one go.
const STRIDE: usize = 16;

/// How many characters are equal from the front on.
fn equal_front(x: &[u16], y: &[u16]) -> usize {
    let (x_blocks, y_blocks) = (x.as_chunks::<STRIDE>().0, y.as_chunks::<STRIDE>().0);
    let n = STRIDE * x_blocks.iter().zip(y_blocks).take_while(|(x, y)| x == y).count();
    n + x[n..].iter().zip(&y[n..]).take_while(|(x, y)| x == y).count()
}

/// How many characters are equal from the back on.
fn equal_back(x: &[u16], y: &[u16]) -> usize {
    let (x_blocks, y_blocks) = (x.as_rchunks::<STRIDE>().1, y.as_rchunks::<STRIDE>().1);
    let n = STRIDE * x_blocks.iter().rev().zip(y_blocks.iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&x[..x.len() - n], &y[..y.len() - n]);
    n + x.iter().rev().zip(y.iter().rev()).take_while(|(x, y)| x == y).count()
}

/// The grams of `text` with their hashes, which turn with each character.
fn grams(text: &[u16], gram: usize) -> impl Iterator<Item = (usize, u32)> + '_ {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let word = |c: u16| (u64::from(c) + 1).wrapping_mul(FACTOR);
    let turn = (gram - 1) as u32 * 5 % 64;
    let mut hash =
        text[..(gram - 1).min(text.len())].iter().fold(0_u64, |hash, &c| hash.rotate_left(5) ^ word(c));
    text.windows(gram).enumerate().map(move |(at, window)| {
        hash = hash.rotate_left(5) ^ word(window[gram - 1]);
        let print = (hash.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32) as u32;
        hash ^= word(window[0]).rotate_left(turn);
        (at, print)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn equal(a: &[u16], b: &[u16]) -> usize {
        let mut aligner = Aligner::default();
        aligner.align(a, b);
        let mut end = (0, 0);
        for (n, run) in aligner.runs.iter().enumerate() {
            assert!(run.len > 0 && run.a >= end.0 && run.b >= end.1, "{:?}", aligner.runs);
            assert!(n == 0 || run.a > end.0 || run.b > end.1, "touching: {:?}", aligner.runs);
            assert_eq!(a[run.a..run.a + run.len], b[run.b..run.b + run.len]);
            end = (run.a + run.len, run.b + run.len);
        }
        assert!(end.0 <= a.len() && end.1 <= b.len());
        aligner.runs.iter().map(|run| run.len).sum()
    }

    /// The length of the longest common subsequence, the slow way.
    fn longest(a: &[u16], b: &[u16]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut corner = 0;
            for (n, y) in b.iter().enumerate() {
                let up = row[n + 1];
                row[n + 1] = if x == y { corner + 1 } else { up.max(row[n]) };
                corner = up;
            }
        }
        row[b.len()]
    }

    /// Numbers without order from a fixed seed.
    fn dice(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *seed >> 33
    }

    #[test]
    fn short_texts_get_the_shortest_script() {
        for (a, b) in
            [("", ""), ("甲", ""), ("甲乙丙", "甲丙"), ("市人民政府", "县人民政协"), ("子丑寅卯", "卯寅丑子")]
        {
            let (a, b) = (units(a), units(b));
            assert_eq!(equal(&a, &b), longest(&a, &b));
        }
        let mut seed = 7;
        for n in 0..300 {
            let mut letters = |n: u64| (0..dice(&mut seed) % n).map(|_| 0).collect::<Vec<u16>>();
            let (mut a, mut b) = (letters(60), letters(60));
            for c in a.iter_mut().chain(&mut b) {
                *c = (dice(&mut seed) % 4) as u16;
            }
            assert_eq!(equal(&a, &b), longest(&a, &b), "{n}");
        }
    }

    #[test]
    fn long_texts_are_aligned_as_well_as_by_the_slow_way() {
        let mut seed = 3;
        for round in 0..40 {
            let a: Vec<u16> = (0..1500).map(|_| 0x4E00 + (dice(&mut seed) % 2000) as u16).collect();
            let mut b: Vec<u16> = (0..round * 10).map(|_| (dice(&mut seed) % 2000) as u16).collect();
            for &c in &a {
                match dice(&mut seed) % 100 {
                    0 => {}
                    1 => b.extend([c, 7]),
                    2 => b.push(9),
                    _ => b.push(c),
                }
            }
            let (got, best) = (equal(&a, &b), longest(&a, &b));
            // Behind a long head the first characters may be lost, up to the first long gram.
            assert!(got + 2 * GRAMS[0] >= best, "{got} of {best} in round {round}");
            assert_eq!(got, equal(&b, &a));
        }
    }

    #[test]
    fn moved_and_repeated_passages_do_not_confuse() {
        let part = |from: u16| (from..from + 300).collect::<Vec<u16>>();
        let (a, b, c) = (part(1000), part(2000), part(3000));
        let join = |parts: &[&[u16]]| parts.concat();
        assert_eq!(equal(&join(&[&a, &b, &c]), &join(&[&a, &c, &b])), 600);
        assert_eq!(equal(&join(&[&a, &a, &b]), &join(&[&a, &b])), 600);
        assert_eq!(equal(&join(&[&a, &b]), &c), 0);
        let dull = vec![5; 100_000];
        assert_eq!(equal(&dull, &dull[..70_000]), 70_000);
        let mut odd = dull.clone();
        odd[50_000] = 6;
        assert!(equal(&dull, &odd) >= 50_000);
    }
}
