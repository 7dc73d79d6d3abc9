//! A file of rows, read in whole lines: the begun line is carried over, too long ones are passed over.

use std::sync::Arc;

use crate::source::batch::BATCH;
use crate::source::batch::Batch;
use crate::source::batch::Cause;
use crate::source::batch::Item;
use crate::source::batch::Loss;
use crate::source::batch::Origin;
use crate::source::batch::too_large;
use crate::source::batch::whole;
use crate::source::lines::Lines;
use crate::source::sniff::Kind;
use crate::source::sniff::LineEnd;
use crate::source::unpack::Piece;
use crate::source::unpack::Stream;

/// A line that goes on for so long is no line: the file (a hole of a terabyte, a device) is left.
const MAX_SKIPPED: u64 = 1 << 30;

/// A file of rows that is being read.
pub(super) struct Rows {
    origin: Arc<Origin>,
    stream: Stream,
    /// The number of the next line.
    line: u64,
    /// Unpacked position of the next line.
    offset: u64,
    /// The begun line, of which the end is not read yet.
    carry: Vec<u8>,
    /// A line above the limit is being passed over; its start.
    skipping: Option<u64>,
    /// The size at opening, which a plain file must meet.
    promised: Option<u64>,
    ended: bool,
    anything: bool,
}

impl Rows {
    /// Begins at the first line. `promised` is the size that a plain file must turn out to have.
    pub(super) fn new(origin: Arc<Origin>, stream: Stream, promised: Option<u64>) -> Self {
        Self {
            origin,
            stream,
            line: 1,
            offset: 0,
            carry: Vec::new(),
            skipping: None,
            promised,
            ended: false,
            anything: false,
        }
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
        self.stream.at()
    }

    /// Reads whole lines into `batch`, about as many bytes as make it full.
    pub(super) fn next(&mut self, batch: &mut Batch, max_document: usize) {
        let Kind::Rows(unit) = self.origin.kind else { return };
        // JSON escapes make three bytes of text six.
        let max_line = 2 * max_document + BATCH;
        let start = batch.bytes.len();
        // A line end of two bytes may be cut in the middle.
        let searched = self.carry.len().saturating_sub(1);
        // A long line grows by a quarter at each turn: it is not copied in crumbs, and what is read
        // of the lines behind it, before there is room for them, stays small.
        let target = (self.carry.len() + BATCH.max(self.carry.len() / 4)).min(max_line + 1);
        batch.bytes.append(&mut self.carry);
        let stop = self.read_to(&mut batch.bytes, start + target);

        if let Some(from) = self.skipping {
            let end = Lines::first_end(unit, &batch.bytes[start..]);
            if end.is_none() && stop.is_none() {
                self.offset += (batch.bytes.len() - start) as u64;
                batch.bytes.truncate(start);
                if self.offset - from > MAX_SKIPPED {
                    let rest = self.promised.unwrap_or(0).max(self.offset) - self.offset;
                    self.passed_over(batch, from, rest, max_document);
                    self.ended = true;
                }
                return;
            }
            let end = end.unwrap_or(batch.bytes.len() - start);
            self.skipping = None;
            self.passed_over(batch, from, end as u64, max_document);
            batch.bytes.drain(start..start + end);
        }
        if let Some(end) = Lines::last_end(unit, &batch.bytes[start..], searched) {
            self.carry = batch.bytes[start + end..].to_vec();
            batch.bytes.truncate(start + end);
            self.push(batch, start, unit);
        } else {
            self.carry = batch.bytes[start..].to_vec();
            batch.bytes.truncate(start);
        }
        if self.carry.len() > max_line {
            let from = self.offset;
            self.offset += self.carry.len() as u64;
            self.anything = true;
            self.carry = Vec::new();
            if stop.is_some() {
                self.passed_over(batch, from, 0, max_document);
            } else {
                self.skipping = Some(from);
            }
        }
        if let Some(piece) = stop {
            self.finish(batch, piece);
        }
    }

    /// Appends to `bytes` up to the length `target`; what stopped it before, if anything did.
    fn read_to(&mut self, bytes: &mut Vec<u8>, target: usize) -> Option<Piece> {
        let mut filled = bytes.len();
        bytes.resize(target.max(filled), 0);
        let mut stop = None;
        while filled < target {
            match self.stream.read(&mut bytes[filled..]) {
                Piece::Bytes(n) => filled += n,
                other => {
                    stop = Some(other);
                    break;
                }
            }
        }
        bytes.truncate(filled);
        stop
    }

    /// Gives out the lines from `start` to the end of the batch.
    fn push(&mut self, batch: &mut Batch, start: usize, unit: LineEnd) {
        let bytes = &batch.bytes[start..];
        if bytes.is_empty() {
            return;
        }
        self.anything = self.anything || bytes.iter().any(|b| !b.is_ascii_whitespace() && *b != 0);
        let (line, offset) = (self.line, self.offset);
        self.line += Lines::count(unit, bytes);
        self.offset += bytes.len() as u64;
        let span = start..batch.bytes.len();
        batch.items.push(Item::Rows { origin: Arc::clone(&self.origin), span, line, offset });
    }

    /// Names a line that was above the limit; `end` bytes of it lie behind `self.offset`.
    fn passed_over(&mut self, batch: &mut Batch, from: u64, end: u64, max_document: usize) {
        self.offset += end;
        batch.items.push(Item::Loss(Loss {
            origin: Arc::clone(&self.origin),
            line: Some(self.line),
            offset: from,
            length: self.offset - from,
            cause: Cause::TooLarge,
            what: too_large(max_document),
            raw: 0..0,
        }));
        self.line += 1;
    }

    /// The stream ended, or is damaged here; the begun line lies in `carry`.
    fn finish(&mut self, batch: &mut Batch, piece: Piece) {
        let start = batch.bytes.len();
        let carry = std::mem::take(&mut self.carry);
        batch.bytes.extend_from_slice(&carry);
        let Kind::Rows(unit) = self.origin.kind else { return };
        match piece {
            Piece::Damaged(damage) => {
                let cut = !carry.trim_ascii().is_empty();
                let (line, length) = (self.line, carry.len() as u64);
                let what = match (cut, line) {
                    (true, _) => format!("{}; row {line} is cut there", damage.what),
                    (false, 1) => format!("{}; no row came before", damage.what),
                    (false, _) => format!("{}; rows 1 to {} came before", damage.what, line - 1),
                };
                batch.items.push(Item::Loss(Loss {
                    origin: Arc::clone(&self.origin),
                    line: cut.then_some(line),
                    offset: self.offset,
                    length,
                    cause: damage.cause,
                    what,
                    raw: start..batch.bytes.len(),
                }));
                self.anything = true;
                self.offset += length;
                self.line += u64::from(cut);
            }
            Piece::End | Piece::Bytes(_) => {
                self.push(batch, start, unit);
                self.ended = true;
                if let Some(size) = self.promised
                    && size != self.offset
                {
                    let what =
                        format!("the file changed while it was read: {size} bytes became {}", self.offset);
                    let loss = whole(Arc::clone(&self.origin), Cause::Unreadable, what);
                    batch.items.push(Item::Loss(Loss { offset: self.offset, length: 0, ..loss }));
                } else if !self.anything {
                    // The blank bytes belong to the file that gave no document.
                    if matches!(batch.items.last(), Some(Item::Rows { origin, .. }) if origin.number == self.origin.number)
                    {
                        batch.items.pop();
                    }
                    let (origin, length) = (Arc::clone(&self.origin), self.offset);
                    batch.items.push(Item::NoRows { origin, length });
                }
            }
        }
    }
}
