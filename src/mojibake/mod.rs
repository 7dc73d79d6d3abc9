//! Text that was decoded in the wrong encoding and stored so: 鏀垮簻 for 政府.
//!
//! A step and no part of decoding: the bytes are long gone, and the text that came of them is
//! valid. What the characters were made of is worked out again, and read as what it was. It is
//! done only where the bytes prove it, run by run, so that one foreign paragraph does not touch
//! the next; and it comes before invisible characters are dropped, for some of them are bytes.

mod fill;
mod pairs;
mod run;
mod tables;
mod utf;

use std::ops::{Range, RangeInclusive};

use crate::rules::{Rules, builtin};
use crate::text::sift::sift;
use crate::text::{Edits, RuleId};

/// What no misread text is without, and sound text seldom holds: the characters that GBK has for
/// two bytes of UTF-8, those of which a lead byte is made in Latin-1, bopomofo, the Private Use Area.
pub(crate) const TELLS: &[RangeInclusive<char>] = &[
    // But for × and ÷, which stand alone in many texts.
    '\u{C0}'..='\u{D6}',
    '\u{D8}'..='\u{F6}',
    '\u{F8}'..='\u{FF}',
    '\u{3105}'..='\u{3129}',
    '\u{9225}'..='\u{9245}',
    '\u{9286}'..='\u{92A7}',
    '\u{92E9}'..='\u{9309}',
    '\u{934A}'..='\u{936B}',
    '\u{93AC}'..='\u{93CD}',
    '\u{940E}'..='\u{942E}',
    '\u{9470}'..='\u{947F}',
    '锛'..='锛',
    '锟'..='锟',
    '\u{E000}'..='\u{E864}',
];

/// What wakes the step where it stands twice in a row.
pub(crate) const FILL: &[RangeInclusive<char>] = &['烫'..='烫', '屯'..='屯'];

/// Characters that prove themselves in a text, from which on its short runs are believed too.
const MIN_TRUST: usize = 12;

/// How often text was misread, one time upon the other, at most.
const MAX_DEPTH: usize = 3;

/// A run that was misread.
struct Change {
    src: Range<usize>,
    /// What it should be.
    with: String,
    rule: RuleId,
    /// Characters that prove it.
    proven: usize,
}

/// The rules that are on.
#[derive(Default)]
struct Ways {
    utf_as_gbk: Option<RuleId>,
    utf_as_latin: Option<RuleId>,
    gbk_as_latin: Option<RuleId>,
    gbk_as_big5: Option<RuleId>,
    big5_as_gbk: Option<RuleId>,
    replaced: Option<RuleId>,
    fill: Option<RuleId>,
}

/// Ways in which a text is known to be misread: there the short lines need no proof of their own.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each way; any of them may be set")]
struct Trust {
    utf_as_gbk: bool,
    gbk_as_latin: bool,
    gbk_as_big5: bool,
    big5_as_gbk: bool,
}

impl Trust {
    /// What `changes` show of `text`. Pairs of bytes can nearly always be read in two ways, so there
    /// most of the text must be misread.
    fn of(text: &str, changes: &[Change], ways: &Ways) -> Self {
        let proven = |rule: Option<RuleId>| {
            let own = changes.iter().filter(|change| Some(change.rule) == rule);
            own.map(|change| change.proven).sum::<usize>() >= MIN_TRUST
        };
        let all = text.bytes().filter(|b| *b >= 0x80).count();
        let mostly = |rule: Option<RuleId>| {
            let own = changes.iter().filter(|change| Some(change.rule) == rule);
            proven(rule) && own.map(|change| change.src.len()).sum::<usize>() * 2 >= all
        };
        Self {
            utf_as_gbk: proven(ways.utf_as_gbk),
            gbk_as_latin: mostly(ways.gbk_as_latin),
            gbk_as_big5: mostly(ways.gbk_as_big5),
            big5_as_gbk: mostly(ways.big5_as_gbk),
        }
    }

    const fn is_any(self) -> bool {
        self.utf_as_gbk | self.gbk_as_latin | self.gbk_as_big5 | self.big5_as_gbk
    }
}

