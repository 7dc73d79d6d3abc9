//! scratch
use std::io::BufRead;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let n: usize = args[2].parse().unwrap();
    let cleaner = jingwen::Cleaner::new();
    let mut desk = jingwen::Desk::default();
    let mut hits = jingwen::pipeline::Hits::new(n, 1);
    for line in std::io::BufReader::new(std::fs::File::open(&args[1]).unwrap()).lines() {
        let v: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        hits.add(&cleaner, &mut desk, v["id"].as_str().unwrap(), v["text"].as_str().unwrap());
    }
    for (rule, count, list) in hits.rules() {
        let name = cleaner.rules().name(rule);
        eprintln!("{name}\t{count}");
        for h in list {
            let cut = |t: &str| {
                if t.chars().count() > 80 {
                    t.chars().take(40).collect::<String>()
                        + "…<cut>…"
                        + &t.chars().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect::<String>()
                } else {
                    t.to_owned()
                }
            };
            println!(
                "{}",
                serde_json::json!([
                    name,
                    h.document,
                    h.at,
                    format!("{}⟦{}⇒{}⟧{}", h.left, cut(&h.was), cut(&h.with), h.right)
                ])
            );
        }
    }
}
