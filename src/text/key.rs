//! The key of a text: its letters and digits, folded, each with its place in the text.
