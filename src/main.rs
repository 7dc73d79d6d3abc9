//! The command line program; all of it lies in the library's `cli`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Batches are freed by other threads than those that made them, which the system's allocator does slowly.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    jingwen::cli::main()
}
