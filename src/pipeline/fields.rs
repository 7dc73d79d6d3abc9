//! The fields of one row of JSON Lines: which is the text, which the id, and all others as the
//! bytes that they are.

use std::fmt;

use memchr::memchr2;
use memchr::memchr2_iter;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::pipeline::json;

/// Deeper values break the parsers of those who read our output (`CPython` stops at about 1,000).
const MAX_DEPTH: usize = 128;

/// A name that stands in every row of the output, and what an input field of that name is called there.
const TAKEN: [(&str, &str); 3] = [("id", "input_id"), ("text", "input_text"), ("source", "input_source")];

/// Which fields hold the id and the text; dots lead into objects.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) id: String,
    pub(crate) text: String,
}

/// One row: raw JSON of its parts.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    /// The value of the id field; `None` where it is missing or null.
    pub(crate) id: Option<&'a str>,
    /// The inside of the text's JSON string.
    text: &'a str,
    /// The other fields in their order: name with quotes, value.
    rest: Vec<Field<'a>>,
}

#[derive(Clone, Copy, Debug)]
struct Field<'a> {
    name: &'a str,
    value: &'a str,
    part: Part,
}

/// What a field is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Other,
    Id,
    Text,
    /// Holds the text or both further inside.
    HoldsText,
}

impl<'a> Fields<'a> {
    /// Reads one line.
    ///
    /// # Errors
    ///
    /// A sentence that says why the line is no row.
    pub(crate) fn read(line: &'a str, names: &Names) -> Result<Self, String> {
        let mut rest = match flat_members(line) {
            Some(rest) => rest,
            None if is_deep(line.as_bytes()) => {
                return Err(format!("the row nests values deeper than {MAX_DEPTH}"));
            }
            None => members(line)?,
        };
        let text_name = claim(&mut rest, &names.text, Part::Text);
        let id_name = claim(&mut rest, &names.id, Part::Id);
        let mut text = None;
        let mut id = None;
        let mut inner = false;
        for field in &rest {
            match field.part {
                Part::Text if text.replace(field.value).is_some() => {
                    return Err(format!("the field {:?} occurs twice", names.text));
                }
                Part::Id if id.replace(field.value).is_some() => {
                    return Err(format!("the field {:?} occurs twice", names.id));
                }
                _ => {}
            }
        }
        if let (None, Some(at)) = (text, text_name) {
            text = inside(rest[at].value, &names.text, 1)?;
            rest[at].part = Part::HoldsText;
            inner = true;
        }
        if let (None, Some(at)) = (id, id_name) {
            id = inside(rest[at].value, &names.id, 1)?;
        }
        let Some(text) = text else {
            return Err(format!("the row has no field {:?}; --text-field names another", names.text));
        };
        let Some(text) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) else {
            return Err(format!("the field {:?} is not a string", names.text));
        };
        if !inner {
            rest.retain(|field| field.part != Part::Text);
        }
        rest.retain(|field| field.part != Part::Id);
        Ok(Self { id: id.filter(|id| *id != "null"), text, rest })
    }

    /// The text; where it has escapes, it is made in `buffer`.
    pub(crate) fn text<'b>(&self, buffer: &'b mut String) -> &'b str
    where
        'a: 'b,
    {
        if memchr::memchr(b'\\', self.text.as_bytes()).is_none() {
            return self.text;
        }
        buffer.clear();
        json::push_unescaped(self.text, buffer);
        buffer
    }

    /// The value at `path`, a string without its escapes, another value as it stands; nothing where
    /// there is none.
    pub(crate) fn value(&self, path: &str, names: &Names) -> Option<String> {
        let field = |name: &str| self.rest.iter().find(|field| is_named(field.name, name));
        let raw = match field(path) {
            _ if path == names.id => self.id?,
            Some(field) => field.value,
            None => inside(field(path.split_once('.')?.0)?.value, path, 1).ok()??,
        };
        let Some(inside) = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) else {
            return (raw != "null").then(|| raw.to_owned());
        };
        let mut said = String::new();
        json::push_unescaped(inside, &mut said);
        Some(said)
    }

    /// The other members in their order: name with its quotes, value.
    #[cfg(feature = "parquet")]
    pub(crate) fn others(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.rest.iter().map(|field| (field.name, field.value))
    }

    /// Whether a member of this name goes on into the output.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.rest.iter().any(|field| is_named(field.name, name))
    }

    /// Appends `,"name":value` for every other field.
    pub(crate) fn push_rest(&self, names: &Names, out: &mut Vec<u8>) {
        for field in &self.rest {
            out.push(b',');
            match TAKEN.iter().find(|(name, _)| is_named(field.name, name)) {
                Some((_, other)) => {
                    // A row that went through here before has our own field once more.
                    if self.rest.iter().any(|field| is_named(field.name, other)) {
                        out.pop();
                        continue;
                    }
                    json::push_string(other, out);
                }
                None => out.extend_from_slice(field.name.as_bytes()),
            }
            out.push(b':');
            if field.part == Part::HoldsText {
                push_without(field.value, &names.text, 1, out);
            } else {
                out.extend_from_slice(field.value.as_bytes());
            }
        }
    }
}

