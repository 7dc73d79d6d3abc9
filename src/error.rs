//! One error for the whole crate: what was being done, to what, and what to do.

use std::fmt;
use std::io;
use std::path::Path;

/// Why something could not be done. The text names the act, the file and offset, and a way out.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    cause: Option<io::Error>,
    /// What to do, where the cause of the operating system stands between.
    advice: Option<String>,
}

/// What sort of trouble it is; decides the exit code of the program, and the exception that other
/// languages raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The call itself is wrong: flags, rule tables, a missing input.
    Usage,
    /// The disk, the network file system, a pipe.
    Io,
    /// What lies at the output place is not ours to replace.
    Exists,
    /// A file of our own formats does not hold what it should.
    Damaged,
    /// Another process writes there.
    Locked,
    /// A fault of this program.
    Fault,
    /// A signal asked us to stop, and we did.
    Stopped(u8),
    /// Something of the input cannot be read; the run goes on without it.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the program gives this up"))]
    Input,
}

/// The result of everything here that touches files, settings or our own formats.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), cause: None, advice: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    #[cfg(feature = "cli")]
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// `doing` reads like “reading” or “writing”; the message becomes “reading a.txt: …”.
    pub(crate) fn io(doing: &str, path: &Path, cause: io::Error) -> Self {
        let message = format!("{doing} {}", path.display());
        Self { kind: Kind::Io, message, cause: Some(cause), advice: None }
    }

    /// As [`Error::io`] for what is about to stand at `place`: a folder that is missing is named.
    pub(crate) fn creating(place: &Path, cause: io::Error) -> Self {
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder {
            Some(folder) if cause.kind() == io::ErrorKind::NotFound && !folder.exists() => {
                let (place, folder) = (place.display(), folder.display());
                let message = format!("creating {place}: there is no folder {folder}; make it first");
                Self::new(Kind::Io, message)
            }
            _ => Self::io("creating", place, cause),
        }
    }

    /// The same error with something to do about it.
    pub(crate) fn advised(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// The work was stopped from outside: by a signal, a full disk.
    pub(crate) fn is_interruption(&self) -> bool {
        matches!(self.kind, Kind::Io | Kind::Stopped(_))
    }

    /// What sort of trouble it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The exit code of the program for this error (design: 0, 1, 2, 3, 75, 128+n).
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Usage => 2,
            Kind::Io | Kind::Exists | Kind::Damaged | Kind::Fault => 1,
            Kind::Input => 3,
            Kind::Locked => 75,
            Kind::Stopped(signal) => 128 + signal,
        }
    }

    /// Standard output was closed by its reader: the quiet end of a pipe, no failure.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        self.cause.as_ref().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        match &self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|e| e as _)
    }
}
