//! scratch
use std::io::BufRead;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n: usize = args[2].parse().unwrap();
    let profile = args
        .get(4)
        .and_then(|p| jingwen::rules::Profile::named(p))
        .unwrap_or(jingwen::rules::Profile::Standard);
    let cleaner =
        jingwen::Cleaner::with_choice(&jingwen::rules::Choice { profile, ..Default::default() }).unwrap();
    let mut desk = jingwen::Desk::default();
    let mut hits = jingwen::pipeline::Hits::new(n, args.get(5).map_or(1, |s| s.parse().unwrap()));
    for line in std::io::BufReader::new(std::fs::File::open(&args[1]).unwrap()).lines() {
        let v: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        hits.add(&cleaner, &mut desk, v["id"].as_str().unwrap(), v["text"].as_str().unwrap());
    }
    for (rule, count, list) in hits.rules() {
        let name = cleaner.rules().name(rule);
        println!("== {name} {count}");
        if args.get(3).is_some_and(|r| r == "all" || name.starts_with(r.as_str())) {
            for h in list {
                println!(
                    "{}@{} {:?}",
                    h.document,
                    h.at,
                    format!("{}[{}→{}]{}", h.left, h.was, h.with, h.right)
                );
            }
        }
    }
}
