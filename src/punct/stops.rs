//! Full stops typed as dots, the full-width dot, and the ellipsis.
//!
//! An ellipsis is six dots in two places (GB/T 15834-2011, 4.11.2). A dot between digits, behind
//! a list number or inside a formula is none of them and stays.

use memchr::memmem;

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_blank, is_han, is_wide, right_on_line};
use crate::text::sift::sift;

/// Says what becomes of dots.
pub(crate) fn stops(text: &str, rules: &Rules, edits: &mut Edits) {
    let dot_is_stop = rules.on(builtin::STOP_DOT).is_some() && ends_sentences_with_dots(text);
    for at in sift(text, |a, b, c, _| sieve(a, b, c, dot_is_stop)) {
        if at < edits.end() {
            continue;
        }
        let Some(c) = after(text, at) else { continue };
        if before(text, at) == Some(c) {
            continue; // inside a run that was looked at from its start
        }
        let end = run_end(text, at, c);
        let (left, right) = (before(text, at), after(text, end));
        let told = match (c, (end - at) / c.len_utf8()) {
            ('.', 1) if dot_is_stop && is_sentence_dot(text, at) && !is_in_reference(text, at) => {
                Some(("。", builtin::STOP_DOT))
            }
            ('．', 1) if is_number_dot(text, at, right) => Some((".", builtin::STOP_WIDE_DOT)),
            ('.', 3..=6) | ('…', 1 | 3) | ('⋯', 1..=3) if is_ellipsis(text, c, left, end) => {
                Some(("……", builtin::STOP_ELLIPSIS))
            }
            _ => None,
        };
        if let Some((with, rule)) = told
            && let Some(rule) = rules.on(rule)
        {
            edits.replace(at..end, with, rule);
        }
    }
}

/// Lets through where dots stand that may be something else. Decimals put a dot into nearly every
/// document; a single one is looked at only where it may be a stop.
fn sieve(a: u8, b: u8, c: u8, dot_is_stop: bool) -> bool {
    let dots = (a == b'.') & (dot_is_stop | (b == b'.') & (c == b'.'));
    let wide = (a == 0xEF) & (b == 0xBC) & (c == 0x8E);
    let ellipsis = (a == 0xE2) & ((b == 0x80) & (c == 0xA6) | (b == 0x8B) & (c == 0xAF));
    dots | wide | ellipsis
}

fn run_end(text: &str, from: usize, c: char) -> usize {
    let mut piece = [0; 4];
    let piece = c.encode_utf8(&mut piece).as_bytes();
    let n = text.as_bytes()[from..].chunks_exact(piece.len()).take_while(|chunk| *chunk == piece).count();
    from + n * piece.len()
}

/// `5．6`, and `1．` at the start of a line.
fn is_number_dot(text: &str, at: usize, right: Option<char>) -> bool {
    /// Digits of a list number.
    const LONGEST_LABEL: usize = 3;
    let digits = text[..at].bytes().rev().take(LONGEST_LABEL + 1).take_while(u8::is_ascii_digit).count();
    let starts_line = || before(text, at - digits).is_none_or(|c| c == '\n' || is_blank(c));
    digits > 0
        && !is_year_of_reference(text, at)
        && (right.is_some_and(|c| c.is_ascii_digit())
            || digits <= LONGEST_LABEL
                && starts_line()
                && right_on_line(text, at + '．'.len_utf8()).is_some_and(|c| is_wide(c) && c != '．'))
}

/// `某出版社，1996．45-47．`: the dot behind the year of a reference parts it from the pages.
fn is_year_of_reference(text: &str, at: usize) -> bool {
    let Some(year) = at.checked_sub(4).and_then(|from| text.get(from..at)) else { return false };
    let four = year.bytes().all(|b| b.is_ascii_digit()) && (year.starts_with("19") || year.starts_with("20"));
    four && matches!(
        text[..at - 4].trim_end_matches(is_blank).chars().next_back(),
        Some('，' | ',' | '．' | '.')
    )
}

/// Han or a quote before it, nothing of a series behind it, and no leader of a table of
/// contents or cut title.
fn is_ellipsis(text: &str, c: char, left: Option<char>, to: usize) -> bool {
    let right = after(text, to);
    let speaks = |c: char| {
        is_han(c) || matches!(c, '“' | '”' | '‘' | '’' | '"' | '%' | '。' | '？' | '！' | '）' | '》')
    };
    let series = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '，' | ',' | '+' | '=' | '.' | '…' | '⋯' | '×' | '/' | '\\')
    };
    if c == '.' && is_omitted_paragraph(text, to) {
        return true;
    }
    if !left.is_some_and(|c| speaks(c) && !joins_series(c)) || right.is_some_and(series) {
        return false;
    }
    match right {
        // At a line's end three dots also say that a list page cut its summary.
        None | Some('\n') if c == '.' && left.is_some_and(is_han) => is_among_paragraphs(text, to),
        // A title of two halves, “多谢！我只是来看看…”, is no prose yet.
        None | Some('\n') => c == '⋯' || !is_cut_title(text, to) && has_near(text, to, &['。']),
        Some(c) if is_blank(c) => !is_cut_title(text, to) && is_prose(text, to),
        Some(c) if is_han(c) => sentence_goes_on(text, to),
        // “打开…”、“打印…”: the dots are part of a menu's word.
        Some('、') => false,
        Some('”') => is_prose(text, to) || is_speech(text, to),
        Some(_) => true,
    }
}

