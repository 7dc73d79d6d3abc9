//! Documents come in: files, folders, standard input, compressed or not, rows of tables, records of
//! crawlers, members of archives.
//!
//! A [`Source`] gives raw bytes in batches and says where each came from. It knows nothing about
//! encodings, JSON or rules: what costs time is done by the workers that get the batches.

mod archive;
mod batch;
mod gzip;
mod input;
mod lines;
mod rows;
mod sniff;
mod table;
mod unpack;
mod walk;
mod warc;
mod whole;

use std::fs::File;
use std::io;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Result;
use crate::source::archive::MAX_DEPTH;
use crate::source::archive::Member;
use crate::source::archive::tar::Tar;
use crate::source::archive::zip::Zip;
use crate::source::batch::BATCH;
use crate::source::batch::too_large;
use crate::source::batch::whole;
use crate::source::input::Input;
use crate::source::rows::Rows;
use crate::source::table::csv::Csv;
#[cfg(feature = "parquet")]
use crate::source::table::parquet::Table;
use crate::source::unpack::Piece;
use crate::source::unpack::Stream;
use crate::source::walk::Found;
use crate::source::walk::Walk;
use crate::source::warc::Warc;
use crate::source::whole::Whole;

pub use batch::Batch;
pub use batch::Cause;
pub use batch::Item;
pub use batch::Loss;
pub use batch::Origin;
pub use batch::Page;
pub use batch::Stand;
pub use lines::Lines;
pub use sniff::Kind;
pub use sniff::LineEnd;
pub use sniff::bare_name;
pub use table::csv::Columns;
pub use table::csv::cells;
pub use walk::STDIN;

/// What to read and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files, folders, `-`.
    pub inputs: Vec<PathBuf>,
    /// Places that are written, which a walk leaves out.
    pub outputs: Vec<PathBuf>,
    /// The field that holds the text of a row.
    pub text_field: String,
    /// Larger documents are named, not read.
    pub max_document: usize,
}

/// Reads the inputs of a plan, one after the other.
pub struct Source {
    walk: Walk,
    /// The file that is being read; above it, its members.
    open: Vec<Open>,
    files: u64,
    read: u64,
    text_field: String,
    max_document: usize,
}

/// A file of many documents that is being read.
enum Open {
    Rows(Box<Rows>),
    Warc(Box<Warc>),
    Csv(Box<Csv>),
    #[cfg(feature = "parquet")]
    Parquet(Box<Table>),
    Tar(Box<Tar>),
    Zip(Box<Zip>),
}

impl Open {
    /// Reads on; what comes of it goes to `batch`, or is a member that waits to be read.
    fn next(&mut self, batch: &mut Batch, max_document: usize) -> Option<(Input, Member)> {
        match self {
            Self::Rows(rows) => rows.next(batch, max_document),
            Self::Warc(warc) => warc.next(batch, max_document),
            Self::Csv(table) => table.next(batch, max_document),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.next(batch, max_document),
            Self::Tar(tar) => return tar.next(batch),
            Self::Zip(zip) => return zip.next(batch),
        }
        None
    }

    fn origin(&self) -> &Arc<Origin> {
        match self {
            Self::Rows(rows) => rows.origin(),
            Self::Warc(warc) => warc.origin(),
            Self::Csv(table) => table.origin(),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.origin(),
            Self::Tar(tar) => tar.origin(),
            Self::Zip(zip) => zip.origin(),
        }
    }

    fn has_ended(&self) -> bool {
        match self {
            Self::Rows(rows) => rows.has_ended(),
            Self::Warc(warc) => warc.has_ended(),
            Self::Csv(table) => table.has_ended(),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.has_ended(),
            Self::Tar(tar) => tar.has_ended(),
            Self::Zip(zip) => zip.has_ended(),
        }
    }

    /// Bytes of the file on disk that were read so far.
    fn disk_at(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.disk_at(),
            Self::Warc(warc) => warc.disk_at(),
            Self::Csv(table) => table.disk_at(),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.disk_at(),
            Self::Tar(tar) => tar.disk_at(),
            Self::Zip(zip) => zip.disk_at(),
        }
    }
}

/// What a file is called and how large it is.
struct Label {
    name: String,
    seams: Vec<usize>,
    size: Option<u64>,
}

impl Label {
    fn of(name: String, size: Option<u64>) -> Self {
        Self { name, seams: Vec::new(), size }
    }
}

