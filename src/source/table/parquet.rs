//! Parquet, read row by row: each row becomes a row of JSON, column by column.
//!
//! What a file claims about itself reserves nothing: a page above the limit is refused before it is
//! unpacked, and a damaged group of rows costs the rest of this group only.

use std::collections::HashSet;
use std::io;
use std::io::Read;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use parquet::basic::ConvertedType;
use parquet::basic::Type as Physical;
use parquet::errors::ParquetError;
use parquet::errors::Result as Parquet;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;
use parquet::file::reader::FileReader;
use parquet::file::reader::Length;
use parquet::file::serialized_reader::ReadOptionsBuilder;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Field;
use parquet::record::Row;
use parquet::record::reader::ReaderIter;
use parquet::record::reader::TreeBuilder;
use parquet::schema::types::SchemaDescriptor;
use parquet::schema::types::Type;
use parquet::schema::types::TypePtr;

use crate::source::batch::BATCH;
use crate::source::batch::Batch;
use crate::source::batch::Cause;
use crate::source::batch::Item;
use crate::source::batch::Loss;
use crate::source::batch::Origin;
use crate::source::batch::Stand;
use crate::source::batch::too_large;
use crate::source::batch::whole;
use crate::source::whole::Whole;

/// Bytes of one page, unpacked. Writers end a page at one megabyte; the largest known default is a
/// hundred.
const MAX_PAGE: u64 = 128 << 20;

/// Values of a column that are decoded at a time. Strings stay where they lie in their page.
const VALUES: usize = 256;

/// Columns that an error names.
const MAX_NAMED: usize = 50;

/// The bytes of a file as the reader of this format asks for them.
#[derive(Clone)]
struct Chunks {
    whole: Whole,
    /// The footer is read: what is asked for now are pages.
    pages: Arc<AtomicBool>,
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.whole.len()
    }
}

/// Reads on from a place.
struct Reader {
    whole: Whole,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.whole.read_at(self.at, into)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl ChunkReader for Chunks {
    type T = io::BufReader<Reader>;

    fn get_read(&self, start: u64) -> Parquet<Self::T> {
        if self.pages.load(Ordering::Relaxed) {
            let head = self.whole.some(start, PAGE_HEAD)?;
            match unpacked_size(&head) {
                Some(size) if size <= MAX_PAGE => {}
                Some(size) => {
                    let what =
                        format!("a page of {size} bytes at byte {start}, above the limit of {MAX_PAGE}");
                    return Err(ParquetError::General(what));
                }
                None => return Err(ParquetError::General(format!("no page begins at byte {start}"))),
            }
        }
        Ok(io::BufReader::with_capacity(4096, Reader { whole: self.whole.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Parquet<Bytes> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.whole.len());
        if end.is_none() {
            return Err(ParquetError::EOF(format!("{length} bytes at byte {start} go beyond the file")));
        }
        let bytes = self.whole.some(start, length)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF(format!("the file ends inside {length} bytes at byte {start}")));
        }
        Ok(Bytes::from(bytes))
    }
}

/// Bytes that hold the first two fields of a page's header.
const PAGE_HEAD: usize = 16;

/// The unpacked size that the header of a page gives: its second field (Thrift, compact protocol).
fn unpacked_size(head: &[u8]) -> Option<u64> {
    const NEXT_I32: u8 = 0x15;
    let mut rest = head;
    let mut number = || -> Option<i64> {
        let (first, mut after) = rest.split_first()?;
        if *first != NEXT_I32 {
            return None;
        }
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let (byte, next) = after.split_first()?;
            after = next;
            value |= u64::from(byte & 0x7F) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            if shift > 35 {
                return None;
            }
        }
        rest = after;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    };
    number()?;
    u64::try_from(number()?).ok()
}

/// A file of rows in columns that is being read.
pub(in crate::source) struct Table {
    origin: Arc<Origin>,
    reader: SerializedFileReader<Chunks>,
    text_field: String,
    size: u64,
    /// The next group of rows.
    group: usize,
    rows: Option<ReaderIter>,
    /// Rows of this group that are still to come.
    left: u64,
    /// The number of the last row.
    number: u64,
    anything: bool,
    ended: bool,
}