/// The quote that closes at `to` was announced: `他说：“再想想...”`.
fn is_speech(text: &str, to: usize) -> bool {
    /// Characters of a quote to look through for its start.
    const REACH: usize = 100;
    let mut before =
        text[..to].chars().rev().take(REACH).take_while(|&c| c != '\n').skip_while(|&c| c != '“');
    before.next().is_some() && matches!(before.next(), Some('：' | '，' | ':' | ','))
}

/// The lines above and below are whole paragraphs, as around a line of an article; around a
/// summary stand titles, dates and other cut summaries.
fn is_among_paragraphs(text: &str, to: usize) -> bool {
    let above = text[..to].rfind('\n').map(|end| text[..end].trim_end_matches(is_blank_or_end));
    let below = text[to..].trim_start_matches(is_blank_or_end);
    let below = &below[..below.find('\n').unwrap_or(below.len())];
    above.is_some_and(ends_a_paragraph) && ends_a_paragraph(below.trim_end_matches(is_blank))
}

fn is_blank_or_end(c: char) -> bool {
    c == '\n' || is_blank(c)
}

/// The last line of `text` is long and ends with a stop.
fn ends_a_paragraph(text: &str) -> bool {
    /// Characters of a paragraph, at least.
    const SHORTEST: usize = 30;
    let mut back = text.chars().rev();
    let last = back.next().filter(|&c| c != '”').or_else(|| back.next());
    last.is_some_and(|c| matches!(c, '。' | '！' | '？' | '!' | '?'))
        && text.chars().rev().take(SHORTEST).take_while(|&c| c != '\n').count() == SHORTEST
}

/// The line has a full stop on either side: it is no title or summary that a list page cut.
fn is_prose(text: &str, to: usize) -> bool {
    has_near(text, to, &['。', '！', '？', '!', '?'])
}

/// One of `stops` stands on the line of the dots that end at `to`.
fn has_near(text: &str, to: usize, stops: &[char]) -> bool {
    /// Characters to look at on either side.
    const REACH: usize = 400;
    let of_line = |c: &char| *c != '\n';
    let left = text[..to].chars().rev().take(REACH).take_while(of_line);
    let right = text[to..].chars().take(REACH).take_while(of_line);
    left.chain(right).any(|c| stops.contains(&c))
}

/// A line of nothing but dots between two lines of Chinese text: a paragraph was left out.
fn is_omitted_paragraph(text: &str, to: usize) -> bool {
    let above =
        text[..to].trim_end_matches('.').strip_suffix('\n').and_then(|above| above.chars().next_back());
    let below = text[to..].strip_prefix('\n').and_then(|below| below.chars().next());
    above.is_some_and(is_wide) && below.is_some_and(is_wide)
}

/// `A1和...和An`, `第1至...`
fn joins_series(c: char) -> bool {
    matches!(c, '和' | '或' | '及' | '与' | '至' | '到')
}

/// A mark of a sentence stands soon behind; behind a title that a list page cut stands none.
fn sentence_goes_on(text: &str, at: usize) -> bool {
    /// Characters to look at.
    const REACH: usize = 40;
    text[at..]
        .chars()
        .take(REACH)
        .take_while(|&c| c != '\n')
        .any(|c| matches!(c, '，' | '。' | '；' | '！' | '？' | '”' | '、'))
}

/// A line without any mark of a sentence that ends in `...` is a title which a list page cut.
fn is_cut_title(text: &str, to: usize) -> bool {
    /// Longer lines are sentences.
    const LONGEST_TITLE: usize = 60;
    let line = text[..to].chars().rev().take_while(|&c| c != '\n').take(LONGEST_TITLE + 1);
    let mut n = 0;
    // The mark before the dots is the title's own: “谁来接班？...”
    for c in line.skip_while(|&c| matches!(c, '.' | '…')).skip(1) {
        n += 1;
        if matches!(c, '，' | '。' | '；' | '？' | '！') {
            return false;
        }
    }
    n <= LONGEST_TITLE
}

/// A dot that ends a sentence: behind Han or a closing mark, before Han, a quote or the line's end.
fn is_sentence_dot(text: &str, at: usize) -> bool {
    let left = before(text, at).is_some_and(|c| is_han(c) || matches!(c, '》' | '”' | '）' | ')'));
    let right = after(text, at + 1);
    left && right.is_none_or(|c| c == '\n' || is_han(c) || is_blank(c) || matches!(c, '”' | '’' | '“' | '（'))
}

