//! HTML: what a crawler left of it in a text, and whole pages.

mod entities;
mod page;
mod residue;
mod tags;

pub(crate) use page::{is_page, page};
pub(crate) use residue::markup;
