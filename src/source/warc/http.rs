//! The answer of a web server as a crawler has written it down: status, fields, and the body without
//! the codings of its way.

use std::borrow::Cow;
use std::io;
use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::bufread::DeflateDecoder;
use flate2::bufread::MultiGzDecoder;
use flate2::bufread::ZlibDecoder;

use crate::source::batch::Cause;
use crate::source::batch::too_large;
use crate::source::warc::fields::Fields;

/// Codings one over the other; honest answers have one, or a proxy's second.
const MAX_CODINGS: usize = 4;

/// Bytes that a decoder gives at a time.
const CHUNK: usize = 64 * 1024;

/// A line that gives the size of a chunk; longer ones are text.
const MAX_SIZE_LINE: usize = 32;

/// The head of an answer and its body as it was sent.
pub(super) struct Answer<'a> {
    /// 200, 404; 0 where the first line says nothing of the sort.
    pub(super) status: u16,
    pub(super) fields: Fields,
    body: &'a [u8],
}

/// Why there is no body.
pub(super) struct Refusal {
    pub(super) cause: Cause,
    pub(super) what: String,
}

impl<'a> Answer<'a> {
    /// Reads the head of `block`; none where it does not begin as an answer.
    pub(super) fn read(block: &'a [u8]) -> Option<Self> {
        if !block.starts_with(b"HTTP/") {
            return None;
        }
        let (first, fields, at) = Fields::read(block).unwrap_or_else(|| Fields::rest(block));
        let status =
            first.split(|b| *b == b' ').nth(1).and_then(|n| std::str::from_utf8(n).ok()?.parse().ok());
        Some(Self { status: status.unwrap_or(0), fields, body: &block[at..] })
    }

    /// The body without chunks and compression.
    ///
    /// # Errors
    ///
    /// If it is damaged, in a coding that is not known, or larger than `max`.
    pub(super) fn body(&self, max: usize) -> Result<Cow<'a, [u8]>, Refusal> {
        let mut body = Cow::Borrowed(self.body);
        if self
            .fields
            .get("transfer-encoding")
            .is_some_and(|way| way.to_ascii_lowercase().contains("chunked"))
            && is_chunked(&body)
        {
            body = Cow::Owned(dechunked(&body)?);
        }
        let codings = self.fields.get("content-encoding").unwrap_or_default();
        let codings: Vec<String> = codings
            .split(',')
            .map(|coding| coding.trim().to_ascii_lowercase())
            .filter(|coding| !coding.is_empty() && coding != "identity")
            .collect();
        if codings.len() > MAX_CODINGS {
            let what = format!("the body has {} content codings, more than {MAX_CODINGS}", codings.len());
            return Err(Refusal { cause: Cause::OverLimit, what });
        }
        for coding in codings.iter().rev() {
            body = decoded(coding, body, max)?;
        }
        // Servers that pack files without saying so.
        if codings.is_empty() && body.starts_with(GZIP) {
            body = decoded("gzip", body, max)?;
        }
        if body.len() > max {
            return Err(Refusal { cause: Cause::TooLarge, what: too_large(max) });
        }
        Ok(body)
    }
}

const GZIP: &[u8] = &[0x1F, 0x8B, 0x08];

/// Takes off one content coding. Crawlers often have done so and left the field: a body that does
/// not begin as its coding does is taken as it is, where it begins as text does.
fn decoded<'a>(coding: &str, body: Cow<'a, [u8]>, max: usize) -> Result<Cow<'a, [u8]>, Refusal> {
    if body.is_empty() {
        return Ok(body);
    }
    let bytes: &[u8] = &body;
    let is_zlib = bytes.len() > 1
        && bytes[0] & 0x0F == 8
        && (u16::from(bytes[0]) << 8 | u16::from(bytes[1])).is_multiple_of(31);
    let done = match coding {
        "gzip" | "x-gzip" if bytes.starts_with(GZIP) => read_all(MultiGzDecoder::new(bytes), max),
        "gzip" | "x-gzip" if is_text(bytes) => return Ok(body),
        "gzip" | "x-gzip" => Err(io::Error::other("it does not begin as gzip")),
        "deflate" if is_zlib => read_all(ZlibDecoder::new(bytes), max),
        "deflate" => read_all(DeflateDecoder::new(bytes), max),
        "br" => read_all(Decompressor::new(bytes, CHUNK), max),
        "zstd" => zstd::stream::read::Decoder::new(bytes).and_then(|decoder| read_all(decoder, max)),
        other => {
            let shown: String = other.chars().take(40).collect();
            let what =
                format!("the body is in the content coding {shown:?}, which this version does not read");
            return Err(Refusal { cause: Cause::Unsupported, what });
        }
    };
    match done {
        Ok(Some(bytes)) => Ok(Cow::Owned(bytes)),
        Ok(None) => Err(Refusal { cause: Cause::TooLarge, what: too_large(max) }),
        Err(_) if is_text(bytes) => Ok(body),
        Err(e) => Err(Refusal {
            cause: Cause::Damaged,
            what: format!("the body in the content coding {coding} is damaged: {e}"),
        }),
    }
}

/// Everything that `from` gives, or nothing where that is more than `max` bytes.
fn read_all(mut from: impl Read, max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut all = Vec::new();
    loop {
        let filled = all.len();
        all.resize(filled + CHUNK.max(filled / 2), 0);
        let n = from.read(&mut all[filled..])?;
        all.truncate(filled + n);
        if n == 0 {
            return Ok(Some(all));
        }
        if all.len() > max {
            return Ok(None);
        }
    }
}

