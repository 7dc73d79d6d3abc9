//! `jingwen restore`: the decoded texts again, from the clean ones and their trail.

use crate::cli::args::RestoreArgs;
use crate::error::Error;
use crate::error::Result;

pub(super) fn restore(args: &RestoreArgs) -> Result<u8> {
    Err(Error::usage(format!("restoring {} by {}: not built in", args.clean.display(), args.trail.display())))
}
