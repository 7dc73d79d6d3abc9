//! As much of Thrift's compact protocol as it takes to see how deep the columns of a Parquet file
//! nest, without calling oneself for each of them.

/// Structures in one another; real footers have five.
const MAX_NESTED: usize = 16;

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

struct Footer<'a>(&'a [u8]);

impl Footer<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
    }

    fn pass(&mut self, n: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(n).ok()?..)?;
        Some(())
    }

    /// The kind and number of the next field; the kind is 0 at the end of the structure.
    fn field(&mut self, last: &mut u64) -> Option<u8> {
        let head = self.byte()?;
        if head != 0 {
            *last = match head >> 4 {
                0 => {
                    let zigzag = self.number()?;
                    zigzag >> 1
                }
                step => *last + u64::from(step),
            };
        }
        Some(head & 0x0F)
    }

    /// The kind and number of the items of a list.
    fn list(&mut self) -> Option<(u8, u64)> {
        let head = self.byte()?;
        let n = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
        Some((head & 0x0F, n))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > MAX_NESTED {
            return None;
        }
        match kind {
            TRUE | FALSE => Some(()),
            BYTE => self.pass(1),
            I16 | I32 | I64 => self.number().map(|_| ()),
            DOUBLE => self.pass(8),
            BINARY => {
                let n = self.number()?;
                self.pass(n)
            }
            LIST | SET => {
                let (kind, n) = self.list()?;
                (0..n).try_for_each(|_| match kind {
                    TRUE | FALSE => self.pass(1),
                    kind => self.skip(kind, depth + 1),
                })
            }
            MAP => {
                let n = self.number()?;
                let kinds = if n > 0 { self.byte()? } else { 0 };
                (0..n).try_for_each(|_| {
                    self.skip(kinds >> 4, depth + 1)?;
                    self.skip(kinds & 0x0F, depth + 1)
                })
            }
            STRUCT => {
                let mut last = 0;
                loop {
                    match self.field(&mut last)? {
                        0 => return Some(()),
                        kind => self.skip(kind, depth + 1)?,
                    }
                }
            }
            _ => None,
        }
    }

    /// The number of children of the element of the schema that begins here.
    fn children(&mut self) -> Option<u64> {
        const N_CHILDREN: u64 = 5;
        let (mut last, mut children) = (0, 0);
        loop {
            match self.field(&mut last)? {
                0 => return Some(children),
                I32 if last == N_CHILDREN => children = self.number()? >> 1,
                kind => self.skip(kind, 1)?,
            }
        }
    }
}

/// How deep the columns nest in the schema of a footer (`FileMetaData`, its second field); none where
/// there is no such thing.
pub(super) fn schema_depth(footer: &[u8]) -> Option<usize> {
    const SCHEMA: u64 = 2;
    let mut footer = Footer(footer);
    let mut last = 0;
    loop {
        match footer.field(&mut last)? {
            0 => return None,
            LIST if last == SCHEMA => break,
            kind => footer.skip(kind, 1)?,
        }
    }
    let (kind, n) = footer.list()?;
    if kind != STRUCT {
        return None;
    }
    // Elements stand before their children; how many of each are still to come.
    let mut open: Vec<u64> = Vec::new();
    let mut deepest = 0;
    for _ in 0..n {
        let children = footer.children()?;
        if let Some(left) = open.last_mut() {
            *left = left.checked_sub(1)?;
        }
        if children > 0 {
            open.push(children);
            deepest = deepest.max(open.len());
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    Some(deepest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_is_that_of_the_columns() {
        // {1: 1, 2: [{4: "r", 5: 2}, {4: "a"}, {4: "b", 5: 1}, {4: "c"}]}
        let element = |name: u8, children: Option<u8>| match children {
            Some(n) => vec![0x48, 1, name, 0x15, 2 * n, 0],
            None => vec![0x48, 1, name, 0],
        };
        let schema = |elements: &[Vec<u8>]| {
            let n = u8::try_from(elements.len()).unwrap();
            [&[0x15, 2, 0x19, n << 4 | STRUCT][..], &elements.concat(), &[0]].concat()
        };
        let flat = schema(&[
            element(b'r', Some(2)),
            element(b'a', None),
            element(b'b', Some(1)),
            element(b'c', None),
        ]);
        assert_eq!(schema_depth(&flat), Some(2));
        let deep: Vec<Vec<u8>> = (0..14).map(|_| element(b'x', Some(1))).collect();
        assert_eq!(schema_depth(&schema(&deep)), Some(14));
        for at in 0..flat.len() - 1 {
            assert_eq!(schema_depth(&flat[..at]), None, "cut at {at}");
        }
        // A list that says it has 2^31 elements.
        assert_eq!(schema_depth(&[0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]), None);
    }
}
