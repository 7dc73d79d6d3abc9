//! Rows as Parquet: which columns there are, and the files that hold them.
//!
//! The rows of a job may differ in their fields, and a file must say its columns first. The first
//! rows decide; what fits no column of theirs stands in one more, as JSON, so that nothing is lost.

use std::fmt;
use std::io;
use std::mem;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::basic::LogicalType;
use parquet::basic::Repetition;
use parquet::basic::Type as Physical;
use parquet::basic::ZstdLevel;
use parquet::data_type::BoolType;
use parquet::data_type::ByteArray;
use parquet::data_type::ByteArrayType;
use parquet::data_type::DoubleType;
use parquet::data_type::Int64Type;
use parquet::errors::ParquetError;
use parquet::file::properties::EnabledStatistics;
use parquet::file::properties::WriterProperties;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::SerializedColumnWriter;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use parquet::schema::types::Type;
use parquet::schema::types::TypePtr;

use crate::error::Error;
use crate::error::Result;
use crate::pipeline::fields::Fields;
use crate::pipeline::fields::Names;
use crate::pipeline::format;
use crate::pipeline::json;
use crate::pipeline::sink::Out;

/// Bytes of rows in a group: some ten thousand bulletins. Memory takes about three times as much.
const GROUP: usize = 16 << 20;

/// A file is closed above this size, as one of rows is.
const SHARD: usize = 256 << 20;

/// Fields with a column of their own; those of a hostile input may have any number of names.
const MAX_COLUMNS: usize = 100;

/// The column for what fits no other one.
const EXTRA: &str = "extra";

/// zstd's own default, as for rows.
const ZSTD_LEVEL: i32 = 3;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Text,
    Integer,
    Number,
    Truth,
    /// Anything, as JSON.
    Json,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    sort: Sort,
}

/// The columns of all files of one sort.
#[derive(Debug)]
struct Columns {
    list: Vec<Column>,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
}

/// Where the files stand.
enum Places {
    /// One after the other in a folder that is ours.
    Shards { folder: PathBuf, stem: &'static str, n: u32 },
    /// A single one.
    One(Option<Box<Out>>),
}

/// Rows on their way into files of columns.
pub(crate) struct Tables {
    places: Places,
    names: Names,
    columns: Option<Arc<Columns>>,
    /// Rows of the next group.
    pending: Vec<u8>,
    open: Option<SerializedFileWriter<Out>>,
    /// The present file, for messages.
    place: PathBuf,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("place", &self.place).finish_non_exhaustive()
    }
}

/// The values of one column in a group.
#[derive(Default)]
struct Values {
    texts: Vec<ByteArray>,
    integers: Vec<i64>,
    numbers: Vec<f64>,
    truths: Vec<bool>,
    /// 1 where a row has a value, 0 where it has none.
    levels: Vec<i16>,
}

impl Tables {
    /// Files in `folder`, which is ours alone.
    pub(crate) fn shards(folder: &Path, stem: &'static str) -> Self {
        Self::new(Places::Shards { folder: folder.to_owned(), stem, n: 0 }, folder)
    }

    /// The one file `out` that will stand at `place`.
    pub(crate) fn one(out: Out, place: &Path) -> Self {
        Self::new(Places::One(Some(Box::new(out))), place)
    }

    fn new(places: Places, place: &Path) -> Self {
        let place = place.to_owned();
        Self { places, names: format::names(), columns: None, pending: Vec::new(), open: None, place }
    }

    /// Appends rows of ours, whole lines.
    pub(crate) fn write(&mut self, mut rows: &[u8]) -> Result<()> {
        while !rows.is_empty() {
            // Groups begin and end at the same rows however many come at a time.
            let room = GROUP.saturating_sub(self.pending.len());
            let cut = rows.len().min(room);
            let end =
                memchr::memchr(b'\n', &rows[cut.saturating_sub(1)..]).map_or(rows.len(), |n| cut.max(1) + n);
            let (now, rest) = rows.split_at(end);
            self.pending.extend_from_slice(now);
            rows = rest;
            if self.pending.len() >= GROUP {
                self.write_group()?;
            }
        }
        Ok(())
    }