/// The line is an entry of a list of references, which keeps its dots.
fn is_in_reference(text: &str, at: usize) -> bool {
    /// How far to look for the start of the line, in bytes; entries are short.
    const REACH: usize = 400;
    let from = text.floor_char_boundary(at.saturating_sub(REACH));
    let line = &text[text[from..at].rfind('\n').map_or(from, |n| from + n + 1)..at];
    let label = line.trim_start_matches(is_blank);
    label.strip_prefix(['[', '［']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A text that ends its sentences with dots: at least five, and `。` no more than one in twenty.
/// All or none: once they are converted no dot is left to decide about.
fn ends_sentences_with_dots(text: &str) -> bool {
    /// Fewer prove nothing.
    const MIN_DOTS: usize = 5;
    /// One `。` in twenty stops may come from a frame.
    const DOTS_A_STOP: usize = 19;
    let dots = memchr::memchr_iter(b'.', text.as_bytes()).filter(|&at| is_sentence_dot(text, at)).count();
    dots >= MIN_DOTS && memmem::find_iter(text.as_bytes(), "。".as_bytes()).count() * DOTS_A_STOP <= dots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Profile};

    fn clean(text: &str, profile: Profile) -> String {
        let rules = Rules::bundled(&Choice { profile, ..Choice::default() }).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        stops(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn dots_become_what_they_stand_for() {
        let mut wrong = Vec::new();
        for (before, after) in [
            ("充满信心...二是落实。", "充满信心……二是落实。"),
            ("他说，“好......”大家笑了。", "他说，“好……”大家笑了。"),
            ("农业、工业等…", "农业、工业等…"),
            ("走了。发展，等等………", "走了。发展，等等……"),
            ("等等⋯⋯", "等等……"),
            ("增长5．6%", "增长5.6%"),
            ("1．主要任务\n22． 次要任务", "1.主要任务\n22. 次要任务"),
            ("第一条\n...\n第九条", "第一条\n……\n第九条"),
            ("真的吗？...我不信。", "真的吗？……我不信。"),
            ("大家都来了。加快发展，扩大开放…", "大家都来了。加快发展，扩大开放……"),
            ("他说：“再想想...”", "他说：“再想想……”"),
            (
                "春天来了，山上的桃花都开了，村里的人也都忙着下地干活，路上很热闹。\n大家等着消息，等了很久...\n后来消息终于到了，说的是修路的钱已经批下来，秋天以前就能动工了。",
                "春天来了，山上的桃花都开了，村里的人也都忙着下地干活，路上很热闹。\n大家等着消息，等了很久……\n后来消息终于到了，说的是修路的钱已经批下来，秋天以前就能动工了。",
            ),
        ] {
            let got = clean(before, Profile::Standard);
            if got != after || clean(&got, Profile::Standard) != got {
                wrong.push(format!("{before} → {got}, not {after}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn dots_of_numbers_series_and_leaders_stay() {
        for text in [
            "发展，，改革",
            "0.333...",
            "1...n",
            "y1，…，yn",
            "i=1,2,...,n时",
            "第一章…………3",
            "第一章......3",
            "a.b.doc",
            "附件1.xls",
            "第3.2条",
            "A1,A2,．．．,An",
            "Ｂ．盖茨",
            "北京：某出版社，1996．45-47",
            "某社．1988．102",
            "关于做好工作的...",
            "好！！！",
            "为什么？！",
            "变量x，，其中y为",
            "……",
            "…………",
            "好。",
            "深度报道：原因和后果是...评论 42",
            "若A1和...和An都成立，则",
            "谁来接班？...",
            "记者获悉，有关部门提出修改...",
            "会议开了三天。有关部门提出修改...",
            "“我见了经理…”",
            "路人：多谢支持！店主：我只是来看看…",
            "春天来了，山上的桃花都开了，村里的人也都忙着下地干活，路上很热闹。\n村里要修路，记者获悉...\n修路的消息",
            "点击打开…、打印等。",
            "U.S.政府.",
        ] {
            assert_eq!(clean(text, Profile::Standard), text);
        }
    }

    #[test]
    fn a_text_of_dots_is_converted_whole_or_not_at_all() {
        let dots = "第一步.第二步.第三步.\n第四步.第五步.共5.6元.见a.b文.\n［1］张某.论文.北京.";
        assert_eq!(
            clean(dots, Profile::Corpus),
            "第一步。第二步。第三步。\n第四步。第五步。共5.6元。见a.b文。\n［1］张某.论文.北京."
        );
        assert_eq!(clean(dots, Profile::Standard), dots);
        let mixed = format!("{dots}好。对。");
        assert_eq!(clean(&mixed, Profile::Corpus), mixed);
    }
}
