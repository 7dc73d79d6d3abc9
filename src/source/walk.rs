//! From the INPUT arguments to files: folders are walked in a fixed order, links are not followed,
//! and what is not read is named.

use std::ascii;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use walkdir::DirEntry;
use walkdir::WalkDir;

use crate::error::Error;
use crate::error::Result;

/// Stands for standard input on the command line, in ids and in `source`.
pub const STDIN: &str = "-";

/// One thing found below an input.
pub(super) enum Found {
    Stdin,
    File {
        path: PathBuf,
        name: String,
    },
    /// Named, and not read.
    Skipped {
        name: String,
        why: String,
    },
}

/// The files of all inputs, one after the other.
pub(super) struct Walk {
    roots: std::vec::IntoIter<PathBuf>,
    folder: Option<Folder>,
    exclude: Vec<PathBuf>,
}

struct Folder {
    root: PathBuf,
    entries: Box<dyn Iterator<Item = walkdir::Result<DirEntry>> + Send>,
}

impl Walk {
    /// # Errors
    ///
    /// If an input does not exist, or is itself an output.
    pub(super) fn new(inputs: &[PathBuf], outputs: &[PathBuf]) -> Result<Self> {
        let exclude: Vec<_> = outputs.iter().filter_map(|path| canonical(path)).collect();
        for input in inputs {
            if input.as_os_str() == STDIN {
                continue;
            }
            fs::metadata(input).map_err(|e| {
                Error::usage(format!("the input {} cannot be found: {e}; nothing was written", shown(input)))
            })?;
            if canonical(input).is_some_and(|path| exclude.contains(&path)) {
                return Err(Error::usage(format!(
                    "{} is both input and output; choose another output",
                    shown(input)
                )));
            }
        }
        Ok(Self { roots: Vec::from(inputs).into_iter(), folder: None, exclude })
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(folder) = &mut self.folder {
                match folder.entries.next() {
                    Some(Ok(entry)) => {
                        if let Some(found) = found(&folder.root, &entry) {
                            return Some(found);
                        }
                        continue;
                    }
                    Some(Err(e)) => {
                        let path = e.path().unwrap_or(&folder.root);
                        let name = relative(&folder.root, path);
                        let why = e.io_error().map_or_else(|| e.to_string(), ToString::to_string);
                        return Some(Found::Skipped { name, why: format!("it cannot be read: {why}") });
                    }
                    None => self.folder = None,
                }
            }
            let root = self.roots.next()?;
            if root.as_os_str() == STDIN {
                return Some(Found::Stdin);
            }
            if !root.is_dir() {
                let name = escaped(root.file_name().unwrap_or(root.as_os_str()));
                return Some(Found::File { path: root, name });
            }
            self.folder = Some(Folder { entries: Box::new(walk(&root, self.exclude.clone())), root });
        }
    }
}

fn walk(
    root: &Path,
    exclude: Vec<PathBuf>,
) -> impl Iterator<Item = walkdir::Result<DirEntry>> + Send + use<> {
    let real = canonical(root).unwrap_or_else(|| root.to_owned());
    let root = root.to_owned();
    WalkDir::new(&root).sort_by_file_name().into_iter().filter_entry(move |entry| {
        let inside = entry.path().strip_prefix(&root).unwrap_or(entry.path());
        exclude.is_empty() || !exclude.contains(&real.join(inside))
    })
}

/// `None` for folders, which are walked.
fn found(root: &Path, entry: &DirEntry) -> Option<Found> {
    let kind = entry.file_type();
    let name = relative(root, entry.path());
    if kind.is_dir() {
        return None;
    }
    if kind.is_file() {
        return Some(Found::File { path: entry.path().to_owned(), name });
    }
    let why = if kind.is_symlink() {
        "skipped: links inside a folder are not followed; name its target as an input"
    } else {
        "skipped: neither a file nor a folder"
    };
    Some(Found::Skipped { name, why: why.to_owned() })
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.components().map(|part| escaped(part.as_os_str())).collect();
    if parts.is_empty() { escaped(path.as_os_str()) } else { parts.join("/") }
}

/// A file name as text; bytes that are not UTF-8 stand as `\xnn`, so that no two names fall together.
fn escaped(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.extend(ascii::escape_default(*byte).map(char::from));
        }
    }
    text
}

/// A path for messages.
fn shown(path: &Path) -> String {
    escaped(path.as_os_str())
}

/// The real place of `path`, also where its last part does not exist yet.
fn canonical(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok().or_else(|| {
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(fs::canonicalize(parent).ok()?.join(path.file_name()?))
    })
}
