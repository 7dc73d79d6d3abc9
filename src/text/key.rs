//! The key of a text: its letters and digits, folded, each with its place in the text.

use xxhash_rust::xxh3::xxh3_128;

/// A digest of the letters, digits and value marks of `text`; `None` where there are none.
#[must_use]
pub fn digest(text: &str) -> Option<u128> {
    let key: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    (!key.is_empty()).then(|| xxh3_128(key.as_bytes()))
}