impl Table {
    /// Reads the footer.
    ///
    /// # Errors
    ///
    /// Why this is no table with a text.
    pub(in crate::source) fn open(
        origin: Arc<Origin>,
        whole: Whole,
        text_field: &str,
    ) -> Result<Self, (Cause, String)> {
        let damaged = |what: String| (Cause::Damaged, format!("the Parquet file is damaged: {what}"));
        let size = whole.len();
        check_depth(&whole).map_err(damaged)?;
        let chunks = Chunks { whole, pages: Arc::new(AtomicBool::new(false)) };
        let reader = guarded(|| {
            let plain = SerializedFileReader::new(chunks.clone())?;
            let schema = plain.metadata().file_metadata().schema_descr();
            let root = without_names_of_text(schema.root_schema())?;
            let schema = Arc::new(SchemaDescriptor::new(root));
            let options = ReadOptionsBuilder::new().with_parquet_schema(schema).build();
            SerializedFileReader::new_with_options(chunks.clone(), options)
        })
        .map_err(damaged)?;
        chunks.pages.store(true, Ordering::Relaxed);
        let schema = reader.metadata().file_metadata().schema_descr();
        let paths: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
        if !paths.iter().any(|path| path == text_field) {
            let mut seen = HashSet::new();
            let names = schema.root_schema().get_fields().iter().map(|field| format!("{:?}", field.name()));
            let names: Vec<String> = names.filter(|name| seen.insert(name.clone())).take(MAX_NAMED).collect();
            let what = format!(
                "the table has no column {text_field:?}; --text-field names one of its columns: {}",
                names.join(", ")
            );
            return Err((Cause::Unsupported, what));
        }
        Ok(Self {
            origin,
            reader,
            text_field: text_field.to_owned(),
            size,
            group: 0,
            rows: None,
            left: 0,
            number: 0,
            anything: false,
            ended: false,
        })
    }

    pub(in crate::source) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    pub(in crate::source) fn has_ended(&self) -> bool {
        self.ended
    }

    /// By the groups of rows that are read.
    pub(in crate::source) fn disk_at(&self) -> u64 {
        let groups = self.reader.metadata().num_row_groups().max(1) as u64;
        if self.ended { self.size } else { self.size / groups * self.group as u64 }
    }

    /// Reads rows, about as many as make `batch` full.
    pub(in crate::source) fn next(&mut self, batch: &mut Batch, max_document: usize) {
        let start = batch.bytes.len();
        let mut rows = Vec::new();
        while batch.bytes.len() - start < BATCH / 2 {
            if self.left == 0 {
                self.rows = None;
                if self.group == self.reader.metadata().num_row_groups() {
                    self.ended = true;
                    break;
                }
                if let Err((cause, what)) = self.open_group() {
                    self.lose_group(batch, start, &mut rows, cause, &what);
                    return;
                }
                continue;
            }
            let next = guarded(|| self.rows.as_mut().and_then(Iterator::next).transpose());
            let row = match next {
                Ok(Some(row)) => row,
                Ok(None) => {
                    self.lose_group(
                        batch,
                        start,
                        &mut rows,
                        Cause::Damaged,
                        "it has fewer rows than it says",
                    );
                    return;
                }
                Err(what) => {
                    self.lose_group(batch, start, &mut rows, Cause::Damaged, &what);
                    return;
                }
            };
            (self.left, self.number, self.anything) = (self.left - 1, self.number + 1, true);
            let from = batch.bytes.len();
            let made = guarded(|| Ok(push_row(&row, &self.text_field, max_document, &mut batch.bytes)));
            let loss = match made {
                Ok(Ok(())) => {
                    let length = (batch.bytes.len() - from) as u64;
                    rows.push((batch.bytes.len(), Stand { line: self.number, offset: 0, length }));
                    continue;
                }
                Ok(Err(why)) => why,
                Err(what) => (Cause::BadRow, what, Vec::new()),
            };
            batch.bytes.truncate(from);
            let (cause, what, raw) = loss;
            self.lose(batch, start, &mut rows, (cause, what), &raw);
            return;
        }
        self.push(batch, start, rows);
        if self.ended && !self.anything {
            let (origin, length) = (Arc::clone(&self.origin), self.size);
            batch.items.push(Item::NoRows { origin, length });
        }
    }

    fn push(&self, batch: &mut Batch, start: usize, rows: Vec<(usize, Stand)>) {
        if let Some((end, _)) = rows.last() {
            let (origin, span) = (Arc::clone(&self.origin), start..*end);
            batch.items.push(Item::Table { origin, span, rows, columns: None });
        }
    }

