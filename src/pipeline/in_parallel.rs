//! Work upon what lies in memory, shared out among threads.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::belt::Stop;
use crate::pipeline::belt::THREAD_NAME;

/// Lets `jobs` threads do `work` for each number below `n`; the answers come in the order of the
/// numbers. Each thread has a bench of tools of its own, such as a [`Desk`](crate::Desk).
///
/// ```
/// use jingwen::{Cleaner, Desk};
/// use jingwen::pipeline::{Stop, cores, in_parallel};
///
/// let (cleaner, texts) = (Cleaner::new(), ["编者按:近期", "二○二四年"]);
/// let work = |desk: &mut Desk, n: usize| cleaner.clean_at(desk, texts[n]).to_owned();
/// let clean = in_parallel(cores(), texts.len(), &Stop::default(), work)?;
/// assert_eq!(clean, ["编者按：近期", "二〇二四年"]);
/// # Ok::<(), jingwen::Error>(())
/// ```
///
/// # Errors
///
/// If no thread can be started, a stop is wished for, or `work` panics: then the error holds the
/// message of the panic, and the calling thread goes on.
///
/// # Cost
///
/// Some 20 microseconds to start a thread, which ends with the call: nothing stays behind that a
/// fork of the process could miss. One job, or one piece of work, starts none.
pub fn in_parallel<B: Default, R: Send>(
    jobs: usize,
    n: usize,
    stop: &Stop,
    work: impl Fn(&mut B, usize) -> R + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    let answers: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(n));
    let one_hand = || {
        let (mut bench, mut own) = (B::default(), Vec::new());
        while !is_over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= n {
                break;
            }
            stop.check()?;
            own.push((number, work(&mut bench, number)));
        }
        answers.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
        Ok(())
    };
    let guarded = || {
        let done = catch_unwind(AssertUnwindSafe(one_hand)).unwrap_or_else(|panic| Err(fault(&*panic)));
        if done.is_err() {
            is_over.store(true, Ordering::Relaxed);
        }
        done
    };
    let n_threads = jobs.min(n);
    if n_threads <= 1 {
        guarded()?;
    } else {
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for number in 0..n_threads {
                let thread = thread::Builder::new()
                    .name(format!("{THREAD_NAME}-{number}"))
                    .spawn_scoped(scope, guarded)
                    .map_err(|e| {
                        is_over.store(true, Ordering::Relaxed);
                        Error::io("starting threads (see ulimit -u), for", Path::new("the workers"), e)
                    })?;
                threads.push(thread);
            }
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|panic| Err(fault(&*panic))))
        })?;
    }
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_unstable_by_key(|(number, _)| *number);
    Ok(answers.into_iter().map(|(_, answer)| answer).collect())
}

/// A panic as an error.
fn fault(panic: &(dyn Any + Send)) -> Error {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Error::new(Kind::Fault, format!("a fault of this program, please report it: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_for_any_number_of_threads() {
        for jobs in [0, 1, 2, 7] {
            let squares = in_parallel(jobs, 100, &Stop::default(), |seen: &mut usize, n| {
                *seen += 1;
                n * n
            });
            assert_eq!(squares.unwrap(), (0..100).map(|n| n * n).collect::<Vec<_>>(), "{jobs}");
        }
        assert_eq!(in_parallel(2, 0, &Stop::default(), |(): &mut (), n| n).unwrap(), Vec::<usize>::new());
    }

    #[test]
    fn a_panic_and_a_stop_are_errors() {
        let stop = Stop::default();
        for jobs in [1, 2] {
            let fallen = in_parallel(jobs, 9, &stop, |(): &mut (), n| assert_ne!(n, 5, "the fifth"));
            let error = fallen.unwrap_err();
            assert!(error.to_string().contains("the fifth"), "{error}");
            assert_eq!(error.kind(), Kind::Fault);
        }
        stop.cell().store(2, Ordering::Relaxed);
        let stopped = in_parallel(2, 9, &stop, |(): &mut (), n| n).unwrap_err();
        assert_eq!(stopped.exit_code(), 130);
    }
}
