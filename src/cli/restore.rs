//! `jingwen restore`: the decoded texts again, from the clean ones and their trail.

use std::io;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use crate::cli::args::RestoreArgs;
use crate::cli::open;
use crate::error::Error;
use crate::error::Result;
use crate::pipeline::trail_file::restore_all;

/// Bytes on either side: rows of the size of a bulletin, many in one call of the system.
const BUFFER: usize = 1 << 20;

pub(super) fn restore(args: &RestoreArgs) -> Result<u8> {
    let buffered = |path: &Path| Ok(BufReader::with_capacity(BUFFER, open(path)?));
    let mut clean = buffered(&args.clean)?;
    let trail = buffered(&args.trail)?;
    let is_jsonl = clean.get_mut().head().trim_ascii_start().starts_with(b"{\"id\":");
    let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    restore_all(clean, is_jsonl, trail, &mut out)?;
    out.flush().map_err(|e| Error::io("writing to", Path::new("standard output"), e))?;
    Ok(0)
}
