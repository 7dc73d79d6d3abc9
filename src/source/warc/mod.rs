//! WARC, what crawlers leave behind (ISO 28500): one record after another, pages among them.
//!
//! A record that is cut or says a wrong length loses itself only: reading goes on at the next line
//! that begins a record.

mod fields;
mod http;

use std::borrow::Cow;
use std::sync::Arc;

use crate::source::batch::Batch;
use crate::source::batch::Cause;
use crate::source::batch::Item;
use crate::source::batch::Loss;
use crate::source::batch::Origin;
use crate::source::batch::Page;
use crate::source::batch::too_large;
use crate::source::batch::whole;
use crate::source::input::Input;
use crate::source::unpack::Damage;
use crate::source::unpack::Stream;
use crate::source::warc::fields::Fields;
use crate::source::warc::http::Answer;
use crate::source::warc::http::Refusal;

/// Bytes that a head may have. Honest ones have two thousand; cookies made some long.
const MAX_HEAD: usize = 8 << 20;

/// Bytes asked for at first, enough for most heads.
const FIRST_LOOK: usize = 16 * 1024;

/// Bytes searched at a time for the next record.
const WINDOW: usize = 128 * 1024;

/// The two line ends behind a record and what begins the next one: `WARC/1.`.
const BEHIND: usize = 12;

/// A longer address is a forgery or a fault, and is cut.
const MAX_ADDRESS: usize = 64 * 1024;

/// Tells whether a record begins there.
pub(super) fn is_start(bytes: &[u8]) -> bool {
    matches!(bytes, [b'W', b'A', b'R', b'C', b'/', major, b'.', ..] if major.is_ascii_digit())
}

/// A file of records that is being read.
pub(super) struct Warc {
    origin: Arc<Origin>,
    input: Input,
    /// The number of the last record.
    number: u64,
    /// The size at opening, which a plain file must meet.
    promised: Option<u64>,
    /// Some document or loss came of it.
    anything: bool,
    ended: bool,
}

/// What the head of a record says.
struct Head {
    fields: Fields,
    number: u64,
    at: u64,
    /// Bytes of the head.
    len: usize,
}

impl Warc {
    pub(super) fn new(origin: Arc<Origin>, stream: Stream, promised: Option<u64>) -> Self {
        let input = Input::layer(stream);
        Self { origin, input, number: 0, promised, anything: false, ended: false }
    }

    pub(super) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// Nothing more will come.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Bytes of the file on disk that were read so far.
    pub(super) fn disk_at(&self) -> u64 {
        self.input.disk_at()
    }

    /// Reads records until `batch` is full or the file ends.
    pub(super) fn next(&mut self, batch: &mut Batch, max_document: usize) {
        while !batch.is_full() && !self.ended {
            self.record(batch, max_document);
        }
    }

    fn record(&mut self, batch: &mut Batch, max: usize) {
        loop {
            let bytes = self.input.peek(1);
            let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            if blank == 0 {
                break;
            }
            self.input.consume(blank);
        }
        if self.input.peek(1).is_empty() {
            return match self.input.tell() {
                Err(damage) => self.damaged(batch, &damage),
                Ok(()) => self.finish(batch),
            };
        }
        self.number += 1;
        let at = self.input.at();
        if !is_start(self.input.peek(BEHIND)) {
            return self.lose(batch, at, Cause::Damaged, "no record begins here".to_owned(), 0);
        }
        let Some((fields, len)) = self.head() else {
            let what = format!("the head of the record has no end within {MAX_HEAD} bytes");
            return self.lose(batch, at, Cause::Damaged, what, 1);
        };
        let head = Head { fields, number: self.number, at, len };
        let said = head.fields.get("content-length");
        let digits = said.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let Some(length) = digits.and_then(|n| n.parse::<u64>().ok()) else {
            let said: String = said.unwrap_or("nothing").chars().take(40).collect();
            let what = format!("the record says {said:?} for its Content-Length");
            return self.lose(batch, at, Cause::Damaged, what, len);
        };
        // An answer has a head of its own.
        if length > (max + MAX_HEAD) as u64 {
            return self.large(batch, &head, length, max);
        }
        let total = len + length as usize;
        let bytes = self.input.peek(total + BEHIND);
        let is_closed =
            bytes.get(total..).is_some_and(|rest| rest.starts_with(b"\r\n\r\n") || rest.starts_with(b"\n\n"));
        let behind = bytes.get(total..).map(<[u8]>::trim_ascii_start);
        if is_closed
            || behind.is_some_and(|rest| rest.is_empty() || is_start(rest) || b"WARC/1.".starts_with(rest))
        {
            let is_last = behind.is_some_and(<[u8]>::is_empty);
            if is_last && let Some(what) = self.input.unverified() {
                let what = what.to_owned();
                return self.lose(batch, at, Cause::Damaged, what, total);
            }
            let block = &self.input.peek(total)[len..total];
            self.anything |= take(batch, &self.origin, &head, block, max);
            self.input.consume(total);
            return;
        }
        let what = if behind.is_none() {
            format!("the record is cut: it says it has {length} bytes")
        } else {
            format!("no record follows behind the {length} bytes that the record says it has")
        };
        self.lose(batch, at, Cause::Damaged, what, len);
    }

