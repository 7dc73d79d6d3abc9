//! The index behind its doors: documents come in as portraits and go out as rulings.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::copies::Fate;
use crate::copies::Portrait;
use crate::copies::Relation;
use crate::copies::Sketcher;
use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::index::candidates::Arrival;
use crate::index::edge::Edge;
use crate::index::ledger::Commit;
use crate::index::ledger::Doc;
use crate::index::ledger::Ledger;
use crate::index::node::NONE;
use crate::index::node::Node;
use crate::index::packed::Id;
use crate::index::packed::Packer;
use crate::index::partners::Found;
use crate::index::partners::per_call;
use crate::index::posting::Hashes;
use crate::index::preparing::Means;
use crate::index::preparing::Preparing;
use crate::index::records::Place;
use crate::index::ruling::Ruling;
use crate::index::seats::Seat;
use crate::index::settings::Header;
use crate::index::settings::Settings;
use crate::index::settle;
use crate::index::settle::settle;
use crate::index::shelf::Shelf;
use crate::index::slip::Slip;
use crate::index::stacks::Stacks;
use crate::pipeline::Cleaner;
use crate::pipeline::Workers;

/// The files and the folder of an index.
pub(super) const LEDGER: &str = "ledger.redb";
const RECORDS: &str = "records";
const RUNS: &str = "runs";

/// Copies and look-alikes of a node that count for what it is confirmed by. The originals of a
/// template meet all of it.
const MAX_COUNTED: u32 = 64;
/// A digest is so much longer than each of its parts.
const MIN_DIGEST: f32 = 1.1;
/// Documents of which the dictionary is made, and their number from which on there is one.
const SAMPLES: u32 = 1024;
/// Bytes of a document that go into it.
const MAX_SAMPLE: usize = 8 << 10;
/// Bytes of the dictionary: with 64 KiB a bulletin takes a seventh less than without, with more it
/// takes as much.
const DICTIONARY: usize = 64 << 10;

/// An open index.
pub(super) struct Core {
    folder: PathBuf,
    pub(super) ledger: Ledger,
    pub(super) stacks: Stacks,
    pub(super) shelf: Shelf,
    n_capped: u64,
    /// A step failed half-way: what lies in memory and on the disk may differ.
    is_broken: bool,
}

impl Core {
    /// Makes the files of a new index in `folder`.
    pub(super) fn create(folder: &Path) -> Result<()> {
        let runs = folder.join(RUNS);
        std::fs::create_dir_all(&runs).map_err(|e| Error::creating(&runs, e))?;
        let records = folder.join(RECORDS);
        std::fs::File::create_new(&records).map_err(|e| Error::creating(&records, e))?;
        Ledger::create(&folder.join(LEDGER))?;
        Ok(())
    }

    /// Opens the index in `path`; also what prepares documents for it, and the settings that it goes by.
    pub(super) fn opened(
        path: &Path,
        settings: &Settings,
        writes: bool,
    ) -> Result<(Self, Preparing, Settings)> {
        let settings = Header::read(path)?.settle(path, settings)?;
        let cleaner = settings.load()?.map(Cleaner::with_rules);
        let ledger = Ledger::open(&path.join(LEDGER), writes)?;
        let sketcher = Sketcher::new(settings.seed());
        let core = Self::open(path, ledger, sketcher, (settings.memory, settings.per_run), writes)?;
        Ok((core, Preparing::new(cleaner), settings))
    }

    /// Opens the index behind `ledger`.
    fn open(
        folder: &Path,
        ledger: Ledger,
        sketcher: Sketcher,
        (memory, per_run): (usize, Option<usize>),
        writes: bool,
    ) -> Result<Self> {
        let stacks = Stacks::open(&folder.join(RECORDS), &ledger, writes, sketcher)?;
        let mut shelf = Shelf::open(&folder.join(RUNS), memory, per_run);
        if writes {
            shelf.follow(ledger.runs())?;
            shelf.sweep()?;
        }
        let n_capped = ledger.n_capped();
        let folder = folder.to_owned();
        let mut core = Self { folder, ledger, stacks, shelf, n_capped, is_broken: false };
        if writes {
            core.catch_up()?;
        } else {
            // A writer may merge runs while they are opened.
            core.refresh()?;
        }
        Ok(core)
    }