    /// Ends the writing; there is always one file.
    pub(crate) fn finish(&mut self) -> Result<()> {
        if !self.pending.is_empty() || (self.open.is_none() && self.is_first()) {
            self.write_group()?;
        }
        self.close()
    }

    fn is_first(&self) -> bool {
        matches!(&self.places, Places::Shards { n: 0, .. } | Places::One(Some(_)))
    }

    fn close(&mut self) -> Result<()> {
        let Some(writer) = self.open.take() else { return Ok(()) };
        writer.into_inner().map_err(|e| failed(e, &self.place))?.finish()
    }

    fn write_group(&mut self) -> Result<()> {
        let pending = mem::take(&mut self.pending);
        let rows: Vec<Fields<'_>> = pending
            .split(|b| *b == b'\n')
            .filter(|row| !row.is_empty())
            .filter_map(|row| Fields::read(std::str::from_utf8(row).ok()?, &self.names).ok())
            .collect();
        let columns = match &self.columns {
            Some(columns) => Arc::clone(columns),
            None => Arc::clone(self.columns.insert(Arc::new(columns_of(&rows, &self.place)?))),
        };
        let values = values_of(&rows, &columns.list);
        drop(rows);
        self.pending = pending;
        self.pending.clear();
        let place = self.next_file(&columns)?;
        let Some(writer) = &mut self.open else { return Ok(()) };
        let written = write_values(writer, &columns.list, &values);
        written.map_err(|e| failed(e, &place))?;
        if matches!(self.places, Places::Shards { .. }) && writer.bytes_written() >= SHARD {
            self.close()?;
        }
        Ok(())
    }

    /// Opens the next file, if none is open.
    fn next_file(&mut self, columns: &Columns) -> Result<PathBuf> {
        if self.open.is_none() {
            let out = match &mut self.places {
                Places::Shards { folder, stem, n } => {
                    self.place = folder.join(format!("{stem}-{n:05}.parquet"));
                    *n += 1;
                    Some(Out::create(&self.place)?)
                }
                Places::One(out) => out.take().map(|out| *out),
            };
            if let Some(out) = out {
                let (schema, properties) = (Arc::clone(&columns.schema), Arc::clone(&columns.properties));
                let writer = SerializedFileWriter::new(out, schema, properties);
                self.open = Some(writer.map_err(|e| failed(e, &self.place))?);
            }
        }
        Ok(self.place.clone())
    }
}

/// An error of the writer: mostly one of the disk.
fn failed(error: ParquetError, place: &Path) -> Error {
    let cause = match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    };
    Error::io("writing", place, cause)
}