    fn open_group(&mut self) -> Result<(), (Cause, String)> {
        let group = self.group;
        self.group += 1;
        let reader = &self.reader;
        let claims = claims(reader.metadata(), group, &self.text_field);
        let (rows, values) = claims.map_err(|what| (Cause::Damaged, what))?;
        self.left = rows;
        if values.is_some_and(|values| values != rows) {
            let values = values.unwrap_or(0);
            let what = format!("it says it has {rows} rows, and its texts are {values}");
            return Err((Cause::Damaged, what));
        }
        let opened = guarded(|| {
            let schema = reader.metadata().file_metadata().schema_descr_ptr();
            let group = reader.get_row_group(group)?;
            TreeBuilder::new().with_batch_size(VALUES).as_iter(schema, &*group)
        });
        self.rows = Some(opened.map_err(|what| (Cause::Damaged, what))?);
        Ok(())
    }

    /// Names what is left of the present group and goes on behind it.
    fn lose_group(
        &mut self,
        batch: &mut Batch,
        start: usize,
        rows: &mut Vec<(usize, Stand)>,
        cause: Cause,
        why: &str,
    ) {
        let first = self.number + 1;
        self.number = self.number.saturating_add(self.left);
        (self.left, self.rows) = (0, None);
        let what = format!(
            "group {} of rows is damaged: {why}; rows {first} to {} are not read",
            self.group, self.number
        );
        let last = std::mem::replace(&mut self.number, first);
        self.lose(batch, start, rows, (cause, what), &[]);
        self.number = last;
    }

    /// Pushes the rows so far, then the loss of the present row.
    fn lose(
        &mut self,
        batch: &mut Batch,
        start: usize,
        rows: &mut Vec<(usize, Stand)>,
        (cause, what): (Cause, String),
        raw: &[u8],
    ) {
        self.anything = true;
        self.push(batch, start, std::mem::take(rows));
        let raw = batch.push_raw(raw);
        let loss = whole(Arc::clone(&self.origin), cause, what);
        let length = raw.len() as u64;
        batch.items.push(Item::Loss(Loss { line: Some(self.number), length, raw, ..loss }));
    }
}

/// Rows that a group says it has, and values of its text where no row has more than one.
fn claims(file: &ParquetMetaData, group: usize, text_field: &str) -> Result<(u64, Option<u64>), String> {
    let group = file.row_group(group);
    let rows = u64::try_from(group.num_rows()).map_err(|_| "it says it has fewer than no rows".to_owned())?;
    let column = group.columns().iter().find(|column| column.column_path().string() == text_field);
    let values = column.filter(|column| column.column_descr().max_rep_level() == 0);
    Ok((rows, values.and_then(|column| u64::try_from(column.num_values()).ok())))
}

/// Calls what may meet a forged file: panics of the reader become words as its errors do.
fn guarded<T>(work: impl FnOnce() -> Parquet<T>) -> Result<T, String> {
    const MAX_SAID: usize = 300;
    let said = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(error)) => error.to_string(),
        Err(fault) => fault
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| fault.downcast_ref::<&str>().map(|said| (*said).to_owned()))
            .unwrap_or_default(),
    };
    Err(said.chars().take(MAX_SAID).collect())
}

/// Groups of columns in one another; the readers of schemas call themselves for each.
const MAX_SCHEMA_DEPTH: usize = 100;

/// Looks into the footer, before anybody reads it by calling himself for each group in a group.
fn check_depth(whole: &Whole) -> Result<(), String> {
    const TAIL: u64 = 8;
    let cut = || "it is cut, or no Parquet file".to_owned();
    let end = whole.len().checked_sub(TAIL).filter(|end| *end >= 4).ok_or_else(cut)?;
    let tail = whole.some(end, TAIL as usize).map_err(|e| e.to_string())?;
    if !tail.ends_with(b"PAR1") {
        return Err(cut());
    }
    let length = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    let start = end.checked_sub(length).filter(|start| *start >= 4);
    let start = start.ok_or_else(|| format!("its footer says it has {length} bytes"))?;
    let footer = whole.some(start, length as usize).map_err(|e| e.to_string())?;
    match super::thrift::schema_depth(&footer) {
        Some(depth) if depth <= MAX_SCHEMA_DEPTH => Ok(()),
        Some(_) => Err(format!("its columns nest deeper than {MAX_SCHEMA_DEPTH}")),
        None => Err("its footer is damaged".to_owned()),
    }
}

