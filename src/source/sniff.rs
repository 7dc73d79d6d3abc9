//! What a file is: rows of JSON Lines, or one document. The bytes decide, the name helps.

use std::collections::HashMap;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::source::archive::tar;
use crate::source::archive::zip;
use crate::source::table::csv;
use crate::source::warc;

/// How the lines of a file end, which depends on the width of its code units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// One byte, 0A: UTF-8, GB 18030 and Big5 never use it inside another character.
    Byte,
    /// Two bytes, 0A 00.
    Utf16Le,
    /// Two bytes, 00 0A.
    Utf16Be,
}

/// What the bytes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The whole file is one document, text or a page.
    Document,
    /// One document a line.
    Rows(LineEnd),
    /// Records of a crawler.
    Warc,
    /// Records of cells; what stands between two cells.
    Csv(LineEnd, u8),
    /// Rows in columns.
    Parquet,
    /// Files one behind the other.
    Tar,
    /// Files with a directory at the end.
    Zip,
    /// Nothing that this version reads; the reason.
    Refused(&'static str),
}

const ROW_NAMES: &[&str] = &["jsonl", "ndjson"];
const CSV_NAMES: &[&str] = &["csv"];
const TSV_NAMES: &[&str] = &["tsv", "tab"];
const DOCUMENT_NAMES: &[&str] = &["txt", "text", "md", "html", "htm", "xhtml", "shtml"];
const PACKED_NAMES: &[&str] = &["gz", "zst", "bz2", "zstd"];

/// The file's name without the endings of its compression.
#[must_use]
pub fn bare_name(name: &str) -> &str {
    let mut bare = name;
    while let Some((stem, ending)) = bare.rsplit_once('.')
        && !stem.is_empty()
        && PACKED_NAMES.iter().any(|packed| ending.eq_ignore_ascii_case(packed))
    {
        bare = stem;
    }
    bare
}

/// Tells by the name and the first bytes what a file is. `text_field` is the field that makes a
/// JSON object a document.
pub(super) fn kind(name: &str, head: &[u8], text_field: &str) -> Kind {
    if head.starts_with(b"PAR1") {
        return if cfg!(feature = "parquet") {
            Kind::Parquet
        } else {
            Kind::Refused("a Parquet file, which this build of the program does not read")
        };
    }
    if warc::is_start(head) {
        return Kind::Warc;
    }
    let ending = bare_name(name).rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_one_of = |names: &[&str]| names.iter().any(|n| ending.eq_ignore_ascii_case(n));
    // An archive that calls itself a text is a forgery or a fault; decoding names it.
    if !is_one_of(DOCUMENT_NAMES) {
        if zip::is_start(head) || is_one_of(&["zip"]) {
            return Kind::Zip;
        }
        if tar::is_start(head) || (is_one_of(&["tar", "tgz"]) && !head.is_empty()) {
            return Kind::Tar;
        }
    }
    if tar::is_start(head) {
        return Kind::Refused("a tar archive that is called a text: give it its name");
    }
    let (unit, body) = match head {
        [0xFF, 0xFE, 0, 0, ..] => return Kind::Document,
        [0xFF, 0xFE, rest @ ..] => (LineEnd::Utf16Le, rest),
        [0xFE, 0xFF, rest @ ..] => (LineEnd::Utf16Be, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] => (LineEnd::Byte, rest),
        _ => (LineEnd::Byte, head),
    };
    if is_one_of(CSV_NAMES) || is_one_of(TSV_NAMES) {
        return Kind::Csv(unit, csv::delimiter(body, is_one_of(TSV_NAMES)));
    }
    let (first, is_whole) = first_line(body, unit);
    let spread = is_whole && is_spread(first);
    if is_one_of(ROW_NAMES) {
        return if spread {
            Kind::Refused("JSON over many lines, not JSON Lines: write one value a line, as `jq -c` does")
        } else {
            Kind::Rows(unit)
        };
    }
    let starts_row = first.iter().find(|b| **b != 0) == Some(&b'{');
    let rows = if is_one_of(DOCUMENT_NAMES) {
        starts_row && unit == LineEnd::Byte && is_row(first, text_field)
    } else {
        starts_row && !spread
    };
    if rows { Kind::Rows(unit) } else { Kind::Document }
}

/// The first line with anything on it, without the blanks around it, and whether its end is there:
/// a row may be longer than the bytes at hand, and these may end at any of its commas.
fn first_line(body: &[u8], unit: LineEnd) -> (&[u8], bool) {
    if unit != LineEnd::Byte {
        return (body, false);
    }
    let body = body.trim_ascii_start();
    let end = memchr::memchr(b'\n', body);
    (body[..end.unwrap_or(body.len())].trim_ascii_end(), end.is_some())
}

/// A line that opens a JSON value and leaves it open.
fn is_spread(line: &[u8]) -> bool {
    matches!(line.first(), Some(b'{' | b'['))
        && matches!(line.last(), Some(b'{' | b'[' | b','))
        && serde_json::from_slice::<IgnoredAny>(line).is_err()
}

/// A whole object that has the text field.
fn is_row(line: &[u8], text_field: &str) -> bool {
    let field = text_field.split('.').next().unwrap_or(text_field);
    serde_json::from_slice::<HashMap<String, Box<RawValue>>>(line).is_ok_and(|row| row.contains_key(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_and_names_help() {
        let rows = Kind::Rows(LineEnd::Byte);
        for (name, head, want) in [
            ("a.jsonl", "", rows),
            ("a.jsonl.gz", "{\"text\":\"甲\"}\n", rows),
            ("a.txt", "关于公布名单的通知\n", Kind::Document),
            ("a.txt", "{注} 本表由各县填报\n", Kind::Document),
            ("a.txt", "{\"code\":0}\n", Kind::Document),
            ("a.txt", "{\"text\":\"甲\"}\n{\"te", rows),
            ("-", "\n {\"text\":\"甲\"}\n", rows),
            ("-", "通知\n", Kind::Document),
            ("data", "{\"text\":\"甲", rows),
            ("data", "{\"text\":\"甲,", rows),
            ("a.jsonl", "{\"text\":\"[2024]甲[", rows),
        ] {
            assert_eq!(kind(name, head.as_bytes(), "text"), want, "{name} {head}");
        }
        assert!(matches!(kind("a.jsonl", b"{\n \"text\": \"a\"\n}\n", "text"), Kind::Refused(_)));
        assert!(matches!(kind("a.jsonl", b"[{\"a\":1},\n{\"a\":2}]\n", "text"), Kind::Refused(_)));
        assert_eq!(kind("a.jsonl", b"\xFF\xFE{\0", "text"), Kind::Rows(LineEnd::Utf16Le));
        assert_eq!(bare_name("a.jsonl.gz"), "a.jsonl");
        assert_eq!(bare_name(".gz"), ".gz");
    }
}
