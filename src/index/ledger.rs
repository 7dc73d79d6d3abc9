//! Which documents there are, which of them stay, and who was found to be what to whom: in a
//! database that one process writes and any number of processes read at the same time.
//!
//! What a batch changes is collected in memory first and committed in one step, so that a crash
//! leaves all of it or nothing.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use redb::Builder;
use redb::ConcurrencyMode;
use redb::Database;
use redb::DatabaseError;
use redb::ReadOnlyDatabase;
use redb::ReadOnlyTable;
use redb::ReadTransaction;
use redb::ReadableDatabase;
use redb::ReadableTable;
use redb::ReadableTableMetadata;
use redb::TableDefinition;

use crate::error::Error;
use crate::error::Kind;
use crate::error::Result;
use crate::index::edge::Edge;
use crate::index::node::Node;
use crate::index::records::Place;
use crate::index::ruling::Ruling;

/// Settings and what there is one of.
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Documents by number.
const DOCS: TableDefinition<u32, &[u8]> = TableDefinition::new("docs");
/// Nodes by the number of their first document.
const NODES: TableDefinition<u32, &[u8]> = TableDefinition::new("nodes");
/// Edges by both nodes; they stand there both ways round, but for look-alikes of a template.
const EDGES: TableDefinition<(u32, u32), &[u8]> = TableDefinition::new("edges");
/// Runs of postings by number.
const RUNS: TableDefinition<u32, ()> = TableDefinition::new("runs");

/// The dictionary, and the first document that was packed with it.
const DICTIONARY: &str = "dictionary";
const DICTIONARY_FROM: &str = "dictionary-from";
/// Bytes of the records that count.
const RECORDS: &str = "records";
const CAPPED: &str = "candidates-capped";

/// A document: its node, its record, and what it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doc {
    pub(super) root: u32,
    pub(super) place: Place,
    pub(super) ruling: Ruling,
}

impl Doc {
    fn push(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.root.to_le_bytes());
        out.extend_from_slice(&self.place.at.to_le_bytes());
        out.extend_from_slice(&self.place.len.to_le_bytes());
        out.extend_from_slice(&self.place.sum.to_le_bytes());
        self.ruling.push(out);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (root, rest) = bytes.split_first_chunk()?;
        let (at, rest) = rest.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let (sum, rest) = rest.split_first_chunk()?;
        let place = Place {
            at: u64::from_le_bytes(*at),
            len: u32::from_le_bytes(*len),
            sum: u32::from_le_bytes(*sum),
        };
        Some(Self { root: u32::from_le_bytes(*root), place, ruling: Ruling::read(rest)? })
    }
}

/// What orders documents of equal rank: the id as JSON, the text, the decoded text.
pub(super) type Tie = (Vec<u8>, u128, u128);

/// What is not committed yet.
#[derive(Debug, Default)]
struct Changes {
    /// Documents, from the first that is not committed on.
    docs: Vec<Doc>,
    ties: HashMap<u32, Tie>,
    nodes: HashMap<u32, Node>,
    /// By node and by the other one.
    edges: HashMap<u32, BTreeMap<u32, Edge>>,
}

/// What is committed together with the changes.
#[derive(Debug, Default)]
pub(super) struct Commit {
    /// Bytes of the records that count from now on.
    pub(super) records: u64,
    /// The runs there are from now on, where that changes.
    pub(super) runs: Option<Vec<u32>>,
    /// A dictionary for the documents from here on.
    pub(super) dictionary: Option<Vec<u8>>,
    /// Documents that were not compared with all that they met, ever.
    pub(super) n_capped: u64,
}

/// The database, for writing or for reading.
enum Base {
    Writer(Database),
    Reader(ReadOnlyDatabase),
}

/// The large tables as they were committed last.
struct Tables {
    docs: ReadOnlyTable<u32, &'static [u8]>,
    nodes: ReadOnlyTable<u32, &'static [u8]>,
    edges: ReadOnlyTable<(u32, u32), &'static [u8]>,
}

/// What was committed last.
struct View {
    /// `None` while the database is checked or compacted, which no reader may hinder.
    tables: Option<Tables>,
    n_docs: u32,
    n_records: u64,
    n_capped: u64,
    runs: Vec<u32>,
    dictionary: (Arc<[u8]>, u32),
}

/// The ledger of one index.
pub(super) struct Ledger {
    base: Base,
    path: PathBuf,
    view: View,
    changes: Changes,
    /// What a query supposes, above the changes.
    supposed: Option<Changes>,
}

