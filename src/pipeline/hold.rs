//! Locks that keep two processes from writing to one place. The system lets go of them when a
//! process dies, so that a draft left behind is nobody's.

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;

/// Opens the file `lock` for this process alone; `place` is the output that it stands for.
///
/// # Errors
///
/// If another process holds it, or nothing can be created there.
pub(crate) fn claim(lock: &Path, place: &Path) -> Result<File> {
    let at = |e: io::Error| Error::creating(place, e);
    loop {
        let file = File::options().create(true).truncate(false).write(true).open(lock).map_err(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = format!(
                    "another run is writing to {}; wait for it or choose another output",
                    place.display()
                );
                return Err(Error::new(Kind::Locked, what));
            }
            // Some network file systems know no locks.
            Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(e)) => return Err(Error::io("locking", lock, e)),
        }
        // Whoever held it before may have finished since we opened it: then this is the finished
        // file under its new name, and not ours to write to.
        if is_at(&file, lock).map_err(at)? {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (held.dev(), held.ino())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    fs::exists(path)
}