    /// Makes the postings of documents again that lie in no run.
    fn catch_up(&mut self) -> Result<()> {
        for doc in self.shelf.end()..self.ledger.n_committed() {
            let portrait = self.stacks.read(doc, &self.ledger)?;
            let (_, id) = self.stacks.front(doc, &self.ledger)?;
            if self.ledger.doc(doc)?.root == doc {
                self.shelf.push(Slip::of(&portrait), Hashes::of(&portrait, Id(&id)).all());
            } else {
                let [_, revision] = Hashes::same(&portrait, Id(&id));
                self.shelf.push(Slip::NONE, std::iter::once(revision));
            }
        }
        Ok(())
    }

    /// Follows what another process has committed.
    pub(super) fn refresh(&mut self) -> Result<()> {
        /// A run that was merged away between the look at the ledger and that at the folder.
        const TRIES: usize = 5;
        for left in (0..TRIES).rev() {
            self.ledger.refresh()?;
            match self.shelf.follow(self.ledger.runs()) {
                Err(_) if left > 0 => (),
                Err(error) => return Err(error),
                Ok(()) => break,
            }
        }
        self.catch_up()
    }

    /// What documents are painted and packed with.
    pub(super) fn means(&self) -> Means {
        Means { sketcher: self.stacks.sketcher().clone(), dictionary: Arc::clone(self.ledger.dictionary().0) }
    }

    fn check(&self) -> Result<()> {
        if self.is_broken {
            let what = format!("writing the index {} failed before", self.folder.display());
            return Err(Error::new(Kind::Io, what).advised("open it again"));
        }
        Ok(())
    }

    /// Adds documents, in order, and rules about each. A failure takes back all that is not committed.
    pub(super) fn add(&mut self, arrivals: &[&Arrival], workers: &Workers) -> Result<Vec<Ruling>> {
        self.check()?;
        // A panic on the way would leave half of them.
        self.is_broken = true;
        let n_capped = self.n_capped;
        let ruled = self.take_in(arrivals, workers);
        self.is_broken = ruled.is_err() && {
            self.n_capped = n_capped;
            self.ledger.roll_back();
            self.shelf.cut(self.ledger.n_committed());
            self.stacks.roll_back(&self.folder.join(RECORDS), &self.ledger).is_err()
        };
        ruled
    }