impl Source {
    /// Looks at the inputs, reads nothing yet.
    ///
    /// # Errors
    ///
    /// If an input does not exist, or is itself an output.
    pub fn open(plan: &Plan) -> Result<Self> {
        Ok(Self {
            walk: Walk::new(&plan.inputs, &plan.outputs)?,
            open: Vec::new(),
            files: 0,
            read: 0,
            text_field: plan.text_field.clone(),
            max_document: plan.max_document,
        })
    }

    /// Fills `batch`, which is empty, with the next documents; false when there are none left.
    pub fn next(&mut self, batch: &mut Batch) -> bool {
        while !batch.is_full() {
            if let Some(open) = self.open.last_mut() {
                let max = self.max_document;
                let next = catch_unwind(AssertUnwindSafe(|| open.next(batch, max)));
                let next = match next {
                    Ok(next) => next,
                    Err(fault) => {
                        // A fault of ours costs this file only, and is named.
                        let origin = Arc::clone(open.origin());
                        self.open.pop();
                        let said = fault
                            .downcast_ref::<String>()
                            .map(String::as_str)
                            .or_else(|| fault.downcast_ref::<&str>().copied())
                            .unwrap_or("no message");
                        let what = format!(
                            "a fault of this program, please report it: {said}; what follows in the file is not read"
                        );
                        batch.items.push(Item::Loss(whole(origin, Cause::Fault, what)));
                        continue;
                    }
                };
                if let Some((input, Member { name, size })) = next {
                    let label = self.member_label(&name, size);
                    self.start(batch, input, label);
                    continue;
                }
                if open.has_ended() {
                    let read = open.disk_at();
                    self.open.pop();
                    if self.open.is_empty() {
                        self.read += read;
                    }
                }
                continue;
            }
            match self.walk.next() {
                Some(Found::Skipped { name, why }) => {
                    let origin = self.origin(Label::of(name, None), Kind::Refused(""));
                    let cause = if why.starts_with("skipped") { Cause::Skipped } else { Cause::Unreadable };
                    batch.items.push(Item::Loss(whole(origin, cause, why)));
                }
                Some(Found::Stdin) => self.start(batch, Input::stdin(), Label::of(STDIN.to_owned(), None)),
                Some(Found::File { path, name }) => match File::open(&path) {
                    Ok(file) => {
                        let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
                        self.start(batch, Input::file(file), Label::of(name, size));
                    }
                    Err(e) => {
                        let origin = self.origin(Label::of(name, None), Kind::Refused(""));
                        let why = format!("it cannot be opened: {e}");
                        batch.items.push(Item::Loss(whole(origin, Cause::Unreadable, why)));
                    }
                },
                None => break,
            }
        }
        batch.read = self.read + self.open.first().map_or(0, Open::disk_at);
        !batch.items.is_empty() || !batch.others.is_empty()
    }

    /// What a member of the innermost archive is called.
    fn member_label(&self, name: &str, size: u64) -> Label {
        let Some(archive) = self.open.last().map(Open::origin) else {
            return Label::of(name.to_owned(), Some(size));
        };
        let mut seams = archive.seams.clone();
        seams.push(archive.name.len());
        Label { name: format!("{}!{name}", archive.name), seams, size: Some(size) }
    }

    fn origin(&mut self, label: Label, kind: Kind) -> Arc<Origin> {
        self.files += 1;
        let Label { name, seams, size } = label;
        Arc::new(Origin { name, number: self.files, kind, size: size.unwrap_or(0), seams })
    }

