//! scratch: in-memory speed per step
use std::io::BufRead;
use std::time::Instant;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let max: usize = std::env::args().nth(2).map_or(60_000_000, |s| s.parse().unwrap());
    let mut texts = vec![];
    let mut total = 0;
    for line in std::io::BufReader::new(std::fs::File::open(&path).unwrap()).lines() {
        let v: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let t = v["text"].as_str().unwrap().to_owned();
        total += t.len();
        texts.push(t);
        if total > max {
            break;
        }
    }
    let cleaner = jingwen::Cleaner::new();
    let mut desk = jingwen::Desk::default();
    for round in 0..3 {
        let t0 = Instant::now();
        let mut out = 0;
        for t in &texts {
            out += cleaner.clean_at(&mut desk, t).len();
        }
        let dt = t0.elapsed().as_secs_f64();
        println!(
            "round {round}: {} docs {:.1} MB {:.1} MB/s out {out}",
            texts.len(),
            total as f64 / 1e6,
            total as f64 / 1e6 / dt
        );
    }
    if std::env::var("ONLY").is_ok() {
        return;
    }
    for step in jingwen::pipeline::STEPS {
        let mut edits = jingwen::text::Edits::default();
        let mut best = f64::MAX;
        let mut n = 0;
        for _ in 0..2 {
            let t0 = Instant::now();
            n = 0;
            for t in &texts {
                edits.clear();
                (step.run)(t, cleaner.rules(), &mut edits);
                n += edits.len();
            }
            best = best.min(t0.elapsed().as_secs_f64());
        }
        println!("{:10} {:8.1} MB/s  {n} edits", step.name, total as f64 / 1e6 / best);
    }
}
