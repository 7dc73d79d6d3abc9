//! Quotation marks.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn quotes(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
