//! Takes the compression off, layer by layer, by what the bytes are and not by the file's name.

use std::fs::File;
use std::io;

use bzip2::Decompress as BzDecompress;
use bzip2::Status as BzStatus;
use flate2::Crc;
use flate2::Decompress;
use flate2::FlushDecompress;
use flate2::Status;
use zstd::stream::raw::Decoder;
use zstd::stream::raw::InBuffer;
use zstd::stream::raw::Operation;
use zstd::stream::raw::OutBuffer;
use zstd::zstd_safe::DParameter;

use crate::source::batch::Cause;
use crate::source::gzip;
use crate::source::gzip::Gzip;
use crate::source::input::Input;

/// Layers around one text; a file with more is an attack or an accident.
const MAX_LAYERS: usize = 8;

/// Bytes at the start of the text by which its kind is told.
const HEAD: usize = 64 * 1024;

/// 64 MiB of window, what `zstd --ultra -22` asks for at most below `--long`.
const MAX_ZSTD_WINDOW_LOG: u32 = 26;

const ZSTD_MAGIC: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
/// Skippable frames start with 0x184D2A50 to 0x184D2A5F, little end first.
const ZSTD_SKIPPABLE: &[u8] = &[0x2A, 0x4D, 0x18];
const BZIP2_MAGIC: &[u8] = b"BZh";
const BZIP2_BLOCK: &[u8] = &[0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
const BZIP2_EMPTY: &[u8] = &[0x17, 0x72, 0x45, 0x38, 0x50, 0x90];

/// What is wrong with a stream, and where in the file.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    /// Damaged is the stream; unreadable, the file.
    pub(super) cause: Cause,
    pub(super) what: String,
    /// Offset in the file as it lies on disk.
    pub(super) at: u64,
    /// Everything came out, and its checksum says that it is wrong.
    pub(super) unverified: bool,
}

/// What a read gave.
pub(super) enum Piece {
    Bytes(usize),
    /// Something is lost here; reading may go on behind it.
    Damaged(Damage),
    End,
}

enum Layer {
    Plain { input: Input },
    Gzip(Gzip),
    Zstd { input: Input, decoder: Decoder<'static>, inside: bool, stopped: bool },
    Bzip2 { input: Input, decoder: BzDecompress, inside: bool, stopped: bool },
    Unzip(Box<Unzip>),
}

/// The data of one member of a zip archive.
pub(super) struct Unzip {
    input: Input,
    /// None where they are stored as they are.
    inflate: Option<Decompress>,
    sum: Crc,
    /// What the archive says about them.
    crc: u32,
    size: u64,
    given: u64,
    ended: bool,
}

/// The bytes of one input without its compression.
pub(super) struct Stream {
    layer: Layer,
    head: Vec<u8>,
    used: usize,
    /// A damage met while the head was read, to be told behind it.
    pending: Option<Piece>,
}

impl Stream {
    /// Looks at the first bytes and takes off as many layers as there are.
    pub(super) fn open(mut input: Input) -> Self {
        for _ in 0..MAX_LAYERS {
            let head = input.peek(10);
            let layer = if head.starts_with(gzip::MAGIC) {
                Layer::Gzip(Gzip::new(input))
            } else if head.starts_with(ZSTD_MAGIC) || is_skippable(head) {
                match zstd_decoder() {
                    Ok(decoder) => Layer::Zstd { input, decoder, inside: false, stopped: false },
                    Err(_) => return Self::plain(input),
                }
            } else if is_bzip2(head) {
                let decoder = BzDecompress::new(false);
                Layer::Bzip2 { input, decoder, inside: true, stopped: false }
            } else {
                return Self::plain(input);
            };
            input = Input::layer(Self { layer, head: Vec::new(), used: 0, pending: None });
        }
        Self::plain(input)
    }

    fn plain(input: Input) -> Self {
        // The innermost layer is read straight, without a second buffer.
        let layer = Layer::Plain { input };
        Self { layer, head: Vec::new(), used: 0, pending: None }
    }

    /// The data of a member of a zip archive.
    pub(super) fn unzip(unzip: Unzip) -> Self {
        Self { layer: Layer::Unzip(Box::new(unzip)), head: Vec::new(), used: 0, pending: None }
    }

