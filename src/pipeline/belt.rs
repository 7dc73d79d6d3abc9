//! Much work through threads, in order: the only place where threads live.
//!
//! One thread feeds, `jobs` threads work, the calling thread writes. A load is admitted by its
//! weight against the budget, so memory is bounded whatever the input; results are put back in
//! order by their number, so the output does not know how many threads there were.

use std::collections::BTreeMap;
use std::io;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::Sender;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rayon::ThreadPool;
use rayon::ThreadPoolBuilder;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::pipeline::document::Bench;
use crate::pipeline::document::Done;
use crate::pipeline::document::Workshop;
use crate::source::Batch;
use crate::source::Source;

/// What one byte of input may cost in memory on its way: itself, the text, the steps' buffers, edits, the row.
const WEIGHT: usize = 10;

/// Loads on their way for each thread: enough to be never without work behind a slow one. More
/// would only touch fresh memory, which the system clears first.
const AHEAD: usize = 8;

/// How often a stop is looked for while nothing arrives.
const PATIENCE: Duration = Duration::from_millis(100);

/// Names of the worker threads begin so.
pub(crate) const THREAD_NAME: &str = "jingwen-worker";

/// The reader, who meets forged files first.
const READER: &str = "jingwen-reader";

/// Whether the calling thread is a worker or the reader, whose panics are caught and named.
#[must_use]
pub fn is_worker() -> bool {
    thread::current().name().is_some_and(|name| name.starts_with(THREAD_NAME) || name == READER)
}

/// As many threads as the machine gives us cores.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// A wish to stop; a signal handler may set it.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    signal: Arc<AtomicUsize>,
}

impl Stop {
    /// The cell in which a signal handler puts its number.
    #[must_use]
    pub fn cell(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.signal)
    }

    /// # Errors
    ///
    /// If a stop is wished for.
    pub(crate) fn check(&self) -> Result<()> {
        match self.signal.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => {
                let stopped = Error::new(Kind::Stopped(signal as u8), format!("stopped by signal {signal}"));
                Err(stopped.advised("nothing unfinished stays behind"))
            }
        }
    }
}

/// The weight and number of all loads on their way, held under limits.
struct Budget {
    limit: usize,
    most: usize,
    used: Mutex<Used>,
    freed: Condvar,
}

#[derive(Default)]
struct Used {
    weight: usize,
    loads: usize,
    closed: bool,
}

