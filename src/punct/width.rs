//! Half-width marks in Chinese text.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn width(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
