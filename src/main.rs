//! The command line program.
use std::io::{BufRead, Write};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let cleaner = jingwen::Cleaner::new();
    let data = std::fs::read(&args[2]).expect("read");
    let text = String::from_utf8_lossy(&data);
    let mut desk = jingwen::Desk::default();
    if args[2].ends_with(".jsonl") {
        let mut out = std::io::BufWriter::new(std::fs::File::create(&args[4]).expect("create"));
        for line in data.lines() {
            let v: serde_json::Value = serde_json::from_str(&line.expect("utf8")).expect("json");
            let t = cleaner.clean_at(&mut desk, v["text"].as_str().expect("text"));
            writeln!(out, "{}", serde_json::json!({"id": v["id"], "text": t})).expect("write");
        }
    } else {
        let text = cleaner.clean_at(&mut desk, &text);
        std::io::stdout().write_all(format!("{text}\n").as_bytes()).expect("write");
    }
}
