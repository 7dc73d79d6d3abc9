//! Lines that stand in a large share of one site's documents: navigation, copyright, counters.
//!
//! One document does not tell them from its text; the documents of a site do. So the lines are
//! counted first, by site, and taken out in a second pass. A line goes only if it is both frequent
//! and furniture by its words: laws, forms and serial bulletins repeat headings, table heads and
//! signatures in every document, and those stay.
//!
//! ```
//! use jingwen::boilerplate::{Counts, Policy};
//! use jingwen::rules::{Choice, Rules};
//! use jingwen::text::Edits;
//!
//! let pages: Vec<String> = (0..20)
//!     .map(|n| format!("关于第{n}号渠道的通知\n现将有关事项通知如下。\n版权所有：青山县人民政府"))
//!     .collect();
//! let mut counts = Counts::default();
//! for page in &pages {
//!     counts.add("qingshan.example", page);
//! }
//! let rules = Rules::bundled(&Choice { enable: vec!["boilerplate.line".into()], ..Choice::default() })?;
//! let mut edits = Edits::default();
//! counts.strip("qingshan.example", &pages[3], &Policy::default(), &rules, &mut edits);
//! let mut clean = String::new();
//! edits.apply(&pages[3], &mut clean);
//! assert_eq!(clean, "关于第3号渠道的通知\n现将有关事项通知如下。");
//! # Ok::<(), jingwen::Error>(())
//! ```

mod counts;
mod strip;
mod words;

pub use counts::{Counts, Frequent, Policy};

/// The host of a web address, as the name of a site; the whole text where it is no address.
///
/// ```
/// assert_eq!(jingwen::boilerplate::host("https://www.qingshan.example:8080/a/b.html"), "www.qingshan.example");
/// ```
#[must_use]
pub fn host(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return url };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let name = rest[..end].rsplit('@').next().unwrap_or_default();
    name.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
