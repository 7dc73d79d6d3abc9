//! The example of a crawler, over a small site.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::thread;

use jingwen::index::Index;
use jingwen::index::Settings;
use tempfile::TempDir;

#[path = "../examples/crawler.rs"]
#[allow(dead_code, reason = "the test calls what its main function calls")]
mod example;

use example::Counts;
use example::crawl;

/// The page at `path`: a list, three notices under two addresses each, a picture, an empty page.
fn page(path: &str) -> Option<Vec<u8>> {
    let paths: Vec<String> = (0..3).flat_map(|n| [format!("/notice/{n}"), format!("/print/{n}")]).collect();
    if path == "/" {
        let more = ["/logo.png".to_owned(), "/empty".to_owned(), "/gone".to_owned()];
        let links: Vec<String> =
            paths.iter().chain(&more).map(|path| format!("<p><a href=\"{path}\">{path}</a></p>")).collect();
        let links = links.concat();
        return Some(format!("<html><body>{links}</body></html>").into_bytes());
    }
    match path {
        "/logo.png" => return Some(b"\x89PNG\r\n\x1a\n\0\0\0\0".to_vec()),
        "/empty" => return Some(b"<html><body><p>&nbsp;</p></body></html>".to_vec()),
        _ => {}
    }
    let n = paths.iter().position(|known| known == path)? / 2;
    let works = ["防汛", "抗旱", "供暖"][n];
    let body: Vec<String> = (1..8)
        .map(|k| format!("<p>第{}项{works}工作由{}个村负责,投入{}万元。</p>", k, 3 * k + n, 7 * k + n))
        .collect();
    let body = body.concat();
    let page = format!("<html><body><p>关于做好{works}工作的通知</p><p>各单位:</p>{body}</body></html>");
    // One of the two comes from an older program.
    Some(if path.starts_with("/print") {
        encoding_rs::GBK.encode(&page).0.into_owned()
    } else {
        page.into_bytes()
    })
}

/// Serves the site for so many requests; answers its host.
fn serve(requests: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().take(requests) {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            reader.read_line(&mut line).unwrap();
            let path = line.split(' ').nth(1).unwrap().to_owned();
            while line.trim() != "" {
                line.clear();
                reader.read_line(&mut line).unwrap();
            }
            let (status, body) = page(&path).map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
            stream.write_all(format!("HTTP/1.0 {status}\r\n\r\n").as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
        }
    });
    host
}

#[test]
fn each_document_is_kept_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("seen");
    Index::create(&path, &Settings::default()).unwrap();
    let host = serve(20);
    let want = Counts { kept: 4, copies: 3, others: 3 };
    for _ in 0..2 {
        let mut index = Index::open(&path, &Settings::default()).unwrap();
        let mut out = Vec::new();
        assert_eq!(crawl(&host, &mut index, &mut out).unwrap(), want);
        let rows = String::from_utf8(out).unwrap();
        let kept: Vec<bool> = (0..3).map(|n| rows.contains(&format!("{host}/notice/{n}\""))).collect();
        assert_eq!((rows.lines().count(), kept), (4, vec![true; 3]), "{rows}");
        assert_eq!(index.stats().unwrap().documents, 7);
    }
}
