//! `jingwen restore`: the decoded texts again, from the clean ones and their trail.

use std::io;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;

use crate::cli::args::RestoreArgs;
use crate::error::Error;
use crate::error::Result;
use crate::pipeline::trail_file::restore_all;
use crate::source;
use crate::source::Unpacked;

pub(super) fn restore(args: &RestoreArgs) -> Result<u8> {
    let open = |path: &Path| -> Result<BufReader<Unpacked>> {
        let unpacked = source::unpacked(path)
            .map_err(|e| Error::usage(format!("the input {} cannot be opened: {e}", path.display())))?;
        Ok(BufReader::with_capacity(1 << 20, unpacked))
    };
    let mut clean = open(&args.clean)?;
    let trail = open(&args.trail)?;
    let is_jsonl = clean.get_mut().head().trim_ascii_start().starts_with(b"{\"id\":");
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    restore_all(clean, is_jsonl, trail, &mut out)?;
    out.flush().map_err(|e| Error::io("writing to", Path::new("standard output"), e))?;
    Ok(0)
}
