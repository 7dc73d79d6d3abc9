//! The same block twice in one document.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn repeats(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
