//! UTF-8 that was read as something else: a run of characters whose bytes are UTF-8 again.
//!
//! 政府 is `E6 94 BF E5 BA 9C`; read as GBK that is 鏀垮簻, read as Latin-1 `æ”¿åºœ`. Sound text gives
//! such bytes by chance only, and not four characters of ordinary Chinese side by side. Where a
//! byte had no character of its own, U+FFFD or `?` stands in its place; the rest of the run is read
//! all the same, and U+FFFD stands for the character that was lost.

use std::ops::Range;

use crate::mojibake::tables::{GBK_TABLE, is_common, latin};

/// How the bytes were misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Gbk,
    Latin,
}

/// A byte that a character was made of.
#[derive(Clone, Copy, Debug)]
struct Unit {
    /// The byte; [`HOLE`] for one that was lost, [`WALL`] for what cannot come from such a byte.
    byte: u16,
    /// Where the character begins.
    at: usize,
    /// It is the first byte of the character.
    first: bool,
}

const HOLE: u16 = 0x100;
const WALL: u16 = 0x101;

/// What was read of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    /// Characters of three bytes, all there.
    pub(super) proven: usize,
    /// Those of them that ordinary Chinese text holds.
    pub(super) common: usize,
    /// Characters of which a byte is lost.
    pub(super) lost: usize,
    /// U+FFFD that was there before the bytes were misread.
    pub(super) replaced: usize,
    /// Characters of two bytes, and those of them that Chinese text does not hold.
    pub(super) twos: usize,
    pub(super) odd: usize,
}

/// A run of misread text.
#[derive(Debug)]
pub(super) struct Run {
    /// Where it ends in the text.
    pub(super) end: usize,
    /// What its bytes say.
    pub(super) decoded: String,
    /// What stands between its ASCII characters: bytes of the text, and of `decoded`.
    pub(super) parts: Vec<(Range<usize>, Range<usize>)>,
    pub(super) tally: Tally,
    /// Where reading stopped: nothing before can begin another run.
    pub(super) read_to: usize,
}

/// The bytes of a text, made as they are asked for.
struct Units<'a> {
    text: &'a str,
    reading: Reading,
    /// Where the next character stands.
    at: usize,
    made: Vec<Unit>,
    /// The units that were read.
    read: usize,
    /// Bytes that the last lead byte still wants, to tell the two bytes of € apart.
    wants: u8,
}

impl Units<'_> {
    /// The unit `n` places ahead; a wall at the end of the line.
    fn peek(&mut self, n: usize) -> Unit {
        while self.made.len() <= self.read + n {
            self.make();
        }
        self.made[self.read + n]
    }

    fn byte(&mut self, n: usize) -> u16 {
        self.peek(n).byte
    }

    fn make(&mut self) {
        let at = self.at;
        let Some(c) = self.text[at..].chars().next().filter(|c| *c != '\n' && *c != '\r') else {
            self.made.push(Unit { byte: WALL, at, first: true });
            return;
        };
        self.at += c.len_utf8();
        let wants = self.wants;
        let mut push = |byte: u16, first: bool| {
            self.made.push(Unit { byte, at, first });
            self.wants = match byte {
                0xE0..=0xEF => 2,
                0x80..=0xBF => self.wants.saturating_sub(1),
                _ => 0,
            };
        };
        match (c, self.reading) {
            (c, _) if c.is_ascii() => push(c as u16, true),
            (char::REPLACEMENT_CHARACTER, _) => push(HOLE, true),
            // 80, which GBK has no second byte for, or the code A2E3.
            ('€', Reading::Gbk) => {
                let next = self.text[self.at..].chars().next();
                let follows = next.is_some_and(|c| {
                    c == '€' || GBK_TABLE.code(c).is_some_and(|two| is_follower(two[0].into()))
                });
                if wants == 1 && follows {
                    push(0xA2, true);
                    push(0xE3, false);
                } else {
                    push(0x80, true);
                }
            }
            (c, Reading::Gbk) => match GBK_TABLE.code(c) {
                Some([lead, trail]) => {
                    push(lead.into(), true);
                    push(trail.into(), false);
                }
                None => push(WALL, true),
            },
            (c, Reading::Latin) => push(latin(c).map_or(WALL, u16::from), true),
        }
    }
}

const fn is_follower(byte: u16) -> bool {
    matches!(byte, 0x80..=0xBF)
}

/// A byte was lost here. Many programs put `?` in its place.
const fn is_hole(byte: u16) -> bool {
    byte == HOLE || byte == b'?' as u16
}

/// What stands next in a run.
enum Piece {
    Char(char),
    /// A character without one of its bytes; in its place stands a sign of that.
    Lost,
    /// A character without its last byte, and nothing in its place.
    Short,
}

