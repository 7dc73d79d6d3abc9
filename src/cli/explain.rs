//! `jingwen explain`: one document before and after, with the name of the rule at each change.

use std::env;
use std::io;
use std::io::IsTerminal;
use std::io::Read;

use crate::cli::args::ExplainArgs;
use crate::cli::open;
use crate::cli::say;
use crate::decode::Hints;
use crate::decode::decode;
use crate::error::Error;
use crate::error::Result;
use crate::markup;
use crate::pipeline;
use crate::pipeline::Desk;

pub(super) fn explain(args: &ExplainArgs) -> Result<u8> {
    let cleaner = args.rules.cleaner()?;
    let name = args.file.display();
    let mut bytes = Vec::new();
    let read = open(&args.file)?.read_to_end(&mut bytes);
    read.map_err(|e| Error::input(format!("reading {name}: {e}")))?;
    let decoded = decode(&bytes, &Hints::default())
        .map_err(|why| Error::input(format!("reading {name}: not text: {}", why.what)))?;
    // https://no-color.org: any value but the empty one.
    let plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = io::stdout().is_terminal() && !plain;

    let mut desk = Desk::default();
    cleaner.clean_document_at(&mut desk, &decoded.text, markup::is_page(&decoded.text));
    say(&pipeline::explain(&decoded.text, desk.trail(), cleaner.rules(), colour))?;
    Ok(0)
}
