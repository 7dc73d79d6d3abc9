//! What a person at the terminal sees of a job: a bar, the losses, the sums. All on standard error.

use std::fs;
use std::io;
use std::io::IsTerminal;
use std::path::PathBuf;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

use crate::cli::complain;
use crate::pipeline::Summary;
use crate::pipeline::Watcher;

pub(super) struct Watch {
    bar: ProgressBar,
    quiet: bool,
}

impl Watch {
    pub(super) fn new(inputs: &[PathBuf], quiet: bool) -> Self {
        let bar = if quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            // Folders are walked as they are read: their size is known at the end only.
            let files: Option<Vec<u64>> = inputs
                .iter()
                .map(|path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|m| m.len()))
                .collect();
            let bar = match files {
                Some(sizes) => ProgressBar::new(sizes.iter().sum()),
                None => ProgressBar::no_length(),
            };
            bar.set_draw_target(ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(
                "{spinner} {bytes}/{total_bytes} {wide_bar} {bytes_per_sec} {eta} {msg}",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        };
        Self { bar, quiet }
    }

    /// Takes the bar away.
    #[cfg(feature = "index")]
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Tells the sums, unless documents went to the terminal's output.
    pub(super) fn finish(self, sums: &Summary, to_stdout: bool, dry_run: bool) {
        self.bar.finish_and_clear();
        if self.quiet || (to_stdout && sums.exit_code() == 0) {
            return;
        }
        let reasons: Vec<_> = sums.reasons.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
        complain(&format!(
            "{}{} documents: {} kept, {} dropped, {} not readable{reasons}",
            if dry_run { "dry run, nothing written; " } else { "" },
            sums.documents_in(),
            sums.kept.documents,
            sums.dropped.documents,
            sums.quarantined.documents,
        ));
    }
}

impl Watcher for Watch {
    fn passed(&mut self, read: u64, documents: u64) {
        if !self.bar.is_hidden() {
            self.bar.set_position(read);
            self.bar.set_message(format!("{documents} documents"));
        }
    }

    fn lost(&mut self, message: &str) {
        self.bar.suspend(|| complain(message));
    }

    fn told(&mut self, message: &str) {
        self.bar.suspend(|| complain(message));
    }
}

/// The text with everything that could steer a terminal written out.
pub(super) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let steers = c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
        if steers && c != '\n' {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}