/// An error of the database, as ours.
fn trouble(doing: &str, path: &Path, cause: impl Into<redb::Error>) -> Error {
    match cause.into() {
        redb::Error::Io(cause) => Error::io(doing, path, cause),
        redb::Error::DatabaseAlreadyOpen => {
            let what = format!("another process writes to the index {}", path.display());
            Error::new(Kind::Locked, what).advised("wait for it, or open the index for reading only")
        }
        redb::Error::RepairAborted => {
            let what =
                format!("{doing} {}: a writer was killed there and left it to be repaired", path.display());
            Error::new(Kind::Damaged, what).advised("open it once for writing: `jingwen index verify`")
        }
        cause => {
            let what = format!("{doing} {}: {cause}", path.display());
            Error::new(Kind::Damaged, what)
                .advised("restore the index from a copy, or add the documents to a new one")
        }
    }
}

fn builder() -> Builder {
    /// Bytes of pages that the database holds.
    const CACHE: usize = 64 << 20;
    let mut builder = Builder::new();
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter).set_cache_size(CACHE);
    builder
}

impl Base {
    fn begin(&self) -> std::result::Result<ReadTransaction, redb::TransactionError> {
        match self {
            Self::Writer(database) => database.begin_read(),
            Self::Reader(database) => database.begin_read(),
        }
    }
}

impl View {
    /// `known` is the dictionary, if it was seen already: an index gets one for ever.
    fn open(base: &Base, path: &Path, known: Option<(Arc<[u8]>, u32)>) -> Result<Self> {
        let at = |e: redb::Error| trouble("reading", path, e);
        let begun = base.begin().map_err(|e| at(e.into()))?;
        let meta = begun.open_table(META).map_err(|e| at(e.into()))?;
        let value = |name: &str| match meta.get(name) {
            Ok(value) => Ok(value.map(|value| value.value().to_vec()).unwrap_or_default()),
            Err(e) => Err(at(e.into())),
        };
        let number = |bytes: Vec<u8>| bytes.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        let docs = begun.open_table(DOCS).map_err(|e| at(e.into()))?;
        let runs = begun.open_table(RUNS).map_err(|e| at(e.into()))?;
        let runs = runs.iter().map_err(|e| at(e.into()))?;
        let runs = runs.map(|row| row.map(|row| row.0.value())).collect::<std::result::Result<_, _>>();
        let dictionary = match known.filter(|(bytes, _)| !bytes.is_empty()) {
            Some(known) => known,
            None => (value(DICTIONARY)?.into(), number(value(DICTIONARY_FROM)?) as u32),
        };
        Ok(Self {
            n_docs: docs.len().map_err(|e| at(e.into()))? as u32,
            tables: Some(Tables {
                docs,
                nodes: begun.open_table(NODES).map_err(|e| at(e.into()))?,
                edges: begun.open_table(EDGES).map_err(|e| at(e.into()))?,
            }),
            n_records: number(value(RECORDS)?),
            n_capped: number(value(CAPPED)?),
            runs: runs.map_err(|e: redb::StorageError| at(e.into()))?,
            dictionary,
        })
    }
}

impl Ledger {
    /// A new ledger in the file `path`.
    pub(super) fn create(path: &Path) -> Result<()> {
        let at = |e: redb::Error| trouble("creating", path, e);
        let database = builder().create(path).map_err(|e| at(e.into()))?;
        let begun = database.begin_write().map_err(|e| at(e.into()))?;
        {
            begun.open_table(META).map_err(|e| at(e.into()))?;
            begun.open_table(DOCS).map_err(|e| at(e.into()))?;
            begun.open_table(NODES).map_err(|e| at(e.into()))?;
            begun.open_table(EDGES).map_err(|e| at(e.into()))?;
            begun.open_table(RUNS).map_err(|e| at(e.into()))?;
        }
        begun.commit().map_err(|e| at(e.into()))
    }

    /// Opens the ledger in the file `path`.
    pub(super) fn open(path: &Path, writes: bool) -> Result<Self> {
        let at = |e: DatabaseError| trouble("opening", path, e);
        let base = if writes {
            Base::Writer(builder().open(path).map_err(at)?)
        } else {
            Base::Reader(builder().open_read_only(path).map_err(at)?)
        };
        let view = View::open(&base, path, None)?;
        Ok(Self { base, path: path.to_owned(), view, changes: Changes::default(), supposed: None })
    }

    /// Looks at what was committed since, by whomever.
    pub(super) fn refresh(&mut self) -> Result<()> {
        self.view = View::open(&self.base, &self.path, Some(self.view.dictionary.clone()))?;
        Ok(())
    }

    /// The dictionary, and the first document that was packed with it.
    pub(super) fn dictionary(&self) -> (&Arc<[u8]>, u32) {
        (&self.view.dictionary.0, self.view.dictionary.1)
    }

