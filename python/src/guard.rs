//! Long work with the interpreter let go: other threads of Python run meanwhile, Ctrl-C is heard,
//! and a panic becomes an exception.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use jingwen::Result;
use jingwen::pipeline::Stop;
use jingwen::pipeline::cores;
use jingwen::pipeline::in_parallel;
use pyo3::prelude::*;

use crate::errors;

/// How often Ctrl-C is looked for.
const PATIENCE: Duration = Duration::from_millis(50);

/// The number that SIGINT has everywhere; it only tells the work to stop.
const INTERRUPT: usize = 2;

/// Texts below this are done before a thread would have started.
pub(crate) const SMALL: usize = 64 << 10;

/// Does `work` on the calling thread, without the interpreter.
pub(crate) fn detached<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    py.detach(|| catch_unwind(AssertUnwindSafe(work))).map_err(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        errors::raise(py, "FaultError", format!("a fault of this package, please report it: {said}"))
    })
}

/// Whether Ctrl-C was pressed; only the main thread of Python is told.
fn look_for_signals() -> PyResult<()> {
    Python::attach(|py| {
        py.check_signals()?;
        Ok(())
    })
}

/// Does `work` on a thread of its own, which may start more, while the calling one looks for
/// Ctrl-C: then `work` is told to stop, and the answer is KeyboardInterrupt.
pub(crate) fn interruptible<R: Send>(
    py: Python<'_>,
    work: impl FnOnce(&Stop) -> Result<R> + Send,
) -> PyResult<R> {
    let stop = Stop::default();
    let (answer, interrupt) = detached(py, || {
        // Nothing is sent: that the other end is gone says that the work is over.
        let (end, is_over) = channel::<()>();
        thread::scope(|scope| {
            let working = scope.spawn(|| {
                let _end = end;
                work(&stop)
            });
            let mut interrupt = None;
            while is_over.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                if interrupt.is_none()
                    && let Err(signal) = look_for_signals()
                {
                    stop.cell().store(INTERRUPT, Ordering::Relaxed);
                    interrupt = Some(signal);
                }
            }
            match working.join() {
                Ok(answer) => (answer, interrupt),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    })?;
    match (answer, interrupt) {
        (_, Some(signal)) => Err(signal),
        (answer, None) => answer.map_err(|error| errors::of(py, &error)),
    }
}

/// The number of threads that `jobs` asks for: all cores where it is `None`.
pub(crate) fn threads(py: Python<'_>, jobs: Option<usize>) -> PyResult<usize> {
    match jobs {
        None => Ok(cores()),
        Some(0) => Err(errors::raise(py, "UsageError", "jobs must be 1 or more".to_owned())),
        Some(jobs) => Ok(jobs),
    }
}

/// [`in_parallel`] with these arguments; small work is done on the spot.
pub(crate) fn in_pieces<B: Default, R: Send>(
    py: Python<'_>,
    jobs: usize,
    bytes: usize,
    n: usize,
    work: impl Fn(&mut B, usize) -> R + Sync + Send,
) -> PyResult<Vec<R>> {
    if bytes <= SMALL {
        let done = detached(py, || in_parallel(1, n, &Stop::default(), work))?;
        return done.map_err(|error| errors::of(py, &error));
    }
    interruptible(py, |stop| in_parallel(jobs, n, stop, work))
}
