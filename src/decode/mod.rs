//! Bytes to text: which encoding a page really is in, whatever it declares.
//!
//! Declarations lie (servers say Latin-1 of anything, pages say gb2312 and are UTF-8), so the bytes decide. What is
//! certain comes first: magic numbers, byte order marks, valid UTF-8. What can only be likely comes
//! after it: GB18030 or Big5 by their score, and any other encoding last.
//! Decoding changes no character: byte order mark, CR and NUL stay for the steps to remove.

mod binary;
mod bom;
mod declared;
mod legacy;
mod mixed;
mod score;
mod seven;
mod wide;

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::GB18030;

/// Places of bad bytes that are kept; above it they are only counted, or a broken file of
/// gigabytes would fill the memory with places.
const MAX_PLACES: usize = 64;

/// What is known about a text besides its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The charset that an HTTP header or a caller names. What the page itself names is found in
    /// its bytes. It decides only where the bytes leave two answers open.
    pub declared: Option<&'a str>,
}

/// A text, and how it was read.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text; borrowed where the bytes are UTF-8.
    pub text: Cow<'a, str>,
    /// The encoding that was found: `UTF-8`, `GB18030`, `Big5`, `UTF-16LE`, …; `UTF-8+GB18030`
    /// where a file holds both.
    pub encoding: &'static str,
    /// Which bytes of the input could not be read and became U+FFFD, 64 places at most.
    pub malformed: Vec<Range<usize>>,
    /// How many such places there are.
    pub n_malformed: usize,
    /// [`encode`] gives the very bytes again.
    pub reversible: bool,
}

/// The bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotText {
    /// What they are instead: `PNG image`, `zip archive`, `random bytes`.
    pub what: &'static str,
}

/// Reads bytes as text.
///
/// Bad bytes never stop it: each becomes U+FFFD and is counted, and the text around it stays whole.
/// A file in which UTF-8 and GB18030 (or Big5) alternate is read piece by piece.
///
/// ```
/// use jingwen::decode::{Hints, decode};
///
/// let decoded = decode(b"\xb9\xfa\xce\xf1\xd4\xba", &Hints::default())?;
/// assert_eq!((decoded.encoding, &*decoded.text), ("GB18030", "国务院"));
/// assert_eq!(decode(b"\x89PNG\r\n\x1a\n", &Hints::default()).unwrap_err().what, "PNG image");
/// # Ok::<(), jingwen::decode::NotText>(())
/// ```
///
/// # Errors
///
/// [`NotText`] for images, archives, programs, office documents and noise.
///
/// # Cost
///
/// One pass for UTF-8, with nothing copied. Other encodings: one pass that looks for UTF-8 inside,
/// a score over at most 6 KiB, and the decoder's own pass.
pub fn decode<'a>(bytes: &'a [u8], hints: &Hints<'_>) -> Result<Decoded<'a>, NotText> {
    if let Some(what) = binary::magic(bytes) {
        return Err(NotText { what });
    }
    match bom::find(bytes) {
        Some(bom::Mark::Wide(form)) => return Ok(wide::decode(bytes, form)),
        Some(bom::Mark::Gb18030) => return Ok(legacy::decode(bytes, GB18030)),
        Some(bom::Mark::Utf8) | None => {}
    }
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return valid_utf8(text, hints);
    }
    if let Some(form) = wide::guess(bytes) {
        return Ok(wide::decode(bytes, form));
    }
    match binary::noise(bytes) {
        Some(what) => Err(NotText { what }),
        None => Ok(mixed::decode(bytes, hints)),
    }
}

/// Valid UTF-8 is nearly always UTF-8. The exceptions hold a NUL, are pure ASCII, or are very short.
fn valid_utf8<'a>(text: &'a str, hints: &Hints<'_>) -> Result<Decoded<'a>, NotText> {
    let bytes = text.as_bytes();
    let head = &bytes[..bytes.len().min(wide::SAMPLE)];
    if memchr::memchr(0, head).is_some() {
        if let Some(form) = wide::guess(bytes) {
            return Ok(wide::decode(bytes, form));
        }
        if let Some(what) = binary::noise(bytes) {
            return Err(NotText { what });
        }
    }
    if head.is_ascii()
        && bytes.is_ascii()
        && let Some(decoded) = seven::decode(text)
    {
        return Ok(decoded);
    }
    if score::is_short_gb_title(text) && declared::find(bytes, hints) != Some(declared::Declared::Utf8) {
        return Ok(legacy::decode(bytes, GB18030));
    }
    Ok(Decoded {
        text: Cow::Borrowed(text),
        encoding: "UTF-8",
        malformed: Vec::new(),
        n_malformed: 0,
        reversible: true,
    })
}

/// The bytes of a text in an encoding that [`decode`] named; gives back what `decode` read where
/// [`Decoded::reversible`] says so.
///
/// `None` for an unknown name, or where the encoding has no bytes for a character.
///
/// ```
/// use jingwen::decode::encode;
///
/// assert_eq!(encode("国务院", "GB18030").unwrap(), b"\xb9\xfa\xce\xf1\xd4\xba");
/// assert_eq!(encode("国务院", "UTF-16BE").unwrap(), b"\x56\xfd\x52\xa1\x96\x62");
/// ```
#[must_use]
pub fn encode(text: &str, encoding: &str) -> Option<Vec<u8>> {
    if encoding == "UTF-8" {
        return Some(text.as_bytes().to_vec());
    }
    wide::Form::named(encoding).map_or_else(
        || legacy::encode(text, encoding_rs::Encoding::for_label(encoding.as_bytes())?),
        |form| Some(wide::encode(text, form)),
    )
}

/// Text under way, with the places of what could not be read.
#[derive(Debug, Default)]
struct Draft {
    text: String,
    malformed: Vec<Range<usize>>,
    n_malformed: usize,
}

impl Draft {
    fn bad(&mut self, span: Range<usize>) {
        self.n_malformed += 1;
        if self.malformed.len() < MAX_PLACES {
            self.malformed.push(span);
        }
        self.text.push(char::REPLACEMENT_CHARACTER);
    }

    fn finish(self, encoding: &'static str, reversible: bool) -> Decoded<'static> {
        Decoded {
            reversible: reversible && self.n_malformed == 0,
            text: Cow::Owned(self.text),
            encoding,
            malformed: self.malformed,
            n_malformed: self.n_malformed,
        }
    }
}
