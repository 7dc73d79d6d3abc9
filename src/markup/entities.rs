//! Character references: `&nbsp;`, `&#8220;`, `&#x4E2D;`.

use std::sync::LazyLock;

/// No name of a reference is longer, and no number needs more digits.
pub(super) const MAX_BODY: usize = 32;

static NAMED: LazyLock<Vec<(&'static str, char)>> = LazyLock::new(|| {
    include_str!("entities.tsv")
        .lines()
        .filter_map(|line| {
            let (name, code) = line.split_once('\t')?;
            Some((name, char::from_u32(u32::from_str_radix(code, 16).ok()?)?))
        })
        .collect()
});

/// Names that browsers also read without the semicolon, and that pages do write so.
const OPEN: &[&str] = &["nbsp", "amp", "lt", "gt", "quot", "NBSP", "AMP", "LT", "GT", "QUOT"];

/// What Windows had at 80 to 9F; pages number characters by it.
const WINDOWS_1252: [u16; 32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
    0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
];

/// The character that the name stands for. Capitals are read as small letters where only that
/// gives a character: `&NBSP;`.
pub(super) fn named(name: &str) -> Option<char> {
    match name {
        "nbsp" => return Some('\u{A0}'),
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        _ => {}
    }
    let find = |name: &str| NAMED.binary_search_by(|row| row.0.cmp(name)).ok().map(|at| NAMED[at].1);
    find(name).or_else(|| find(&name.to_ascii_lowercase()).filter(|_| OPEN.contains(&name)))
}

/// The same for a name without its semicolon.
pub(super) fn open(name: &str) -> Option<char> {
    if (2..=4).contains(&name.len()) && OPEN.contains(&name) { named(name) } else { None }
}

/// The character of a number: `#8220`, `#x201C`. `None` if it is none.
pub(super) fn numbered(body: &str) -> Option<char> {
    let digits = body.strip_prefix('#')?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok()?,
        None if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        _ => return None,
    };
    match code {
        0 => None,
        0x80..=0x9F => char::from_u32(u32::from(WINDOWS_1252[code as usize - 0x80])),
        _ => char::from_u32(code),
    }
}

/// The character of what stands between `&` and `;`.
pub(super) fn closed(body: &str) -> Option<char> {
    if body.starts_with('#') { numbered(body) } else { named(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read() {
        assert!(NAMED.len() > 2000 && NAMED.is_sorted());
        for (body, c) in [
            ("nbsp", Some('\u{A0}')),
            ("NBSP", Some('\u{A0}')),
            ("ldquo", Some('“')),
            ("middot", Some('·')),
            ("hellip", Some('…')),
            ("LT", Some('<')),
            ("Ldquo", None),
            ("#8220", Some('“')),
            ("#x4e2d", Some('中')),
            ("#X4E2D", Some('中')),
            ("#150", Some('–')),
            ("#0", None),
            ("#xD800", None),
            ("#99999999999999999999", None),
            ("#", None),
            ("#x", None),
            ("#+5", None),
            ("notit", None),
        ] {
            assert_eq!(closed(body), c, "{body}");
        }
        assert_eq!((open("nbsp"), open("copy")), (Some('\u{A0}'), None));
    }
}