    /// Bytes of the records that were committed.
    pub(super) fn n_records(&self) -> u64 {
        self.view.n_records
    }

    /// Documents that were not compared with all that they met.
    pub(super) fn n_capped(&self) -> u64 {
        self.view.n_capped
    }

    pub(super) fn runs(&self) -> &[u32] {
        &self.view.runs
    }

    /// Documents, those that are not committed too.
    pub(super) fn n_docs(&self) -> u32 {
        let supposed = self.supposed.as_ref().map_or(0, |changes| changes.docs.len());
        self.view.n_docs + (self.changes.docs.len() + supposed) as u32
    }

    pub(super) fn n_committed(&self) -> u32 {
        self.view.n_docs
    }

    fn damaged(&self, what: &str, number: u32) -> Error {
        let what = format!("{}: {what} {number} is missing or damaged", self.path.display());
        Error::new(Kind::Damaged, what)
            .advised("restore the index from a copy, or add the documents to a new one")
    }

    fn tables(&self) -> Result<&Tables> {
        let closed =
            || Error::new(Kind::Io, format!("{} is closed; open the index again", self.path.display()));
        self.view.tables.as_ref().ok_or_else(closed)
    }

    fn layers(&self) -> impl Iterator<Item = &Changes> {
        self.supposed.iter().chain([&self.changes])
    }

    fn top(&mut self) -> &mut Changes {
        self.supposed.as_mut().unwrap_or(&mut self.changes)
    }

    pub(super) fn doc(&self, number: u32) -> Result<Doc> {
        if let Some(n) = number.checked_sub(self.view.n_docs) {
            let n = n as usize;
            let n_changes = self.changes.docs.len();
            let supposed = || self.supposed.as_ref()?.docs.get(n - n_changes);
            let doc = if n < n_changes { self.changes.docs.get(n) } else { supposed() };
            return doc.cloned().ok_or_else(|| self.damaged("document", number));
        }
        let found = self.tables()?.docs.get(number).map_err(|e| trouble("reading", &self.path, e))?;
        let doc = found.and_then(|value| Doc::read(value.value()));
        doc.ok_or_else(|| self.damaged("document", number))
    }

    pub(super) fn node(&self, root: u32) -> Result<Node> {
        if let Some(node) = self.layers().find_map(|changes| changes.nodes.get(&root)) {
            return Ok(*node);
        }
        let found = self.tables()?.nodes.get(root).map_err(|e| trouble("reading", &self.path, e))?;
        let node = found.and_then(|value| Node::read(value.value()));
        node.ok_or_else(|| self.damaged("node", root))
    }

    /// Who was found to be something to `root`, by number.
    pub(super) fn edges(&self, root: u32) -> Result<BTreeMap<u32, Edge>> {
        let mut edges = BTreeMap::new();
        if root < self.view.n_docs {
            let at = |e| trouble("reading", &self.path, e);
            let range = self.tables()?.edges.range((root, 0)..=(root, u32::MAX)).map_err(at)?;
            for row in range {
                let (key, value) = row.map_err(at)?;
                let other = key.value().1;
                edges.insert(other, Edge::read(value.value()).ok_or_else(|| self.damaged("node", root))?);
            }
        }
        for changes in [Some(&self.changes), self.supposed.as_ref()].into_iter().flatten() {
            edges.extend(changes.edges.get(&root).into_iter().flatten().map(|(&other, &edge)| (other, edge)));
        }
        Ok(edges)
    }

    /// Notes the next document; answers its number.
    pub(super) fn push_doc(&mut self, doc: Doc, tie: Tie) -> u32 {
        let number = self.n_docs();
        let top = self.top();
        top.docs.push(doc);
        top.ties.insert(number, tie);
        number
    }

    /// What orders a document that is not committed.
    pub(super) fn tie(&self, number: u32) -> Option<&Tie> {
        self.layers().find_map(|changes| changes.ties.get(&number))
    }

    /// The document that came last, to be told something.
    pub(super) fn last_doc(&mut self) -> Option<&mut Doc> {
        self.top().docs.last_mut()
    }

    pub(super) fn set_node(&mut self, root: u32, node: Node) {
        self.top().nodes.insert(root, node);
    }

    /// Notes by `root` what was found about it and `other`.
    pub(super) fn set_edge(&mut self, root: u32, other: u32, edge: Edge) {
        self.top().edges.entry(root).or_default().insert(other, edge);
    }

    /// What follows is supposed until [`Ledger::forget`].
    pub(super) fn suppose(&mut self) {
        self.supposed = Some(Changes::default());
    }

    pub(super) fn forget(&mut self) {
        self.supposed = None;
    }

