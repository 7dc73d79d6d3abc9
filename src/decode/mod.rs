//! Bytes to text: which encoding a page really is in, whatever it declares.
