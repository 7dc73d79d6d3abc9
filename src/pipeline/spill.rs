//! What the first pass of `run` leaves for the second: every document in input order, on disk.

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::document::Doc;
use crate::pipeline::document::Done;
use crate::pipeline::document::Fate;
use crate::source::Cause;

/// A part of the spill holds about so many bytes of rows.
const PART: u64 = 64 << 20;

/// Level 1 costs a fifth of cleaning and saves three quarters of the disk.
const LEVEL: i32 = 1;

/// What became of a spilled document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Clean,
    Empty,
    Lost(Cause),
}

const CAUSES: [Cause; 8] = [
    Cause::TooLarge,
    Cause::Unreadable,
    Cause::Skipped,
    Cause::Damaged,
    Cause::Unsupported,
    Cause::BadRow,
    Cause::NotText,
    Cause::Fault,
];

/// One document as it was spilled. The buffers serve for the next one.
#[derive(Debug)]
pub(crate) struct Spilled {
    pub(crate) sort: Sort,
    pub(crate) file: u64,
    pub(crate) size: u64,
    pub(crate) bytes: u64,
    pub(crate) line: Option<u64>,
    pub(crate) name: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) row: Vec<u8>,
}

impl Default for Spilled {
    fn default() -> Self {
        Self {
            sort: Sort::Clean,
            file: 0,
            size: 0,
            bytes: 0,
            line: None,
            name: Vec::new(),
            id: Vec::new(),
            row: Vec::new(),
        }
    }
}

/// Writes the parts.
pub(crate) struct Spill {
    folder: Option<PathBuf>,
    part: Option<(Encoder<'static, BufWriter<File>>, PathBuf)>,
    parts: u64,
    in_part: u64,
}

fn part_path(folder: &Path, n: u64) -> PathBuf {
    folder.join(format!("rows-{n:05}.zst"))
}

/// Eight numbers of eight bytes stand before each document.
const HEAD: usize = 8;

impl Spill {
    /// Spills into `folder`, or nowhere.
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        Self { folder: folder.map(Path::to_owned), part: None, parts: 0, in_part: 0 }
    }

    pub(crate) fn push(&mut self, doc: &Doc, done: &Done) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if self.part.is_none() {
            let path = part_path(folder, self.parts);
            let file = File::create(&path).map_err(|e| Error::io("creating", &path, e))?;
            let encoder =
                Encoder::new(BufWriter::new(file), LEVEL).map_err(|e| Error::io("writing", &path, e))?;
            self.part = Some((encoder, path));
            self.in_part = 0;
            self.parts += 1;
        }
        let Some((encoder, path)) = &mut self.part else { return Ok(()) };
        let origin = &done.origins[doc.origin];
        let sort = match doc.fate {
            Fate::Clean => 0,
            Fate::Empty => 1,
            Fate::Lost(cause) => 2 + CAUSES.iter().position(|c| *c == cause).unwrap_or(0) as u64,
        };
        let (id, row) = (&done.out[doc.id.clone()], &done.out[doc.row.clone()]);
        let mut head = [0; HEAD * 8];
        let numbers = [
            sort,
            origin.number,
            origin.size,
            doc.bytes,
            doc.line.unwrap_or(0),
            origin.name.len() as u64,
            id.len() as u64,
            row.len() as u64,
        ];
        for (place, n) in head.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&n.to_le_bytes());
        }
        let parts: [&[u8]; 4] = [&head, origin.name.as_bytes(), id, row];
        for part in parts {
            encoder.write_all(part).map_err(|e| Error::io("writing", path, e))?;
            self.in_part += part.len() as u64;
        }
        if self.in_part >= PART {
            self.close_part()?;
        }
        Ok(())
    }

    fn close_part(&mut self) -> Result<()> {
        let Some((encoder, path)) = self.part.take() else { return Ok(()) };
        let closed =
            encoder.finish().and_then(|file| file.into_inner().map_err(io::IntoInnerError::into_error));
        closed.map(drop).map_err(|e| Error::io("writing", &path, e))
    }

    /// Ends the writing and gives the documents again, in their order.
    pub(crate) fn read(mut self) -> Result<Spilt> {
        self.close_part()?;
        Ok(Spilt { folder: self.folder, parts: self.parts, next: 0, open: None })
    }
}

/// Reads the parts.
pub(crate) struct Spilt {
    folder: Option<PathBuf>,
    parts: u64,
    next: u64,
    open: Option<(BufReader<Decoder<'static, BufReader<File>>>, PathBuf)>,
}

impl Spilt {
    /// Reads the next document into `doc`; false when there are none left.
    pub(crate) fn next(&mut self, doc: &mut Spilled) -> Result<bool> {
        loop {
            if let Some((reader, path)) = &mut self.open {
                let mut head = [0; HEAD * 8];
                let at = |e: io::Error| Error::io("reading", path, e);
                if read_whole(reader, &mut head).map_err(at)? {
                    fill(reader, &head, doc).map_err(at)?;
                    return Ok(true);
                }
                self.open = None;
            }
            let Some(folder) = self.folder.as_ref().filter(|_| self.next < self.parts) else {
                return Ok(false);
            };
            let path = part_path(folder, self.next);
            self.next += 1;
            let opened = File::open(&path).and_then(Decoder::new);
            let decoder = opened.map_err(|e| Error::io("reading", &path, e))?;
            self.open = Some((BufReader::with_capacity(256 * 1024, decoder), path));
        }
    }
}

/// Fills `bytes`; false at the end, an error where the end comes inside them.
fn read_whole(reader: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    let n = reader.read(bytes)?;
    if n == 0 {
        return Ok(false);
    }
    reader.read_exact(&mut bytes[n..])?;
    Ok(true)
}

fn fill(reader: &mut impl Read, head: &[u8; HEAD * 8], doc: &mut Spilled) -> io::Result<()> {
    let mut numbers = [0; HEAD];
    for (n, place) in numbers.iter_mut().zip(head.as_chunks::<8>().0) {
        *n = u64::from_le_bytes(*place);
    }
    let [sort, file, size, bytes, line, name, id, row] = numbers;
    doc.sort = match sort {
        0 => Sort::Clean,
        1 => Sort::Empty,
        n => Sort::Lost(*CAUSES.get((n - 2) as usize).ok_or(io::ErrorKind::InvalidData)?),
    };
    (doc.file, doc.size, doc.bytes) = (file, size, bytes);
    doc.line = (line > 0).then_some(line);
    for (part, len) in [(&mut doc.name, name), (&mut doc.id, id), (&mut doc.row, row)] {
        part.clear();
        if reader.take(len).read_to_end(part)? as u64 != len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

impl Spilled {
    /// `path`, or `path#row`.
    ///
    /// # Errors
    ///
    /// If the spill does not hold what was written.
    pub(crate) fn source(&self) -> Result<String> {
        let name = std::str::from_utf8(&self.name)
            .map_err(|_| Error::new(Kind::Damaged, "the spilled rows are damaged: run again"))?;
        Ok(self.line.map_or_else(|| name.to_owned(), |line| format!("{name}#{line}")))
    }
}
