//! What a document says of itself, as far as it settles which documents are copies.

use xxhash_rust::xxh3::xxh3_64;

/// The document number: `青政办发〔2024〕12号`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// Whom it belongs to, without blanks, last character first: the end of a name is the surer part.
    pub(crate) prefix: Box<str>,
    pub(crate) year: u16,
    pub(crate) serial: u32,
}

/// Characters of a prefix by which documents meet: `国务院令` and `中华人民共和国国务院令` share them.
const MET_BY: usize = 3;

impl Number {
    pub(crate) fn new(prefix: &str, year: u16, serial: u32) -> Self {
        let prefix: String = prefix.chars().rev().filter(|c| !c.is_whitespace()).collect();
        Self { prefix: prefix.into(), year, serial }
    }

    /// Both name one document; a prefix may be the end of the other.
    fn is_same(&self, other: &Self) -> bool {
        (self.year, self.serial) == (other.year, other.serial)
            && (self.prefix.starts_with(&*other.prefix) || other.prefix.starts_with(&*self.prefix))
    }
}

/// What was read in the head and tail of a document beside its words; nothing where nobody looked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its own number, never a quoted one.
    pub(crate) number: Option<Box<Number>>,
    /// A hash of the issuer's name.
    pub(crate) issuer: Option<u64>,
    /// As 20240506.
    pub(crate) date: Option<u32>,
    /// When its page says that it was published, as 20240506: it stands in no words of the text.
    pub(crate) published: Option<u32>,
    /// Shows that it was passed on: an editor's note, a line that names the source.
    pub(crate) is_forward: bool,
    /// For a document with a number of its own whose title says that it carries another one (转发,
    /// 印发, 批转): how many letters and digits stand before that word.
    pub(crate) carries_at: Option<u32>,
}

impl Facts {
    /// Both have a number of their own, and the numbers name two documents.
    pub(crate) fn numbers_differ(&self, other: &Self) -> bool {
        matches!((&self.number, &other.number), (Some(own), Some(others)) if !own.is_same(others))
    }

    /// Both say when they were published, and it was not the same day: a standing text is published
    /// year by year.
    pub(crate) fn published_apart(&self, other: &Self) -> bool {
        matches!((self.published, other.published), (Some(own), Some(others)) if own != others)
    }

    /// Both have a number of their own.
    pub(crate) fn have_numbers(&self, other: &Self) -> bool {
        self.number.is_some() && other.number.is_some()
    }

    /// Equal for all documents of one issuer and number, and for few others.
    pub(crate) fn name(&self) -> Option<u64> {
        let (number, issuer) = (self.number.as_ref()?, self.issuer?);
        let end: String = number.prefix.chars().take(MET_BY).collect();
        Some(xxh3_64(format!("{issuer} {} {} {end}", number.year, number.serial).as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(prefix: &str, year: u16, serial: u32) -> Facts {
        Facts {
            number: Some(Box::new(Number::new(prefix, year, serial))),
            issuer: Some(1),
            ..Facts::default()
        }
    }

    #[test]
    fn numbers_name_documents() {
        let own = facts("国务院令", 0, 12);
        for (other, differs) in [
            (facts("中华人民共和国 国务院令", 0, 12), false),
            (facts("国务院令", 0, 13), true),
            (facts("国务院令", 2024, 12), true),
            (facts("主席令", 0, 12), true),
            (Facts::default(), false),
        ] {
            assert_eq!(own.numbers_differ(&other), differs, "{other:?}");
            assert_eq!(other.numbers_differ(&own), differs, "{other:?}");
            let meets = other.number.is_some() && !differs;
            assert!(!meets || own.name() == other.name(), "{other:?}");
        }
        assert_eq!(Facts { issuer: None, ..own.clone() }.name(), None);
        assert_ne!(own.name(), Facts { issuer: Some(2), ..own.clone() }.name());
    }
}
