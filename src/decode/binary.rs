//! What is no text at all: files of other kinds under a text's name, and noise.

/// First bytes that belong to one kind of file, and no text begins with them.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x7fELF", "ELF program"),
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
    (b"II*\0", "TIFF image"),
    (b"MM\0*", "TIFF image"),
    (b"%PDF-", "PDF"),
    (b"%!PS-Adobe", "PostScript document"),
    (b"{\\rtf", "RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE document"),
    (b"PK\x03\x04", "zip archive"),
    (b"PK\x05\x06", "zip archive"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"BZh91AY&SY", "bzip2 data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"MSCF\0\0\0\0", "cabinet archive"),
    (b"\xca\xfe\xba\xbe", "Java class"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"PAR1", "Parquet file"),
    (b"FWS", "Flash animation"),
    (b"CWS", "Flash animation"),
    (b"ID3", "MP3 audio"),
    (b"OggS", "Ogg media"),
    (b"fLaC", "FLAC audio"),
    (b"wOFF", "font"),
    (b"\0\x01\0\0\0", "font"),
    (b"\0\0\x01\0", "icon"),
    (b"\0asm", "WebAssembly program"),
    (b"!<arch>\n", "ar archive"),
];

/// Magic numbers made of letters that a text may begin with as well; these need a control byte in
/// the bytes that follow.
const LETTERS: &[(&[u8], &str)] =
    &[(b"MZ", "Windows program"), (b"BM", "bitmap image"), (b"RIFF", "RIFF media"), (b"BZh", "bzip2 data")];

/// Bytes that are searched for controls.
const SAMPLE: usize = 8 << 10;

/// A run of NULs this long is a hole that a crawler tore, and says nothing about the text around.
const HOLE: usize = 8;

/// Controls other than NUL, tab, line ends and ESC: one byte in nine of noise, none in a text.
const MAX_CONTROLS: f64 = 0.03;

/// NULs outside holes; bad software puts one before some characters.
const MAX_NULS: f64 = 0.2;

/// The kind of file that begins like this.
pub(super) fn magic(bytes: &[u8]) -> Option<&'static str> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    if let Some((magic, what)) = MAGIC.iter().find(|(magic, _)| begins(magic)) {
        // Three letters may begin a word; the version that follows them in a file is a control.
        let short = magic.len() == 3 && magic.is_ascii();
        if !short || bytes.get(3).is_some_and(|&b| b < 0x20) {
            return Some(what);
        }
    }
    let head = &bytes[..bytes.len().min(64)];
    let (_, what) = LETTERS.iter().find(|(magic, _)| begins(magic))?;
    head.contains(&0).then_some(*what)
}

/// Bytes too full of controls to be a text.
pub(super) fn noise(bytes: &[u8]) -> Option<&'static str> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    // Counted alone, because these loops run at memory speed and end most calls.
    let low = sample.iter().filter(|b| **b < 9 || matches!(**b, 0x0E..=0x1F)).count();
    let at_signs = memchr::memchr_iter(b'@', sample).count();
    if low * 50 < sample.len() && at_signs * 25 < sample.len() {
        return None;
    }
    let (mut controls, mut nuls, mut in_holes) = (0usize, 0usize, 0usize);
    let (mut spaces, mut high) = (0usize, 0usize);
    let mut i = 0;
    while i < sample.len() {
        match sample[i] {
            0 => {
                let run = sample[i..].iter().take_while(|&&b| b == 0).count();
                if run >= HOLE {
                    in_holes += run;
                } else {
                    nuls += run;
                }
                i += run;
                continue;
            }
            b'\t' | b'\n' | b'\r' | 0x0B | 0x0C | 0x1A | 0x1B => {}
            1..0x20 | 0x7F => controls += 1,
            b' ' => spaces += 1,
            0x80.. => high += 1,
            _ => {}
        }
        i += 1;
    }
    let n = sample.len() - in_holes;
    if n == 0 {
        return None;
    }
    let share = |count: usize| count as f64 / n as f64;
    if share(controls) > MAX_CONTROLS {
        return Some(if in_holes + nuls > sample.len() / 4 { "binary data" } else { "random bytes" });
    }
    if share(nuls) > MAX_NULS {
        return Some("binary data");
    }
    // EBCDIC writes letters above 0x80 and its space as 0x40. Chinese text without one space has no
    // such share of @ either.
    if spaces == 0 && n >= 64 && share(at_signs) > 0.05 && share(high) > 0.5 && share(at_signs + high) > 0.9 {
        return Some("EBCDIC text");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_kinds_are_named() {
        for (bytes, what) in [
            (&b"%PDF-1.4\n"[..], Some("PDF")),
            (b"MZ\x90\0\x03", Some("Windows program")),
            (b"MZ means Mark Zbikowski", None),
            (b"BM25 is a ranking", None),
            (b"ID3 is a learner", None),
            (b"ID3\x03\0", Some("MP3 audio")),
            (b"PK", None),
        ] {
            assert_eq!(magic(bytes), what, "{bytes:?}");
        }
    }

    #[test]
    fn holes_and_strewn_nuls_are_no_noise() {
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(noise(&every.repeat(9)), Some("random bytes"));
        assert_eq!(noise("甲，\0乙，\0丙".as_bytes()), None);
        let mut torn = "通知".as_bytes().to_vec();
        torn.resize(70_000, 0);
        assert_eq!(noise(&torn), None);
        assert_eq!(noise(&[1, 0, 2, 0, 0, 0, 9, 0, b'a', 0]), Some("binary data"));
        let ebcdic = b"\xC8\xC5\xD3\xD3\xD6\x40".repeat(20);
        assert_eq!(noise(&ebcdic), Some("EBCDIC text"));
    }
}
