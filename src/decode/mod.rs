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

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, Encoding, UTF_8};

    fn page(charset: &str, text: &str, encoding: &'static Encoding) -> Vec<u8> {
        let head =
            format!("<html><head><meta http-equiv=Content-Type content=\"text/html; charset={charset}\">");
        let page = format!("{head}</head><body><p>{text}</p></body></html>");
        let (bytes, _, lost) = encoding.encode(&page);
        assert!(!lost, "{text}");
        bytes.into_owned()
    }

    #[test]
    fn what_a_page_declares_does_not_decide() {
        let simplified = "各省、自治区人民政府：现将修订后的办法印发给你们，请遵照执行。";
        let traditional = "本條例所稱主管機關，在中央為交通部，在地方為縣市政府。";
        for (charset, text, encoding) in [
            ("iso-8859-1", traditional, BIG5),
            ("gb2312", traditional, BIG5),
            ("utf-8", traditional, BIG5),
            ("gb2312", simplified, UTF_8),
            ("big5", simplified, UTF_8),
            ("utf-8", simplified, GB18030),
            ("iso-8859-1", simplified, GB18030),
            ("hz-gb-2312", simplified, GB18030),
            ("none-such", simplified, GB18030),
        ] {
            let bytes = page(charset, text, encoding);
            for declared in [None, Some("iso-8859-1"), Some(charset)] {
                let decoded = decode(&bytes, &Hints { declared }).unwrap();
                assert!(decoded.text.contains(text), "{charset}, {}: {}", encoding.name(), decoded.text);
                assert_eq!((decoded.n_malformed, decoded.reversible), (0, true), "{charset}");
            }
        }
    }

    #[test]
    fn a_paragraph_of_gbk_in_utf_8_loses_nothing_else() {
        let lines: Vec<String> = (1..40)
            .map(|n| format!("第{n}条 本县各级人民政府应当按照规定公开第{n}项信息；café №{n}。"))
            .collect();
        let gbk = "本办法由县政府办公室负责解释，自公布之日起施行。";
        for at in [0, 1, 20, lines.len()] {
            for inside in [format!("{gbk}\n"), format!("<p>{gbk}</p>")] {
                let (mut bytes, mut text) = (Vec::new(), String::new());
                for n in 0..=lines.len() {
                    if n == at {
                        bytes.extend_from_slice(&GB18030.encode(&inside).0);
                        text.push_str(&inside);
                    }
                    let line = lines.get(n).map(|line| format!("{line}\n")).unwrap_or_default();
                    bytes.extend_from_slice(line.as_bytes());
                    text.push_str(&line);
                }
                let decoded = decode(&bytes, &Hints::default()).unwrap();
                assert_eq!((&*decoded.text, decoded.encoding), (&*text, "UTF-8+GB18030"), "{at}: {inside}");
                assert_eq!(decoded.n_malformed, 0);
            }
        }
    }
}
