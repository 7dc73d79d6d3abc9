//! Entities and tags that a crawler left in the text.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn markup(_text: &str, _rules: &Rules, _edits: &mut Edits) {}

/// Whether the text is an HTML page.
pub(crate) fn is_page(_text: &str) -> bool {
    false
}

/// Turns a page into its lines.
pub(crate) fn page(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
