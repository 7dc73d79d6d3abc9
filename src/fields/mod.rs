//! What a document says of itself: title, issuer, number, date and the other parts that
//! GB/T 9704—2012 names, each with the place where it was read.
//!
//! Deduplication rests on these: two texts with different numbers of their own are never copies.
//! So a field that is not sure is none, and a number that the body quotes is never taken for the
//! document's own. Only head and tail are looked at, whatever the length of the text; nothing is
//! allocated.
//!
//! ```
//! let text = "青政办发〔2024〕12号\n青山县人民政府办公室关于做好防汛工作的通知\n各乡镇人民政府：\n\
//!             根据《青山省防汛条例》，现通知如下。\n青山县人民政府办公室\n2024年3月5日";
//! let fields = jingwen::fields::read(text);
//! assert_eq!(fields.title.unwrap().text, "青山县人民政府办公室关于做好防汛工作的通知");
//! assert_eq!(fields.issuer.unwrap().text, "青山县人民政府办公室");
//! assert_eq!(fields.number.unwrap().part.text, "青政办发〔2024〕12号");
//! assert_eq!(fields.date.unwrap().day.to_string(), "2024-03-05");
//! assert_eq!(fields.addressee.unwrap().text, "各乡镇人民政府");
//! ```

mod date;
mod flat;
mod forward;
mod head;
mod labels;
mod note;
mod number;
mod said;
mod tail;
mod title;
mod words;

use std::ops::Range;

use crate::text::chars::is_blank;

pub use date::Day;
pub use forward::Forward;
pub use number::Number;
pub use said::{Said, said};

/// Words in a title that say that the document carries another one.
const CARRYING: [&str; 3] = ["转发", "印发", "批转"];

/// A piece of the text and where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part<'a> {
    /// The piece as it stands; a title of two lines holds their line break.
    pub text: &'a str,
    /// Its first byte in the document.
    pub at: usize,
}

impl<'a> Part<'a> {
    /// Its bytes in the document.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// Bytes `span` of this piece.
    fn slice(&self, span: Range<usize>) -> Self {
        Self { text: &self.text[span.clone()], at: self.at + span.start }
    }

    /// The piece `inner`, which was cut from this one.
    fn within(&self, inner: &'a str) -> Self {
        let from = inner.as_ptr() as usize - self.text.as_ptr() as usize;
        Self { text: inner, at: self.at + from }
    }

    fn trim(&self) -> Self {
        self.within(self.text.trim_matches(is_blank))
    }
}

/// A date and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated<'a> {
    /// The day.
    pub day: Day,
    /// The words that say it.
    pub part: Part<'a>,
}

/// The parts of one document; `None` where a part is missing or not sure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// 标题, GB/T 9704-2012 7.3.1.
    pub title: Option<Part<'a>>,
    /// 发文机关, 7.2.4 and 7.3.5: the organ that issued the document; several in a row as they stand.
    pub issuer: Option<Part<'a>>,
    /// 发文字号, 7.2.5: the document's own number, never a quoted one.
    pub number: Option<Number<'a>>,
    /// 成文日期, 7.3.5. For laws the date of the version: the latest on which the note under the
    /// title says that it was passed, issued or amended.
    pub date: Option<Dated<'a>>,
    /// 密级和保密期限, 7.2.2.
    pub secrecy: Option<Part<'a>>,
    /// 紧急程度, 7.2.3.
    pub urgency: Option<Part<'a>>,
    /// 主送机关, 7.3.2, without its colon.
    pub addressee: Option<Part<'a>>,
    /// 附件说明, 7.3.4: the first line of the list of attachments, without its label.
    pub attachment: Option<Part<'a>>,
    /// 印发机关, 7.4.2: the office that sent it out.
    pub sent_by: Option<Part<'a>>,
    /// 印发日期, 7.4.2.
    pub sent_on: Option<Dated<'a>>,
    /// The year, half, quarter or months in the title: `2023年1—11月`. Serial bulletins differ in
    /// nothing else.
    pub period: Option<Part<'a>>,
    /// Signs in head or tail that the text was taken from elsewhere.
    pub forward: Forward,
}

impl Fields<'_> {
    /// The title says that the document carries another one: 转发, 印发, 批转. With a number of its
    /// own it is a document of its own, even though it holds the other one whole.
    ///
    /// ```
    /// let fields = jingwen::fields::read("青政办发〔2024〕12号\n关于转发县水务局防汛方案的通知\n各乡镇：\n");
    /// assert!(fields.carries() && fields.number.is_some());
    /// ```
    #[must_use]
    pub fn carries(&self) -> bool {
        self.carries_at().is_some()
    }

    /// The first byte in the document of the word by which the title says so; see [`Self::carries`].
    #[must_use]
    pub fn carries_at(&self) -> Option<usize> {
        let title = self.title?;
        let word = CARRYING.iter().filter_map(|word| title.text.find(word)).min()?;
        Some(title.at + word)
    }

    /// Both documents have a number of their own, and the numbers differ: no copies of each other.
    #[must_use]
    pub fn numbers_differ(&self, other: &Fields<'_>) -> bool {
        matches!((&self.number, &other.number), (Some(own), Some(others)) if !own.same(others))
    }
}

/// Reads the parts of the clean text of one document. A text of one line, as some pages flatten
/// them, is read as far as marks between the parts allow.
///
/// Cost: it looks at 3 KiB of head and 1.5 KiB of tail at most.
#[must_use]
pub fn read(text: &str) -> Fields<'_> {
    let mut fields = Fields::default();
    head::read(text, &mut fields);
    tail::read(text, &mut fields);
    forward::read(text, &mut fields);
    fields.period = fields.title.and_then(|title| {
        let (from, to) = date::period(title.text)?;
        Some(title.slice(from..to))
    });
    fields
}

/// The longest start of `text` of at most `most` bytes.
fn start_of(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// The longest end of `text` of at most `most` bytes.
fn end_of(text: &str, most: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(most))..]
}

#[cfg(test)]
mod tests;
