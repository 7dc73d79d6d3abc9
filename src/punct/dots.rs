//! Middle dots.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn dots(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
