//! Many documents through threads, in input order: the only place where threads live.
//!
//! One thread reads, `jobs` threads work, the calling thread writes. A batch is admitted by its
//! weight against the budget, so memory is bounded whatever the input; results are put back in
//! order by their number, so the output does not know how many threads there were.

use std::collections::BTreeMap;
use std::io;
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

/// Batches on their way for each thread: enough to be never without work behind a slow one. More
/// would only touch fresh memory, which the system clears first.
const AHEAD: usize = 8;

/// How often a stop is looked for while nothing arrives.
const PATIENCE: Duration = Duration::from_millis(100);

/// Names of the worker threads begin so.
const THREAD_NAME: &str = "jingwen-worker";

/// Whether the calling thread is a worker, whose panics are caught and named.
#[must_use]
pub fn is_worker() -> bool {
    thread::current().name().is_some_and(|name| name.starts_with(THREAD_NAME))
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
                let what = format!("stopped by signal {signal}; nothing unfinished stays behind");
                Err(Error::new(Kind::Stopped(signal as u8), what))
            }
        }
    }
}

/// The weight and number of all batches on their way, held under limits.
struct Budget {
    limit: usize,
    most: usize,
    used: Mutex<Used>,
    freed: Condvar,
}

#[derive(Default)]
struct Used {
    weight: usize,
    batches: usize,
    closed: bool,
}

impl Budget {
    /// Waits until `weight` fits, or nothing else is under way; false when the belt has stopped.
    fn admit(&self, weight: usize) -> bool {
        let mut used = lock(&self.used);
        while !used.closed
            && used.batches > 0
            && (used.weight + weight > self.limit || used.batches >= self.most)
        {
            used = self.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        used.weight += weight;
        used.batches += 1;
        !used.closed
    }

    fn free(&self, weight: usize) {
        let mut used = lock(&self.used);
        used.weight -= weight;
        used.batches -= 1;
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

/// Buffers above this size are not kept for the next batch.
const LARGE_BUFFER: usize = 4 << 20;

/// What the three sorts of threads share.
struct Belt {
    budget: Budget,
    workshop: Workshop,
    benches: Shelf<Bench>,
    batches: Shelf<Batch>,
    dones: Shelf<Done>,
}

enum Message {
    Done {
        number: u64,
        weight: usize,
        done: Done,
    },
    /// There are so many batches.
    End(u64),
}

/// Moves all documents of `source` through `workshop` with `jobs` threads and hands the results to
/// `write` in input order.
///
/// # Errors
///
/// What `write` returns; a wish to stop; or that no thread can be started.
pub(crate) fn run(
    source: Source,
    workshop: Workshop,
    jobs: usize,
    memory: usize,
    stop: &Stop,
    mut write: impl FnMut(&mut Done) -> Result<()>,
) -> Result<()> {
    let refused =
        |e: io::Error| Error::io("starting threads (see ulimit -u), for", Path::new("the workers"), e);
    let pool = ThreadPoolBuilder::new()
        .num_threads(jobs)
        .thread_name(|n| format!("{THREAD_NAME}-{n}"))
        .build()
        .map_err(|e| refused(io::Error::other(e)))?;
    let belt = Arc::new(Belt {
        budget: Budget {
            limit: memory,
            most: AHEAD * jobs,
            used: Mutex::new(Used::default()),
            freed: Condvar::new(),
        },
        workshop,
        benches: Shelf::new(),
        batches: Shelf::new(),
        dones: Shelf::new(),
    });
    let (send, receive) = channel();
    // Not joined: a reader that waits for a terminal or a pipe must not keep a stop waiting.
    let reading = Arc::clone(&belt);
    thread::Builder::new()
        .name("jingwen-reader".to_owned())
        .spawn(move || read(&reading, source, &pool, &send))
        .map_err(refused)?;

    let _closing = Closing(&belt.budget);
    let (mut next, mut total) = (0, None);
    let mut waiting = BTreeMap::new();
    while total != Some(next) {
        match receive.recv_timeout(PATIENCE) {
            Ok(Message::End(n)) => total = Some(n),
            Ok(Message::Done { number, weight, done }) => {
                waiting.insert(number, (weight, done));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::new(Kind::Damaged, "the reader stopped by a fault of this program"));
            }
        }
        stop.check()?;
        while let Some((weight, mut done)) = waiting.remove(&next) {
            write(&mut done)?;
            belt.budget.free(weight);
            if done.out.capacity() > LARGE_BUFFER {
                done.out = Vec::new();
            }
            done.origins.clear();
            belt.dones.put(done);
            next += 1;
        }
    }
    Ok(())
}

/// The reader: one batch after the other, each given to the workers as soon as it is admitted.
fn read(belt: &Arc<Belt>, mut source: Source, pool: &ThreadPool, send: &Sender<Message>) {
    let mut number = 0;
    loop {
        let mut batch = belt.batches.take();
        batch.bytes.clear();
        batch.items.clear();
        if !source.next(&mut batch) {
            break;
        }
        let weight = WEIGHT * batch.bytes.len().max(4 * 1024);
        if !belt.budget.admit(weight) {
            return;
        }
        let (belt, send) = (Arc::clone(belt), send.clone());
        pool.spawn(move || {
            let (mut bench, mut done) = (belt.benches.take(), belt.dones.take());
            belt.workshop.work(&mut bench, &batch, &mut done);
            belt.benches.put(bench);
            if batch.bytes.capacity() <= LARGE_BUFFER {
                belt.batches.put(batch);
            }
            // The writer may have gone already; then nobody waits for this.
            let _ = send.send(Message::Done { number, weight, done });
        });
        number += 1;
    }
    let _ = send.send(Message::End(number));
}
