//! A small crawler that keeps each document once, whatever addresses and frames it stands under, and
//! goes on where it was killed.
//!
//! ```text
//! cargo run --release --example crawler -- http://127.0.0.1:8000/ seen >> pages.jsonl
//! ```
//!
//! It speaks plain HTTP and follows the links of one site; what matters is the four lines in `crawl`
//! that ask the index.

use std::collections::HashSet;
use std::collections::VecDeque;
use std::env;
use std::error::Error;
use std::io;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;

use jingwen::decode::Hints;
use jingwen::decode::decode;
use jingwen::index::Index;
use jingwen::index::Meta;
use jingwen::index::Settings;
use jingwen::index::Sync;
use jingwen::index::Verdict;

/// What a crawl came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) kept: usize,
    pub(crate) copies: usize,
    /// Pictures, empty pages, and what the server did not give.
    pub(crate) others: usize,
}

/// Crawls the site `http://host/` and writes each document that is kept to `out`, as a row of JSON.
pub(crate) fn crawl(host: &str, index: &mut Index, out: &mut dyn Write) -> Result<Counts, Box<dyn Error>> {
    let mut counts = Counts::default();
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let mut asked: HashSet<String> = waiting.iter().cloned().collect();
    while let Some(path) = waiting.pop_front() {
        let Some(body) = fetch(host, &path)? else {
            counts.others += 1;
            continue;
        };
        // A picture or an archive is no text; bad bytes in a page are counted and do no harm.
        let Ok(page) = decode(&body, &Hints::default()) else {
            counts.others += 1;
            continue;
        };
        let url = format!("http://{host}{path}");
        match index.check_and_add(&url, &page.text, &Meta::default())? {
            Verdict::Copy { .. } => counts.copies += 1,
            Verdict::Empty => counts.others += 1,
            Verdict::New | Verdict::Variant { .. } | Verdict::Supersedes { .. } => {
                counts.kept += 1;
                writeln!(out, "{}", serde_json::json!({ "id": url, "text": page.text }))?;
            }
        }
        waiting.extend(links(&page.text).filter(|link| asked.insert(link.clone())));
    }
    index.sync()?;
    Ok(counts)
}

/// The body of a page; `None` where the server has none.
fn fetch(host: &str, path: &str) -> io::Result<Option<Vec<u8>>> {
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let Some(head) = answer.windows(4).position(|end| end == b"\r\n\r\n") else { return Ok(None) };
    let is_good = answer.split(|&b| b == b' ').nth(1) == Some(b"200");
    Ok(is_good.then(|| answer.split_off(head + 4)))
}

/// The links of a page to its own site.
fn links(page: &str) -> impl Iterator<Item = String> {
    page.split("href=").skip(1).filter_map(|rest| {
        let rest = rest.trim_start_matches(['"', '\'']);
        let link = &rest[..rest.find(['"', '\'', '>', ' ', '#'])?];
        link.starts_with('/').then(|| link.to_owned())
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [start, folder] = arguments.as_slice() else {
        eprintln!("crawler http://HOST:PORT/ INDEX");
        return ExitCode::from(2);
    };
    let host = start.trim_start_matches("http://").trim_end_matches('/');
    let run = || -> Result<Counts, Box<dyn Error>> {
        let folder = Path::new(folder);
        // A page goes out when the disk knows it: a crash costs one page at most.
        let settings = Settings { sync: Sync::Each, ..Settings::default() };
        if !folder.join("index.json").exists() {
            Index::create(folder, &settings)?;
        }
        crawl(host, &mut Index::open(folder, &settings)?, &mut io::stdout().lock())
    };
    match run() {
        Ok(counts) => {
            eprintln!("{} kept, {} copies, {} others", counts.kept, counts.copies, counts.others);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("crawler: {error}");
            ExitCode::FAILURE
        }
    }
}