/// Marks the field called `path` itself; where there is none, gives the place of the object that
/// the path leads into.
fn claim(fields: &mut [Field<'_>], path: &str, part: Part) -> Option<usize> {
    let mut found = false;
    for field in fields.iter_mut() {
        if is_named(field.name, path) {
            field.part = part;
            found = true;
        }
    }
    let (first, _) = path.split_once('.')?;
    if found { None } else { fields.iter().position(|field| is_named(field.name, first)) }
}

/// The value at `path` below its first `depth` parts; `None` where there is none.
fn inside<'a>(value: &'a str, path: &str, depth: usize) -> Result<Option<&'a str>, String> {
    let mut parts = path.split('.').skip(depth).peekable();
    let mut now = value;
    while let Some(part) = parts.next() {
        if !now.starts_with('{') {
            return Ok(None);
        }
        let mut found = members(now)?.into_iter().filter(|field| is_named(field.name, part));
        let Some(field) = found.next() else { return Ok(None) };
        if parts.peek().is_none() && found.next().is_some() {
            return Err(format!("the field {path:?} occurs twice"));
        }
        now = field.value;
    }
    Ok(Some(now))
}

/// Appends the object `value` without the member to which `path` leads.
fn push_without(value: &str, path: &str, depth: usize, out: &mut Vec<u8>) {
    let part = path.split('.').nth(depth);
    let last = path.split('.').nth(depth + 1).is_none();
    let (Some(part), Ok(fields)) = (part, members(value)) else {
        out.extend_from_slice(value.as_bytes());
        return;
    };
    out.push(b'{');
    let mut comma = false;
    for field in fields {
        let on_the_way = is_named(field.name, part);
        if on_the_way && last {
            continue;
        }
        if comma {
            out.push(b',');
        }
        comma = true;
        out.extend_from_slice(field.name.as_bytes());
        out.push(b':');
        if on_the_way && field.value.starts_with('{') {
            push_without(field.value, path, depth + 1, out);
        } else {
            out.extend_from_slice(field.value.as_bytes());
        }
    }
    out.push(b'}');
}

/// Whether the raw name, with its quotes, says `name`.
fn is_named(raw: &str, name: &str) -> bool {
    let inside = &raw[1..raw.len() - 1];
    if inside == name {
        return true;
    }
    if !inside.contains('\\') {
        return false;
    }
    let mut said = String::new();
    json::push_unescaped(inside, &mut said);
    said == name
}

/// The members of a JSON object as raw text.
fn members(object: &str) -> Result<Vec<Field<'_>>, String> {
    let mut reader = serde_json::Deserializer::from_str(object);
    let fields = reader
        .deserialize_map(Members { object })
        .and_then(|fields| reader.end().map(|()| fields))
        .map_err(|e| reason(object, &e))?;
    Ok(fields)
}

