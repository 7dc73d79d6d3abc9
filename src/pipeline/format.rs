//! The forms in which clean documents can be written.

use crate::error::Error;
use crate::error::Result;
use crate::pipeline::fields::Fields;
use crate::pipeline::fields::Names;

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A row of JSON a document, with all its fields.
    Jsonl,
    /// Columns, with all fields.
    Parquet,
    /// The texts alone, with an empty line behind each.
    Text,
}

impl Format {
    /// How names of such files end.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Text => "txt",
        }
    }

    /// # Errors
    ///
    /// If this build of the program cannot write it.
    pub(crate) fn check(self) -> Result<()> {
        if self == Self::Parquet && !cfg!(feature = "parquet") {
            return Err(Error::usage(
                "this build of the program does not write Parquet: it lacks the feature `parquet`",
            ));
        }
        Ok(())
    }
}

/// The names of the two fields that every row of ours has.
pub(crate) fn names() -> Names {
    Names { id: "id".to_owned(), text: "text".to_owned() }
}

/// Appends the texts of `rows`, which are lines of ours, to `out`: an empty line ends each.
pub(crate) fn push_texts(rows: &[u8], out: &mut Vec<u8>) {
    let (names, mut buffer) = (names(), String::new());
    for row in rows.split(|b| *b == b'\n').filter(|row| !row.is_empty()) {
        let fields = std::str::from_utf8(row).ok().and_then(|row| Fields::read(row, &names).ok());
        let Some(fields) = fields else { continue };
        out.extend_from_slice(fields.text(&mut buffer).as_bytes());
        out.extend_from_slice(b"\n\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_apart() {
        let mut out = Vec::new();
        push_texts(
            "{\"id\":1,\"text\":\"甲\\n乙\",\"x\":1}\n{\"id\":2,\"text\":\"丙\"}\n".as_bytes(),
            &mut out,
        );
        assert_eq!(String::from_utf8(out).unwrap(), "甲\n乙\n\n丙\n\n");
    }
}
