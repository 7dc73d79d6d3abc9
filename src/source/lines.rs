//! The lines of a file of rows, in code units of one or two bytes.

use memchr::memchr;
use memchr::memchr_iter;
use memchr::memrchr;

use crate::source::sniff::LineEnd;

/// The lines of some bytes, each with its length including the line end.
pub struct Lines<'a> {
    rest: &'a [u8],
    unit: LineEnd,
}

impl<'a> Lines<'a> {
    /// The lines of `bytes`, which begin at the start of a line.
    #[must_use]
    pub fn new(unit: LineEnd, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, unit }
    }

    /// Where the first line ends, behind its line end.
    pub(super) fn first_end(unit: LineEnd, bytes: &[u8]) -> Option<usize> {
        match unit {
            LineEnd::Byte => memchr(b'\n', bytes).map(|n| n + 1),
            wide => memchr_iter(b'\n', bytes).find_map(|n| wide_end(wide, bytes, n)),
        }
    }

    /// Where the last whole line ends; before `from` there is no line end.
    pub(super) fn last_end(unit: LineEnd, bytes: &[u8], from: usize) -> Option<usize> {
        let mut end = bytes.len();
        while let Some(n) = memrchr(b'\n', &bytes[from.min(end)..end]) {
            let n = from + n;
            let found = if unit == LineEnd::Byte { Some(n + 1) } else { wide_end(unit, bytes, n) };
            if found.is_some() {
                return found;
            }
            end = n;
        }
        None
    }

    /// The number of lines; a last one without an end counts.
    pub(super) fn count(unit: LineEnd, bytes: &[u8]) -> u64 {
        match unit {
            LineEnd::Byte => {
                let n = memchr_iter(b'\n', bytes).count();
                (n + usize::from(bytes.last().is_some_and(|b| *b != b'\n'))) as u64
            }
            wide => Lines::new(wide, bytes).count() as u64,
        }
    }
}

/// The end of a line whose 0A stands at `n`, if it is a line end there.
fn wide_end(unit: LineEnd, bytes: &[u8], n: usize) -> Option<usize> {
    let even = n.is_multiple_of(2);
    match unit {
        LineEnd::Utf16Le if even && bytes.get(n + 1) == Some(&0) => Some(n + 2),
        LineEnd::Utf16Be if !even && bytes[n - 1] == 0 => Some(n + 1),
        _ => None,
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    /// The next line with its end.
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = Self::first_end(self.unit, self.rest).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_two_bytes_end_at_even_places() {
        // U+0A0A U+010A and a real line end: only the last one counts.
        let bytes = [0x0A, 0x0A, 0x0A, 0x01, 0x0A, 0x00, b'a', 0];
        let lines: Vec<_> = Lines::new(LineEnd::Utf16Le, &bytes).collect();
        assert_eq!(lines, [&bytes[..6], &bytes[6..]]);
        assert_eq!(Lines::last_end(LineEnd::Utf16Le, &bytes, 0), Some(6));
        assert_eq!(Lines::count(LineEnd::Utf16Le, &bytes), 2);
        let bytes = [0x0A, 0x00, 0x00, 0x0A, 0, b'a'];
        assert_eq!(Lines::last_end(LineEnd::Utf16Be, &bytes, 0), Some(4));
        assert_eq!(Lines::new(LineEnd::Byte, b"a\n\nb").count(), 3);
        assert_eq!(Lines::count(LineEnd::Byte, b"a\n\nb"), 3);
    }
}
