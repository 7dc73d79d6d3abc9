//! The archives of `corpus/notices.rs`: they must be what they say, or no figure about them is worth
//! anything.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jingwen::Cleaner;

use crate::notices::Archive;
use crate::notices::Notice;
use crate::notices::Shape;

/// Enough for every genre, a few series and all ways to spoil a copy.
const DOCUMENTS: usize = 3_000;

fn rows(shape: Shape, seed: u64, n: usize) -> Vec<(String, String)> {
    let mut archive = Archive::new(shape, seed);
    let mut notice = Notice::default();
    let mut next = |()| {
        archive.next(&mut notice);
        (notice.id.clone(), notice.text.clone())
    };
    (0..n).map(|_| next(())).collect()
}

/// What spoiling leaves as it is.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn the_same_seed_gives_the_same_archive() {
    let once = rows(Shape::Plain, 7, DOCUMENTS);
    assert!(once == rows(Shape::Plain, 7, DOCUMENTS), "two archives of one seed");
    assert!(once[..100] != rows(Shape::Plain, 8, 100), "one archive of two seeds");
}

#[test]
fn a_plain_archive_has_what_it_says() {
    let archive = rows(Shape::Plain, 1, DOCUMENTS);
    let by_number: BTreeMap<&str, &str> =
        archive.iter().map(|(id, text)| (&id[1..], text.as_str())).collect();
    assert_eq!(by_number.len(), DOCUMENTS, "ids are unique");
    let (mut copies, mut in_series, mut exact, mut same) = (0, 0, 0, 0);
    let mut texts = BTreeSet::new();
    for (id, text) in &archive {
        let n_chars = text.chars().count();
        let Some((own, original)) = id.split_once('~') else {
            in_series += usize::from(id.starts_with('s'));
            assert!((100..=330).contains(&n_chars), "{id} has {n_chars} characters:\n{text}");
            assert!(texts.insert(text), "{id} is a copy and does not say so:\n{text}");
            continue;
        };
        assert!(&own[1..] > original, "{id} lies before its original");
        let original = by_number[original];
        copies += 1;
        exact += usize::from(text == original);
        same += usize::from(text != original && letters(text) == letters(original));
    }
    let near = |n: usize, of: usize, share: f64| (n as f64 / of as f64 - share).abs() < 0.06;
    assert!(near(copies, DOCUMENTS, 0.15), "{copies} copies");
    assert!(near(in_series, DOCUMENTS, 0.15), "{in_series} in series");
    assert!(near(exact, copies, 1.0 / 3.0), "{exact} exact of {copies} copies");
    assert!(near(same, copies, 1.0 / 3.0), "{same} with noise of {copies} copies");
}

#[test]
fn single_notices_have_little_in_common() {
    let archive = rows(Shape::Plain, 2, 400);
    let grams: Vec<BTreeSet<String>> = archive
        .iter()
        .filter(|(id, _)| id.starts_with('b') && !id.contains('~'))
        .map(|(_, text)| {
            let letters: Vec<char> = letters(text).chars().collect();
            letters.windows(5).map(|gram| gram.iter().collect()).collect()
        })
        .collect();
    let (mut pairs, mut alike) = (0, 0);
    for (at, one) in grams.iter().enumerate() {
        for other in &grams[..at] {
            let common = one.intersection(other).count();
            pairs += 1;
            alike += usize::from(common * 10 > (one.len() + other.len() - common) * 3);
        }
    }
    assert!(alike * 1_000 <= pairs, "{alike} of {pairs} pairs have a Jaccard index above 0.3");
}

#[test]
fn one_template_never_repeats_and_one_notice_always_does() {
    let template: BTreeSet<String> =
        rows(Shape::Template, 1, DOCUMENTS).iter().map(|(_, text)| letters(text)).collect();
    assert_eq!(template.len(), DOCUMENTS);
    let equal = rows(Shape::Equal, 1, DOCUMENTS);
    let keys: BTreeSet<String> = equal.iter().map(|(_, text)| letters(text)).collect();
    assert_eq!(keys.len(), 1);
    let texts: BTreeSet<&str> = equal.iter().map(|(_, text)| text.as_str()).collect();
    assert!(texts.len() > DOCUMENTS / 2, "only {} are spoilt differently", texts.len());
}

#[test]
fn the_notices_are_sound() {
    let cleaner = Cleaner::new();
    let archive = rows(Shape::Plain, 3, DOCUMENTS);
    let originals = archive.iter().filter(|(id, _)| !id.contains('~'));
    let changed: Vec<&str> = originals
        .filter(|(_, text)| cleaner.clean(text) != text.as_str())
        .map(|(_, text)| text.as_str())
        .collect();
    assert!(
        changed.is_empty(),
        "{} are changed\n{}",
        changed.len(),
        changed[..changed.len().min(3)].join("\n\n")
    );
}
