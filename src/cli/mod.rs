//! The command line: one file a command.

mod args;
mod explain;
#[cfg(feature = "index")]
mod index;
mod restore;
mod rules;
mod watch;

use std::io;
use std::io::Write;
use std::panic;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use signal_hook::consts::SIGHUP;
use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;
use signal_hook::flag;

use crate::cli::args::Cli;
use crate::cli::args::Command;
use crate::cli::args::CommonArgs;
use crate::cli::args::KeepArgs;
use crate::cli::watch::Watch;
use crate::cli::watch::printable;
use crate::error::Error;
use crate::error::Result;
#[cfg(feature = "index")]
use crate::index::{Index, run_against};
use crate::pipeline;
use crate::pipeline::Job;
use crate::pipeline::Keeping;
use crate::pipeline::Preparing;
use crate::pipeline::Stop;
use crate::pipeline::Summary;
use crate::pipeline::Target;
use crate::source;
use crate::source::Unpacked;

/// The program: reads the arguments, runs the command, and tells how it ended.
///
/// Exit codes: 0 finished, 1 could not finish, 2 wrong usage, 3 finished but something could not
/// be read, 75 another process writes there, 128+n stopped by signal n.
#[must_use]
pub fn main() -> ExitCode {
    hush_workers();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => {
            let code = match said.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
                _ => 2,
            };
            // A closed pipe behind --help is no failure.
            let _ = said.print();
            return ExitCode::from(code);
        }
    };
    match command(cli.command) {
        Ok(code) => ExitCode::from(code),
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

fn command(command: Command) -> Result<u8> {
    match command {
        Command::Clean(args) => {
            let stop = stop_on_signals()?;
            let target = Target::named(args.out.as_deref(), args.common.format());
            let mut outputs = target.places();
            outputs.extend(args.trail.clone());
            let job = args.common.job(outputs, args::CLEAN_MEMORY, stop);
            let cleaner = args.rules.cleaner()?;
            let mut watch = Watch::new(&job.plan.inputs, args.common.quiet);
            let sums = pipeline::clean_files(&job, cleaner, &target, args.trail.as_deref(), &mut watch)?;
            let to_stdout = target == Target::Stdout && !job.dry_run;
            watch.finish(&sums, to_stdout, job.dry_run);
            Ok(sums.exit_code())
        }
        Command::Run(args) => {
            let preparing = args.preparing()?;
            #[cfg(feature = "index")]
            if let Some(index) = &args.index {
                let mut index = Index::open(index, &args.index_settings())?;
                return run(&args.common, &args.keep, |job, keeping, watch| {
                    run_against(&mut index, job, preparing, &args.keep.out, keeping, watch)
                });
            }
            run(&args.common, &args.keep, |job, keeping, watch| {
                pipeline::run(job, preparing, &args.keep.out, keeping, watch)
            })
        }
        Command::Dedup(args) => {
            let preparing = Preparing { cleaner: None, trail: false, boilerplate: None };
            run(&args.common, &args.keep, |job, keeping, watch| {
                pipeline::run(job, preparing, &args.keep.out, keeping, watch)
            })
        }
        Command::Explain(args) => explain::explain(&args),
        Command::Restore(args) => restore::restore(&args),
        Command::Rules(args) => rules::rules(&args),
        #[cfg(feature = "index")]
        Command::Index(action) => index::index(&action),
    }
}

fn run(
    common: &CommonArgs,
    keep: &KeepArgs,
    work: impl FnOnce(&Job, &Keeping, &mut Watch) -> Result<Summary>,
) -> Result<u8> {
    let stop = stop_on_signals()?;
    let mut job = common.job(vec![keep.out.clone()], args::RUN_MEMORY, stop);
    job.resume = keep.resume;
    job.part = keep.part_size.map_or(job.part, |size| size as u64);
    let mut watch = Watch::new(&job.plan.inputs, common.quiet);
    let sums = work(&job, &keep.keeping(), &mut watch)?;
    watch.finish(&sums, false, job.dry_run);
    Ok(sums.exit_code())
}

/// A signal asks the job to stop; a second one ends the program at once.
fn stop_on_signals() -> Result<Stop> {
    let stop = Stop::default();
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        flag::register_usize(signal, stop.cell(), signal.unsigned_abs() as usize)
            .map_err(|e| Error::io("listening for signals, for", Path::new("a clean stop"), e))?;
    }
    Ok(stop)
}

/// A fault inside one document is caught, counted and named by the workers; the message of the
/// run-time would come twice.
fn hush_workers() {
    let loud = panic::take_hook();
    panic::set_hook(Box::new(move |fault| {
        if !pipeline::is_worker() {
            loud(fault);
        }
    }));
}

/// One line on standard error; where that is closed, nobody wants to know.
fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "jingwen: {}", printable(message));
}

/// Opens one file, unpacked, or standard input for `-`.
fn open(path: &Path) -> Result<Unpacked> {
    let name = path.display();
    if path.is_dir() {
        return Err(Error::usage(format!("{name} is a folder; name one file of it")));
    }
    source::unpacked(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => Error::usage(format!("the input {name} cannot be found: {e}")),
        _ => Error::input(format!("opening {name}: {e}")),
    })
}

/// Writes to standard output.
fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Error::io("writing to", Path::new("standard output"), e))
}
