//! The command `run`: clean every document, drop repeated ones, account for each.
//!
//! Two passes: the first cleans and spills, the second writes what was decided about all. All
//! outputs grow inside `work/` and come to their places by renames when they are whole.

use std::fs::Metadata;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::copies;
use crate::copies::Decision;
use crate::copies::Sketcher;
use crate::error::Error;
use crate::error::Result;
use crate::pipeline::belt;
use crate::pipeline::clean::Cleaner;
use crate::pipeline::clean_files::message;
use crate::pipeline::document::Done;
use crate::pipeline::document::Fate;
use crate::pipeline::document::Record;
use crate::pipeline::document::Workshop;
use crate::pipeline::format::Format;
use crate::pipeline::harvest::Harvest;
use crate::pipeline::job::Job;
use crate::pipeline::job::Keeping;
use crate::pipeline::job::Known;
use crate::pipeline::job::Preparing;
use crate::pipeline::job::Sites;
use crate::pipeline::job::Watcher;
use crate::pipeline::manifest::Manifest;
use crate::pipeline::manifest::Order;
use crate::pipeline::outputs::Outputs;
use crate::pipeline::register::Register;
use crate::pipeline::replay;
use crate::pipeline::report::End;
use crate::pipeline::report::Report;
use crate::pipeline::report::Summary;
use crate::pipeline::report::Tally;
use crate::pipeline::sink::Out;
use crate::pipeline::sink::refuse_existing;
use crate::pipeline::sites::Lines;
use crate::pipeline::sites::Shelf;
use crate::pipeline::sites::Task;
use crate::pipeline::spill::Frame;
use crate::pipeline::trail_file;
use crate::pipeline::verdicts::Court;
use crate::pipeline::verdicts::Tools;
use crate::pipeline::verdicts::Verdicts;
use crate::pipeline::workplace;
use crate::pipeline::workplace::Workplace;
use crate::source::STDIN;
use crate::source::Source;

/// What one byte of a frame may cost in memory: itself, the rows, the evidence.
const FRAME_WEIGHT: usize = 4;

/// Prepares every document of the job's inputs and drops repeated ones; the results go to `folder`.
///
/// # Errors
///
/// If an input does not exist, the output exists, a file cannot be written, or the job is stopped;
/// if the job is to be resumed, also where there is nothing to go on with, or it does not fit.
/// What cannot be read is no error: it is named and counted.
pub fn run(
    job: &Job,
    preparing: Preparing,
    folder: &Path,
    keeping: &Keeping,
    watcher: &mut dyn Watcher,
) -> Result<Summary> {
    advised(both_passes(job, preparing, folder, keeping, None, watcher), job, folder)
}

/// As [`run`], against the documents that `known` has; they stay, and those of this run are added when
/// the output is published.
#[cfg(feature = "index")]
pub(crate) fn run_against(
    job: &Job,
    preparing: Preparing,
    folder: &Path,
    keeping: &Keeping,
    known: &mut dyn Known,
    watcher: &mut dyn Watcher,
) -> Result<Summary> {
    advised(both_passes(job, preparing, folder, keeping, Some(known), watcher), job, folder)
}

/// An interruption says how to go on.
fn advised(done: Result<Summary>, job: &Job, folder: &Path) -> Result<Summary> {
    done.map_err(|error| {
        if error.is_interruption() && !job.dry_run && workplace::is_resumable(folder) {
            let place = folder.display();
            error.advised(format!("what is done stays in {place}/work: the same call with --resume goes on"))
        } else {
            error
        }
    })
}

