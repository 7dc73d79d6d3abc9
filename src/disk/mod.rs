//! What does not fit into memory: bytes that are written once and read anywhere, and piles of
//! records that come back sorted, a part at a time. Without a folder both stay in memory.
//!
//! Both are private to the process that wrote them. Files are made in a folder that the caller
//! owns and clears; nothing here has a format that another version must read.

#![cfg_attr(
    not(feature = "index"),
    allow(dead_code, unused_imports, reason = "only the index asks for some")
)]

mod bytes;
mod pile;

pub(crate) use bytes::{Bytes, read_at, write_at};
pub(crate) use pile::{Pile, Record};
