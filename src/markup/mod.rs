//! HTML: what a crawler left of it in a text, and whole pages.

mod entities;
mod html;
mod left;
mod page;
mod residue;
mod tags;

pub use html::is_page;
pub(crate) use left::left;
pub(crate) use page::{page, page_and_head};
pub(crate) use residue::markup;
