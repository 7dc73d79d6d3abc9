//! What a removed repeat had that the copy which stays has not.
//!
//! Both have the same letters and digits but for a few; marks, spaces and line ends differ. So one
//! walk along both finds the differences, where a general comparison would need quadratic time.

/// How many letters and digits are looked over for the place where both agree again. The step
/// that finds repeats bridges three; half-repaired words need a few more.
const AHEAD: usize = 16;

/// How many letters and digits must agree there. Fewer would agree by chance in tables of numbers.
const AGREE: usize = 6;

/// What an entry costs beyond its two texts: `[12,"",""],`.
const ENTRY_COST: usize = 12;

/// One difference: after `gap` equal bytes the twin has `twin`, the removed copy had `had`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Difference<'a> {
    pub(super) gap: usize,
    pub(super) twin: &'a str,
    pub(super) had: &'a str,
}

/// The differences that make `had` out of `twin`; `None` where they are no shorter than `had`
/// itself. Linear in both lengths.
pub(super) fn differences<'a>(twin: &'a str, had: &'a str) -> Option<Vec<Difference<'a>>> {
    let mut found = Vec::new();
    let (mut a, mut b) = (twin, had);
    let (mut keys_a, mut keys_b) = (Vec::new(), Vec::new());
    let mut cost = 0;
    loop {
        let gap = common_prefix(a, b);
        (a, b) = (&a[gap..], &b[gap..]);
        if a.is_empty() && b.is_empty() {
            return Some(found);
        }
        let (end_a, end_b) = next_agreement(a, b, &mut keys_a, &mut keys_b)?;
        let tail = common_suffix(&a[..end_a], &b[..end_b]);
        let (end_a, end_b) = (end_a - tail, end_b - tail);
        found.push(Difference { gap, twin: &a[..end_a], had: &b[..end_b] });
        cost += end_a + end_b + ENTRY_COST;
        if cost >= had.len() {
            return None;
        }
        (a, b) = (&a[end_a..], &b[end_b..]);
    }
}

/// Where `a` and `b` agree again, as near as possible, counted in letters and digits; `None`
/// where they do not within reach.
fn next_agreement(
    a: &str,
    b: &str,
    keys_a: &mut Vec<(usize, char)>,
    keys_b: &mut Vec<(usize, char)>,
) -> Option<(usize, usize)> {
    for (text, keys) in [(a, &mut *keys_a), (b, &mut *keys_b)] {
        keys.clear();
        keys.extend(text.char_indices().filter(|(_, c)| c.is_alphanumeric()).take(AHEAD + AGREE));
    }
    let at = |keys: &[(usize, char)], n: usize, end: usize| keys.get(n).map_or(end, |k| k.0);
    for total in 0..=2 * AHEAD {
        for i in total.saturating_sub(AHEAD)..=total.min(AHEAD) {
            let j = total - i;
            let (Some(rest_a), Some(rest_b)) = (keys_a.get(i..), keys_b.get(j..)) else { continue };
            let next = |keys: &[(usize, char)], n: usize| keys.get(n).map(|k| k.1);
            if (0..AGREE).all(|n| next(rest_a, n) == next(rest_b, n)) {
                return Some((at(keys_a, i, a.len()), at(keys_b, j, b.len())));
            }
        }
    }
    None
}

fn common_prefix(a: &str, b: &str) -> usize {
    let mut n = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    while !a.is_char_boundary(n) || !b.is_char_boundary(n) {
        n -= 1;
    }
    n
}

fn common_suffix(a: &str, b: &str) -> usize {
    a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum()
}

/// Makes the removed copy again; `Err` holds the byte of `twin` where a difference does not fit.
pub(super) fn patch<'a>(
    twin: &str,
    differences: impl Iterator<Item = Difference<'a>>,
) -> Result<String, usize> {
    let mut had = String::new();
    let mut at = 0;
    for difference in differences {
        let from = at + difference.gap.min(twin.len() + 1);
        if !twin.is_char_boundary(from) || !twin[from..].starts_with(difference.twin) {
            return Err(from.min(twin.len()));
        }
        had.push_str(&twin[at..from]);
        had.push_str(difference.had);
        at = from + difference.twin.len();
    }
    had.push_str(&twin[at..]);
    Ok(had)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAGRAPHS: &str = "各县人民政府：\n一是推进改革，扩大开放。\n二是2024年增长5.6%，办好民生实事。\n";

    #[test]
    fn few_differences_are_found_and_undone() {
        let flat = PARAGRAPHS.replace('\n', " ");
        for (had, entries) in [
            (PARAGRAPHS.to_owned(), 0),
            (flat.clone(), 3),
            (PARAGRAPHS.replace('，', ""), 2),
            (PARAGRAPHS.replace("扩大", "扩太"), 1),
            (PARAGRAPHS.replace("办好", ""), 1),
            (PARAGRAPHS.replace("民生", "民生—————————————————————"), 1),
            (format!("{PARAGRAPHS}（完）"), 1),
            (format!("据报道，{PARAGRAPHS}"), 1),
        ] {
            let found = differences(PARAGRAPHS, &had).expect(&had);
            assert_eq!(found.len(), entries, "{had}: {found:?}");
            assert_eq!(patch(PARAGRAPHS, found.into_iter()), Ok(had));
        }
    }

    #[test]
    fn strangers_have_no_short_differences() {
        for had in ["", "完全不同的另一段文字，没有共同之处", "县"] {
            assert_eq!(differences(PARAGRAPHS, had), None, "{had}");
        }
    }

    #[test]
    fn bytes_that_share_a_part_of_a_character_differ_whole() {
        // 件 and 伵 share their first two bytes.
        let (twin, had) =
            ("各地各部门要高度重视，认真组织，文件落实到位", "各地各部门要高度重视，认真组织，文伵落实到位");
        let found = differences(twin, had).unwrap();
        assert_eq!((found[0].twin, found[0].had), ("件", "伵"));
    }

    #[test]
    fn hostile_lengths_are_walked_once() {
        let dashes = format!("甲乙丙丁戊己庚{}辛壬癸子丑寅卯", "-".repeat(1_000_000));
        let dots = dashes.replace('-', ".");
        assert_eq!(differences(&dashes, &dots), None);
        let alternating = "中,".repeat(500_000);
        assert_eq!(differences(&alternating, &alternating.replace(',', "，")), None);
    }

    #[test]
    fn a_difference_that_does_not_fit_is_an_error() {
        let entry = |gap, twin| [Difference { gap, twin, had: "" }].into_iter();
        assert_eq!(patch("甲乙", entry(3, "丙")), Err(3));
        assert_eq!(patch("甲乙", entry(1, "")), Err(1));
        assert_eq!(patch("甲乙", entry(usize::MAX, "")), Err(6));
    }
}