    fn take_in(&mut self, arrivals: &[&Arrival], workers: &Workers) -> Result<Vec<Ruling>> {
        let first = self.ledger.n_docs();
        if u64::from(first) + arrivals.len() as u64 > u64::from(NONE >> 1) {
            let what = format!("the index {} is full: it has {first} documents", self.folder.display());
            return Err(Error::new(Kind::Usage, what).advised("start another index"));
        }
        let seats = self.seats(arrivals, first)?;
        // Who comes as which document.
        let (mut numbers, mut by_number) = (Vec::new(), Vec::new());
        for (n, seat) in seats.iter().enumerate() {
            numbers.push(first + by_number.len() as u32);
            if !matches!(seat, Seat::Again(_)) {
                by_number.push(n);
            }
        }
        let (mut bytes, mut lens, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for &n in &by_number {
            let Arrival { hashes, slip, record, .. } = arrivals[n];
            match seats[n] {
                Seat::Own => self.shelf.push(*slip, hashes.all()),
                _ => self.shelf.push(Slip::NONE, std::iter::once(hashes.revision)),
            }
            bytes.extend_from_slice(record);
            lens.push(record.len());
        }
        self.stacks.push(&bytes, &lens, &mut places)?;
        let own: Vec<usize> = by_number.iter().copied().filter(|&n| matches!(seats[n], Seat::Own)).collect();
        let calls: Vec<&[usize]> = own.chunks(per_call(own.len(), workers.len())).collect();
        let portrait = |doc: u32| match doc.checked_sub(first) {
            Some(n) => Ok(Arc::clone(&arrivals[by_number[n as usize]].portrait)),
            None => self.stacks.portrait(doc, &self.ledger),
        };
        let found = workers.map(calls.len(), &|call| {
            let some: Vec<(u32, &Arrival)> = calls[call].iter().map(|&n| (numbers[n], arrivals[n])).collect();
            self.edges(&some, &portrait)
        })?;
        let mut found = found.into_iter().flatten();
        let mut rulings = Vec::with_capacity(arrivals.len());
        for (n, arrival) in arrivals.iter().enumerate() {
            let ruling = match seats[n] {
                Seat::Again(doc) => self.ledger.doc(doc)?.ruling,
                seat => {
                    let place = places[(numbers[n] - first) as usize];
                    let edges = match seat {
                        Seat::Own => found.next().unwrap_or_default(),
                        _ => Found::default(),
                    };
                    self.n_capped += u64::from(edges.is_capped);
                    let edges = self.with_keepers(arrival, edges.edges)?;
                    self.register(arrival, seat, place, &edges)?
                }
            };
            rulings.push(ruling);
        }
        Ok(rulings)
    }

    /// Writes a newcomer into the ledger and decides what it changes.
    fn register(
        &mut self,
        arrival: &Arrival,
        seat: Seat,
        place: Place,
        edges: &[(u32, Edge)],
    ) -> Result<Ruling> {
        let Arrival { id, portrait, base, .. } = arrival;
        let number = self.ledger.n_docs();
        let root = if let Seat::In(root) = seat { root } else { number };
        let tie = (id.clone(), portrait.text, portrait.exact);
        self.ledger.push_doc(Doc { root, place, ruling: Ruling::New }, tie);
        if edges.is_empty() && matches!(seat, Seat::Own) {
            // Most are strangers to all, and change nothing.
            self.ledger.set_node(number, stranger(number, arrival));
            return Ok(Ruling::New);
        }
        let (mut touched, mut old_face) = (vec![root], None);
        if let Seat::In(root) = seat {
            let mut node = self.ledger.node(root)?;
            let own = (*base, id.as_slice(), portrait.text, portrait.exact);
            if settle::is_better(own, &node, &self.ledger, &self.stacks)? {
                old_face = Some(node.face);
                (node.face, node.base) = (number, *base);
            }
            node.n_docs += 1;
            self.ledger.set_node(root, node);
            // Behind the sixty-fourth, a copy more confirms nothing.
            if node.n_docs <= MAX_COUNTED && node.n_copies <= MAX_COUNTED || old_face.is_some() {
                touched.extend(self.relatives(root)?);
            }
        } else {
            self.ledger.set_node(number, stranger(number, arrival));
            let mut n_copies = 0;
            for &(other, edge) in edges {
                self.ledger.set_edge(number, other, edge);
                let mut its = self.ledger.node(other)?;
                if edge.found.relation == Relation::Variant && edge.carrier == NONE {
                    if its.n_variants < MAX_COUNTED {
                        its.n_variants += 1;
                        self.ledger.set_edge(other, number, edge);
                    }
                } else {
                    // Only so many copies count for what a node is confirmed by, and only the longer
                    // one of two becomes a digest: a text that came ten thousand times is not weighed anew.
                    let is_longer = its.key_len as f32 > MIN_DIGEST * portrait.key.len() as f32;
                    if its.n_copies < MAX_COUNTED || is_longer || *base < its.base {
                        touched.push(other);
                    }
                    its.n_copies += 1;
                    n_copies += 1;
                    self.ledger.set_edge(other, number, edge);
                }
                self.ledger.set_node(other, its);
            }
            let own = self.ledger.node(number)?;
            self.ledger.set_node(number, Node { n_copies, ..own });
        }
        let was_kept = self.ledger.node(root)?.is_kept();
        let changed = settle(&touched, &mut self.ledger, &self.stacks)?;
        let ruling = self.rule(number, root, was_kept, old_face, &changed, portrait)?;
        if let Some(doc) = self.ledger.last_doc() {
            doc.ruling = ruling.clone();
        }
        Ok(ruling)
    }

    /// Nodes that are more than look-alikes of one: only they can change what it is.
    fn relatives(&self, root: u32) -> Result<Vec<u32>> {
        let edges = self.ledger.edges(root)?;
        let is_relative = |edge: &Edge| edge.found.relation != Relation::Variant || edge.carrier != NONE;
        Ok(edges.into_iter().filter(|(_, edge)| is_relative(edge)).map(|(other, _)| other).collect())
    }

    /// What is said to a newcomer.
    fn rule(
        &self,
        number: u32,
        root: u32,
        was_kept: bool,
        old_face: Option<u32>,
        changed: &[u32],
        portrait: &Portrait,
    ) -> Result<Ruling> {
        let node = self.ledger.node(root)?;
        let face = |root: u32| Ok::<_, Error>(self.ledger.node(root)?.face);
        if !node.is_kept() {
            return Ok(Ruling::Copy { of: face(node.copy_of)?, kind: node.fate });
        }
        if node.face != number {
            let (_, _, exact) = self.stacks.tie(node.face, &self.ledger)?;
            let kind = if exact == portrait.exact { Fate::Exact } else { Fate::Same };
            return Ok(Ruling::Copy { of: node.face, kind });
        }
        let (mut docs, mut restored) = (Vec::new(), Vec::new());
        if was_kept {
            docs.extend(old_face);
        }
        for &other in changed.iter().filter(|&&other| other != root) {
            let its = self.ledger.node(other)?;
            if its.is_kept() { &mut restored } else { &mut docs }.push(its.face);
        }
        if !docs.is_empty() || !restored.is_empty() {
            return Ok(Ruling::Supersedes { docs, restored });
        }
        Ok(match node.variant_of {
            NONE => Ruling::New,
            other => Ruling::Variant { of: face(other)? },
        })
    }

    /// What would be ruled about a document, as it stands.
    pub(super) fn query(&mut self, arrival: &Arrival) -> Result<Ruling> {
        self.check()?;
        let number = self.ledger.n_docs();
        let mut seat = self.seats(&[arrival], number)?[0];
        if let Seat::Again(doc) = seat {
            // Whoever asks wants to hear that it is known.
            seat = Seat::In(self.ledger.doc(doc)?.root);
        }
        let mut edges = Vec::new();
        if matches!(seat, Seat::Own) {
            let portrait = |doc: u32| self.stacks.portrait(doc, &self.ledger);
            edges = self.edges(&[(number, arrival)], &portrait)?.pop().unwrap_or_default().edges;
        }
        let edges = self.with_keepers(arrival, edges)?;
        self.ledger.suppose();
        let nowhere = Place { at: 0, len: 0, sum: 0 };
        let ruling = self.register(arrival, seat, nowhere, &edges);
        self.ledger.forget();
        ruling
    }

    /// Makes everything durable that was added.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.check()?;
        self.is_broken = true;
        let made = self.write_down();
        self.is_broken = made.is_err();
        made
    }