/// The schema with texts as mere bytes: a reader of texts gives up where one of them is no UTF-8.
fn without_names_of_text(field: &Type) -> Parquet<TypePtr> {
    let info = field.get_basic_info();
    let repetition = info.has_repetition().then(|| info.repetition());
    let id = info.has_id().then(|| info.id());
    if field.is_primitive() {
        let is_text = field.get_physical_type() == Physical::BYTE_ARRAY
            && matches!(
                info.converted_type(),
                ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON | ConvertedType::BSON
            );
        if !is_text {
            return Ok(Arc::new(field.clone()));
        }
        let mut builder = Type::primitive_type_builder(field.name(), Physical::BYTE_ARRAY).with_id(id);
        if let Some(repetition) = repetition {
            builder = builder.with_repetition(repetition);
        }
        return Ok(Arc::new(builder.build()?));
    }
    let fields =
        field.get_fields().iter().map(|field| without_names_of_text(field)).collect::<Parquet<Vec<_>>>()?;
    let mut builder = Type::group_type_builder(field.name())
        .with_converted_type(info.converted_type())
        .with_logical_type(info.logical_type_ref().cloned())
        .with_fields(fields)
        .with_id(id);
    if let Some(repetition) = repetition {
        builder = builder.with_repetition(repetition);
    }
    Ok(Arc::new(builder.build()?))
}

/// Appends the row as a JSON object.
///
/// # Errors
///
/// Why its text cannot be one, and the bytes of it.
fn push_row(
    row: &Row,
    text_field: &str,
    max_document: usize,
    out: &mut Vec<u8>,
) -> Result<(), (Cause, String, Vec<u8>)> {
    if let Some(text) = text_of(row, text_field) {
        if text.len() > max_document {
            return Err((Cause::TooLarge, too_large(max_document), Vec::new()));
        }
        if std::str::from_utf8(text).is_err() {
            return Err((Cause::BadRow, "the text is not valid UTF-8".to_owned(), text.to_vec()));
        }
    }
    push_members(row, out);
    Ok(())
}

/// The bytes of the text, where it is one.
fn text_of<'a>(row: &'a Row, text_field: &str) -> Option<&'a [u8]> {
    let mut row = row;
    let mut parts = text_field.split('.').peekable();
    // A column may have dots in its own name.
    if let Some((_, Field::Bytes(text))) = row.get_column_iter().find(|(name, _)| *name == text_field) {
        return Some(text.data());
    }
    loop {
        let part = parts.next()?;
        let (_, field) = row.get_column_iter().find(|(name, _)| *name == part)?;
        match field {
            Field::Group(inner) => row = inner,
            Field::Bytes(text) if parts.peek().is_none() => return Some(text.data()),
            _ => return None,
        }
    }
}

fn push_members(row: &Row, out: &mut Vec<u8>) {
    out.push(b'{');
    for (n, (name, field)) in row.get_column_iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        push_string(name, out);
        out.push(b':');
        push_value(field, out);
    }
    out.push(b'}');
}

fn push_string(text: &str, out: &mut Vec<u8>) {
    // Writing into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

fn push_list<'a, T: 'a>(items: impl Iterator<Item = T>, out: &mut Vec<u8>, push: impl Fn(T, &mut Vec<u8>)) {
    out.push(b'[');
    for (n, item) in items.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        push(item, out);
    }
    out.push(b']');
}

fn push_value(field: &Field, out: &mut Vec<u8>) {
    match field {
        Field::Null => out.extend_from_slice(b"null"),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_) => out.extend_from_slice(field.to_string().as_bytes()),
        Field::Float(n) => push_number(serde_json::to_vec(n).ok(), field, out),
        Field::Double(n) => push_number(serde_json::to_vec(n).ok(), field, out),
        Field::Str(text) => push_string(text, out),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => push_string(text, out),
            // JSON has no bytes; what is no text is told as such, losing none of it.
            Err(_) => push_list(bytes.data().iter(), out, |byte, out| {
                out.extend_from_slice(byte.to_string().as_bytes());
            }),
        },
        Field::Group(row) => push_members(row, out),
        Field::ListInternal(list) => push_list(list.elements().iter(), out, push_value),
        Field::MapInternal(map) => push_list(map.entries().iter(), out, |(key, value), out| {
            out.push(b'[');
            push_value(key, out);
            out.push(b',');
            push_value(value, out);
            out.push(b']');
        }),
        // Decimals, dates and times as people write them.
        other => push_string(other.to_string().trim_matches('"'), out),
    }
}

/// A number, or its name where JSON has none.
fn push_number(json: Option<Vec<u8>>, field: &Field, out: &mut Vec<u8>) {
    match json {
        Some(json) if json != b"null" => out.extend_from_slice(&json),
        _ => push_string(&field.to_string(), out),
    }
}
