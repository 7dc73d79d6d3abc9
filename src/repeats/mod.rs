//! The same block twice in one document: the flattened copy beside the paragraphs, the body pasted
//! twice, the summary that is the beginning of the body.
//!
//! Copies are found on the key, so noise, width and layout do not hide them. The copy with more
//! lines stays: a table flattened to one line glues `121` and `2` to `1212`, only the rows are
//! right. Between equals the truncated copy goes, then the one that can be cut out by whole lines,
//! then the noisier, then the later. A pure step sees the cleaned text only, so noise is what the
//! steps before left behind. Repetition that is content stays: it is short, or frequent, or
//! differs in its values, or is quoted inside a sentence.

mod blocks;
mod choose;
mod likeness;
mod seam;
mod suspicion;

use std::cell::RefCell;
use std::ops::Range;

use crate::repeats::blocks::{Finder, MIN_BLOCK};
use crate::repeats::choose::{Cut, Page, choose};
use crate::repeats::likeness::period;
use crate::repeats::seam::{Gone, bytes};
use crate::repeats::suspicion::may_repeat;
use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::key::Key;

/// Looks at one document until nothing repeats. What a first look removes can bring together what
/// a second one finds; a text that is not settled after this many stays as it is.
const MAX_LOOKS: usize = 6;

thread_local! {
    /// A step has no state of its own, and fresh buffers would cost more than the search.
    static DESK: RefCell<(Key, Finder)> = RefCell::default();
}

/// Says what this step changes.
pub(crate) fn repeats(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(rule) = rules.on(builtin::REPEAT_BLOCK) else { return };
    // The shortest repeat with its copy, in bytes.
    if text.len() < 2 * MIN_BLOCK {
        return;
    }
    if !may_repeat(text) {
        return;
    }
    DESK.with_borrow_mut(|(key, finder)| {
        let gone = look(text, key, finder);
        if gone.is_empty() {
            return;
        }
        let gone = settle(text, gone, key, finder);
        for (n, cut) in gone.iter().enumerate() {
            let near = gone.partition_point(|g| g.src.end <= cut.twin.start);
            let stays =
                gone.get(near).is_none_or(|g| cut.twin.end <= g.src.start) && cut.twin.start < cut.twin.end;
            debug_assert!(n == 0 || gone[n - 1].src.end <= cut.src.start);
            if stays {
                edits.delete_copy(cut.src.clone(), cut.twin.clone(), rule);
            } else {
                edits.delete(cut.src.clone(), rule);
            }
        }
    });
}

/// What one look at the document finds.
fn look(text: &str, key: &mut Key, finder: &mut Finder) -> Vec<Gone> {
    key.fill(text);
    look_at_key(text, key, finder)
}

/// The same where `key` is that of the text.
fn look_at_key(text: &str, key: &Key, finder: &mut Finder) -> Vec<Gone> {
    if !finder.suspects(key.chars()) {
        return Vec::new();
    }
    let page = Page { text, key };
    let whole = if finder.suspects_all(key.len()) { period(key.chars()) } else { None };
    let mut cuts = match whole.filter(|&p| p >= MIN_BLOCK && key.len() > 3 * p) {
        Some(period) => one_of_many(&page, period),
        None => choose(&page, &finder.blocks(text, key)),
    };
    bytes(&page, &mut cuts)
}

/// The document is one text over and over: the copy with most lines stays.
fn one_of_many(page: &Page<'_>, period: usize) -> Vec<Cut> {
    let copy = |n: usize| (n * period, (n + 1) * period);
    let times = page.key.len() / period;
    let Some(best) = (0..times).min_by_key(|&n| (page.worth(copy(n)), page.noise(copy(n)))) else {
        return Vec::new();
    };
    let rest = (0..times).filter(|&n| n != best);
    rest.map(|n| Cut { gone: copy(n), stays: copy(best) }).collect()
}