/// Begins as a page or a text does: no byte of the first ones is a control character.
fn is_text(body: &[u8]) -> bool {
    let head = &body[..body.len().min(64)];
    !head.iter().any(|b| *b < 0x20 && !b.is_ascii_whitespace())
        && simdutf8::basic::from_utf8(head_of_characters(head)).is_ok()
}

/// `head` without a character that is cut at its end.
fn head_of_characters(head: &[u8]) -> &[u8] {
    let cut = head.iter().rev().take(3).position(|b| *b >= 0xC0);
    cut.map_or(head, |n| &head[..head.len() - n - 1])
}

/// Whether the body begins with the size of a chunk, or with what was meant to be one: many crawlers
/// take the chunks off and leave the field.
fn is_chunked(body: &[u8]) -> bool {
    let Some(line) = size_line(body) else { return false };
    line.iter().all(|b| b.is_ascii_graphic() && *b != b'<' || *b == b' ')
}

/// The first line without its end, if it is short enough to give a size.
fn size_line(body: &[u8]) -> Option<&[u8]> {
    let head = &body[..body.len().min(MAX_SIZE_LINE)];
    let line = &head[..memchr::memchr(b'\n', head)?];
    line.strip_suffix(b"\r").filter(|line| !line.is_empty())
}

fn dechunked(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let damaged = |at: usize, what: &str| {
        Err(Refusal {
            cause: Cause::Damaged,
            what: format!("the chunked body is damaged at its byte {at}: {what}"),
        })
    };
    let mut whole = Vec::new();
    let mut at = 0;
    loop {
        // A line of its own may be missing before the size where a server counted it in.
        let rest = &body[at..];
        let Some(line) = memchr::memchr(b'\n', &rest[..rest.len().min(4096)]).map(|n| &rest[..n]) else {
            return damaged(at, "the last chunk is missing");
        };
        let size = line.split(|b| *b == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(size).ok().filter(|size| !size.starts_with('+'));
        let Some(size) = size.and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            return damaged(at, "no size stands there");
        };
        at += line.len() + 1;
        if size == 0 {
            return Ok(whole);
        }
        let Some(chunk) = body.get(at..).and_then(|rest| rest.get(..size)) else {
            return damaged(at, "the chunk is longer than the rest of the record");
        };
        whole.extend_from_slice(chunk);
        at += size;
        match &body[at..] {
            [b'\r', b'\n', ..] => at += 2,
            [b'\n', ..] => at += 1,
            [] | [b'\r'] => return damaged(at, "the last chunk is missing"),
            _ => return damaged(at, "the chunk is longer than its size"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(head: &str, body: &[u8]) -> Result<Vec<u8>, &'static str> {
        let block = [format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes(), body].concat();
        let answer = Answer::read(&block).unwrap();
        assert_eq!(answer.status, 200);
        answer.body(100).map(Cow::into_owned).map_err(|refusal| refusal.cause.name())
    }

    #[test]
    fn chunks_come_off_and_broken_ones_are_told() {
        let chunked = "Transfer-Encoding: Chunked";
        for (bytes, want) in [
            (&b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"[..], Ok(&b"abcde"[..])),
            (b"<p>3</p>\r\n", Ok(b"<p>3</p>\r\n")),
            ("通知如下\r\n".as_bytes(), Ok("通知如下\r\n".as_bytes())),
            (b"3\r\nabc\r\n", Err("damaged")),
            (b"3\r\nabc\r\nXY\r\nde\r\n0\r\n\r\n", Err("damaged")),
            (b"XYZ\r\nde\r\n0\r\n\r\n", Err("damaged")),
            (b"8000000000000000\r\nabc\r\n0\r\n\r\n", Err("damaged")),
            (b"ffffffffffffffffff\r\nabc\r\n0\r\n\r\n", Err("damaged")),
            (b"2\r\nabc\r\n0\r\n\r\n", Err("damaged")),
            (b"0\r\n\r\n", Ok(b"")),
        ] {
            assert_eq!(body(chunked, bytes), want.map(<[u8]>::to_vec), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn codings_come_off_up_to_the_limit() {
        use flate2::Compression;
        use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
        let level = Compression::default;
        let all = |mut from: Box<dyn Read>| {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            bytes
        };
        let text = "通知".as_bytes();
        let gzip = |text: &'static [u8]| all(Box::new(GzEncoder::new(text, level())));
        let br = b"\x8b\x02\x80\xe9\x80\x9a\xe7\x9f\xa5\x03";
        for (coding, bytes) in [
            ("gzip", gzip(text)),
            ("x-gzip, identity", gzip(text)),
            ("deflate", all(Box::new(ZlibEncoder::new(text, level())))),
            ("deflate", all(Box::new(DeflateEncoder::new(text, level())))),
            ("br", br.to_vec()),
            ("zstd", zstd::encode_all(text, 1).unwrap()),
            ("gzip", text.to_vec()),
            ("br", text.to_vec()),
            ("", gzip(text)),
        ] {
            assert_eq!(body(&format!("Content-Encoding: {coding}"), &bytes), Ok(text.to_vec()), "{coding}");
        }
        assert_eq!(body("Content-Encoding: gzip", &gzip(&[b'a'; 5000])), Err("too-large"));
        assert_eq!(body("Content-Encoding: gzip", &gzip(text)[..20]), Err("damaged"));
        assert_eq!(body("Content-Encoding: rot13", text), Err("unsupported"));
        assert_eq!(body("Content-Encoding: gzip,gzip,gzip,gzip,gzip", text), Err("over-limit"));
        assert!(Answer::read(b"<html>").is_none());
    }
}