fn both_passes(
    job: &Job,
    preparing: Preparing,
    folder: &Path,
    keeping: &Keeping,
    mut known: Option<&mut dyn Known>,
    watcher: &mut dyn Watcher,
) -> Result<Summary> {
    job.format.map_or(Ok(()), Format::check)?;
    let source = job.source()?;
    let references = match keeping.against.as_slice() {
        [] => None,
        against => Some(job.source_of(against)?),
    };
    if let Some(path) = job.report.as_ref().filter(|_| !job.dry_run) {
        refuse_existing(path, job.overwrite)?;
    }
    let is_piped = job.plan.inputs.iter().any(|input| input.as_os_str() == STDIN);
    if is_piped && job.resume {
        return Err(Error::usage("standard input cannot be read again: --resume goes on with files only"));
    }
    if known.is_some() && job.resume {
        return Err(Error::usage(
            "--resume does not go with --index: the index may have grown since; run again without it",
        ));
    }
    let order = order(job, &preparing, keeping);
    let Preparing { cleaner, trail, boilerplate } = preparing;
    let as_is = cleaner.is_none();
    let cleaner = cleaner.unwrap_or_default();
    let rules = cleaner.rules().clone();
    let mut place = match (job.dry_run, job.resume) {
        (true, _) => None,
        (false, true) => Some(Workplace::resume(folder)?),
        (false, false) => Some(Workplace::take(folder, job.overwrite)?),
    };
    let mut report = Report::new(place.is_some());
    let (mut register, mut harvest) = match &mut place {
        None => (Register::new(None)?, None),
        Some(place) => {
            let part = (!is_piped).then_some(job.part);
            let trail = trail.then(|| format!("{}\n", trail_file::header(&rules)));
            if job.resume {
                let manifest = Manifest::read(&place.work, &order)?;
                let progress = &manifest.progress;
                place.tidy(progress.trail.0)?;
                report.go_on(&progress.sums);
                let register = Register::resume(&place.work, progress.portraits, progress.n_references)?;
                (register, Some(Harvest::resume(&place.work, &place.drafts, trail, manifest, part)?))
            } else {
                let register = Register::new(Some(&place.work))?;
                (register, Some(Harvest::new(&place.work, &place.drafts, trail, order, part)?))
            }
        }
    };

    let lines = match boilerplate {
        Some(sites) => Some(count_lines(job, &cleaner, sites, harvest.as_mut(), &mut report)?),
        None => None,
    };
    let workshop = || Workshop {
        as_is,
        record: if harvest.is_some() { Record::Digest } else { Record::Nothing },
        sketcher: Some(Sketcher::new(copies::DEFAULT_SEED)),
        sites: lines.clone(),
        ..job.workshop(cleaner.clone())
    };
    let workshops = (
        Workshop { is_reference: true, ..workshop() },
        Workshop {
            with_trail: trail,
            record: if harvest.is_some() { Record::Frame } else { Record::Nothing },
            ..workshop()
        },
    );
    if let Some(known) = &mut known {
        known.each(&mut |record| register.push_reference(record))?;
    }
    if let Some(source) = references {
        take_references(job, source, workshops.0, harvest.as_mut(), &mut register, &mut report, watcher)?;
    }
    gather(job, source, workshops.1, harvest.as_mut(), &mut register, &mut report, watcher)?;

    let options = copies::Options {
        near: keeping.near,
        drop_variants: keeping.drop_variants,
        drop_forwards: keeping.drop_forwards,
        keep_first: keeping.first,
    };
    let decided = register.decide(&options, job.limits(), &job.stop)?;
    report.add_pairs(decided.compared, decided.candidates_capped);
    if let Some(id) = &keeping.explain {
        for line in register.explain(id, &decided)? {
            watcher.told(&line);
        }
    }
    let (Some(place), Some(harvest)) = (place, harvest) else {
        let decisions = (register.n_references()..decided.len()).map(|n| decided.decision(n));
        return Ok(dry_sums(decisions, report.finish(&rules)));
    };
    let register = Arc::new(register);
    let court = Court { register: Arc::clone(&register), decided: Arc::new(decided) };
    write_verdicts(job, harvest, court, &place.drafts, &mut report)?;
    let summary = report.finish(&rules);
    report.write(Out::create(&place.drafts.join("report.json"))?, &rules)?;
    job.stop.check()?;
    place.publish()?;
    if let Some(path) = &job.report {
        report.write(Out::claim(path, job.overwrite)?, &rules)?;
    }
    // Behind the publishing: documents that were known before their output stands would be lost to it.
    if let Some(known) = known {
        add_all(&register, known).map_err(|error| {
            error.advised("the output is whole; add the inputs to the index with `jingwen index add`")
        })?;
    }
    Ok(summary)
}