/// The columns that the first rows ask for, in the order of their first appearance.
fn columns_of(rows: &[Fields<'_>], place: &Path) -> Result<Columns> {
    let mut list = vec![
        Column { name: "id".to_owned(), sort: Sort::Text },
        Column { name: "text".to_owned(), sort: Sort::Text },
    ];
    let mut is_set = vec![true, true];
    for (name, value) in rows.iter().flat_map(Fields::others) {
        let name = json::unescaped(name);
        let sort = sort_of(value);
        match (list.iter().position(|column| column.name == name), sort) {
            // The two are there, and a field of that name is called otherwise.
            (Some(0 | 1), _) => {}
            (Some(at), Some(sort)) => {
                list[at].sort = if is_set[at] { joined(list[at].sort, sort) } else { sort };
                is_set[at] = true;
            }
            (None, sort) if list.len() < MAX_COLUMNS && name != EXTRA && !name.is_empty() => {
                list.push(Column { name, sort: sort.unwrap_or(Sort::Json) });
                is_set.push(sort.is_some());
            }
            _ => {}
        }
    }
    list.push(Column { name: EXTRA.to_owned(), sort: Sort::Json });
    let field = |column: &Column| {
        let (physical, logical) = match column.sort {
            Sort::Text | Sort::Json => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Sort::Integer => (Physical::INT64, None),
            Sort::Number => (Physical::DOUBLE, None),
            Sort::Truth => (Physical::BOOLEAN, None),
        };
        Type::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = list.iter().map(field).collect::<parquet::errors::Result<Vec<_>>>();
    let schema = fields
        .and_then(|fields| Type::group_type_builder("jingwen").with_fields(fields).build())
        .map_err(|e| failed(e, place))?;
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|e| failed(e, place))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(format!("jingwen {}", env!("CARGO_PKG_VERSION")))
        // Texts do not repeat, or they would not be here.
        .set_column_dictionary_enabled(ColumnPath::from("text"), false)
        .set_column_statistics_enabled(ColumnPath::from("text"), EnabledStatistics::None)
        .build();
    Ok(Columns { list, schema: Arc::new(schema), properties: Arc::new(properties) })
}

/// What a value is; nothing for null.
fn sort_of(value: &str) -> Option<Sort> {
    match value.as_bytes().first()? {
        b'n' => None,
        b'"' => Some(Sort::Text),
        b't' | b'f' => Some(Sort::Truth),
        b'{' | b'[' => Some(Sort::Json),
        _ if value.parse::<i64>().is_ok() && value != "-0" => Some(Sort::Integer),
        _ if is_number(value) => Some(Sort::Number),
        _ => Some(Sort::Json),
    }
}

/// Whether a double says the same: a number that comes back as it was written.
fn is_number(value: &str) -> bool {
    value
        .parse::<f64>()
        .is_ok_and(|n| n.is_finite() && (format!("{n:?}") == value || format!("{n}") == value))
}

fn joined(a: Sort, b: Sort) -> Sort {
    match (a, b) {
        _ if a == b => a,
        (Sort::Integer | Sort::Number, Sort::Integer | Sort::Number) => Sort::Number,
        _ => Sort::Json,
    }
}

fn values_of(rows: &[Fields<'_>], columns: &[Column]) -> Vec<Values> {
    let mut values: Vec<Values> = columns.iter().map(|_| Values::default()).collect();
    let mut buffer = String::new();
    let extra = columns.len() - 1;
    for (n, row) in rows.iter().enumerate() {
        if let Some(id) = row.id {
            values[0].push_text(text_or_json(id));
        }
        values[1].push_text(row.text(&mut buffer).to_owned());
        let mut rest = Vec::new();
        for (raw_name, value) in row.others() {
            let name = json::unescaped(raw_name);
            let at = columns[2..extra].iter().position(|column| column.name == name).map(|at| at + 2);
            // A name that occurs twice has its second value among the rest.
            let at = at.filter(|at| values[*at].levels.len() == n);
            if value == "null" && at.is_some() {
                continue;
            }
            if !at.is_some_and(|at| values[at].push(value, columns[at].sort)) {
                rest.extend_from_slice(if rest.is_empty() { b"{" } else { b"," });
                rest.extend_from_slice(raw_name.as_bytes());
                rest.push(b':');
                rest.extend_from_slice(value.as_bytes());
            }
        }
        if !rest.is_empty() {
            rest.push(b'}');
            values[extra].push_text(String::from_utf8_lossy(&rest).into_owned());
        }
        for column in &mut values {
            column.levels.resize(n + 1, 0);
        }
    }
    values
}

/// A string as what it says, anything else as it stands.
fn text_or_json(value: &str) -> String {
    if value.starts_with('"') { json::unescaped(value) } else { value.to_owned() }
}

impl Values {
    fn push_text(&mut self, text: String) {
        self.texts.push(ByteArray::from(text.into_bytes()));
        self.levels.push(1);
    }

    /// Takes a value, if it fits.
    fn push(&mut self, value: &str, sort: Sort) -> bool {
        let own = sort_of(value);
        match (sort, own) {
            (Sort::Json, _) => {
                self.push_text(value.to_owned());
                return true;
            }
            (Sort::Text, Some(Sort::Text)) => {
                self.push_text(json::unescaped(value));
                return true;
            }
            (Sort::Integer, Some(Sort::Integer)) => match value.parse() {
                Ok(n) => self.integers.push(n),
                Err(_) => return false,
            },
            (Sort::Number, Some(Sort::Integer | Sort::Number)) => match value.parse() {
                Ok(n) => self.numbers.push(n),
                Err(_) => return false,
            },
            (Sort::Truth, Some(Sort::Truth)) => self.truths.push(value == "true"),
            _ => return false,
        }
        self.levels.push(1);
        true
    }
}

fn write_values(
    writer: &mut SerializedFileWriter<Out>,
    columns: &[Column],
    values: &[Values],
) -> parquet::errors::Result<()> {
    if values.first().is_none_or(|ids| ids.levels.is_empty()) {
        return Ok(());
    }
    let mut group = writer.next_row_group()?;
    for (column, values) in columns.iter().zip(values) {
        let Some(mut chunk) = group.next_column()? else { break };
        write_column(&mut chunk, column.sort, values)?;
        chunk.close()?;
    }
    group.close()?;
    Ok(())
}

fn write_column(
    chunk: &mut SerializedColumnWriter<'_>,
    sort: Sort,
    values: &Values,
) -> parquet::errors::Result<usize> {
    let levels = Some(values.levels.as_slice());
    match sort {
        Sort::Text | Sort::Json => chunk.typed::<ByteArrayType>().write_batch(&values.texts, levels, None),
        Sort::Integer => chunk.typed::<Int64Type>().write_batch(&values.integers, levels, None),
        Sort::Number => chunk.typed::<DoubleType>().write_batch(&values.numbers, levels, None),
        Sort::Truth => chunk.typed::<BoolType>().write_batch(&values.truths, levels, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_sort_that_keeps_them() {
        for (value, want) in [
            ("null", None),
            ("\"a\"", Some(Sort::Text)),
            ("true", Some(Sort::Truth)),
            ("12", Some(Sort::Integer)),
            ("-0", Some(Sort::Number)),
            ("1.5", Some(Sort::Number)),
            ("1.50", Some(Sort::Json)),
            ("1e999", Some(Sort::Json)),
            ("99999999999999999999", Some(Sort::Json)),
            ("{}", Some(Sort::Json)),
        ] {
            assert_eq!(sort_of(value), want, "{value}");
        }
    }

    #[test]
    fn what_fits_no_column_stands_in_the_last() {
        let names = format::names();
        let line =
            |n: usize| format!("{{\"id\":{n},\"text\":\"甲\",\"a\":{n},\"b\":null,\"source\":\"x#{n}\"}}");
        let lines = [
            line(1),
            line(2),
            "{\"id\":\"3\",\"text\":\"乙\",\"a\":\"三\",\"b\":[1],\"c\":0,\"c\":1}".to_owned(),
        ];
        let rows: Vec<_> = lines.iter().map(|line| Fields::read(line, &names).unwrap()).collect();
        let columns = columns_of(&rows[..2], Path::new("x")).unwrap();
        let list: Vec<_> = columns.list.iter().map(|column| (column.name.as_str(), column.sort)).collect();
        assert_eq!(
            list,
            [
                ("id", Sort::Text),
                ("text", Sort::Text),
                ("a", Sort::Integer),
                ("b", Sort::Json),
                ("source", Sort::Text),
                (EXTRA, Sort::Json)
            ]
        );
        let values = values_of(&rows, &columns.list);
        let levels: Vec<_> = values.iter().map(|column| column.levels.clone()).collect();
        assert_eq!(levels, [[1, 1, 1], [1, 1, 1], [1, 1, 0], [0, 0, 1], [1, 1, 0], [0, 0, 1]]);
        assert_eq!(values[5].texts[0].data(), "{\"a\":\"三\",\"c\":0,\"c\":1}".as_bytes());
    }
}
