//! Reads again what an unfinished run has read, and looks whether it is still the same.

use xxhash_rust::xxh3::Xxh3;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::belt::Stop;
use crate::pipeline::spill::Spill;
use crate::source::Batch;
use crate::source::Item;
use crate::source::Origin;
use crate::source::Source;

/// A digest of a batch: its bytes, where they come from, and what was lost.
pub(crate) fn digest(batch: &Batch) -> u64 {
    let mut hash = Xxh3::new();
    let mut whole = |origin: &Origin, numbers: [u64; 4]| {
        for n in [origin.number, origin.size, origin.name.len() as u64].into_iter().chain(numbers) {
            hash.update(&n.to_le_bytes());
        }
        hash.update(origin.name.as_bytes());
    };
    for item in &batch.items {
        match item {
            Item::Document { origin, span, page } => {
                let at = page.as_ref().map_or(0, |page| page.offset);
                whole(origin, [1, span.start as u64, span.end as u64, at]);
            }
            Item::Table { origin, span, rows, .. } => {
                let at = rows.first().map_or(0, |(_, stand)| stand.line);
                whole(origin, [16, span.start as u64, span.end as u64, at]);
            }
            Item::Rows { origin, span, line, offset } => {
                whole(origin, [2, span.len() as u64, *line, *offset]);
            }
            Item::NoRows { origin, length } => whole(origin, [3, *length, 0, 0]),
            Item::Loss(loss) => {
                whole(
                    &loss.origin,
                    [4 + loss.cause as u64, loss.offset, loss.length, loss.line.unwrap_or(0)],
                );
            }
        }
    }
    for (sort, n) in &batch.others {
        hash.update(sort.as_bytes());
        hash.update(&n.to_le_bytes());
    }
    hash.update(&batch.bytes);
    hash.digest()
}

/// The digest of many batches, of that before and that of the next one.
pub(crate) fn chain(before: u64, next: u64) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(&next.to_le_bytes(), before)
}

/// The digest of everything that is left in `source`.
///
/// # Errors
///
/// If a stop is wished for.
pub(crate) fn digest_all(mut source: Source, stop: &Stop) -> Result<u64> {
    let (mut batch, mut all) = (Batch::default(), 0);
    while refill(&mut source, &mut batch) {
        stop.check()?;
        all = chain(all, digest(&batch));
    }
    Ok(all)
}

/// Reads the first `n` batches, which `spill` holds already.
///
/// # Errors
///
/// If they are not what was spilled, which names the file; or if a stop is wished for.
pub(crate) fn skip(source: &mut Source, spill: &Spill, n: u64, stop: &Stop) -> Result<()> {
    let (mut batch, mut at) = (Batch::default(), 0);
    for _ in 0..n {
        stop.check()?;
        let more = refill(source, &mut batch);
        let Some(head) = spill.head(&mut at)? else {
            let what = "work/rows holds fewer batches than were written; run again without --resume";
            return Err(Error::new(Kind::Damaged, what));
        };
        if !more {
            return Err(changed("there is less of it"));
        }
        if head.digest != digest(&batch) {
            return Err(changed(&names(&batch)));
        }
    }
    Ok(())
}

fn refill(source: &mut Source, batch: &mut Batch) -> bool {
    batch.clear();
    source.next(batch)
}

/// The files of a batch.
fn names(batch: &Batch) -> String {
    let name = |item: &Item| match item {
        Item::Document { origin, .. }
        | Item::Rows { origin, .. }
        | Item::Table { origin, .. }
        | Item::NoRows { origin, .. } => origin.name.clone(),
        Item::Loss(loss) => loss.origin.name.clone(),
    };
    match (batch.items.first().map(name), batch.items.last().map(name)) {
        (Some(first), Some(last)) if first != last => format!("a file from {first} to {last}"),
        (Some(first), _) => first,
        (None, _) => String::new(),
    }
}

/// The error that says that the input is another one than it was.
pub(crate) fn changed(what: &str) -> Error {
    let what = format!(
        "the input has changed since the unfinished run read it: {what}; put it back, or run again without --resume"
    );
    Error::new(Kind::Damaged, what)
}