    /// The file itself, if nothing is between it and us.
    pub(super) fn take_file(&mut self) -> Option<File> {
        match &mut self.layer {
            Layer::Plain { input } => input.take_file(),
            _ => None,
        }
    }

    /// The first bytes of the text, as many as tell what it is; they stay unread.
    pub(super) fn head(&mut self) -> &[u8] {
        if self.head.is_empty() && self.pending.is_none() {
            let (mut head, mut n) = (Vec::new(), 0);
            while n < HEAD {
                if n == head.len() {
                    head.resize((4 * n).clamp(4096, HEAD), 0);
                }
                match self.layer.read(&mut head[n..]) {
                    Piece::Bytes(more) => n += more,
                    other => {
                        self.pending = Some(other);
                        break;
                    }
                }
            }
            head.truncate(n);
            self.head = head;
        }
        &self.head
    }

    pub(super) fn read(&mut self, into: &mut [u8]) -> Piece {
        if self.used < self.head.len() {
            let n = into.len().min(self.head.len() - self.used);
            into[..n].copy_from_slice(&self.head[self.used..self.used + n]);
            self.used += n;
            return Piece::Bytes(n);
        }
        self.pending.take().unwrap_or_else(|| self.layer.read(into))
    }

    /// No compression at all: the file's size is the size of its text.
    pub(super) fn is_plain(&self) -> bool {
        matches!(&self.layer, Layer::Plain { input } if !input.is_layer())
    }

    /// Bytes of the file on disk that were read so far.
    pub(super) fn at(&self) -> u64 {
        self.layer.at()
    }
}

impl Layer {
    fn at(&self) -> u64 {
        match self {
            Self::Plain { input } | Self::Zstd { input, .. } | Self::Bzip2 { input, .. } => input.disk_at(),
            Self::Gzip(gzip) => gzip.at(),
            Self::Unzip(unzip) => unzip.input.disk_at(),
        }
    }

    fn read(&mut self, into: &mut [u8]) -> Piece {
        match self {
            Self::Gzip(gzip) => gzip.read(into),
            Self::Unzip(unzip) => match unzip.read(into) {
                Ok(0) => Piece::End,
                Ok(n) => Piece::Bytes(n),
                Err(damage) => {
                    unzip.ended = true;
                    Piece::Damaged(damage)
                }
            },
            Self::Zstd { stopped: true, .. } | Self::Bzip2 { stopped: true, .. } => Piece::End,
            Self::Plain { input } => match input.read(into) {
                Ok(0) => Piece::End,
                Ok(n) => Piece::Bytes(n),
                Err(damage) => Piece::Damaged(damage),
            },
            Self::Zstd { input, decoder, inside, stopped } => match read_zstd(input, decoder, inside, into) {
                Ok(0) => Piece::End,
                Ok(n) => Piece::Bytes(n),
                Err(damage) => {
                    *stopped = true;
                    Piece::Damaged(damage)
                }
            },
            Self::Bzip2 { input, decoder, inside, stopped } => {
                match read_bzip2(input, decoder, inside, into) {
                    Ok(0) => Piece::End,
                    Ok(n) => Piece::Bytes(n),
                    Err(damage) => {
                        *stopped = true;
                        Piece::Damaged(damage)
                    }
                }
            }
        }
    }
}

impl Unzip {
    pub(super) fn new(input: Input, is_deflated: bool, crc: u32, size: u64) -> Self {
        let inflate = is_deflated.then(|| Decompress::new(false));
        Self { input, inflate, sum: Crc::new(), crc, size, given: 0, ended: false }
    }