/// Reads one character of UTF-8; its length in units and what it is.
fn piece(units: &mut Units<'_>) -> Option<(usize, Piece)> {
    let lead = units.byte(0);
    match lead {
        0..=0x7F => char::from_u32(lead.into()).map(|c| (1, Piece::Char(c))),
        // 路 in GBK is such a pair, so a run neither begins nor ends with one.
        0xC2..=0xD1 => {
            let next = units.byte(1);
            let code = u32::from(lead & 0x1F) << 6 | u32::from(next & 0x3F);
            let c = char::from_u32(code)?;
            let known = || is_western(c) || GBK_TABLE.code(c).is_some();
            (is_follower(next) && known()).then_some((2, Piece::Char(c)))
        }
        0xE0..=0xEF => {
            let (second, third) = (units.byte(1), units.byte(2));
            if is_follower(second) && is_follower(third) {
                let code =
                    u32::from(lead & 0x0F) << 12 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
                return char::from_u32(code).filter(|c| *c >= '\u{800}').map(|c| (3, Piece::Char(c)));
            }
            if is_follower(second) && is_hole(third) || is_hole(second) && is_follower(third) {
                return Some((3, Piece::Lost));
            }
            // Some programs lose 80 as well, and so two bytes of one character.
            if second == HOLE && third == HOLE {
                return Some((3, Piece::Lost));
            }
            is_follower(second).then_some((2, Piece::Short))
        }
        0xF0..=0xF3 => {
            let rest = [units.byte(1), units.byte(2), units.byte(3)];
            let code = rest.iter().fold(u32::from(lead & 7), |code, byte| code << 6 | u32::from(byte & 0x3F));
            let whole = rest.into_iter().all(is_follower);
            char::from_u32(code).filter(|c| whole && *c > '\u{FFFF}').map(|c| (4, Piece::Char(c)))
        }
        HOLE if is_follower(units.byte(1)) && is_follower(units.byte(2)) => Some((3, Piece::Lost)),
        _ => None,
    }
}

/// A letter or sign of Western Europe or Greece, or one that Windows has at 80 to 9F. The others are
/// what GBK made of something: Chinese text holds none.
const fn is_western(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{FF}' | '\u{152}'..='\u{192}' | 'ˆ' | '˜' | 'Α'..='ω')
}

/// Reads the run that begins at byte `from` of `text`, as far as its line and its bytes go. It ends
/// with a character that was read, at the end of a misread one.
pub(super) fn read(text: &str, from: usize, reading: Reading) -> Run {
    let mut units = Units { text, reading, at: from, made: Vec::new(), read: 0, wants: 0 };
    let mut run =
        Run { end: from, decoded: String::new(), parts: Vec::new(), tally: Tally::default(), read_to: from };
    let (mut tally, mut good_len, mut open) = (Tally::default(), 0, false);
    // Where the part began that is being read.
    let mut part = (from, 0);
    while let Some((len, piece)) = piece(&mut units) {
        let here = units.peek(0);
        if here.first && here.byte < 0x80 {
            if part.0 < here.at {
                run.parts.push((part.0..here.at, part.1..run.decoded.len()));
            }
            part = (here.at + 1, run.decoded.len() + 1);
        }
        match piece {
            Piece::Char(c) => {
                run.decoded.push(c);
                match c {
                    char::REPLACEMENT_CHARACTER => tally.replaced += 1,
                    '\u{800}'.. => {
                        tally.proven += 1;
                        tally.common += usize::from(is_common(c));
                    }
                    '\u{80}'.. => {
                        tally.twos += 1;
                        tally.odd += usize::from(!is_western(c));
                    }
                    _ => {}
                }
                open |= c >= '\u{800}' || c >= '\u{80}' && reading == Reading::Latin;
            }
            Piece::Lost | Piece::Short => {
                run.decoded.push(char::REPLACEMENT_CHARACTER);
                tally.lost += 1;
                open |= matches!(piece, Piece::Lost);
            }
        }
        units.read += len;
        let next = units.peek(0);
        if open && next.first {
            (run.end, good_len, run.tally, open) = (next.at, run.decoded.len(), tally, false);
        }
        run.read_to = next.at;
        // What was read is not asked for again.
        if units.read > 4096 {
            units.made.drain(..units.read);
            units.read = 0;
        }
    }
    run.parts.push((part.0..run.end, part.1..good_len));
    run.parts.retain(|(src, _)| src.start < run.end);
    // 路 at the end is a pair of bytes that was read, and no part of the run.
    if let Some((src, decoded)) = run.parts.last_mut() {
        (src.end, decoded.end) = (src.end.min(run.end), decoded.end.min(good_len));
    }
    run.decoded.truncate(good_len);
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_as_far_as_its_bytes_go() {
        for (text, reading, decoded, end) in [
            ("鏀垮簻", Reading::Gbk, "政府", 9),
            ("鏀垮簻通知", Reading::Gbk, "政府", 9),
            ("涓€銆佹€讳綋瑕佹眰", Reading::Gbk, "一、总体要求", 30),
            ("鍏充簬AB鐨�", Reading::Gbk, "关于AB\u{FFFD}", 17),
            ("鏀垮簻鍏�2024", Reading::Gbk, "政府\u{FFFD}", 15),
            ("娴嬫斂鍙戙��2020銆�189鍙�", Reading::Gbk, "测政发\u{FFFD}2020\u{FFFD}189\u{FFFD}", 40),
            ("æ”¿åºœ", Reading::Latin, "政府", 13),
            ("鐢", Reading::Gbk, "", 0),
        ] {
            let run = read(text, 0, reading);
            assert_eq!((run.decoded.as_str(), run.end), (decoded, end), "{text}");
        }
    }
}
