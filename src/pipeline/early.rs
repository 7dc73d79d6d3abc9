//! Growing files on their way to the disk: a thread syncs what is written while more is made, so that
//! the end of a run waits for the last pieces only.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::thread::JoinHandle;

use crate::error::Error;
use crate::error::Result;

/// Files that wait; on a disk that is slower than we are, others are left to the end.
const WAITING: usize = 2;

/// The thread.
#[derive(Debug)]
pub(crate) struct Early {
    files: Option<SyncSender<(File, PathBuf)>>,
    thread: Option<JoinHandle<std::result::Result<(), (io::Error, PathBuf)>>>,
}

impl Early {
    /// Starts the thread; where the system gives none, nothing is synced early.
    pub(crate) fn start() -> Self {
        let (send, receive) = sync_channel::<(File, PathBuf)>(WAITING);
        let sync =
            move || receive.into_iter().try_for_each(|(file, path)| file.sync_data().map_err(|e| (e, path)));
        let thread = thread::Builder::new().name("jingwen-disk".to_owned()).spawn(sync);
        Self { files: Some(send), thread: thread.ok() }
    }

    /// Has what is written to `file` so far brought to the disk.
    pub(crate) fn sync(&self, file: (File, PathBuf)) {
        if let Some(files) = &self.files {
            let _ = files.try_send(file);
        }
    }

    /// Ends the thread.
    ///
    /// # Errors
    ///
    /// What a sync failed by. The system tells of it once, so that a later sync would not.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.files = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Err((e, path)))) => Err(Error::io("writing", &path, e)),
            _ => Ok(()),
        }
    }
}
