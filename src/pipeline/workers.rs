//! Threads for a library call: a few pieces of work, and the answers in order.

use std::io;
use std::path::Path;

use rayon::ThreadPool;
use rayon::ThreadPoolBuilder;
use rayon::iter::IntoParallelIterator;
use rayon::iter::ParallelIterator;

use crate::error::Error;
use crate::error::Result;

/// Threads that wait for work.
#[derive(Debug)]
pub(crate) struct Workers {
    pool: ThreadPool,
}

impl Workers {
    /// So many threads.
    ///
    /// # Errors
    ///
    /// If the system gives none.
    pub(crate) fn new(jobs: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(jobs.max(1)).build().map_err(|e| {
            Error::io("starting threads (see ulimit -u), for", Path::new("the index"), io::Error::other(e))
        })?;
        Ok(Self { pool })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Does both at the same time.
    pub(crate) fn join<A: Send, B: Send>(
        &self,
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        self.pool.join(a, b)
    }

    /// Calls `work` with each number below `n`; one call runs on the calling thread.
    ///
    /// # Errors
    ///
    /// One of those of the calls.
    pub(crate) fn map<R: Send>(
        &self,
        n: usize,
        work: &(dyn Fn(usize) -> Result<R> + Sync),
    ) -> Result<Vec<R>> {
        if n <= 1 {
            return (0..n).map(work).collect();
        }
        self.pool.install(|| (0..n).into_par_iter().map(work).collect())
    }
}
