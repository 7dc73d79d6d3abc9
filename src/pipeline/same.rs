//! Documents with equal keys: one of them stays, and which one does not depend on any order.

use xxhash_rust::xxh3::xxh3_128;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::text::chars::is_closing;
use crate::text::chars::is_stop;
use crate::text::key;

/// What `run` remembers of a clean document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print {
    /// Equal for documents that say the same.
    pub(crate) key: u128,
    /// Equal for documents whose decoded texts are equal.
    pub(crate) exact: u128,
    /// Of the clean text; settles ties of equal ids.
    text: u128,
    /// How well the copy is made; larger is better.
    form: u8,
}

/// Keeps the keys of texts without letters apart from all others.
const NO_LETTERS: u64 = 0x6A77;

/// Words by which a copy shows that it was passed on.
const FORWARD_MARKS: &[&str] = &["编者按", "转发", "来源：", "责任编辑"];

/// Where such words stand, in bytes from either end: about 70 characters.
const EDGE: usize = 210;

/// A last line without a mark inside and not longer than this (in bytes, 20 characters) is a signature.
const MAX_SIGNATURE: usize = 60;

impl Print {
    pub(crate) fn new(decoded: &str, clean: &str) -> Self {
        let text = xxh3_128(clean.as_bytes());
        let key = key::digest(clean).unwrap_or_else(|| xxh3_128_with_seed(clean.as_bytes(), NO_LETTERS));
        Self { key, exact: xxh3_128(decoded.as_bytes()), text, form: form(clean) }
    }

    /// Better copies come first: form, then the smaller id, then the digests.
    fn rank<'a>(&self, id: &'a [u8]) -> (std::cmp::Reverse<u8>, &'a [u8], u128, u128) {
        (std::cmp::Reverse(self.form), id, self.text, self.exact)
    }
}

/// Has paragraphs, ends as a text ends, was not passed on: in this order of weight.
fn form(clean: &str) -> u8 {
    let text = clean.trim_end();
    let has_paragraphs = memchr::memchr(b'\n', text.as_bytes()).is_some();
    u8::from(has_paragraphs) << 2 | u8::from(ends_well(text)) << 1 | u8::from(!is_forward(text))
}

/// Ends in a final mark, a date or a signature.
fn ends_well(text: &str) -> bool {
    let Some(last) = text.chars().next_back() else { return false };
    if is_stop(last) || is_closing(last) || matches!(last, '日' | '月' | '年') {
        return true;
    }
    let line = text.rsplit('\n').next().unwrap_or(text);
    line.len() <= MAX_SIGNATURE && line.len() < text.len() && !line.contains(['，', '、', '；', '：', '。'])
}

fn is_forward(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(EDGE)];
    let tail = &text[text.ceil_char_boundary(text.len().saturating_sub(EDGE))..];
    FORWARD_MARKS.iter().any(|mark| head.contains(mark) || tail.contains(mark))
}

/// What becomes of a clean document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Kept,
    /// Its decoded text equals that of the kept document of this number.
    Exact(usize),
    /// It says the same.
    Same(usize),
}

/// All clean documents of a run, numbered in input order.
#[derive(Debug, Default)]
pub(crate) struct Prints {
    all: Vec<Print>,
    ids: Vec<u8>,
    ends: Vec<usize>,
}

impl Prints {
    pub(crate) fn push(&mut self, print: Print, id: &[u8]) {
        self.all.push(print);
        self.ids.extend_from_slice(id);
        self.ends.push(self.ids.len());
    }

    /// The id of document `n` as JSON.
    pub(crate) fn id(&self, n: usize) -> &[u8] {
        let start = n.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ids[start..self.ends[n]]
    }

    /// Decides all at once. `O(n log n)`.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let mut verdicts = vec![Verdict::Kept; self.all.len()];
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        order.sort_unstable_by_key(|&n| (self.all[n].key, n));
        for group in order.chunk_by(|&a, &b| self.all[a].key == self.all[b].key) {
            if group.len() == 1 {
                continue;
            }
            let best = group.iter().copied().min_by_key(|&n| self.all[n].rank(self.id(n)));
            let Some(best) = best else { continue };
            for &n in group.iter().filter(|&&n| n != best) {
                let exact = self.all[n].exact == self.all[best].exact;
                verdicts[n] = if exact { Verdict::Exact(best) } else { Verdict::Same(best) };
            }
        }
        verdicts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_copy_stays_in_any_order() {
        let docs = [
            ("\"a\"", "各县区：为做好工作，现通知如下。"),
            ("\"c\"", "各县区：\n为做好工作，现通知如下。"),
            ("\"b\"", "各县区：\n为做好工作，现通知如下"),
            ("\"d\"", "各县区：\n为做好工作，现通知如下。"),
            ("\"e\"", "另一件事。"),
        ];
        for turn in 0..docs.len() {
            let mut turned = docs;
            turned.rotate_left(turn);
            let mut prints = Prints::default();
            for (id, text) in turned {
                prints.push(Print::new(text, text), id.as_bytes());
            }
            let verdicts = prints.verdicts();
            for (n, (id, _)) in turned.iter().enumerate() {
                let of = |n: usize| String::from_utf8(prints.id(n).to_vec()).unwrap();
                let got = match verdicts[n] {
                    Verdict::Kept => "kept".to_owned(),
                    Verdict::Exact(best) => format!("exact {}", of(best)),
                    Verdict::Same(best) => format!("same {}", of(best)),
                };
                let want = match *id {
                    "\"c\"" | "\"e\"" => "kept",
                    "\"d\"" => "exact \"c\"",
                    _ => "same \"c\"",
                };
                assert_eq!(got, want, "{id} turned by {turn}");
            }
        }
    }

    #[test]
    fn form_knows_how_texts_end() {
        for (text, want) in [
            ("通知\n内容。", 7),
            ("通知 内容。", 3),
            ("通知\n内容", 7),
            ("通知\n二〇二四年五月六日", 7),
            ("通知\n内容，见下，", 5),
            ("编者按\n内容。", 6),
        ] {
            assert_eq!(form(text), want, "{text}");
        }
    }
}
