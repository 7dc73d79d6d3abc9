//! Characters that nobody sees.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn invisible(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
