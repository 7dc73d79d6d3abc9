//! Archives of files: tar and zip. Nothing is ever written out; the name of a member is a label.

pub(super) mod tar;
pub(super) mod zip;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use encoding_rs::GB18030;
use xxhash_rust::xxh3::xxh3_64;

/// Archives in one another. A crawl of archives of archives is known; deeper ones are attacks.
pub(super) const MAX_DEPTH: usize = 2;

/// Members of one archive; an honest one has some hundred thousand.
pub(super) const MAX_MEMBERS: usize = 1 << 21;

/// Bytes of a member's name; longer ones are cut in the label.
pub(super) const MAX_NAME: usize = 4096;

/// A file of an archive: what it is called and how many bytes it has.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) size: u64,
}

/// The labels that one archive has given out, and to how many of one name. No two members share one,
/// whatever they are called.
#[derive(Default)]
pub(super) struct Labels(HashMap<u64, u64>);

impl Labels {
    /// The label of the member called `name`: its characters, also where they are in GB 18030, as
    /// usual in China; what is no text or could steer a terminal stands as `\xnn`. The second one of
    /// a name is called `name~2`.
    pub(super) fn give(&mut self, name: &[u8]) -> String {
        let name = &name[..name.len().min(MAX_NAME)];
        let gbk = || GB18030.decode_without_bom_handling_and_without_replacement(name);
        let text = match std::str::from_utf8(name) {
            // A short name in GBK may pass for letters of two bytes, which are not Chinese.
            Ok(text) if text.is_ascii() || text.chars().any(|c| c >= '\u{800}') => Some(text.into()),
            Ok(text) => gbk().or(Some(text.into())),
            Err(_) => gbk(),
        };
        let mut label = String::new();
        match text {
            Some(text) => text.chars().for_each(|c| {
                if c.is_control() {
                    label.extend(c.escape_default());
                } else {
                    label.push(c);
                }
            }),
            None => label.extend(name.iter().flat_map(|b| std::ascii::escape_default(*b)).map(char::from)),
        }
        let key = xxh3_64(label.as_bytes());
        let Some(known) = self.0.get(&key).copied() else {
            self.0.insert(key, 1);
            return label;
        };
        for n in known + 1.. {
            let other = format!("{label}~{n}");
            if let Entry::Vacant(free) = self.0.entry(xxh3_64(other.as_bytes())) {
                free.insert(1);
                self.0.insert(key, n);
                return other;
            }
        }
        unreachable!("some number is free")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_text_and_no_two_are_equal() {
        let mut labels = Labels::default();
        for (name, want) in [
            ("通知.txt".as_bytes(), "通知.txt"),
            (b"\xcd\xa8\xd6\xaa.txt", "通知.txt~2"),
            ("通知.txt".as_bytes(), "通知.txt~3"),
            (b"a\x1b[2J\n", "a\\u{1b}[2J\\n"),
            (b"\xFF\xFE\x80", "\\xff\\xfe\\x80"),
            (b"../../etc/passwd", "../../etc/passwd"),
            (b"", ""),
        ] {
            assert_eq!(labels.give(name), want);
        }
    }
}
