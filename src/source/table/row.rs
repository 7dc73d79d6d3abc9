//! A row of columns as a row of JSON.

use parquet::record::Field;
use parquet::record::Row;

use crate::source::batch::Cause;
use crate::source::batch::too_large;

/// Appends the row as a JSON object.
///
/// # Errors
///
/// Why its text cannot be one, and the bytes of it.
pub(super) fn push_row(
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
