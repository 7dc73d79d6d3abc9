//! What a page says about its encoding. A hint among others: it only decides between equals.

use encoding_rs::{BIG5, Encoding, GB18030, GBK, REPLACEMENT, UTF_8, WINDOWS_1252};
use memchr::memmem;

use crate::decode::Hints;

/// A page names its charset near its start; further down the word stands in text.
const HEAD: usize = 4096;

/// A declaration that can be used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Declared {
    Utf8,
    Gb18030,
    Big5,
    Other(&'static Encoding),
}

/// The charset named by the caller, else by the page's `<meta>` or XML declaration.
///
/// Labels that tell nothing are passed over: `iso-8859-1` (what servers say by default), and those
/// that browsers map to the decoder that reads nothing (`hz-gb-2312`, `iso-2022-cn`).
pub(super) fn find(bytes: &[u8], hints: &Hints<'_>) -> Option<Declared> {
    if let Some(declared) = hints.declared.and_then(|label| read(label.as_bytes())) {
        return Some(declared);
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    ["charset", "encoding", "CHARSET", "Charset"].iter().find_map(|word| {
        memmem::find_iter(head, word).find_map(|at| {
            let rest = head[at + word.len()..].trim_ascii_start();
            let value = rest.strip_prefix(b"=")?.trim_ascii_start();
            let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
            let end = value.iter().position(|b| !(b.is_ascii_alphanumeric() || b"-_:.".contains(b)));
            read(&value[..end.unwrap_or(value.len())])
        })
    })
}

fn read(label: &[u8]) -> Option<Declared> {
    let encoding = Encoding::for_label(label)?;
    match encoding {
        e if e == UTF_8 => Some(Declared::Utf8),
        e if e == GBK || e == GB18030 => Some(Declared::Gb18030),
        e if e == BIG5 => Some(Declared::Big5),
        e if e == REPLACEMENT || e == WINDOWS_1252 || !e.is_ascii_compatible() => None,
        e => Some(Declared::Other(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn useless_labels_are_passed_over() {
        for (page, declared) in [
            ("<meta charset=gb2312>", Some(Declared::Gb18030)),
            ("<META content='text/html; charset=Big5'>", Some(Declared::Big5)),
            ("<meta charset = \"x-gbk\">", Some(Declared::Gb18030)),
            ("<?xml version=\"1.0\" encoding='utf-8'?>", Some(Declared::Utf8)),
            ("<meta charset=iso-8859-1>", None),
            ("<meta charset=hz-gb-2312>", None),
            ("<meta charset=utf-16>", None),
            ("<meta charset=none-such>", None),
            ("<meta charset=hz-gb-2312><meta charset=gbk>", Some(Declared::Gb18030)),
            ("charset", None),
        ] {
            assert_eq!(find(page.as_bytes(), &Hints::default()), declared, "{page}");
        }
        let hints = Hints { declared: Some("big5") };
        assert_eq!(find(b"<meta charset=gbk>", &hints), Some(Declared::Big5));
    }
}