/// Makes all documents of the inputs known.
fn add_all(register: &Register, known: &mut dyn Known) -> Result<()> {
    /// Bytes of records that are handed over together.
    const MAX_WEIGHT: usize = 32 << 20;
    let (mut records, mut weight): (Vec<Vec<u8>>, usize) = (Vec::new(), 0);
    for n in register.n_references()..register.len() {
        let mut record = Vec::new();
        weight += register.record(n, &mut record)?.len();
        records.push(record);
        if weight >= MAX_WEIGHT || n + 1 == register.len() {
            known.add(&records.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
            records.clear();
            weight = 0;
        }
    }
    Ok(())
}

/// What the run is asked for, as far as its results rest on it.
fn order(job: &Job, preparing: &Preparing, keeping: &Keeping) -> Order {
    let Keeping { near, drop_variants, drop_forwards, against, first, explain: _ } = keeping;
    let command = if preparing.cleaner.is_some() { "run" } else { "dedup" };
    let rules = preparing.cleaner.as_ref().map_or(0, |cleaner| cleaner.rules().hash());
    let sites = preparing.boilerplate.as_ref();
    let options = [
        ("the command", command.to_owned()),
        ("the set of rules (--profile, --enable, --disable, --rules)", format!("{rules:016x}")),
        ("--text-field", job.plan.text_field.clone()),
        ("--id-field", job.id_field.clone()),
        ("--max-document-size", job.plan.max_document.to_string()),
        ("--output-format", job.format.unwrap_or(Format::Jsonl).ending().to_owned()),
        ("--trail", preparing.trail.to_string()),
        ("--strip-boilerplate", sites.is_some().to_string()),
        ("--site-field", sites.and_then(|sites| sites.field.clone()).unwrap_or_else(|| "none".to_owned())),
        ("--near", near.to_string()),
        ("--keep", if *first { "first" } else { "best" }.to_owned()),
        ("--drop-variants", drop_variants.to_string()),
        ("--drop-forwards", drop_forwards.to_string()),
        ("--against", format!("{against:?}")),
    ];
    let input = |path: &PathBuf| {
        let size = path.metadata().ok().filter(Metadata::is_file).map(|file| file.len());
        (path.display().to_string(), size)
    };
    Order::new(
        options.map(|(name, value)| (name.to_owned(), value)).into(),
        job.plan.inputs.iter().map(input).collect(),
    )
}

/// Reads all inputs once to count the lines of their sites.
fn count_lines(
    job: &Job,
    cleaner: &Cleaner,
    sites: Sites,
    harvest: Option<&mut Harvest>,
    report: &mut Report,
) -> Result<Lines> {
    if job.plan.inputs.iter().any(|input| input.as_os_str() == STDIN) {
        return Err(Error::usage(
            "--strip-boilerplate reads its inputs twice; save standard input to a file first",
        ));
    }
    let shelf = Shelf::default();
    let task = Task::Count(shelf.clone());
    let workshop = Workshop {
        sites: Some(Lines { sites: sites.clone(), task }),
        record: if harvest.is_some() { Record::Digest } else { Record::Nothing },
        ..job.workshop(cleaner.clone())
    };
    let mut digest = 0;
    belt::run(job.source()?, workshop, job.limits(), &job.stop, |done| {
        digest = replay::chain(digest, done.digest);
        Ok(())
    })?;
    if let Some(harvest) = harvest {
        if job.resume && harvest.progress().counted != digest {
            return Err(replay::changed("the lines of its sites were counted in other files"));
        }
        harvest.counted(digest);
    }
    let counts = shelf.sum();
    report.add_boilerplate(&counts);
    Ok(Lines { sites, task: Task::Strip(Arc::new(counts)) })
}

/// Takes in the documents that the inputs are held against; where an unfinished run has, looks that
/// they are the same.
fn take_references(
    job: &Job,
    source: Source,
    workshop: Workshop,
    mut harvest: Option<&mut Harvest>,
    register: &mut Register,
    report: &mut Report,
    watcher: &mut dyn Watcher,
) -> Result<()> {
    if job.resume {
        let known = harvest.map(|harvest| harvest.progress().references);
        if known != Some(replay::digest_all(source, &job.stop)?) {
            return Err(replay::changed("the files of --against are others"));
        }
        return Ok(());
    }
    belt::run(source, workshop, job.limits(), &job.stop, |done| {
        count_references(done, report, watcher);
        if let Some(harvest) = &mut harvest {
            harvest.take_references(done);
        }
        done.records().try_for_each(|record| register.push_reference(record))
    })
}

/// The first pass: takes in all documents of the inputs, or those that an unfinished run has not.
fn gather(
    job: &Job,
    mut source: Source,
    workshop: Workshop,
    mut harvest: Option<&mut Harvest>,
    register: &mut Register,
    report: &mut Report,
    watcher: &mut dyn Watcher,
) -> Result<()> {
    let mut documents = 0;
    if let Some(harvest) = &harvest {
        let progress = harvest.progress();
        if progress.is_whole {
            return Ok(());
        }
        replay::skip(&mut source, &harvest.spill, progress.batches, &job.stop)?;
        documents = progress.documents;
    }
    belt::run(source, workshop, job.limits(), &job.stop, |done| {
        report.add_edits(done);
        for doc in done.docs.iter().filter(|doc| matches!(doc.fate, Fate::Lost(_))) {
            watcher.lost(&message(doc, done));
        }
        done.records().try_for_each(|record| register.push(record))?;
        documents += done.docs.len() as u64;
        match &mut harvest {
            Some(harvest) => harvest.take(done, register, report)?,
            None => count_unwritten(report, done),
        }
        watcher.passed(done.read, documents);
        Ok(())
    })?;
    harvest.map_or(Ok(()), |harvest| harvest.finish(register, report))
}

/// A frame on its way to the workers, or why there is none.
#[derive(Default)]
struct Load {
    frame: Frame,
    failed: Option<Error>,
}

/// The second pass: writes every document to where it belongs.
fn write_verdicts(
    job: &Job,
    harvest: Harvest,
    court: Court,
    drafts: &Path,
    report: &mut Report,
) -> Result<()> {
    let mut outputs = Outputs::create(drafts, job.format.unwrap_or(Format::Jsonl))?;
    let mut frames = Some(harvest.read()?);
    let feed = move |load: &mut Load| match frames.as_mut()?.next(&mut load.frame) {
        Ok(weight) => weight.map(|weight| FRAME_WEIGHT * weight),
        Err(error) => {
            load.failed = Some(error);
            frames = None;
            Some(1)
        }
    };
    let work = move |tools: &mut Tools, load: &mut Load, verdicts: &mut Verdicts| {
        court.sit(tools, &load.frame, verdicts);
        load.frame.rest();
        if let Some(error) = load.failed.take() {
            verdicts.failed = Some(error);
        }
    };
    belt::map(job.limits(), &job.stop, feed, work, |verdicts| {
        if let Some(error) = verdicts.failed.take() {
            return Err(error);
        }
        report.add_tally(&mut verdicts.tally);
        outputs.write(verdicts)
    })?;
    outputs.finish()
}

/// Counts the documents of the set that the inputs are held against.
fn count_references(done: &Done, report: &mut Report, watcher: &mut dyn Watcher) {
    for doc in &done.docs {
        let is_lost = matches!(doc.fate, Fate::Lost(_));
        if is_lost {
            watcher.lost(&format!("--against: {}", message(doc, done)));
        }
        report.add_against(is_lost);
    }
}

/// Without a second pass everything but the kept and dropped is counted in the first.
fn count_unwritten(report: &mut Report, done: &Done) {
    let mut tally = Tally::default();
    for doc in &done.docs {
        let (end, reason) = match doc.fate {
            Fate::Clean => (End::Kept, None),
            Fate::Empty => (End::Dropped, Some("empty")),
            Fate::Lost(cause) => (End::Quarantined, Some(cause.name())),
        };
        tally.add((0, "", 0), doc.bytes, end, reason);
    }
    report.add_tally(&mut tally);
}

/// Moves the copies from kept to dropped. Their bytes stay with the kept ones: nothing was spilled to tell.
fn dry_sums(decisions: impl Iterator<Item = Decision>, mut sums: Summary) -> Summary {
    for reason in decisions.filter_map(|decision| decision.fate.name()) {
        sums.kept.documents -= 1;
        sums.dropped.documents += 1;
        *sums.reasons.entry(reason).or_default() += 1;
    }
    sums
}
