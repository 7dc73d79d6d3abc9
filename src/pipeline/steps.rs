//! The order in which a document is cleaned. Read the list from top to bottom.

use std::ops::RangeInclusive;

use crate::rules::Rules;
use crate::text::Edits;
use crate::text::wake::Wake;
use crate::{layout, markup, punct, repeats, symbols};

/// One pass over a text: it reads and says what should change.
pub struct Step {
    /// Its name, in trails and reports; also the name of its table in `src/rules/`.
    pub name: &'static str,
    /// The pass itself.
    pub run: fn(&str, &Rules, &mut Edits),
    /// The characters that it looks for. A text without any of them is not shown to the step;
    /// where this list and the next are empty, the step sees every text.
    pub wakes: &'static [RangeInclusive<char>],
    /// The characters that it looks for where they stand twice in a row.
    pub wakes_doubled: &'static [RangeInclusive<char>],
    /// What it takes away can bring together what earlier steps would have changed, so the list
    /// runs again over the result.
    pub unsettles: bool,
}

const fn one(c: char) -> RangeInclusive<char> {
    c..=c
}

/// Noise goes before width, width before composites: fused in one step, `文★,` needs two runs to
/// settle. Lines are joined before quotes and titles are paired, which line breaks cut.
pub const STEPS: &[Step] = &[
    Step {
        name: "lines",
        run: layout::lines,
        wakes: &['\u{B}'..='\r', one('\u{85}'), '\u{2028}'..='\u{2029}'],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "invisible",
        run: symbols::invisible,
        wakes: &[
            '\0'..='\u{8}',
            '\u{E}'..='\u{1F}',
            '\u{7F}'..='\u{9F}',
            one('\u{AD}'),
            one('\u{34F}'),
            one('\u{61C}'),
            '\u{115F}'..='\u{1160}',
            one('\u{180E}'),
            '\u{200B}'..='\u{200F}',
            '\u{202A}'..='\u{202E}',
            '\u{2060}'..='\u{206F}',
            one('\u{2800}'),
            one('\u{3164}'),
            '\u{FE00}'..='\u{FE0F}',
            one('\u{FEFF}'),
            one('\u{FFA0}'),
            '\u{FFF9}'..='\u{FFFC}',
            '\u{E0001}'..='\u{E01EF}',
        ],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "markup",
        run: markup::markup,
        wakes: &[one('&'), one('<')],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "marks",
        run: symbols::marks,
        wakes: &[
            '#'..='#',
            one('*'),
            one('|'),
            one('~'),
            one('^'),
            one('='),
            '\u{2020}'..='\u{2021}',
            one('※'),
            '\u{2042}'..='\u{2051}',
            '\u{2580}'..='\u{27BF}',
            '\u{2B00}'..='\u{2BFF}',
            one('〒'),
            one('〠'),
            one('〶'),
            one('＊'),
            one('＃'),
            '\u{1F000}'..='\u{1FAFF}',
        ],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "folds",
        run: symbols::folds,
        wakes: &[
            '\u{2E80}'..='\u{2FD5}',
            '\u{F900}'..='\u{FAFF}',
            '\u{2F800}'..='\u{2FA1D}',
            '\u{E000}'..='\u{F8FF}',
            '\u{FE10}'..='\u{FE6B}',
            '\u{FF02}'..='\u{FF07}',
            '\u{FF0A}'..='\u{FF0B}',
            '\u{FF0D}'..='\u{FF19}',
            '\u{FF1D}'..='\u{FF1D}',
            '\u{FF20}'..='\u{FF5A}',
            '\u{FF61}'..='\u{FF65}',
            one('○'),
            one('◯'),
            one('О'),
            one('Ο'),
            one('O'),
            one('o'),
            one('0'),
        ],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "furniture",
        run: layout::furniture,
        wakes: &[one('\n')],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step { name: "joins", run: layout::joins, wakes: &[one('\n')], wakes_doubled: &[], unsettles: false },
    Step {
        name: "width",
        run: punct::width,
        wakes: &[one(','), one(';'), one(':'), one('?'), one('!'), '('..=')', one('（'), one('）')],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "runs",
        run: punct::runs,
        wakes: &[],
        wakes_doubled: &[one('。'), one('，'), one('、'), one('；'), one('：'), one('！'), one('？')],
        unsettles: false,
    },
    Step {
        name: "stops",
        run: punct::stops,
        wakes: &[one('.'), one('．'), one('…'), one('⋯')],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "dashes",
        run: punct::dashes,
        wakes: &[one('―'), one('⸺'), one('~'), one('〜'), one('∼')],
        wakes_doubled: &[one('-'), one('–'), '─'..='━', one('ー'), one('－')],
        unsettles: false,
    },
    Step {
        name: "quotes",
        run: punct::quotes,
        wakes: &[one('"'), one('\''), one('＂'), one('＇'), '〝'..='〟', one('„'), one('‟')],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "titles",
        run: punct::titles,
        wakes: &[one('<'), one('＜'), one('«'), one('≪'), one('〈')],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step { name: "numbers", run: punct::numbers, wakes: &[], wakes_doubled: &[], unsettles: false },
    Step {
        name: "dots",
        run: punct::dots,
        wakes: &[one('•'), one('‧'), one('・'), one('･'), one('∙'), one('⋅'), one('﹒'), one('●'), one('．')],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step {
        name: "spaces",
        run: layout::spaces,
        wakes: &[
            one(' '),
            one('\t'),
            one('\n'),
            one('\u{A0}'),
            one('\u{1680}'),
            '\u{2000}'..='\u{200A}',
            one('\u{202F}'),
            one('\u{205F}'),
            one('\u{3000}'),
        ],
        wakes_doubled: &[],
        unsettles: false,
    },
    Step { name: "repeats", run: repeats::repeats, wakes: &[], wakes_doubled: &[], unsettles: true },
];

/// Builds the look-up that tells which steps a text concerns: bit `n` for step number `n`.
pub(crate) fn wake(rules: &Rules) -> Wake {
    let mut wake = Wake::default();
    for (n, step) in STEPS.iter().enumerate() {
        let bit = 1 << n;
        if step.wakes.is_empty() && step.wakes_doubled.is_empty() {
            wake.always(bit);
        }
        for range in step.wakes {
            wake.on(range.clone(), bit);
        }
        for range in step.wakes_doubled {
            wake.on_doubled(range.clone(), bit);
        }
        for c in rules.table(step.name).into_iter().flat_map(|table| table.first_chars()) {
            wake.on(c..=c, bit);
        }
    }
    wake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_tables_are_the_same_list() {
        let steps: Vec<_> = STEPS.iter().map(|s| s.name).collect();
        let tables: Vec<_> = crate::rules::step_names().collect();
        assert_eq!(steps, tables);
        assert!(STEPS.len() <= 32, "a set of steps is 32 bits wide");
    }
}
