//! Code points that stand for another character.

use crate::rules::Rules;
use crate::text::Edits;

/// Says what this step changes.
pub(crate) fn folds(_text: &str, _rules: &Rules, _edits: &mut Edits) {}