/// Looks again at what is left until nothing repeats; all in bytes of `text`. Empty if there is no
/// end to it.
fn settle(text: &str, mut gone: Vec<Gone>, key: &mut Key, finder: &mut Finder) -> Vec<Gone> {
    for n in 1..MAX_LOOKS {
        let mut left = String::with_capacity(text.len());
        // For each piece that is left: where it begins in `left` and in `text`.
        let mut pieces = Vec::with_capacity(gone.len() + 1);
        let mut at = 0;
        for cut in &gone {
            pieces.push((left.len(), at));
            left.push_str(&text[at..cut.src.start]);
            at = cut.src.end;
        }
        pieces.push((left.len(), at));
        left.push_str(&text[at..]);
        // At first it is still the key of the whole text.
        let more = if n == 1 && key.cut(text, gone.iter().map(|gone| &gone.src)) {
            look_at_key(&left, key, finder)
        } else {
            look(&left, key, finder)
        };
        if more.is_empty() {
            return gone;
        }
        let start = |at: usize| {
            let (from, to) = pieces[pieces.partition_point(|p| p.0 <= at).saturating_sub(1)];
            to + (at - from)
        };
        let end = |at: usize| {
            let (from, to) = pieces[pieces.partition_point(|p| p.0 < at).saturating_sub(1)];
            to + (at - from)
        };
        let back = |span: &Range<usize>| start(span.start)..end(span.end);
        for new in &more {
            let new = Gone { src: back(&new.src), twin: back(&new.twin) };
            gone.retain(|old| old.src.end <= new.src.start || new.src.end <= old.src.start);
            gone.push(new);
        }
        gone.sort_unstable_by_key(|g| g.src.start);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::Choice;

    const LINES: [&str; 8] = [
        "关于做好冬季供暖工作的通知",
        "各街道办事处，各有关单位：",
        "一、入冬之前，供热单位应当完成管网检修和锅炉试运行，对发现的隐患逐一登记，限期整改，确保按时升温。",
        "二、居民家中室温低于18℃的，供热单位应当在2小时内上门查看，并把处理结果告知住户；投诉办结率不低于97.5%。",
        "三、各街道办事处要公布值班电话，夜间有人接听，对孤寡老人和困难家庭逐户走访，不得推诿。",
        "四、燃气、电力企业保证热源厂用气用电，调峰方案于11月1日前报送，遇到寒潮另行部署。",
        "五、对弄虚作假、延误处置的，依照《城市供热条例》追究责任，并向社会公布。",
        "区城市管理委员会办公室",
    ];
    const OTHER: &str = "本期导读：公园绿地改造完工，新增健身步道三公里；图书馆延长开放时间，周末举办古籍修复体验活动，欢迎市民预约参加。";

    fn edits_of(text: &str) -> Edits {
        let mut edits = Edits::default();
        repeats(text, &Rules::bundled(&Choice::default()).unwrap(), &mut edits);
        edits
    }

    fn run(text: &str) -> String {
        let mut new = String::new();
        edits_of(text).apply(text, &mut new);
        new
    }

    fn flat(text: &str) -> String {
        text.split('\n').collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_copy_stays_and_it_is_the_one_with_lines() {
        let text = LINES.join("\n");
        let one_line = flat(&text);
        let noisy = text.replace('，', "★,");
        let typos = one_line
            .replace("孤寡", "孤的")
            .replace("通知 各街", "通和 各街")
            .replace("委员会办公室", "委员会办公了");
        let head: String = one_line.chars().take(130).collect();
        let dashed = text.replace("单位：\n一、", "单位：-\n11月");
        let titled = format!("# {text}");
        let rows = [
            ("flat first", format!("{one_line}\n{text}"), text.clone()),
            ("flat last", format!("{text}\n{one_line}"), text.clone()),
            ("flat glued", format!("{text}{one_line}"), text.clone()),
            ("flat without a gap", format!("{}\n{text}", LINES.concat()), text.clone()),
            ("flat and noisy", format!("{}\n{text}", flat(&noisy)), text.clone()),
            ("flat with typing errors", format!("{typos}\n{text}"), text.clone()),
            (
                "flat between navigation",
                format!("首页 {one_line} 打印\n{text}"),
                format!("首页 打印\n{text}"),
            ),
            ("twice", format!("{text}\n\n{text}"), text.clone()),
            ("twice, noise first", format!("{noisy}\n{text}"), text.clone()),
            ("twice, noise last", format!("{text}\n{noisy}"), text.clone()),
            ("twice, with a rule below", format!("{text}\n----\n{text}\n----"), format!("{text}\n----")),
            ("thrice", format!("{text}\n{one_line}\n{text}"), text.clone()),
            ("thrice, with a sign of a heading", format!("{titled}\n{one_line}\n{titled}"), titled.clone()),
            ("a dash at a line's end", format!("{}\n{dashed}", dashed.replace('\n', "")), dashed.clone()),
            ("thrice, lines between", format!("{one_line}\n{text}\n{one_line}"), text.clone()),
            ("a part", format!("{}\n{text}", flat(&LINES[2..5].join("\n"))), text.clone()),
            ("a summary", format!("{head}……\n{text}"), text.clone()),
            ("a summary of one line", format!("{}...\n{one_line}", &head), one_line.clone()),
            ("five times and nothing else", [text.as_str(); 5].join("\n"), text.clone()),
            ("twelve times and nothing else", [text.as_str(); 12].join("\n"), text.clone()),
            (
                "beside another text",
                format!("{OTHER}\n{one_line}\n{text}\n{OTHER}终"),
                format!("{OTHER}\n{text}\n{OTHER}终"),
            ),
        ];
        let wrong: Vec<_> = rows
            .iter()
            .filter_map(|(name, before, after)| {
                let got = run(before);
                (got != *after || run(&got) != got).then(|| format!("{name}: {got:?}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn content_that_repeats_stays() {
        let text = LINES.join("\n");
        let letter = "来信收到了，得知你们即将奔赴基层，立志同各族群众一起奋斗，我支持你们作出的这个选择。希望你们脚踏实地，不畏艰难，把个人的理想追求融入国家发展之中，多作贡献，热情服务群众，在各自岗位上建功立业，不负韶华";
        let rows = [
            ("below the size", format!("{}\n{}", LINES[2], LINES[2])),
            (
                "a small share",
                format!("{text}\n{}", LINES[2..4].join("\n")).repeat(1)
                    + &(0..900).map(|n| char::from_u32(0x4E00 + n * 7).unwrap()).collect::<String>(),
            ),
            ("another year", format!("{text}\n{}", text.replace("18℃", "16℃").replace("11月1日", "10月8日"))),
            ("another value", format!("{text}\n{}", text.replace("97.5%", "975%"))),
            (
                "a letter and its quotation",
                format!("贺信值此之际，{letter}。（电）通讯员电　在信中说，{letter}，大家深受鼓舞。"),
            ),
            (
                "a refrain",
                OTHER
                    .split('，')
                    .map(|verse| format!("{text}\n{verse}，词曲待定。\n"))
                    .collect::<Vec<_>>()
                    .concat(),
            ),
        ];
        let wrong: Vec<_> = rows
            .iter()
            .filter_map(|(name, text)| {
                let got = run(text);
                (got != *text).then(|| format!("{name}: {got:?}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_removed_copy_names_the_one_that_stays() {
        let text = LINES.join("\n");
        let one_line = flat(&text);
        let before = format!("{one_line}\n{text}\n{one_line}");
        let edits = edits_of(&before);
        let changes: Vec<_> = edits.iter().collect();
        assert_eq!(changes.len(), 2);
        for change in changes {
            assert_eq!(&before[change.twin.unwrap()], text);
        }
    }

    #[test]
    fn no_shape_takes_more_than_a_linear_time() {
        const SIZE: usize = 4 << 20;
        let mut seed = 7_u32;
        let mut han = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from_u32(0x4E00 + (seed >> 8) % 20_000).unwrap()
        };
        let mut words = |n: usize| (0..n).map(|_| han()).collect::<String>();
        let unit = words(150);
        let parts: Vec<String> = (0..SIZE / 6000).map(|_| words(30) + &"中".repeat(970)).collect();
        let back: String = parts.iter().rev().map(String::as_str).collect();
        let body = words(SIZE / 6);
        let spoilt: String =
            body.chars().enumerate().map(|(n, c)| if n % 14 == 0 { '错' } else { c }).collect();
        // Text, and whether one copy goes.
        let shapes = [
            ("中".repeat(SIZE / 3), false),
            ("a".repeat(SIZE), false),
            ("○".repeat(SIZE / 3), false),
            ("中\n".repeat(SIZE / 4), false),
            ("一二三四五六七".repeat(SIZE / 21), false),
            (unit.repeat(SIZE / 450), true),
            (unit.repeat(SIZE / 450) + "尾", false),
            (parts.concat() + &back, false),
            (format!("{body}\n{spoilt}"), false),
            (format!("{body}\n{body}"), true),
            (words(SIZE / 27).repeat(9), true),
        ];
        for (n, (text, shrinks)) in shapes.iter().enumerate() {
            assert_eq!(!edits_of(text).is_empty(), *shrinks, "shape {n}");
        }
    }

    /// A document put together of the lines, flattened pieces and noise.
    fn documents() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => (0..8_usize, 1..8_usize).prop_map(|(from, n)| LINES[from..(from + n).min(8)].join("\n")),
            4 => (0..8_usize, 1..8_usize).prop_map(|(from, n)| LINES[from..(from + n).min(8)].join(" ")),
            2 => Just(LINES.join("\n")),
            2 => Just(LINES.concat()),
            2 => Just(LINES.join("\n").replace('，', "★,")),
            1 => Just(OTHER.to_owned()),
            1 => "[，。《》“”…★0-9a-z一二 \n-]{0,12}",
        ];
        let glue = prop_oneof![3 => Just("\n"), 1 => Just("\n\n"), 1 => Just(""), 1 => Just(" "), 1 => Just("\n---\n")];
        prop::collection::vec((piece, glue), 1..7)
            .prop_map(|parts| parts.into_iter().flat_map(|(piece, glue)| [piece, glue.to_owned()]).collect())
    }

    proptest! {
        #[test]
        fn once_is_enough_and_nothing_is_lost(text in documents()) {
            let edits = edits_of(&text);
            let mut new = String::new();
            edits.apply(&text, &mut new);
            prop_assert_eq!(run(&new), new.as_str());
            let left = Key::of(&new).to_text();
            for change in edits.iter() {
                let gone = Key::of(&text[change.src.clone()]).to_text();
                if let Some(twin) = change.twin {
                    let stays = Key::of(&text[twin]).to_text();
                    prop_assert!(left.contains(&stays), "the twin {stays} does not stay");
                }
                if !left.contains(&gone) {
                    // Slips are taken in, whole words never.
                    let known = gone.chars().collect::<Vec<_>>();
                    let lost = known.windows(13).filter(|w| !left.contains(&w.iter().collect::<String>()));
                    prop_assert!(lost.count() * 4 <= known.len(), "{gone} is lost");
                }
            }
        }
    }
}