/// What a text holds of [`TELLS`] and [`FILL`]: most that wake the step do it by one accented letter,
/// and the other ways need not be tried.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind of tell")]
struct Tells {
    gbk: bool,
    letters: bool,
    odd_in_big5: bool,
    odd_in_gbk: bool,
    fill: bool,
}

impl Tells {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        sift(text, tell_sieve).fold(Self::default(), |mut tells, at| {
            match bytes[at] {
                0xC3 => tells.letters = true,
                0xE9 => tells.gbk = true,
                0xEE => (tells.gbk, tells.odd_in_gbk) = (true, true),
                0xE3 | 0xEF => tells.odd_in_big5 = true,
                _ => tells.fill = true,
            }
            tells
        })
    }
}

/// Lets what [`Tells`] asks for through, and little else.
fn tell_sieve(a: u8, b: u8, c: u8, d: u8) -> bool {
    let metal = (a == 0xE9) & ((b.wrapping_sub(0x88) < 10) | (b == 0x94) & (c | 4 == 0x9F));
    let bopomofo = (a == 0xE3) & (b == 0x84) | (a == 0xEF) & (b == 0xB9);
    let fill = (a == d) & ((a == 0xE7) & (b == 0x83) & (c == 0xAB) | (a == 0xE5) & (b == 0xB1) & (c == 0xAF));
    metal | bopomofo | fill | (a == 0xC3) | (a == 0xEE)
}

/// How a text is looked at.
struct Look<'a> {
    ways: &'a Ways,
    tells: Tells,
    trust: Trust,
    /// How often it was misread, as far as is known.
    depth: usize,
}

/// Says what this step changes.
pub(crate) fn mojibake(text: &str, rules: &Rules, edits: &mut Edits) {
    let ways = Ways {
        utf_as_gbk: rules.on(builtin::MOJIBAKE_UTF_AS_GBK),
        utf_as_latin: rules.on(builtin::MOJIBAKE_UTF_AS_LATIN),
        gbk_as_latin: rules.on(builtin::MOJIBAKE_GBK_AS_LATIN),
        gbk_as_big5: rules.on(builtin::MOJIBAKE_GBK_AS_BIG_FIVE),
        big5_as_gbk: rules.on(builtin::MOJIBAKE_BIG_FIVE_AS_GBK),
        replaced: rules.on(builtin::MOJIBAKE_REPLACED),
        fill: rules.on(builtin::MOJIBAKE_FILL),
    };
    let mut found = changes(text, &ways, Trust::default(), 0);
    let trust = Trust::of(text, &found, &ways);
    if trust.is_any() {
        found = changes(text, &ways, trust, 0);
    }
    for change in found {
        edits.replace(change.src, &change.with, change.rule);
    }
}

/// What should change in `text`, in reading order.
fn changes(text: &str, ways: &Ways, trust: Trust, depth: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let look = Look { ways, tells: Tells::of(text), trust, depth };
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |n| start + n);
        line(text, start..end, &look, &mut changes);
        start = end + 1;
    }
    changes
}