    fn read(&mut self, into: &mut [u8]) -> Result<usize, Damage> {
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        let n = match &mut self.inflate {
            None => self.input.read(into)?,
            Some(inflate) => loop {
                let bytes = self.input.fill()?;
                let is_last = bytes.is_empty();
                let (taken, given) = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(bytes, into, FlushDecompress::None);
                self.input.consume((inflate.total_in() - taken) as usize);
                let n = (inflate.total_out() - given) as usize;
                match status {
                    Ok(Status::StreamEnd) => {
                        // What is left of the data would be called an end by the next call.
                        self.ended = n > 0 && self.given + n as u64 == self.size && {
                            self.sum.update(&into[..n]);
                            self.sum.sum() == self.crc
                        };
                        if self.ended {
                            return Ok(n);
                        }
                        break n;
                    }
                    Ok(_) if n > 0 => break n,
                    Ok(_) if !is_last => {}
                    Ok(_) | Err(_) => {
                        let at = self.input.disk_at();
                        let what = format!("the packed member is damaged or cut at byte {at}");
                        return Err(Damage { cause: Cause::Damaged, what, at, unverified: false });
                    }
                }
            },
        };
        self.sum.update(&into[..n]);
        self.given += n as u64;
        if self.given > self.size || (n == 0 && (self.given < self.size || self.sum.sum() != self.crc)) {
            let at = self.input.disk_at();
            let what = format!(
                "the {} bytes of the member do not fit the size {} and checksum that the archive gives: its text is unverified",
                self.given, self.size
            );
            return Err(Damage { cause: Cause::Damaged, what, at, unverified: true });
        }
        Ok(n)
    }
}

fn is_skippable(head: &[u8]) -> bool {
    head.first().is_some_and(|b| b & 0xF0 == 0x50) && head[1..].starts_with(ZSTD_SKIPPABLE)
}

fn is_bzip2(head: &[u8]) -> bool {
    head.starts_with(BZIP2_MAGIC)
        && head.get(3).is_some_and(|b| (b'1'..=b'9').contains(b))
        && head.get(4..10).is_some_and(|magic| magic == BZIP2_BLOCK || magic == BZIP2_EMPTY)
}

fn zstd_decoder() -> io::Result<Decoder<'static>> {
    let mut decoder = Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(MAX_ZSTD_WINDOW_LOG))?;
    Ok(decoder)
}

/// Decodes into `into`; 0 at the end of a whole last frame.
fn read_zstd(
    input: &mut Input,
    decoder: &mut Decoder<'static>,
    inside: &mut bool,
    into: &mut [u8],
) -> Result<usize, Damage> {
    loop {
        let at = input.disk_at();
        let damage = |what: String| Damage { cause: Cause::Damaged, what, at, unverified: false };
        let bytes = input.fill()?;
        if bytes.is_empty() && !*inside {
            return Ok(0);
        }
        let ended = bytes.is_empty();
        let mut from = InBuffer::around(bytes);
        let mut to = OutBuffer::around(into);
        let left = decoder
            .run(&mut from, &mut to)
            .map_err(|e| damage(format!("the zstd frame is damaged or refused near byte {at}: {e}")))?;
        let (taken, given) = (from.pos(), to.pos());
        input.consume(taken);
        *inside = left != 0;
        if given > 0 {
            return Ok(given);
        }
        if ended && *inside {
            return Err(damage(format!("the file ends inside a zstd frame, at byte {at}")));
        }
    }
}

/// Decodes into `into`; 0 at the end of a whole last stream.
fn read_bzip2(
    input: &mut Input,
    decoder: &mut BzDecompress,
    inside: &mut bool,
    into: &mut [u8],
) -> Result<usize, Damage> {
    loop {
        let at = input.disk_at();
        let damage = |what: String| Damage { cause: Cause::Damaged, what, at, unverified: false };
        if !*inside {
            let head = input.peek(10);
            if head.is_empty() {
                input.tell()?;
                return Ok(0);
            }
            if !is_bzip2(head) {
                return Err(damage(format!("no bzip2 stream starts at byte {at}: what follows is not read")));
            }
            *decoder = BzDecompress::new(false);
            *inside = true;
        }
        let bytes = input.fill()?;
        let ended = bytes.is_empty();
        let (taken, given) = (decoder.total_in(), decoder.total_out());
        let status = decoder
            .decompress(bytes, into)
            .map_err(|e| damage(format!("the bzip2 stream is damaged near byte {at}: {e}")))?;
        input.consume((decoder.total_in() - taken) as usize);
        *inside = status != BzStatus::StreamEnd;
        let n = (decoder.total_out() - given) as usize;
        if n > 0 {
            return Ok(n);
        }
        if ended && *inside {
            return Err(damage(format!("the file ends inside a bzip2 stream, at byte {at}")));
        }
    }
}
