//! How far a run has come: one small file, replaced by a rename whenever a part of the input is
//! done. It is the only point at which anything of an unfinished run begins to count.
//!
//! The first line is JSON, the second one its digest: a file that was damaged is never believed.

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::replay;
use crate::pipeline::report::Sums;
use crate::pipeline::sink::Out;

/// The file in the folder of the work.
pub(crate) const NAME: &str = "manifest.json";

/// Changes when the files in `work/` do.
const FORMAT: u32 = 2;

/// What a run is asked for: another one may go on with its work only if all of this is equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    format: u32,
    version: String,
    /// Options by their names on the command line.
    pub(crate) options: Vec<(String, String)>,
    /// Paths as they were said, with the sizes of those that are files.
    pub(crate) inputs: Vec<(String, Option<u64>)>,
}

/// What is done, all of it on the disk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Documents of the set that the inputs are held against, and a digest of what they were read from.
    pub(crate) n_references: usize,
    pub(crate) references: u64,
    /// A digest of the inputs when the lines of their sites were counted.
    pub(crate) counted: u64,
    /// Batches and documents of the inputs.
    pub(crate) batches: u64,
    pub(crate) documents: u64,
    /// Lengths of the files.
    pub(crate) rows: u64,
    pub(crate) portraits: u64,
    /// Files of the trail, and the length of the last one.
    pub(crate) trail: (u32, u64),
    pub(crate) sums: Sums,
    /// The inputs were read to their end.
    pub(crate) is_whole: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) order: Order,
    pub(crate) progress: Progress,
}

/// The order is looked at first: another version may write other members behind it.
#[derive(Deserialize)]
struct Head {
    order: Order,
}

impl Order {
    pub(crate) fn new(options: Vec<(String, String)>, inputs: Vec<(String, Option<u64>)>) -> Self {
        Self { format: FORMAT, version: env!("CARGO_PKG_VERSION").to_owned(), options, inputs }
    }

    /// # Errors
    ///
    /// If the run that began the work was asked for something else than `now`, which is named.
    fn check(&self, now: &Self) -> Result<()> {
        let refuse = |what: &str, was: &str, is: &str| {
            Err(Error::usage(format!(
                "--resume goes on with the same call only: {what} was {was} and is {is}; repeat the call as it was, or begin again without --resume"
            )))
        };
        if (self.format, &self.version) != (now.format, &now.version) {
            return refuse("the version of this program", &self.version, &now.version);
        }
        for ((name, was), (_, is)) in self.options.iter().zip(&now.options) {
            if was != is {
                return refuse(name, was, is);
            }
        }
        let paths =
            |order: &Self| order.inputs.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>().join(" ");
        if paths(self) != paths(now) {
            return refuse("INPUT", &paths(self), &paths(now));
        }
        for ((path, was), (_, is)) in self.inputs.iter().zip(&now.inputs) {
            if was != is {
                let size =
                    |size: Option<u64>| size.map_or("no file".to_owned(), |size| format!("{size} bytes"));
                return Err(replay::changed(&format!("{path} was {} and is {}", size(*was), size(*is))));
            }
        }
        Ok(())
    }
}

impl Manifest {
    /// Makes `self` the state of the work.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then the state is what it was.
    pub(crate) fn write(&self, work: &Path) -> Result<()> {
        let place = work.join(NAME);
        let json =
            serde_json::to_string(self).map_err(|e| Error::io("writing", &place, io::Error::other(e)))?;
        let mut out = Out::create(&place)?;
        out.write(format!("{json}\n{:016x}\n", xxh3_64(json.as_bytes())).as_bytes())?;
        out.finish()
    }

    /// What an unfinished run left in `work`, if it was asked for `order`.
    ///
    /// # Errors
    ///
    /// If it is damaged, or of another order.
    pub(crate) fn read(work: &Path, order: &Order) -> Result<Self> {
        let place = work.join(NAME);
        let text = fs::read(&place).map_err(|e| Error::io("reading", &place, e))?;
        let damaged = || {
            let what = format!("{} is damaged; run again without --resume", place.display());
            Error::new(Kind::Damaged, what)
        };
        let text = std::str::from_utf8(&text).map_err(|_| damaged())?;
        let (json, check) =
            text.strip_suffix('\n').and_then(|text| text.split_once('\n')).ok_or_else(damaged)?;
        if check != format!("{:016x}", xxh3_64(json.as_bytes())) {
            return Err(damaged());
        }
        let head: Head = serde_json::from_str(json).map_err(|_| damaged())?;
        head.order.check(order)?;
        serde_json::from_str(json).map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let options = vec![("--near".to_owned(), "0".to_owned())];
        let order = Order::new(options, vec![("a.jsonl".to_owned(), Some(7))]);
        Manifest { order, progress: Progress { batches: 3, rows: u64::MAX, ..Progress::default() } }
    }

    #[test]
    fn it_comes_back_whole_or_not_at_all() {
        let work = tempfile::tempdir().unwrap();
        let manifest = manifest();
        manifest.write(work.path()).unwrap();
        let back = Manifest::read(work.path(), &manifest.order).unwrap();
        assert_eq!((back.progress.batches, back.progress.rows), (3, u64::MAX));
        let place = work.path().join(NAME);
        let whole = fs::read(&place).unwrap();
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&place, flipped).unwrap();
            let error = Manifest::read(work.path(), &manifest.order).unwrap_err();
            assert!(error.to_string().contains(NAME), "byte {at}: {error}");
            fs::write(&place, &whole[..at]).unwrap();
            assert!(Manifest::read(work.path(), &manifest.order).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn another_order_is_named() {
        let was = manifest().order;
        let mut now = was.clone();
        now.version = "9".to_owned();
        assert!(was.check(&now).unwrap_err().to_string().contains("version"));
        let mut now = was.clone();
        now.options[0].1 = "0.5".to_owned();
        let error = was.check(&now).unwrap_err();
        assert_eq!((error.to_string().contains("--near was 0 and is 0.5"), error.exit_code()), (true, 2));
        let mut now = was.clone();
        now.inputs[0].1 = Some(8);
        let error = was.check(&now).unwrap_err();
        assert_eq!((error.to_string().contains("a.jsonl was 7 bytes"), error.exit_code()), (true, 1));
    }
}
