//! Parquet, read row by row: each row becomes a row of JSON, column by column.
//!
//! What a file claims about itself reserves nothing: a page above the limit is refused before it is
//! unpacked, and a damaged group of rows costs the rest of this group only.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;

use parquet::basic::ConvertedType;
use parquet::basic::Type as Physical;
use parquet::errors::Result as Parquet;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::ReadOptionsBuilder;
use parquet::file::serialized_reader::SerializedFileReader;
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
use crate::source::batch::whole;
use crate::source::table::chunks::Chunks;
use crate::source::table::row::push_row;
use crate::source::table::thrift;
use crate::source::whole::Whole;

/// Values of a column that are decoded at a time. Strings stay where they lie in their page.
const VALUES: usize = 256;

/// Columns that an error names.
const MAX_NAMED: usize = 50;

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
        let chunks = Chunks::new(whole);
        let reader = guarded(|| {
            let plain = SerializedFileReader::new(chunks.clone())?;
            let schema = plain.metadata().file_metadata().schema_descr();
            let root = without_names_of_text(schema.root_schema())?;
            let schema = Arc::new(SchemaDescriptor::new(root));
            let options = ReadOptionsBuilder::new().with_parquet_schema(schema).build();
            SerializedFileReader::new_with_options(chunks.clone(), options)
        })
        .map_err(damaged)?;
        chunks.begin_pages();
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
    match thrift::schema_depth(&footer) {
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