    /// Reads the head of the record that begins here, without consuming it.
    fn head(&mut self) -> Option<(Fields, usize)> {
        let (mut want, mut searched) = (FIRST_LOOK, 0);
        loop {
            let bytes = self.input.peek(want);
            if let Some(end) = fields::end_of(bytes, searched) {
                let (_, fields, len) = Fields::read(&bytes[..end])?;
                return Some((fields, len));
            }
            if bytes.len() < want || want >= MAX_HEAD {
                return None;
            }
            searched = bytes.len().saturating_sub(3);
            want *= 4;
        }
    }

    /// A record above the limit: its bytes are passed over, and a record that begins among them is
    /// believed more than its length.
    fn large(&mut self, batch: &mut Batch, head: &Head, length: u64, max: usize) {
        let bytes = self.input.peek(head.len + FIRST_LOOK);
        let sort = sort_of(&head.fields, Answer::read(&bytes[head.len..]).as_ref());
        self.input.consume(head.len);
        let skipped = self.seek(batch, Some(length), 0);
        let raw = batch.bytes.len()..batch.bytes.len();
        let cut = match self.input.tell() {
            Err(damage) => Some(damage.what),
            Ok(()) if skipped < length => {
                Some(format!("the record says it has {length} bytes and has {skipped}"))
            }
            Ok(()) => None,
        };
        let (cause, what) = match (cut, sort) {
            (None, Some(sort)) => return batch.pass(&sort),
            (None, None) => (Cause::TooLarge, too_large(max)),
            (Some(what), _) => (Cause::Damaged, what),
        };
        self.push_loss(batch, head.at, cause, what, raw);
    }

    /// Names the record that begins at `at` and goes on at the next one, which begins behind the
    /// first `sure` bytes.
    fn lose(&mut self, batch: &mut Batch, at: u64, cause: Cause, what: String, sure: usize) {
        let start = batch.bytes.len();
        batch.push_raw(&self.input.peek(sure)[..sure]);
        self.input.consume(sure);
        self.seek(batch, None, sure);
        // A damage of the layer below says more, and is told once.
        let what = match self.input.tell() {
            Err(damage) if damage.what == what => what,
            Err(damage) => format!("{what}: {}", damage.what),
            Ok(()) => what,
        };
        let raw = start..batch.bytes.len();
        self.push_loss(batch, at, cause, what, raw);
    }

    fn push_loss(
        &mut self,
        batch: &mut Batch,
        at: u64,
        cause: Cause,
        what: String,
        raw: std::ops::Range<usize>,
    ) {
        self.anything = true;
        batch.items.push(Item::Loss(Loss {
            origin: Arc::clone(&self.origin),
            line: Some(self.number),
            offset: at,
            length: self.input.at() - at,
            cause,
            what,
            raw,
        }));
    }

    /// Consumes bytes up to the next line that begins a record, or `most` bytes; tells how many.
    /// Without a bound they are copied as the raw bytes of a loss, behind the `copied` ones.
    fn seek(&mut self, batch: &mut Batch, most: Option<u64>, mut copied: usize) -> u64 {
        let mut skipped = 0;
        loop {
            let left = most.map_or(usize::MAX, |most| usize::try_from(most - skipped).unwrap_or(usize::MAX));
            let bytes = self.input.peek(WINDOW);
            let bytes = &bytes[..bytes.len().min(left)];
            let found = memchr::memmem::find_iter(bytes, b"\nWARC/")
                .map(|n| n + 1)
                .find(|n| is_start(&bytes[*n..]) || bytes.len() - n < 7);
            let n = match found {
                Some(n) if is_start(&bytes[n..]) || bytes.len() < WINDOW => n,
                Some(n) => n - 1,
                // The line end that may begin the next record stays.
                None if bytes.len() >= WINDOW && left > WINDOW => bytes.len() - BEHIND,
                None => bytes.len(),
            };
            if most.is_none() {
                let room = crate::source::batch::MAX_RAW.saturating_sub(copied);
                batch.bytes.extend_from_slice(&bytes[..n.min(room)]);
                copied += n.min(room);
            }
            let is_end = found.is_some_and(|found| found == n) || n == left || bytes.len() < WINDOW;
            self.input.consume(n);
            skipped += n as u64;
            if is_end || n == 0 {
                return skipped;
            }
        }
    }

    /// A damage of the layer below, between records.
    fn damaged(&mut self, batch: &mut Batch, damage: &Damage) {
        let what = match self.number {
            0 => format!("{}; no record came before", damage.what),
            n => format!("{}; records 1 to {n} came before", damage.what),
        };
        let loss = whole(Arc::clone(&self.origin), damage.cause, what);
        batch.items.push(Item::Loss(Loss { offset: self.input.at(), length: 0, ..loss }));
        self.anything = true;
    }