    /// Begins a file: documents are read at once, all others batch by batch.
    fn start(&mut self, batch: &mut Batch, input: Input, label: Label) {
        let mut stream = Stream::open(input);
        let kind = sniff::kind(&label.name, stream.head(), &self.text_field);
        let promised = label.size.filter(|_| stream.is_plain());
        let depth = label.seams.len();
        let origin = self.origin(label, kind);
        match kind {
            Kind::Tar | Kind::Zip if depth >= MAX_DEPTH => {
                let what = format!("an archive below {MAX_DEPTH} other ones is not read: unpack it first");
                batch.items.push(Item::Loss(whole(origin, Cause::OverLimit, what)));
            }
            Kind::Tar => self.open.push(Open::Tar(Box::new(Tar::new(origin, stream)))),
            Kind::Zip => match Whole::new(stream) {
                Ok(found) => {
                    let mut zip = Box::new(Zip::new(origin, found));
                    zip.open(batch);
                    self.open.push(Open::Zip(zip));
                }
                Err((damage, length)) => {
                    let loss = whole(origin, damage.cause, damage.what);
                    batch.items.push(Item::Loss(Loss { offset: damage.at, length, ..loss }));
                }
            },
            Kind::Refused(why) => {
                batch.items.push(Item::Loss(whole(origin, Cause::Unsupported, why.to_owned())));
            }
            Kind::Document => {
                let item = document(batch, origin, &mut stream, self.max_document, promised);
                batch.items.push(item);
                if self.open.is_empty() {
                    self.read += stream.at();
                }
            }
            Kind::Rows(_) => self.open.push(Open::Rows(Box::new(Rows::new(origin, stream, promised)))),
            Kind::Csv(unit, delimiter) => {
                let csv = Csv::new(origin, stream, (unit, delimiter), &self.text_field, promised);
                self.open.push(Open::Csv(Box::new(csv)));
            }
            #[cfg(feature = "parquet")]
            Kind::Parquet => {
                let opened = Whole::new(stream).map_err(|(damage, _)| (damage.cause, damage.what));
                let opened =
                    opened.and_then(|found| Table::open(Arc::clone(&origin), found, &self.text_field));
                match opened {
                    Ok(table) => self.open.push(Open::Parquet(Box::new(table))),
                    Err((cause, what)) => batch.items.push(Item::Loss(whole(origin, cause, what))),
                }
            }
            #[cfg(not(feature = "parquet"))]
            Kind::Parquet => unreachable!("it is refused without its feature"),
            Kind::Warc => self.open.push(Open::Warc(Box::new(Warc::new(origin, stream, promised)))),
        }
    }
}

/// The bytes of one file or of standard input, without compression.
pub struct Unpacked(Stream);

/// Opens `path`, or standard input for `-`.
///
/// # Errors
///
/// If it cannot be opened.
pub fn unpacked(path: &Path) -> io::Result<Unpacked> {
    let input = if path.as_os_str() == STDIN { Input::stdin() } else { Input::file(File::open(path)?) };
    Ok(Unpacked(Stream::open(input)))
}

impl Unpacked {
    /// The first bytes, which stay unread.
    pub fn head(&mut self) -> &[u8] {
        self.0.head()
    }
}

impl io::Read for Unpacked {
    /// A damaged stream is an error here: half a text is of no use to those who read one file.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into) {
            Piece::Bytes(n) => Ok(n),
            Piece::End => Ok(0),
            Piece::Damaged(damage) => Err(io::Error::new(io::ErrorKind::InvalidData, damage.what)),
        }
    }
}

/// Reads a file that is one document.
fn document(
    batch: &mut Batch,
    origin: Arc<Origin>,
    stream: &mut Stream,
    max: usize,
    promised: Option<u64>,
) -> Item {
    if promised.is_some_and(|size| size > max as u64) {
        return Item::Loss(whole(origin, Cause::TooLarge, too_large(max)));
    }
    let start = batch.bytes.len();
    let mut filled = start;
    let mut damage = None;
    loop {
        let have = filled - start;
        if have > max {
            batch.bytes.truncate(start);
            let length = (have as u64).max(origin.size);
            let loss = Loss { length, ..whole(origin, Cause::TooLarge, too_large(max)) };
            return Item::Loss(loss);
        }
        // As much as has come already: what a header claims reserves nothing.
        let room = have.clamp(8 * 1024, BATCH);
        batch.bytes.resize(filled + room, 0);
        match stream.read(&mut batch.bytes[filled..]) {
            Piece::Bytes(n) => filled += n,
            Piece::Damaged(found) => {
                damage.get_or_insert(found);
            }
            Piece::End => break,
        }
    }
    batch.bytes.truncate(filled);
    let (span, length) = (start..filled, (filled - start) as u64);
    if let Some(size) = promised
        && damage.is_none()
        && size != length
    {
        let what = format!("the file changed while it was read: {size} bytes became {length}");
        return Item::Loss(Loss { length, raw: span, ..whole(origin, Cause::Unreadable, what) });
    }
    match damage {
        None => Item::Document { origin, span, page: None },
        Some(damage) => {
            let what = format!("{}; the {length} bytes that came out are in raw_base64", damage.what);
            let loss = whole(origin, damage.cause, what);
            Item::Loss(Loss { offset: damage.at, length, raw: span, ..loss })
        }
    }
}
