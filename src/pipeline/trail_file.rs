//! The trail of every document as lines of JSON.

use crate::rules::Rules;
use crate::text::Trail;

/// The first line of a trail file.
#[must_use]
pub fn header(rules: &Rules) -> String {
    format!("{{\"jingwen_trail\":1,\"rules\":\"{:016x}\"}}", rules.hash())
}

/// One document, without a line end.
#[must_use]
pub fn row(
    id_json: &str,
    _source: &str,
    _encoding: &str,
    _reversible: bool,
    _text: &str,
    _trail: &Trail,
    _rules: &Rules,
) -> String {
    format!("{{\"id\":{id_json}}}")
}