impl Budget {
    /// Waits until `weight` fits, or nothing else is under way; false when the belt has stopped.
    fn admit(&self, weight: usize) -> bool {
        let mut used = lock(&self.used);
        while !used.closed && used.loads > 0 && (used.weight + weight > self.limit || used.loads >= self.most)
        {
            used = self.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        used.weight += weight;
        used.loads += 1;
        !used.closed
    }

    fn free(&self, weight: usize) {
        let mut used = lock(&self.used);
        used.weight -= weight;
        used.loads -= 1;
        drop(used);
        self.freed.notify_one();
    }

    fn close(&self) {
        lock(&self.used).closed = true;
        self.freed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Closes the budget whichever way the writer leaves.
struct Closing<'a>(&'a Budget);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Buffers that wait for their next use.
struct Shelf<T>(Mutex<Vec<T>>);

impl<T: Default> Shelf<T> {
    fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn take(&self) -> T {
        lock(&self.0).pop().unwrap_or_default()
    }

    fn put(&self, used: T) {
        lock(&self.0).push(used);
    }
}

/// Buffers above this size are not kept for the next load.
pub(crate) const LARGE_BUFFER: usize = 4 << 20;

/// How much may be under way at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Worker threads.
    pub jobs: usize,
    /// Bytes of memory, about: the weight of all loads on their way, and of lists that may lie on disk.
    pub memory: usize,
}

/// What the three sorts of threads share.
struct Belt<J, B, D, W> {
    budget: Budget,
    work: W,
    benches: Shelf<B>,
    loads: Shelf<J>,
    dones: Shelf<D>,
}

enum Message<D> {
    Done {
        number: u64,
        weight: usize,
        done: D,
    },
    /// There are so many loads.
    End(u64),
    /// A worker met a fault of this program.
    Fault,
}

/// Fills loads by `feed` on a thread of its own, until it gives no weight; lets `limits.jobs`
/// threads `work` on them, each with a bench of tools; hands the results to `write` in the order of
/// the loads. Loads, benches and results are used again: each hand clears what it gets, and gives
/// large buffers back.
///
/// # Errors
///
/// What `write` returns; a wish to stop; a panic in `work`; or that no thread can be started.
pub(crate) fn map<J, B, D>(
    limits: Limits,
    stop: &Stop,
    feed: impl FnMut(&mut J) -> Option<usize> + Send + 'static,
    work: impl Fn(&mut B, &mut J, &mut D) + Send + Sync + 'static,
    mut write: impl FnMut(&mut D) -> Result<()>,
) -> Result<()>
where
    J: Default + Send + 'static,
    B: Default + Send + 'static,
    D: Default + Send + 'static,
{
    let refused =
        |e: io::Error| Error::io("starting threads (see ulimit -u), for", Path::new("the workers"), e);
    let pool = ThreadPoolBuilder::new()
        .num_threads(limits.jobs)
        .thread_name(|n| format!("{THREAD_NAME}-{n}"))
        .build()
        .map_err(|e| refused(io::Error::other(e)))?;
    let belt = Arc::new(Belt {
        budget: Budget {
            limit: limits.memory,
            most: AHEAD * limits.jobs,
            used: Mutex::new(Used::default()),
            freed: Condvar::new(),
        },
        work,
        benches: Shelf::new(),
        loads: Shelf::new(),
        dones: Shelf::new(),
    });
    let (send, receive) = channel();
    // Not joined: a reader that waits for a terminal or a pipe must not keep a stop waiting.
    let feeding = Arc::clone(&belt);
    thread::Builder::new()
        .name(READER.to_owned())
        .spawn(move || load(&feeding, feed, &pool, &send))
        .map_err(refused)?;

    let fault = |what: &str| Err(Error::new(Kind::Fault, format!("{what}, by a fault of this program")));
    let _closing = Closing(&belt.budget);
    let (mut next, mut total) = (0, None);
    let mut waiting = BTreeMap::new();
    while total != Some(next) {
        match receive.recv_timeout(PATIENCE) {
            Ok(Message::End(n)) => total = Some(n),
            Ok(Message::Done { number, weight, done }) => {
                waiting.insert(number, (weight, done));
            }
            Ok(Message::Fault) => return fault("a worker stopped"),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return fault("the reader stopped"),
        }
        stop.check()?;
        while let Some((weight, mut done)) = waiting.remove(&next) {
            write(&mut done)?;
            belt.budget.free(weight);
            belt.dones.put(done);
            next += 1;
        }
    }
    Ok(())
}

/// The reader: one load after the other, each given to the workers as soon as it is admitted.
fn load<J, B, D, W>(
    belt: &Arc<Belt<J, B, D, W>>,
    mut feed: impl FnMut(&mut J) -> Option<usize>,
    pool: &ThreadPool,
    send: &Sender<Message<D>>,
) where
    J: Default + Send + 'static,
    B: Default + Send + 'static,
    D: Default + Send + 'static,
    W: Fn(&mut B, &mut J, &mut D) + Send + Sync + 'static,
{
    let mut number = 0;
    loop {
        let mut load = belt.loads.take();
        let Some(weight) = feed(&mut load) else { break };
        if !belt.budget.admit(weight) {
            return;
        }
        let (belt, send) = (Arc::clone(belt), send.clone());
        pool.spawn(move || {
            let (mut bench, mut done) = (belt.benches.take(), belt.dones.take());
            let worked = catch_unwind(AssertUnwindSafe(|| (belt.work)(&mut bench, &mut load, &mut done)));
            // The writer may have gone already; then nobody waits for this.
            if worked.is_err() {
                let _ = send.send(Message::Fault);
                return;
            }
            belt.benches.put(bench);
            belt.loads.put(load);
            let _ = send.send(Message::Done { number, weight, done });
        });
        number += 1;
    }
    let _ = send.send(Message::End(number));
}

/// Moves all documents of `source` through `workshop` and hands what came of them to `write` in
/// input order.
///
/// # Errors
///
/// As [`map`].
pub(crate) fn run(
    mut source: Source,
    workshop: Workshop,
    limits: Limits,
    stop: &Stop,
    mut write: impl FnMut(&mut Done) -> Result<()>,
) -> Result<()> {
    let feed = move |batch: &mut Batch| {
        batch.clear();
        source.next(batch).then(|| WEIGHT * batch.bytes.len().max(4 * 1024))
    };
    let work = move |bench: &mut Bench, batch: &mut Batch, done: &mut Done| {
        workshop.work(bench, batch, done);
        if batch.bytes.capacity() > LARGE_BUFFER {
            batch.bytes = Vec::new();
        }
    };
    map(limits, stop, feed, work, |done| {
        write(done)?;
        done.rest();
        Ok(())
    })
}
