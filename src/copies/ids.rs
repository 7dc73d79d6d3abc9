//! Ids, which order documents of equal rank. Short texts tie by the million, and the first bytes of
//! their ids tell most of them apart without a look at the portraits.

use std::path::PathBuf;

use crate::copies::gallery::Gallery;
use crate::disk::Bytes;
use crate::error::Result;

/// Bytes of an id that are kept here.
const FIRST: usize = 16;

/// The first bytes of all ids, by document.
#[derive(Debug)]
pub(crate) struct Ids {
    first: Bytes,
}

impl Ids {
    /// None yet, in a new file or in memory.
    pub(crate) fn new(path: Option<PathBuf>) -> Result<Self> {
        Ok(Self { first: Bytes::new(path)? })
    }

    /// Notes the id of the next document, as JSON.
    pub(crate) fn push(&mut self, id: &[u8]) -> Result<()> {
        let mut first = [0; FIRST];
        let n = id.len().min(FIRST);
        first[..n].copy_from_slice(&id[..n]);
        self.first.push(&first)?;
        Ok(())
    }

    /// Ends the writing.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.first.flush()
    }

    /// Orders rows of equal rank by the ids of their documents, then by the texts. Rows without a
    /// document come first, as they are.
    pub(crate) fn break_ties<R: Ord + Copy>(
        &self,
        run: &mut [R],
        doc: impl Fn(&R) -> Option<u32>,
        gallery: &Gallery,
    ) -> Result<()> {
        if run.len() < 2 {
            return Ok(());
        }
        let first = |row: &R| doc(row).map(|doc| self.first(doc)).transpose();
        let keyed = run.iter().map(|row| Ok((first(row)?, *row)));
        let mut keyed = keyed.collect::<Result<Vec<_>>>()?;
        keyed.sort_unstable();
        for (place, (_, row)) in run.iter_mut().zip(&keyed) {
            *place = *row;
        }
        let mut rest = run;
        for same in keyed.chunk_by(|x, y| x.0 == y.0) {
            let (run, later) = rest.split_at_mut(same.len());
            rest = later;
            if same.len() > 1 && same[0].0.is_some() {
                let keyed =
                    run.iter().map(|row| Ok((doc(row).map(|doc| tie(doc, gallery)).transpose()?, *row)));
                let mut keyed = keyed.collect::<Result<Vec<_>>>()?;
                keyed.sort_unstable();
                for (place, (_, row)) in run.iter_mut().zip(keyed) {
                    *place = row;
                }
            }
        }
        Ok(())
    }

    fn first(&self, doc: u32) -> Result<[u8; FIRST]> {
        let mut first = [0; FIRST];
        self.first.read(u64::from(doc) * FIRST as u64, &mut first)?;
        Ok(first)
    }
}

/// What orders documents of equal rank: id, clean text, decoded text.
fn tie(doc: u32, gallery: &Gallery) -> Result<(Vec<u8>, u128, u128)> {
    let (head, id) = gallery.head_and_id(doc as usize)?;
    Ok((id, head.text, head.exact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copies::Facts;
    use crate::copies::Painter;
    use crate::copies::Sketcher;
    use crate::copies::sketch::DEFAULT_SEED;

    #[test]
    fn ties_are_broken_by_the_whole_id_and_then_by_the_text() {
        let long = "档案/2024年/公报/第";
        let rows = [
            (format!("{long}3期"), "今日停水"),
            ("b".to_owned(), "今日停水"),
            (format!("{long}1期"), "今日停电"),
            ("a".to_owned(), "今日停水"),
            (format!("{long}{}", "9".repeat(99)), "今日停水"),
            ("a".to_owned(), "今日停电"),
        ];
        let (mut gallery, mut ids) = (Gallery::new(None).unwrap(), Ids::new(None).unwrap());
        for (id, text) in &rows {
            let portrait =
                Painter::default().paint(text, text, Facts::default(), &Sketcher::new(DEFAULT_SEED));
            let mut record = Vec::new();
            portrait.write(id.as_bytes(), "", &mut record);
            gallery.push(&record).unwrap();
            ids.push(id.as_bytes()).unwrap();
        }
        let mut want: Vec<u32> = (0..rows.len() as u32).collect();
        want.sort_by_key(|&doc| tie(doc, &gallery).unwrap());
        assert_eq!(want[2..], [1, 2, 0, 4]);
        for start in 0..rows.len() {
            let mut run: Vec<u32> = (0..rows.len() as u32).collect();
            run.rotate_left(start);
            ids.break_ties(&mut run, |&doc| Some(doc), &gallery).unwrap();
            assert_eq!(run, want);
        }
        let mut run = [4, 3, 2, 1];
        ids.break_ties(&mut run, |&doc| (doc % 2 == 1).then_some(doc), &gallery).unwrap();
        assert_eq!(run, [2, 4, 3, 1]);
    }
}