    /// Takes back what is not committed.
    pub(super) fn roll_back(&mut self) {
        self.changes = Changes::default();
    }

    /// Writes all changes down, in one step that a crash cannot divide.
    pub(super) fn commit(&mut self, commit: &Commit) -> Result<()> {
        let Base::Writer(database) = &self.base else {
            return Err(Error::usage(format!("the index {} is open for reading only", self.path.display())));
        };
        let at = |e: redb::Error| trouble("writing", &self.path, e);
        let begun = database.begin_write().map_err(|e| at(e.into()))?;
        {
            let mut meta = begun.open_table(META).map_err(|e| at(e.into()))?;
            let mut put = |name, value: &[u8]| meta.insert(name, value).map(|_| ()).map_err(|e| at(e.into()));
            put(RECORDS, &commit.records.to_le_bytes())?;
            put(CAPPED, &commit.n_capped.to_le_bytes())?;
            if let Some(dictionary) = &commit.dictionary {
                put(DICTIONARY, dictionary)?;
                put(DICTIONARY_FROM, &u64::from(self.n_docs()).to_le_bytes())?;
            }
            let mut bytes = Vec::new();
            let mut docs = begun.open_table(DOCS).map_err(|e| at(e.into()))?;
            for (number, doc) in (self.view.n_docs..).zip(&self.changes.docs) {
                bytes.clear();
                doc.push(&mut bytes);
                docs.insert(number, bytes.as_slice()).map_err(|e| at(e.into()))?;
            }
            let mut nodes = begun.open_table(NODES).map_err(|e| at(e.into()))?;
            let mut changed: Vec<_> = self.changes.nodes.iter().collect();
            changed.sort_unstable_by_key(|row| row.0);
            for (&root, node) in changed {
                nodes.insert(root, node.bytes().as_slice()).map_err(|e| at(e.into()))?;
            }
            let mut edges = begun.open_table(EDGES).map_err(|e| at(e.into()))?;
            let mut changed: Vec<_> = self.changes.edges.iter().collect();
            changed.sort_unstable_by_key(|row| row.0);
            for (&x, others) in changed {
                for (&y, edge) in others {
                    edges.insert((x, y), edge.bytes().as_slice()).map_err(|e| at(e.into()))?;
                }
            }
            if let Some(numbers) = &commit.runs {
                let mut runs = begun.open_table(RUNS).map_err(|e| at(e.into()))?;
                runs.retain(|number, ()| numbers.contains(&number)).map_err(|e| at(e.into()))?;
                for &number in numbers {
                    runs.insert(number, ()).map_err(|e| at(e.into()))?;
                }
            }
        }
        begun.commit().map_err(|e| at(e.into()))?;
        self.changes = Changes::default();
        self.refresh()
    }

    /// How many nodes there are, and how many of them stay.
    pub(super) fn count(&self) -> Result<(u64, u64)> {
        let at = |e| trouble("reading", &self.path, e);
        let (mut n, mut n_kept) = (0, 0);
        for row in self.tables()?.nodes.iter().map_err(at)? {
            let (root, value) = row.map_err(at)?;
            let stored = Node::read(value.value());
            let changed = self.changes.nodes.get(&root.value()).copied();
            n += 1;
            n_kept += u64::from(changed.or(stored).is_some_and(|node| node.is_kept()));
        }
        let new = self.changes.nodes.iter().filter(|(root, _)| **root >= self.view.n_docs);
        for (_, node) in new {
            n += 1;
            n_kept += u64::from(node.is_kept());
        }
        Ok((n, n_kept))
    }

    /// Holds the pages of the database against their sums; false where some did not fit.
    pub(super) fn verify(&mut self) -> Result<bool> {
        self.view.tables = None;
        let checked = match &mut self.base {
            Base::Writer(database) => match database.check_integrity() {
                // Other processes read: their view is of pages that were sound.
                Err(DatabaseError::TransactionInProgress) => Ok(true),
                checked => checked.map_err(|e| trouble("checking", &self.path, e)),
            },
            Base::Reader(_) => Ok(true),
        };
        self.refresh()?;
        checked
    }

    /// Gives pages back that are not in use.
    pub(super) fn compact(&mut self) -> Result<()> {
        self.view.tables = None;
        let compacted = match &mut self.base {
            Base::Writer(database) => match database.compact() {
                // Other processes read: the pages are given back another time.
                Ok(_) | Err(redb::CompactionError::TransactionInProgress) => Ok(()),
                Err(e) => Err(trouble("compacting", &self.path, e)),
            },
            Base::Reader(_) => Ok(()),
        };
        self.refresh()?;
        compacted
    }
}