/// As [`members`], for an object of strings, plain numbers and words only, which most rows are; `None`
/// where it is anything else, valid or not.
fn flat_members(object: &str) -> Option<Vec<Field<'_>>> {
    let bytes = object.as_bytes();
    // A control may stand between members, but nobody writes it there.
    if bytes.iter().fold(u8::MAX, |least, &byte| least.min(byte)) < b' ' {
        return None;
    }
    let space = |mut at: usize| {
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        at
    };
    let mut fields = Vec::new();
    let mut at = space(0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    loop {
        let name = space(at + 1);
        let name_end = end_of_string(bytes, name)?;
        let colon = space(name_end);
        // In a name the parser asks what its escapes stand for.
        if bytes.get(colon) != Some(&b':') || bytes[name..name_end].contains(&b'\\') {
            return None;
        }
        let value = space(colon + 1);
        let value_end = match bytes.get(value)? {
            b'"' => end_of_string(bytes, value)?,
            _ => value + end_of_word(&bytes[value..])?,
        };
        fields.push(Field {
            name: &object[name..name_end],
            value: &object[value..value_end],
            part: Part::Other,
        });
        at = space(value_end);
        match bytes.get(at)? {
            b',' => {}
            b'}' => return (space(at + 1) == bytes.len()).then_some(fields),
            _ => return None,
        }
    }
}

/// The end of the string that begins at `at`, if it is a valid one without controls.
fn end_of_string(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', &bytes[at..])?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += match bytes.get(at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return None,
        };
    }
}

/// The end of a word of JSON or of a whole number at the front of `bytes`.
fn end_of_word(bytes: &[u8]) -> Option<usize> {
    if let Some(word) = ["null", "true", "false"].into_iter().find(|word| bytes.starts_with(word.as_bytes()))
    {
        return Some(word.len());
    }
    let n = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_plain = n == 1 || n > 1 && bytes[0] != b'0';
    // What follows a number in any other form is no comma.
    is_plain.then_some(n)
}

/// What the parser says, without its line number, which is always 1.
fn reason(line: &str, error: &serde_json::Error) -> String {
    if !line.trim_start().starts_with('{') {
        return "the row is not a JSON object".to_owned();
    }
    let said = error.to_string();
    let what = said.split(" at line ").next().unwrap_or(&said);
    format!("the row is not valid JSON: {what} at column {}", error.column())
}

struct Members<'a> {
    object: &'a str,
}

impl<'de> Visitor<'de> for Members<'de> {
    type Value = Vec<Field<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        let base = self.object.as_ptr().addr();
        // The parser does not tell where a name stands: it stands between two values.
        let mut from = 0;
        while map.next_key::<IgnoredAny>()?.is_some() {
            let value = map.next_value::<&RawValue>()?.get();
            let start = value.as_ptr().addr() - base;
            let between = &self.object[from..start];
            let (open, close) = (between.find('"').unwrap_or(0), between.rfind('"').unwrap_or(0));
            let name = between.get(open..=close).filter(|name| name.len() >= 2).unwrap_or("\"\"");
            fields.push(Field { name, value, part: Part::Other });
            from = start + value.len();
        }
        Ok(fields)
    }
}

