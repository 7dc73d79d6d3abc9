//! The rules that are code: a constant for each, so that a step names its rule without a look-up.

use crate::text::RuleId;

macro_rules! builtin {
    ($($constant:ident = $name:literal),* $(,)?) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "only counts the list")]
        enum Position { $($constant),* }
        $(
            #[doc = concat!("`", $name, "`")]
            pub const $constant: RuleId = RuleId(Position::$constant as u16);
        )*
        /// The names of the constants, in their order.
        pub const NAMES: &[&str] = &[$($name),*];
    };
}

builtin! {
    PAGE_TAG = "page.tag",
    PAGE_CODE = "page.code",
    PAGE_ENTITY = "page.entity",
    PAGE_SPACE = "page.space",
    MOJIBAKE_UTF_AS_GBK = "mojibake.utf-as-gbk",
    MOJIBAKE_UTF_AS_LATIN = "mojibake.utf-as-latin",
    MOJIBAKE_GBK_AS_LATIN = "mojibake.gbk-as-latin",
    MOJIBAKE_GBK_AS_BIG_FIVE = "mojibake.gbk-as-big-five",
    MOJIBAKE_BIG_FIVE_AS_GBK = "mojibake.big-five-as-gbk",
    MOJIBAKE_REPLACED = "mojibake.replaced",
    MOJIBAKE_FILL = "mojibake.fill",
    LINE_END = "line.end",
    LINE_PAGE_BREAK = "line.page-break",
    INVISIBLE_BOM = "invisible.bom",
    INVISIBLE_ZERO_WIDTH = "invisible.zero-width",
    INVISIBLE_DIRECTION = "invisible.direction",
    INVISIBLE_CONTROL = "invisible.control",
    INVISIBLE_VARIATION = "invisible.variation",
    INVISIBLE_FILLER = "invisible.filler",
    MARKUP_ENTITY = "markup.entity",
    MARKUP_TAG = "markup.tag",
    MARKUP_CODE = "markup.code",
    RESIDUE_STYLE = "residue.style",
    RESIDUE_SCRIPT = "residue.script",
    RESIDUE_BBCODE = "residue.bbcode",
    RESIDUE_JAMMER = "residue.jammer",
    RESIDUE_PINYIN = "residue.pinyin",
    MARK_NOISE = "mark.noise",
    FOLD_RADICAL = "fold.radical",
    FOLD_COMPATIBILITY = "fold.compatibility",
    FOLD_LEGACY_GB = "fold.legacy-gb",
    FOLD_WIDE_LETTER = "fold.wide-letter",
    FOLD_WIDE_SIGN = "fold.wide-sign",
    FOLD_SMALL_FORM = "fold.small-form",
    FOLD_VERTICAL_FORM = "fold.vertical-form",
    FOLD_HALF_CJK = "fold.half-cjk",
    FOLD_VERTICAL_COLON = "fold.vertical-colon",
    FOLD_WIDE_HYPHEN = "fold.wide-hyphen",
    FOLD_SYMBOL_FONT = "fold.symbol-font",
    FOLD_YEAR_ZERO = "fold.year-zero",
    PAGE_NUMBER = "page.number",
    PAGE_HEADER = "page.header",
    JOIN_WRAPPED = "join.wrapped",
    JOIN_PAGE = "join.page",
    JOIN_LINE_START = "join.line-start",
    PUNCT_COMMA = "punct.comma",
    PUNCT_SEMICOLON = "punct.semicolon",
    PUNCT_COLON = "punct.colon",
    PUNCT_QUESTION = "punct.question",
    PUNCT_EXCLAMATION = "punct.exclamation",
    PUNCT_BRACKET = "punct.bracket",
    RUN_MARK = "run.mark",
    RUN_COMMA = "run.comma",
    RUN_STOP = "run.stop",
    STOP_DOT = "stop.dot",
    STOP_WIDE_DOT = "stop.wide-dot",
    STOP_ELLIPSIS = "stop.ellipsis",
    DASH_DOUBLE = "dash.double",
    DASH_RANGE = "dash.range",
    QUOTE_DOUBLE = "quote.double",
    QUOTE_SINGLE = "quote.single",
    TITLE_DOUBLED = "title.doubled",
    TITLE_INNER = "title.inner",
    NUMBER_DOCUMENT = "number.document",
    DOT_MIDDLE = "dot.middle",
    DOT_KATAKANA = "dot.katakana",
    SPACE_LINE_EDGE = "space.line-edge",
    SPACE_BLANK_LINE = "space.blank-line",
    SPACE_MARK = "space.mark",
    SPACE_LETTER_SPACED = "space.letter-spaced",
    SPACE_HEADING = "space.heading",
    SPACE_LOST_BREAK = "space.lost-break",
    SPACE_ODD = "space.odd",
    SPACE_RUN = "space.run",
    SPACE_SEGMENTED = "space.segmented",
    REPEAT_BLOCK = "repeat.block",
    BOILERPLATE_LINE = "boilerplate.line",
}
