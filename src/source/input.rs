//! Raw bytes of one input with their position: a file, standard input, or what another layer of
//! compression gives out.

use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::source::archive::tar::Part;
use crate::source::batch::Cause;
use crate::source::unpack::Damage;
use crate::source::unpack::Piece;
use crate::source::unpack::Stream;
use crate::source::whole::Whole;

/// Bytes asked from the system at a time: larger reads gain nothing, smaller ones cost calls.
const BUFFER: usize = 256 * 1024;

/// Where the bytes come from.
enum From {
    File(File),
    Stdin(io::Stdin),
    Layer(Box<Stream>),
    /// A member of a tar archive, which goes on behind it.
    Part(Arc<Mutex<Part>>),
    /// A piece of something that can be read anywhere, from the first place to the second.
    Slice(Whole, u64, u64),
}

/// A buffered reader that knows where it is and, on a file, can go back.
pub(super) struct Input {
    from: From,
    buffer: Vec<u8>,
    span: (usize, usize),
    /// Position of the byte behind the buffer's last one.
    end: u64,
    /// A damage met by [`Input::peek`], to be told when the bytes before it are read.
    pending: Option<Damage>,
    /// The system gave an error: nothing more is asked of it.
    ended: bool,
    /// Bytes that the buffer has at first; a small member of an archive needs no large one.
    room: usize,
}

impl Input {
    fn new(from: From) -> Self {
        Self { from, buffer: Vec::new(), span: (0, 0), end: 0, pending: None, ended: false, room: BUFFER }
    }

    pub(super) fn file(file: File) -> Self {
        Self::new(From::File(file))
    }

    pub(super) fn stdin() -> Self {
        Self::new(From::Stdin(io::stdin()))
    }

    pub(super) fn layer(stream: Stream) -> Self {
        Self::new(From::Layer(Box::new(stream)))
    }

    pub(super) fn part(part: Arc<Mutex<Part>>, size: u64) -> Self {
        Self { room: room_for(size), ..Self::new(From::Part(part)) }
    }

    pub(super) fn slice(whole: Whole, at: u64, end: u64) -> Self {
        Self { room: room_for(end - at), ..Self::new(From::Slice(whole, at, end)) }
    }

    /// As [`Input::layer`], for `size` bytes.
    pub(super) fn layer_of(stream: Stream, size: u64) -> Self {
        Self { room: room_for(size), ..Self::layer(stream) }
    }

    /// The file, if this is one; nothing comes after it.
    pub(super) fn take_file(&mut self) -> Option<File> {
        match &self.from {
            From::File(file) => file.try_clone().ok(),
            _ => None,
        }
    }

    pub(super) fn is_layer(&self) -> bool {
        matches!(self.from, From::Layer(_) | From::Part(_) | From::Slice(..))
    }

    /// Position of the next byte in this layer.
    pub(super) fn at(&self) -> u64 {
        self.end - (self.span.1 - self.span.0) as u64
    }

    /// Position in the file as it lies on disk.
    pub(super) fn disk_at(&self) -> u64 {
        match &self.from {
            From::Layer(stream) => stream.at(),
            From::Part(part) => lock(part).disk_at(),
            From::Slice(_, at, _) => *at,
            From::File(_) | From::Stdin(_) => self.at(),
        }
    }

    /// The bytes at hand; empty at the end of the input.
    pub(super) fn fill(&mut self) -> Result<&[u8], Damage> {
        if self.span.0 == self.span.1 {
            self.tell()?;
            self.buffer.resize(self.room, 0);
            let n = get(&mut self.from, &mut self.ended, self.end, &mut self.buffer)?;
            self.span = (0, n);
            self.end += n as u64;
        }
        Ok(&self.buffer[self.span.0..self.span.1])
    }

    /// The next `want` bytes or more; before an end or a damage, fewer. They stay unread.
    pub(super) fn peek(&mut self, want: usize) -> &[u8] {
        if self.span.1 - self.span.0 < want && self.pending.is_none() {
            self.buffer.copy_within(self.span.0..self.span.1, 0);
            self.span = (0, self.span.1 - self.span.0);
            self.buffer.resize(self.room.max(want), 0);
            while self.span.1 < want {
                match get(&mut self.from, &mut self.ended, self.end, &mut self.buffer[self.span.1..]) {
                    Ok(0) => break,
                    Ok(n) => {
                        self.span.1 += n;
                        self.end += n as u64;
                    }
                    Err(damage) => {
                        self.pending = Some(damage);
                        break;
                    }
                }
            }
        }
        &self.buffer[self.span.0..self.span.1]
    }

    /// The damage that [`Input::peek`] met, where nothing stands before it any more.
    pub(super) fn tell(&mut self) -> Result<(), Damage> {
        if self.span.0 < self.span.1 {
            return Ok(());
        }
        self.pending.take().map_or(Ok(()), Err)
    }

    /// A damage stands behind the bytes at hand.
    pub(super) fn is_damaged(&self) -> bool {
        self.pending.is_some()
    }

    /// Says why the bytes at hand, up to the damage behind them, are not what they were.
    pub(super) fn unverified(&self) -> Option<&str> {
        self.pending.as_ref().filter(|damage| damage.unverified).map(|damage| damage.what.as_str())
    }

    pub(super) fn consume(&mut self, n: usize) {
        self.span.0 += n;
        debug_assert!(self.span.0 <= self.span.1, "no more is consumed than was shown");
    }

    /// Reads straight into `into` where nothing is buffered; 0 at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        let held = self.span.1 - self.span.0;
        if held == 0 {
            self.tell()?;
            let n = get(&mut self.from, &mut self.ended, self.end, into)?;
            self.end += n as u64;
            return Ok(n);
        }
        let n = held.min(into.len());
        into[..n].copy_from_slice(&self.buffer[self.span.0..self.span.0 + n]);
        self.span.0 += n;
        Ok(n)
    }

    /// Goes back to `at`; where the input cannot, it stays where it is.
    pub(super) fn go_back(&mut self, at: u64) {
        let start = self.end - self.span.1 as u64;
        if (start..=self.end).contains(&at) {
            self.span.0 = (at - start) as usize;
        } else if let From::File(file) = &mut self.from
            && file.seek(SeekFrom::Start(at)).is_ok()
        {
            (self.span, self.end) = ((0, 0), at);
        }
    }
}

fn room_for(size: u64) -> usize {
    size.clamp(512, BUFFER as u64) as usize
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

fn get(from: &mut From, ended: &mut bool, at: u64, into: &mut [u8]) -> Result<usize, Damage> {
    if *ended {
        return Ok(0);
    }
    loop {
        let got = match from {
            From::File(file) => file.read(into),
            From::Stdin(stdin) => stdin.lock().read(into),
            From::Part(part) => return lock(part).read(into),
            From::Slice(whole, at, end) => {
                let most = into.len().min(usize::try_from(*end - *at).unwrap_or(usize::MAX));
                let got = whole.read_at(*at, &mut into[..most]);
                *at += *got.as_ref().unwrap_or(&0) as u64;
                got
            }
            From::Layer(stream) => match stream.read(into) {
                Piece::Bytes(n) => Ok(n),
                Piece::End => Ok(0),
                Piece::Damaged(damage) => return Err(damage),
            },
        };
        match got {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Ok(n) => return Ok(n),
            Err(e) => {
                *ended = true;
                let what = format!("reading stopped at byte {at}: {e}");
                return Err(Damage { cause: Cause::Unreadable, what, at, unverified: false });
            }
        }
    }
}