    fn finish(&mut self, batch: &mut Batch) {
        self.ended = true;
        let (origin, length) = (Arc::clone(&self.origin), self.input.at());
        if let Some(size) = self.promised
            && size != length
        {
            let what = format!("the file changed while it was read: {size} bytes became {length}");
            let loss = whole(origin, Cause::Unreadable, what);
            batch.items.push(Item::Loss(Loss { offset: length, length: 0, ..loss }));
        } else if !self.anything {
            batch.items.push(Item::NoRows { origin, length });
        }
    }
}

/// Puts a whole record into the batch; whether it is a document or a loss.
fn take(batch: &mut Batch, origin: &Arc<Origin>, head: &Head, block: &[u8], max: usize) -> bool {
    let fields = &head.fields;
    let answer = Answer::read(block);
    let sort = sort_of(fields, answer.as_ref());
    let length = (head.len + block.len()) as u64;
    let is_page_type = matches!(sort_name(fields).as_str(), "response" | "resource");
    // What calls itself a picture may be a page; what is no page by its sort is not unpacked for it.
    let may_be_page = is_page_type && answer.as_ref().is_none_or(|answer| is_good(answer.status));
    if let Some(sort) = &sort
        && !may_be_page
    {
        batch.pass(sort);
        return false;
    }
    let body = match &answer {
        Some(answer) => answer.body(max),
        None if block.len() > max => Err(Refusal { cause: Cause::TooLarge, what: too_large(max) }),
        None => Ok(Cow::Borrowed(block)),
    };
    let body = match (body, sort) {
        (Ok(body), Some(sort)) if !begins_as_page(&body) => {
            batch.pass(&sort);
            return false;
        }
        (Err(_), Some(sort)) => {
            batch.pass(&sort);
            return false;
        }
        (Ok(body), _) => body,
        (Err(Refusal { cause, what }), None) => {
            let raw = batch.push_raw(block);
            let (origin, line, offset) = (Arc::clone(origin), Some(head.number), head.at);
            batch.items.push(Item::Loss(Loss { origin, line, offset, length, cause, what, raw }));
            return true;
        }
    };
    let kind = content_type(fields, answer.as_ref());
    let start = batch.bytes.len();
    batch.bytes.extend_from_slice(&body);
    let text = |name: &str| fields.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let page = Page {
        number: head.number,
        offset: head.at,
        length,
        id: text("warc-record-id"),
        url: text("warc-target-uri").map(|url| {
            // wget writes it so, by a slip of the first standard.
            let bare = url.strip_prefix('<').and_then(|url| url.strip_suffix('>')).unwrap_or(&url);
            bare[..bare.floor_char_boundary(MAX_ADDRESS)].to_owned()
        }),
        date: text("warc-date"),
        declared: charset(kind).map(str::to_owned),
    };
    let (origin, span) = (Arc::clone(origin), start..batch.bytes.len());
    batch.items.push(Item::Document { origin, span, page: Some(Box::new(page)) });
    true
}

fn is_good(status: u16) -> bool {
    (200..300).contains(&status)
}

fn sort_name(fields: &Fields) -> String {
    fields.get("warc-type").unwrap_or("record without a type").to_ascii_lowercase()
}

/// The type of what the record holds: of the page, where it is an answer.
fn content_type<'a>(fields: &'a Fields, answer: Option<&'a Answer<'_>>) -> &'a str {
    let own = fields.get("content-type").unwrap_or_default();
    answer.map_or(own, |answer| answer.fields.get("content-type").unwrap_or_default())
}

/// What a record is by its head, where that is no document.
fn sort_of(fields: &Fields, answer: Option<&Answer<'_>>) -> Option<String> {
    let name = sort_name(fields);
    if !matches!(name.as_str(), "response" | "resource" | "conversion") {
        return Some(name);
    }
    if let Some(answer) = answer
        && !is_good(answer.status)
    {
        return Some(format!("{name} with status {}", answer.status));
    }
    let kind = content_type(fields, answer);
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!is_text_type(&kind)).then(|| format!("{name} of {kind}"))
}

/// Media types that can hold a bulletin; where a server says nothing of use, the bytes decide.
fn is_text_type(kind: &str) -> bool {
    const NO_TEXT: &[&str] =
        &["text/css", "text/javascript", "text/ecmascript", "text/calendar", "text/vcard", "text/dns"];
    match kind.split_once('/') {
        Some(("text", _)) => !NO_TEXT.contains(&kind),
        Some(("application", sub)) => {
            sub.ends_with("xml") || matches!(sub, "http" | "octet-stream" | "unknown" | "x-unknown" | "html")
        }
        Some(("image" | "audio" | "video" | "font" | "model" | "multipart" | "message", _)) => false,
        _ => true,
    }
}

fn begins_as_page(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    let begins = |with: &[u8]| body.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    begins(b"<!doctype html") || begins(b"<html")
}

/// The charset in a content type.
fn charset(kind: &str) -> Option<&str> {
    let value = kind.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then_some(value)
}
