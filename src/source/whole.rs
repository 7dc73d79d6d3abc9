//! An input that can be read anywhere: a file, or what had to be taken into memory for it.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::source::batch::Cause;
use crate::source::input::Input;
use crate::source::unpack::Damage;
use crate::source::unpack::Piece;
use crate::source::unpack::Stream;

/// Bytes of an archive or table that is packed, comes from a pipe or lies in another archive, and is
/// taken into memory to be read from its end.
const MAX_IN_MEMORY: usize = 64 << 20;

/// Room for bytes that are still to come.
const ROOM: usize = 256 * 1024;

/// Bytes that can be read at any place; clones share them.
#[derive(Clone)]
pub(super) enum Whole {
    File(Arc<File>, u64),
    Memory(Arc<Vec<u8>>),
}

impl Whole {
    /// Takes `stream` as a whole.
    ///
    /// # Errors
    ///
    /// Why it cannot be, and how many bytes were read.
    pub(super) fn new(mut stream: Stream) -> Result<Self, (Damage, u64)> {
        if let Some(file) = stream.take_file()
            && let Ok(len) = file.metadata().map(|file| file.len())
        {
            return Ok(Self::File(Arc::new(file), len));
        }
        let (mut bytes, mut filled) = (Vec::new(), 0);
        loop {
            if filled > MAX_IN_MEMORY {
                let what = format!(
                    "it is packed, piped or inside an archive, and larger than {MAX_IN_MEMORY} bytes: unpack it first"
                );
                let damage = Damage { cause: Cause::OverLimit, what, at: stream.at(), unverified: false };
                return Err((damage, filled as u64));
            }
            bytes.resize(filled + filled.clamp(ROOM, 16 * ROOM), 0);
            match stream.read(&mut bytes[filled..]) {
                Piece::Bytes(n) => filled += n,
                Piece::End => break,
                Piece::Damaged(damage) => return Err((damage, filled as u64)),
            }
        }
        bytes.truncate(filled);
        Ok(Self::Memory(Arc::new(bytes)))
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::File(_, len) => *len,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Reads some bytes from `at` on; 0 at the end.
    pub(super) fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file, _) => read_at(file, at, into),
            Self::Memory(bytes) => {
                let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
                let n = rest.len().min(into.len());
                into[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
        }
    }

    /// The `n` bytes from `at` on, or those that are there.
    pub(super) fn some(&self, at: u64, n: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; n.min(usize::try_from(self.len().saturating_sub(at)).unwrap_or(n))];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.read_at(at + filled as u64, &mut bytes[filled..]) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// The bytes from `at` to `end` as an input of their own.
    pub(super) fn slice(&self, at: u64, end: u64) -> Input {
        Input::slice(self.clone(), at, end)
    }
}

#[cfg(unix)]
fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}