/// One line, in the first way in which it proves to be misread.
fn line(text: &str, span: Range<usize>, look: &Look<'_>, changes: &mut Vec<Change>) {
    let Look { ways, tells, trust, .. } = *look;
    let known = changes.len();
    let line = &text[span.clone()];
    let has_letters = tells.letters && memchr::memchr(0xC3, line.as_bytes()).is_some();
    // Most lines end here.
    if !(has_letters || tells.gbk || tells.odd_in_big5 || tells.odd_in_gbk || tells.fill) {
        return;
    }
    let is_odd = |tell: bool, trusted: bool, odd: fn(char) -> bool| trusted || tell && line.contains(odd);
    // A comma of GBK, read as Latin-1, often completes three bytes that are UTF-8: it comes first.
    let by_pairs: [(_, pairs::Read, _); 3] = [
        (ways.gbk_as_latin.filter(|_| has_letters), pairs::gbk_as_latin, trust.gbk_as_latin),
        (
            ways.big5_as_gbk.filter(|_| is_odd(tells.odd_in_gbk, trust.big5_as_gbk, pairs::is_odd_in_gbk)),
            pairs::big5_as_gbk,
            trust.big5_as_gbk,
        ),
        (
            ways.gbk_as_big5.filter(|_| is_odd(tells.odd_in_big5, trust.gbk_as_big5, pairs::is_odd_in_big5)),
            pairs::gbk_as_big5,
            trust.gbk_as_big5,
        ),
    ];
    for (rule, read, trusted) in by_pairs {
        if changes.len() == known
            && let Some(rule) = rule
        {
            changes.extend(read(line, trusted).into_iter().map(|place| Change {
                src: span.start + place.span.start..span.start + place.span.end,
                with: place.decoded,
                rule,
                proven: place.pairs,
            }));
        }
    }
    if changes.len() == known && (tells.gbk || look.depth > 0) {
        utf::runs(text, span.clone(), run::Reading::Gbk, look, changes);
    }
    if changes.len() == known && has_letters {
        utf::runs(text, span.clone(), run::Reading::Latin, look, changes);
    }
    if changes.len() == known
        && tells.fill
        && let Some(rule) = ways.fill
    {
        changes.extend(fill::runs(line).into_iter().map(|run| Change {
            src: span.start + run.start..span.start + run.end,
            with: String::new(),
            rule,
            proven: 0,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Profile};
    use encoding_rs::{BIG5, Encoding, GBK, UTF_8, WINDOWS_1252};

    /// Bytes written in one encoding and read in another, one time upon the other.
    type Garble = fn(&str) -> String;

    fn misread(text: &str, written: &'static Encoding, read: &'static Encoding) -> String {
        let (bytes, _, lost) = written.encode(text);
        assert!(!lost, "{text}");
        read.decode_without_bom_handling(&bytes).0.into_owned()
    }

    fn latin_1(text: &str, written: &'static Encoding) -> String {
        written.encode(text).0.iter().map(|b| char::from(*b)).collect()
    }

    fn run(rules: &Rules, text: &str) -> String {
        let (mut edits, mut new) = (Edits::default(), String::new());
        mojibake(text, rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    fn every() -> Rules {
        Rules::bundled(&Choice { profile: Profile::Corpus, ..Choice::default() }).unwrap()
    }

    const SIMPLIFIED: &[&str] = &[
        "关于做好冬季供暖工作的通知",
        "各街道办事处，各有关单位：",
        "一、入冬之前，供热单位应当完成管网检修；对发现的隐患（含老旧管线）逐一登记。",
        "2023年度供热面积为1,355万平方米，比上年增长5.6%，其中“煤改气”占三成。",
        "联系人：办公室值班员  电话：010-12345678",
    ];

    const TRADITIONAL: &[&str] = &[
        "主旨：公告本市道路施工期間交通管制措施，並即日起實施。",
        "依據：道路交通管理處罰條例第五條第一款。",
    ];

    #[test]
    fn every_way_leads_back_where_no_byte_was_lost() {
        let rules = every();
        let ways: &[(&str, Garble, &[&str])] = &[
            ("UTF-8 as Windows-1252", |t| misread(t, UTF_8, WINDOWS_1252), SIMPLIFIED),
            ("UTF-8 as Latin-1", |t| latin_1(t, UTF_8), SIMPLIFIED),
            ("UTF-8 as Latin-1", |t| latin_1(t, UTF_8), TRADITIONAL),
            ("GBK as Windows-1252", |t| misread(t, GBK, WINDOWS_1252), SIMPLIFIED),
            ("GBK as Latin-1", |t| latin_1(t, GBK), SIMPLIFIED),
            ("Big5 as GBK", |t| misread(t, BIG5, GBK), TRADITIONAL),
            ("UTF-8 as Latin-1, twice", |t| latin_1(&latin_1(t, UTF_8), UTF_8), SIMPLIFIED),
            (
                "UTF-8 as Windows-1252, twice",
                |t| misread(&misread(t, UTF_8, WINDOWS_1252), UTF_8, WINDOWS_1252),
                SIMPLIFIED,
            ),
        ];
        let mut wrong = Vec::new();
        for (way, garble, lines) in ways {
            let whole = lines.join("\n");
            let back = run(&rules, &garble(&whole));
            if back != whole {
                wrong.push(format!("{way}: {back:?}"));
            }
            // A sound paragraph beside it stays, and the misread one comes back all the same.
            let mixed = format!("{}\n{}\n{}", lines[1], garble(lines[0]), lines[1]);
            let back = run(&rules, &mixed);
            if back != format!("{}\n{}\n{}", lines[1], lines[0], lines[1]) {
                wrong.push(format!("{way}, mixed: {back:?}"));
            }
            assert_eq!(run(&rules, &whole), whole, "sound text");
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_was_lost_is_marked_and_the_rest_comes_back() {
        let rules = every();
        for lines in [SIMPLIFIED, TRADITIONAL] {
            let whole = lines.join("\n");
            for garbled in [
                misread(&whole, UTF_8, GBK),
                misread(&whole, UTF_8, GBK).replace(char::REPLACEMENT_CHARACTER, "?"),
            ] {
                let back = run(&rules, &garbled);
                assert_eq!(back.chars().count(), whole.chars().count(), "{garbled}\n{back}");
                let wrong: Vec<_> = whole
                    .chars()
                    .zip(back.chars())
                    .filter(|(is, got)| is != got && *got != '\u{FFFD}')
                    .collect();
                assert!(wrong.is_empty(), "{garbled}\n{back}\n{wrong:?}");
                let lost = back.matches(char::REPLACEMENT_CHARACTER).count();
                assert!(lost * 8 < whole.chars().count(), "{lost} lost: {back}");
            }
        }
    }

    #[test]
    fn rows() {
        let rules = every();
        let mut wrong = Vec::new();
        for (before, after) in [
            ("鏀垮簻", "政府"),
            ("县鏀垮簻", "县鏀垮簻"),
            ("2024年，鏀垮簻鍏充簬印发", "2024年，政府关于印发"),
            ("鍏充簬AB鐨勯€氱煡", "关于AB的通知"),
            ("国锟斤拷锟斤拷院", "国\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}院"),
            ("乱码“锟斤拷”", "乱码“锟斤拷”"),
            ("鏀垮簻鍏充簬路A路", "政府关于路A路"),
            ("甲烫烫烫烫乙", "甲乙"),
            ("屯屯通公路", "屯屯通公路"),
            ("ï»¿通知", "\u{FEFF}通知"),
            ("他说â€œ好â€\u{9D}", "他说“好”"),
            ("Café à la crème, naïve Ångström", "Café à la crème, naïve Ångström"),
            ("拼音 lǜ、nǚ、ê、hé", "拼音 lǜ、nǚ、ê、hé"),
            ("鎮公所、鋼鐵、錄音、鐘錶", "鎮公所、鋼鐵、錄音、鐘錶"),
            ("ÀÁÂÃÄÅÆÇÈÉ", "ÀÁÂÃÄÅÆÇÈÉ"),
            ("××公司±5×÷", "××公司±5×÷"),
            ("ㄅㄆㄇㄈ ㄉㄊㄋㄌ", "ㄅㄆㄇㄈ ㄉㄊㄋㄌ"),
        ] {
            let got = run(&rules, before);
            if got != after || run(&rules, &got) != got {
                wrong.push(format!("{before:?}: {got:?}, not {after:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn hostile_texts_settle_in_linear_time() {
        let rules = every();
        let n = 100_000;
        for part in [
            "鏀",
            "鏀�",
            "涓€",
            "€",
            "锟",
            "锟斤拷",
            "锛�",
            "ã",
            "ã€",
            "ÃƒÂ",
            "Ã",
            "ï¿½",
            "Ö",
            "ÖÐ",
            "ㄛ腔",
            "\u{E4C7}セ",
            "鎮\n",
            "烫",
            "烫屯",
            "鏀垮簻\n",
            "鐢?",
            "缂冩垶妲楁＃鏍€�",
            "通知鏀",
        ] {
            let text = part.repeat(n);
            let once = run(&rules, &text);
            assert!(run(&rules, &once) == once, "{part}");
        }
    }
}
