//! Page numbers and headers.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn furniture(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