/// Whether brackets nest deeper than the limit. Most lines have too few brackets to ask further.
fn is_deep(line: &[u8]) -> bool {
    if memchr2_iter(b'{', b'[', line).count() <= MAX_DEPTH {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for &byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(id: &str, text: &str) -> Names {
        Names { id: id.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn other_fields_pass_byte_for_byte() {
        for (id, text, line, want) in [
            ("id", "text", r#"{"id":7,"text":"甲"}"#, "7|甲|"),
            (
                "id",
                "text",
                r#"{ "b" : 1e999 , "text":"甲\n乙","a":[1, {"x" : -0}] }"#,
                "-|甲\n乙|,\"b\":1e999,\"a\":[1, {\"x\" : -0}]",
            ),
            ("id", "text", r#"{"id":null,"text":"","\u0061":"\ud800"}"#, r#"-||,"\u0061":"\ud800""#),
            ("id", "text", r#"{"te\u0078t":"甲","a\"b":1}"#, r#"-|甲|,"a\"b":1"#),
            (
                "url",
                "body",
                r#"{"id":1,"url":"u","body":"甲","text":"t","source":"s"}"#,
                r#""u"|甲|,"input_id":1,"input_text":"t","input_source":"s""#,
            ),
            (
                "id",
                "text",
                r#"{"text":"甲","input_source":"s","source":"ours"}"#,
                r#"-|甲|,"input_source":"s""#,
            ),
            (
                "meta.id",
                "data.body",
                r#"{"meta":{"id":"x"},"data":{"a":1,"body":"甲","b":2}}"#,
                r#""x"|甲|,"meta":{"id":"x"},"data":{"a":1,"b":2}"#,
            ),
            ("id", "a.b.c", r#"{"a":{"b":{"c":"甲"},"d":[]}}"#, r#"-|甲|,"a":{"b":{},"d":[]}"#),
            ("id", "a.b", r#"{"a.b":"甲","a":{"b":"乙"}}"#, r#"-|甲|,"a":{"b":"乙"}"#),
        ] {
            let names = names(id, text);
            let row = Fields::read(line, &names).unwrap();
            let mut rest = Vec::new();
            row.push_rest(&names, &mut rest);
            let rest = String::from_utf8(rest).unwrap();
            let got = format!("{}|{}|{rest}", row.id.unwrap_or("-"), row.text(&mut String::new()));
            assert_eq!(got, want, "{line}");
        }
    }

    #[test]
    fn flat_rows_are_read_as_all_others() {
        let pieces = [
            "{",
            "}",
            ",",
            ":",
            " ",
            "\"",
            "\\",
            "\\\"",
            "\\u00e9",
            "\\u12",
            "\"\\ud800\"",
            "\"a\"",
            "\"甲\\n乙\"",
            "0",
            "12",
            "01",
            "1.5",
            "-3",
            "null",
            "true",
            "nul",
            "[1]",
            "{}",
            "\t",
            "\"b\":",
            "\"c\" : ",
            "{\"d\":7,",
            "7}",
        ];
        let mut seed = 5_u64;
        let mut dice = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        };
        let mut n_flat = 0;
        for _ in 0..100_000 {
            let row: String = (0..=dice(8)).map(|_| pieces[dice(pieces.len())]).collect();
            for row in [format!("{{\"d\":{row}"), row] {
                if let Some(flat) = flat_members(&row) {
                    let parts = |fields: Vec<Field<'_>>| {
                        fields.iter().map(|f| (f.name.to_owned(), f.value.to_owned())).collect::<Vec<_>>()
                    };
                    assert_eq!(members(&row).map(parts), Ok(parts(flat)), "{row}");
                    n_flat += 1;
                }
            }
        }
        assert!(n_flat > 300, "{n_flat}");
    }

    #[test]
    fn what_is_no_row_says_why() {
        let deep = format!("{{\"text\":\"甲\",\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let very_deep = format!("{{\"text\":\"甲\",\"x\":{}", "[".repeat(100_000));
        for (line, why) in [
            ("[1]", "not a JSON object"),
            ("\"a\"", "not a JSON object"),
            ("{\"text\":\"甲\"", "not valid JSON"),
            ("{\"text\":\"甲\"} {}", "not valid JSON"),
            ("{\"text\":null}", "not a string"),
            ("{\"text\":[\"甲\"]}", "not a string"),
            ("{\"txt\":\"甲\"}", "no field \"text\""),
            ("{\"text\":\"甲\",\"te\\u0078t\":\"乙\"}", "occurs twice"),
            (&deep, "deeper"),
            (&very_deep, "deeper"),
        ] {
            let error = Fields::read(line, &names("id", "text")).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
