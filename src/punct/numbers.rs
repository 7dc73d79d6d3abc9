//! Document numbers.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn numbers(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
