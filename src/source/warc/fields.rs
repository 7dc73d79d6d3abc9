//! The named fields at the head of a record or an answer: `Name: value`, a line each.

/// The fields that somebody asks for; a hostile head has any number of others.
const KNOWN: &[&str] = &[
    "content-encoding",
    "content-length",
    "content-type",
    "transfer-encoding",
    "warc-date",
    "warc-record-id",
    "warc-target-uri",
    "warc-type",
];

/// The known fields by their names in small letters, the first of each name.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, String)>);

impl Fields {
    /// Reads the first line and the fields of `head`, which end at an empty line; also where that
    /// line ends. None where there is no such line.
    pub(super) fn read(head: &[u8]) -> Option<(&[u8], Self, usize)> {
        let end = end_of(head, 0)?;
        let (first, fields) = lines(&head[..end]);
        Some((first, fields, end))
    }

    /// As [`Fields::read`] for a head that goes on to the end.
    pub(super) fn rest(head: &[u8]) -> (&[u8], Self, usize) {
        let (first, fields) = lines(head);
        (first, fields, head.len())
    }

    /// The value of the first field of this name, which is in small letters.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// Where the empty line that closes a head ends; nothing before `from` can belong to it.
pub(super) fn end_of(head: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(b'\n', &head[from..]).find_map(|n| match &head[from + n + 1..] {
        [b'\n', ..] => Some(from + n + 2),
        [b'\r', b'\n', ..] => Some(from + n + 3),
        _ => None,
    })
}

fn lines(head: &[u8]) -> (&[u8], Fields) {
    let mut lines = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end);
    let first = lines.next().unwrap_or_default();
    let mut fields = Fields::default();
    // The field that a line with a blank at its start goes on with.
    let mut is_open = false;
    for line in lines.take_while(|line| !line.is_empty()) {
        if matches!(line[0], b' ' | b'\t') {
            if let Some((_, value)) = fields.0.last_mut().filter(|_| is_open) {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(&String::from_utf8_lossy(line.trim_ascii()));
            }
            continue;
        }
        is_open = false;
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let name = line[..colon].trim_ascii();
        let known = KNOWN.iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes()));
        if let Some(known) = known
            && fields.get(known).is_none()
        {
            let value = String::from_utf8_lossy(line[colon + 1..].trim_ascii()).into_owned();
            fields.0.push((known, value));
            is_open = true;
        }
    }
    (first, fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_and_values_over_lines() {
        let head = b"WARC/1.0\r\nwarc-TYPE:  response \r\nX: a\r\n b\r\nWARC-Date: a\r\n\tb\r\nno field\r\n c\r\n\r\nbody";
        let (first, fields, end) = Fields::read(head).unwrap();
        assert_eq!((first, &head[end..]), (&b"WARC/1.0"[..], &b"body"[..]));
        assert_eq!((fields.get("warc-type"), fields.get("warc-date")), (Some("response"), Some("a b")));
        let (_, fields, end) = Fields::read(b"A\nWARC-Date: \xFF\n\nbody").unwrap();
        assert_eq!((fields.get("warc-date"), end), (Some("\u{FFFD}"), 16));
        assert!(Fields::read(b"A\r\nB: c\r\n").is_none());
        assert_eq!(Fields::rest(b"A\r\nWARC-Date: c").1.get("warc-date"), Some("c"));
    }
}
