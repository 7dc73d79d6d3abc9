//! Decorative marks strewn over a text.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn marks(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