    /// Makes durable what was decided about documents that are there.
    pub(super) fn commit_decisions(&mut self) -> Result<()> {
        let (records, n_capped) = (self.stacks.len(), self.n_capped);
        let made = self.ledger.commit(&Commit { records, n_capped, ..Commit::default() });
        self.is_broken = made.is_err();
        made
    }

    fn write_down(&mut self) -> Result<()> {
        if self.ledger.n_docs() == self.ledger.n_committed() {
            return Ok(());
        }
        let records = self.stacks.sync()?;
        let runs = if self.shelf.is_full() { Some(self.shelf.flush()?) } else { None };
        let is_flushed = runs.is_some();
        let dictionary = self.dictionary()?;
        let has_new_one = dictionary.is_some();
        self.ledger.commit(&Commit { records, runs, dictionary, n_capped: self.n_capped })?;
        if is_flushed {
            self.shelf.sweep()?;
        }
        if has_new_one {
            self.stacks.forget();
        }
        Ok(())
    }

    /// A dictionary of the newest documents, once there are enough.
    fn dictionary(&self) -> Result<Option<Vec<u8>>> {
        let n = self.ledger.n_docs();
        let is_due = n / SAMPLES > self.ledger.n_committed() / SAMPLES;
        if !self.ledger.dictionary().0.is_empty() || !is_due {
            return Ok(None);
        }
        let mut samples: Vec<Vec<u8>> = Vec::new();
        for doc in n - SAMPLES..n {
            let mut sample = Vec::new();
            Packer::content(&self.stacks.read(doc, &self.ledger)?, &mut sample);
            sample.truncate(MAX_SAMPLE);
            samples.push(sample);
        }
        // Equal documents make no dictionary; the next thousand tries again.
        Ok(zstd::dict::from_samples(&samples, DICTIONARY).ok())
    }

    /// One run of postings, and no unused pages.
    pub(super) fn compact(&mut self) -> Result<()> {
        self.commit()?;
        self.is_broken = true;
        let runs = Some(self.shelf.compact()?);
        let (records, n_capped) = (self.stacks.len(), self.n_capped);
        self.ledger.commit(&Commit { records, runs, dictionary: None, n_capped })?;
        self.shelf.sweep()?;
        self.ledger.compact()?;
        self.is_broken = false;
        Ok(())
    }
}

/// A node of one document to which nobody is anything.
fn stranger(number: u32, arrival: &Arrival) -> Node {
    Node {
        face: number,
        n_docs: 1,
        base: arrival.base,
        key_len: arrival.portrait.key.len() as u32,
        agreement: 0,
        n_variants: 0,
        n_copies: 0,
        is_digest: false,
        may_carry: arrival.portrait.facts.carries_at.is_some(),
        fate: Fate::Kept,
        copy_of: NONE,
        variant_of: NONE,
        part_of: NONE,
    }
}
