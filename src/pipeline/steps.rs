//! The order in which a document is cleaned. Read the list from top to bottom.

use std::ops::RangeInclusive;

use crate::rules::Rules;
use crate::text::Edits;
use crate::text::wake::Wake;
use crate::{layout, markup, mojibake, punct, repeats, symbols};

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
    /// The ASCII characters that it looks for right behind Han.
    pub wakes_behind_han: &'static [u8],
    /// It looks at its own changes too: what it decides rests on more than the few characters
    /// around a place, and one text in 100,000 is not settled after one run. The other steps are.
    pub looks_again: bool,
}

const fn one(c: char) -> RangeInclusive<char> {
    c..=c
}

/// Makes lines of a whole HTML page. It runs before the list, and only on pages.
pub const PAGE: Step = Step {
    name: "page",
    run: markup::page,
    wakes: &[one('<')],
    wakes_doubled: &[],
    wakes_behind_han: &[],
    looks_again: false,
};

/// Noise goes before width, width before composites: fused in one step, `文★,` needs two runs to
/// settle. Lines are joined before quotes and titles are paired, which line breaks cut.
pub const STEPS: &[Step] = &[
    Step {
        name: "mojibake",
        run: mojibake::mojibake,
        wakes: mojibake::TELLS,
        wakes_doubled: mojibake::FILL,
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "lines",
        run: layout::lines,
        wakes: &['\u{B}'..='\r', one('\u{85}'), '\u{2028}'..='\u{2029}'],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: false,
    },
    Step {
        name: "invisible",
        run: symbols::invisible,
        wakes: symbols::UNSEEN,
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: false,
    },
    Step {
        name: "markup",
        run: markup::markup,
        wakes: &[one('&'), one('<')],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "residue",
        run: markup::left,
        wakes: &[one('{'), one('['), one('='), one('('), one('@'), one('~')],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "marks",
        run: symbols::marks,
        wakes: symbols::DECORATIVE,
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "folds",
        run: symbols::folds,
        wakes: symbols::FOLDED,
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: false,
    },
    Step {
        name: "years",
        run: symbols::years,
        wakes: &[
            one('○'),
            one('◯'),
            one('〇'),
            one('●'),
            one('О'),
            one('Ο'),
            one('０'),
            one('Ｏ'),
            one('ｏ'),
        ],
        wakes_doubled: &[],
        wakes_behind_han: b"0Oo",
        looks_again: false,
    },
    Step {
        name: "furniture",
        run: layout::furniture,
        wakes: &[one('\n')],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "joins",
        run: layout::joins,
        wakes: &[one('\n')],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "width",
        run: punct::width,
        wakes: &[one(','), one(';'), one(':'), one('?'), one('!'), '('..=')'],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "runs",
        run: punct::runs,
        wakes: &[],
        wakes_doubled: &[one('。'), one('，'), one('、'), one('；'), one('：'), one('！'), one('？')],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "stops",
        run: punct::stops,
        wakes: &[one('.'), one('．'), one('…'), one('⋯')],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "dashes",
        run: punct::dashes,
        wakes: &[one('―'), one('⸺'), one('~'), one('〜'), one('∼')],
        wakes_doubled: &[one('-'), one('–'), '─'..='━', one('ー'), one('－')],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "quotes",
        run: punct::quotes,
        wakes: &[one('"'), one('\''), one('＂'), one('＇'), '〝'..='〟', one('„'), one('‟')],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "titles",
        run: punct::titles,
        wakes: &[one('<'), one('＜'), one('«'), one('≪')],
        wakes_doubled: &[one('〈')],
        wakes_behind_han: &[],
        looks_again: true,
    },
    Step {
        name: "numbers",
        run: punct::numbers,
        wakes: &[],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: false,
    },
    Step {
        name: "dots",
        run: punct::dots,
        wakes: &[
            one('·'),
            one('•'),
            one('‧'),
            one('・'),
            one('･'),
            one('∙'),
            one('⋅'),
            one('﹒'),
            one('●'),
            one('．'),
        ],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: false,
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
        wakes_behind_han: &[],
        looks_again: false,
    },
    Step {
        name: "repeats",
        run: repeats::repeats,
        wakes: &[],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        // It goes over its own result until it finds nothing in it.
        looks_again: false,
    },
    Step {
        name: "chrome",
        run: layout::chrome,
        wakes: &[one('\n')],
        wakes_doubled: &[],
        wakes_behind_han: &[],
        looks_again: true,
    },
];

/// The bit of a step's code in a set of [`crate::text::wake::Steps`].
pub(crate) const fn code_bit(n: usize) -> u64 {
    1 << n
}

/// The bit of a step's table, which wakes for its own characters only.
pub(crate) const fn table_bit(n: usize) -> u64 {
    1 << (n + 32)
}

/// Builds the look-up that tells which steps a text concerns.
pub(crate) fn wake(rules: &Rules) -> Wake {
    let mut wake = Wake::default();
    for (n, step) in STEPS.iter().enumerate() {
        if step.wakes.is_empty() && step.wakes_doubled.is_empty() && step.wakes_behind_han.is_empty() {
            wake.always(code_bit(n));
        }
        for range in step.wakes {
            wake.on(range.clone(), code_bit(n));
        }
        for range in step.wakes_doubled {
            wake.on_doubled(range.clone(), code_bit(n));
        }
        for &c in step.wakes_behind_han {
            wake.on_behind_han(c, code_bit(n));
        }
        for c in rules.table(step.name).into_iter().flat_map(crate::rules::Table::first_chars) {
            wake.on(c..=c, table_bit(n));
        }
    }
    wake
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Profile};

    #[test]
    fn steps_and_tables_are_the_same_list() {
        let steps: Vec<_> = [&PAGE].into_iter().chain(STEPS).map(|s| s.name).collect();
        let tables: Vec<_> = crate::rules::step_names().collect();
        assert_eq!(steps, tables);
        let every = Rules::bundled(&Choice { profile: Profile::Corpus, ..Choice::default() }).unwrap();
        assert!(wake(&every).is_sifted(), "a character of the bundled rules slows every text down");
        assert!(STEPS.len() <= 32, "a set of steps is 32 bits wide");
    }
}
