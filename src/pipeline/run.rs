//! The command `run`: clean every document, drop repeated ones, account for each.
//!
//! Two passes: the first cleans and spills, the second writes what was decided about all. All
//! outputs grow inside `work/` and come to their places by renames when they are whole.

use std::path::Path;
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
use crate::pipeline::document::Workshop;
use crate::pipeline::job::Job;
use crate::pipeline::job::Keeping;
use crate::pipeline::job::Preparing;
use crate::pipeline::job::Sites;
use crate::pipeline::job::Watcher;
use crate::pipeline::outputs::Outputs;
use crate::pipeline::outputs::Shards;
use crate::pipeline::register::Register;
use crate::pipeline::report::End;
use crate::pipeline::report::Report;
use crate::pipeline::report::Summary;
use crate::pipeline::sink::Out;
use crate::pipeline::sink::refuse_existing;
use crate::pipeline::sites::Lines;
use crate::pipeline::sites::Shelf;
use crate::pipeline::sites::Task;
use crate::pipeline::spill::Sort;
use crate::pipeline::spill::Spill;
use crate::pipeline::spill::Spilled;
use crate::pipeline::trail_file;
use crate::pipeline::workplace::Workplace;
use crate::source::STDIN;

/// Prepares every document of the job's inputs and drops repeated ones; the results go to `folder`.
///
/// # Errors
///
/// If an input does not exist, the output exists, a file cannot be written, or the job is stopped.
/// What cannot be read is no error: it is named and counted.
pub fn run(
    job: &Job,
    preparing: Preparing,
    folder: &Path,
    keeping: &Keeping,
    watcher: &mut dyn Watcher,
) -> Result<Summary> {
    let source = job.source()?;
    let references = match keeping.against.as_slice() {
        [] => None,
        against => Some(job.source_of(against)?),
    };
    if let Some(path) = job.report.as_ref().filter(|_| !job.dry_run) {
        refuse_existing(path, job.overwrite)?;
    }
    let place = if job.dry_run { None } else { Some(Workplace::take(folder, job.overwrite)?) };
    let drafts = place.as_ref().map(|place| place.drafts.as_path());
    let Preparing { cleaner, trail, boilerplate } = preparing;
    let as_is = cleaner.is_none();
    let cleaner = cleaner.unwrap_or_default();
    let rules = cleaner.rules().clone();
    let mut report = Report::new(place.is_some());
    let lines = match boilerplate {
        Some(sites) => Some(count_lines(job, &cleaner, sites, &mut report)?),
        None => None,
    };
    let workshop = || Workshop {
        as_is,
        sketcher: Some(Sketcher::new(copies::DEFAULT_SEED)),
        sites: lines.clone(),
        ..job.workshop(cleaner.clone())
    };
    let mut register = Register::new(place.as_ref().map(|place| place.work.as_path()))?;
    if let Some(source) = references {
        let workshop = Workshop { is_reference: true, ..workshop() };
        belt::run(source, workshop, job.jobs, job.budget(), &job.stop, |done| {
            count_references(done, &mut report, watcher);
            done.records().try_for_each(|record| register.push_reference(record))
        })?;
    }

    // First pass.
    let mut spill = Spill::new(place.as_ref().map(|place| place.work.as_path()));
    let mut trails = Shards::new(drafts.filter(|_| trail), "trail");
    trails.head = format!("{}\n", trail_file::header(&rules));
    let mut documents = 0;
    let workshop = Workshop { with_trail: trail, ..workshop() };
    belt::run(source, workshop, job.jobs, job.budget(), &job.stop, |done| {
        report.add_edits(done);
        for doc in &done.docs {
            if let Fate::Lost(_) = doc.fate {
                watcher.lost(&message(doc, done));
            }
            if place.is_some() {
                spill.push(doc, done)?;
            } else {
                count_unwritten(&mut report, doc.bytes, doc.fate);
            }
        }
        done.records().try_for_each(|record| register.push(record))?;
        documents += done.docs.len() as u64;
        trails.write(&done.trail)?;
        watcher.passed(done.read, documents);
        Ok(())
    })?;
    let options = copies::Options {
        near: keeping.near,
        drop_variants: keeping.drop_variants,
        drop_forwards: keeping.drop_forwards,
        keep_first: keeping.first,
    };
    let decided = register.decide(&options, job.jobs, &job.stop)?;
    report.add_pairs(decided.compared, decided.candidates_capped);
    if let Some(id) = &keeping.explain {
        for line in register.explain(id, &decided)? {
            watcher.told(&line);
        }
    }
    let Some(place) = place else {
        let decisions = (register.n_references()..decided.len()).map(|n| decided.decision(n));
        return Ok(dry_sums(decisions, report.finish(&rules)));
    };

    // Second pass.
    let mut outputs = Outputs::create(&place.drafts)?;
    let mut rows = spill.read()?;
    let (mut doc, mut n) = (Spilled::default(), register.n_references());
    while rows.next(&mut doc)? {
        job.stop.check()?;
        let verdict = match doc.sort {
            Sort::Clean => {
                n += 1;
                Some((n - 1, decided.decision(n - 1)))
            }
            Sort::Empty | Sort::Lost(_) => None,
        };
        let (end, reason) = outputs.write(&doc, verdict, &register)?;
        let name = String::from_utf8_lossy(&doc.name);
        report.add(doc.file, &name, doc.size, doc.bytes, end, reason);
    }
    outputs.finish()?;
    trails.finish()?;
    let summary = report.finish(&rules);
    report.write(Out::create(&place.drafts.join("report.json"))?, &rules)?;
    job.stop.check()?;
    place.publish()?;
    if let Some(path) = &job.report {
        report.write(Out::claim(path, job.overwrite)?, &rules)?;
    }
    Ok(summary)
}

/// Reads all inputs once to count the lines of their sites.
fn count_lines(job: &Job, cleaner: &Cleaner, sites: Sites, report: &mut Report) -> Result<Lines> {
    if job.plan.inputs.iter().any(|input| input.as_os_str() == STDIN) {
        return Err(Error::usage(
            "--strip-boilerplate reads its inputs twice; save standard input to a file first",
        ));
    }
    let shelf = Shelf::default();
    let task = Task::Count(shelf.clone());
    let workshop =
        Workshop { sites: Some(Lines { sites: sites.clone(), task }), ..job.workshop(cleaner.clone()) };
    belt::run(job.source()?, workshop, job.jobs, job.budget(), &job.stop, |_| Ok(()))?;
    let counts = shelf.sum();
    report.add_boilerplate(&counts);
    Ok(Lines { sites, task: Task::Strip(Arc::new(counts)) })
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

/// Without a spill there is no second pass: everything but the kept and dropped is counted in the first.
fn count_unwritten(report: &mut Report, bytes: u64, fate: Fate) {
    let (end, reason) = match fate {
        Fate::Clean => (End::Kept, None),
        Fate::Empty => (End::Dropped, Some("empty")),
        Fate::Lost(cause) => (End::Quarantined, Some(cause.name())),
    };
    report.add(0, "", 0, bytes, end, reason);
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
