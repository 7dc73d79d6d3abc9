//! The edits of every step of one document: the way from the decoded text to the clean one.

use std::ops::Range;

use crate::text::edits::Edits;

/// What one step changed; `step` is the step's name.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The name of the step.
    pub step: &'static str,
    /// Its changes, in offsets of the text before the step.
    pub edits: Edits,
}

/// The frames of one document in the order in which they were applied. Steps that changed nothing
/// have no frame. Buffers are kept from one document to the next.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    frames: Vec<Frame>,
    used: usize,
}

impl Trail {
    /// The frames, first to last.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames[..self.used]
    }

    /// Nothing was changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Forgets the frames and keeps their memory.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// An empty list of edits for `step`; it joins the trail with [`Trail::keep`].
    pub fn open(&mut self, step: &'static str) -> &mut Edits {
        if self.used == self.frames.len() {
            self.frames.push(Frame { step, edits: Edits::default() });
        }
        let frame = &mut self.frames[self.used];
        frame.step = step;
        frame.edits.clear();
        &mut frame.edits
    }

    /// Keeps the frame opened last, once.
    pub fn keep(&mut self) {
        self.used += 1;
    }

    /// The offset in the decoded text from which byte `at` of the clean text came.
    ///
    /// ```
    /// let told = jingwen::Cleaner::new().explain("达60%,1-11月签约");
    /// let at = told.text.find("1-11").expect("figures stay");
    /// assert_eq!((at, told.trail.to_text(at)), (9, 7));
    /// ```
    #[must_use]
    pub fn to_text(&self, at: usize) -> usize {
        self.frames().iter().rev().fold(at, |at, frame| frame.edits.to_source(at))
    }

    /// Where in the decoded text the bytes `span` of the text before step number `frame` came from.
    ///
    /// ```
    /// let told = jingwen::Cleaner::new().explain("\u{200B}发展,改革");
    /// let (n, width) = told.trail.frames().iter().enumerate().next_back().expect("a comma became wide");
    /// let change = width.edits.iter().next().expect("it is an edit");
    /// assert_eq!((change.src.clone(), told.trail.span_to_text(n, change.src)), (6..7, 9..10));
    /// ```
    ///
    /// # Panics
    ///
    /// If there are fewer frames.
    #[must_use]
    pub fn span_to_text(&self, frame: usize, span: Range<usize>) -> Range<usize> {
        self.frames()[..frame].iter().rev().fold(span, |span, frame| frame.edits.span_to_source(span))
    }

    /// The clean text, made again from the decoded one.
    #[must_use]
    pub fn replay(&self, text: &str) -> String {
        let mut now = text.to_owned();
        for frame in self.frames() {
            let mut next = String::new();
            frame.edits.apply(&now, &mut next);
            now = next;
        }
        now
    }
}
