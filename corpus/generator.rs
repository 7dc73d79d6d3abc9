//! Any number of bulletins, made from the sentences of `originals/` by a seed.
//!
//! Benchmarks need more text than a cache holds, and tests need texts that nobody wrote by hand;
//! both want the same bytes on every machine. Places and figures change from one document to the
//! next, so no two are copies and long documents do not repeat themselves.

/// The plain texts, by name.
pub(crate) const ORIGINALS: &[(&str, &str)] = &[
    ("air", include_str!("originals/air.txt")),
    ("answers", include_str!("originals/answers.txt")),
    ("appointment", include_str!("originals/appointment.txt")),
    ("award", include_str!("originals/award.txt")),
    ("court", include_str!("originals/court.txt")),
    ("form", include_str!("originals/form.txt")),
    ("forwarded", include_str!("originals/forwarded.txt")),
    ("greening", include_str!("originals/greening.txt")),
    ("heating", include_str!("originals/heating.txt")),
    ("holiday", include_str!("originals/holiday.txt")),
    ("interview", include_str!("originals/interview.txt")),
    ("land", include_str!("originals/land.txt")),
    ("letter", include_str!("originals/letter.txt")),
    ("market", include_str!("originals/market.txt")),
    ("minutes", include_str!("originals/minutes.txt")),
    ("penalty", include_str!("originals/penalty.txt")),
    ("policy", include_str!("originals/policy.txt")),
    ("prices", include_str!("originals/prices.txt")),
    ("recruitment", include_str!("originals/recruitment.txt")),
    ("reform", include_str!("originals/reform.txt")),
    ("roster", include_str!("originals/roster.txt")),
    ("secrecy", include_str!("originals/secrecy.txt")),
    ("statistics-2022", include_str!("originals/statistics-2022.txt")),
    ("statistics-2023", include_str!("originals/statistics-2023.txt")),
    ("storm", include_str!("originals/storm.txt")),
    ("tender", include_str!("originals/tender.txt")),
    ("traditional", include_str!("originals/traditional.txt")),
    ("work", include_str!("originals/work.txt")),
];

/// Invented places that take the place of 云岭 and 河湾.
const PLACES: &[&str] = &[
    "云岭", "河湾", "青石", "柳林", "清源", "南浦", "北桥", "东栅", "西溪", "石塘", "龙泉", "白沙", "长堤",
    "安和",
];

/// Bytes of a generated document; most bulletins of real archives lie in this range.
const SMALLEST: f64 = 1_000.0;
const LARGEST: f64 = 60_000.0;

/// How often a document is spoilt in which way; shares of 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    /// Full-width commas become half-width ones.
    pub(crate) half_width: f64,
    /// ★ stands before four marks of ten.
    pub(crate) starred: f64,
    /// The flattened copy stands before the text.
    pub(crate) flattened: f64,
    /// One paragraph is gone.
    pub(crate) lost_line: f64,
    /// One space or half-width comma in the whole document.
    pub(crate) slip: f64,
}

impl Mix {
    /// Nothing to do in any document.
    pub(crate) const CLEAN: Self =
        Self { half_width: 0.0, starred: 0.0, flattened: 0.0, lost_line: 0.0, slip: 0.0 };
    /// One small slip in one document of four.
    pub(crate) const RARE: Self = Self { slip: 0.25, ..Self::CLEAN };
    /// What a badly kept archive looks like.
    pub(crate) const COMMON: Self =
        Self { half_width: 0.5, starred: 0.5, flattened: 0.3, lost_line: 0.4, slip: 0.5 };
}

/// xorshift64*: small, fast, the same on every machine. Not for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// A stream of numbers for `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A share between 0 and 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True in a share `of` all cases.
    pub(crate) fn chance(&mut self, of: f64) -> bool {
        self.share() < of
    }
}

/// Makes documents.
#[derive(Clone, Debug)]
pub(crate) struct Generator {
    random: Random,
    heads: Vec<&'static str>,
    sentences: Vec<&'static str>,
}

impl Generator {
    /// The documents of `seed`, always the same ones.
    pub(crate) fn new(seed: u64) -> Self {
        let mut heads = Vec::new();
        let mut sentences = Vec::new();
        // The Traditional notice, the name list and the form do not mix with running prose, and
        // ★ clauses or secrecy marks would make legends for every other ★.
        let apart = ["traditional", "roster", "form", "tender", "secrecy", "prices"];
        for (_, text) in ORIGINALS.iter().filter(|(name, _)| !apart.contains(name)) {
            heads.extend(text.lines().next());
            for line in text.lines().filter(|line| line.ends_with('。')) {
                sentences.extend(line.split_inclusive('。').filter(|s| s.chars().count() >= 12));
            }
        }
        // A sentence that opens or closes a quotation around others would leave it unpaired.
        sentences
            .retain(|s| [('“', '”'), ('（', '）'), ('《', '》'), ('‘', '’')].iter().all(|p| paired(s, *p)));
        Self { random: Random::new(seed), heads, sentences }
    }

    /// A sound document: a title, then paragraphs of three to six sentences.
    pub(crate) fn sound(&mut self) -> String {
        let u = self.random.share();
        let size = SMALLEST * (LARGEST / SMALLEST).powf(u * u);
        let head = self.heads[self.random.below(self.heads.len())];
        let mut text = self.varied(head);
        while (text.len() as f64) < size {
            text.push('\n');
            for _ in 0..3 + self.random.below(4) {
                let sentence = self.sentences[self.random.below(self.sentences.len())];
                let sentence = self.varied(sentence);
                text.push_str(&sentence);
            }
        }
        text
    }

    /// A document with other places and figures.
    fn varied(&mut self, text: &str) -> String {
        let place = PLACES[self.random.below(PLACES.len())];
        let other = PLACES[self.random.below(PLACES.len())];
        let named = text.replace("云岭", "\u{1}").replace("河湾", other).replace('\u{1}', place);
        let mut last = ' ';
        let varied = |c: char| {
            let digit = if last.is_ascii_digit() { self.random.below(10) } else { 1 + self.random.below(9) };
            // A lone digit may be a list number, a leading 1 or 2 may be a year: they stay.
            let keep = !c.is_ascii_digit() || matches!(c, '0'..='2') || !last.is_ascii_digit();
            last = c;
            if keep { c } else { char::from(b'0' + digit as u8) }
        };
        named.chars().map(varied).collect()
    }

    /// The text as a scraper may have left it.
    pub(crate) fn spoilt(&mut self, mut text: String, mix: Mix) -> String {
        if self.random.chance(mix.slip) {
            let commas: Vec<usize> = text.match_indices('，').map(|(at, _)| at).collect();
            if !commas.is_empty() {
                let at = commas[self.random.below(commas.len())];
                text.replace_range(
                    at..at + '，'.len_utf8(),
                    if self.random.chance(0.5) { "," } else { "， " },
                );
            }
        }
        if self.random.chance(mix.half_width) {
            text = text.replace('，', ",");
        }
        if self.random.chance(mix.starred) {
            let mut starred = String::with_capacity(text.len() * 5 / 4);
            for c in text.chars() {
                if matches!(c, '，' | '。' | '、' | ',') && self.random.chance(0.4) {
                    starred.push('★');
                }
                starred.push(c);
            }
            text = starred;
        }
        if self.random.chance(mix.flattened) {
            text = format!("{}\n{text}", text.replace('\n', " "));
        }
        if self.random.chance(mix.lost_line) {
            let lines: Vec<&str> = text.lines().collect();
            if lines.len() > 5 {
                let lost = self.random.below(lines.len());
                text = [&lines[..lost], &lines[lost + 1..]].concat().join("\n");
            }
        }
        text
    }

    /// Documents of `mix`, at least `bytes` in all.
    pub(crate) fn archive(&mut self, bytes: usize, mix: Mix) -> Vec<String> {
        let mut texts = Vec::new();
        let mut size = 0;
        while size < bytes {
            let sound = self.sound();
            let text = self.spoilt(sound, mix);
            size += text.len();
            texts.push(text);
        }
        texts
    }
}

/// Opening and closing marks take turns.
fn paired(sentence: &str, (open, close): (char, char)) -> bool {
    let mut depth = 0;
    for c in sentence.chars() {
        depth += i32::from(c == open) - i32::from(c == close);
        if !(0..=1).contains(&depth) {
            return false;
        }
    }
    depth == 0
}

/// Texts that punish careless scans: one character without end, deep brackets, open quotes, a
/// million short lines. `bytes` is the size of each.
pub(crate) fn hostile(bytes: usize) -> Vec<(String, String)> {
    const SHAPES: &[&str] = &[
        " ",
        "\n",
        "\t",
        "\u{3000}",
        "\u{A0}",
        "\r",
        ",",
        ".",
        "。",
        "，",
        "…",
        "-",
        "—",
        "~",
        "(",
        ")",
        "（",
        "）",
        "\"",
        "'",
        "“",
        "”",
        "<",
        ">",
        "《",
        "》",
        "〈",
        "[",
        "]",
        "〔",
        "&",
        "&amp;",
        "&lt;",
        "#",
        "★",
        "●",
        "□",
        "|",
        "=",
        "*",
        "0",
        "１",
        "○",
        "一",
        "中",
        "⼀",
        "a",
        "\u{200B}",
        "\u{FEFF}",
        "\u{FFFD}",
        "😀",
        // Two and three characters that keep a rule hoping.
        "中 ",
        "中\n",
        "中★,",
        "(中",
        "（中\n",
        "\"中",
        "<<中",
        "<p",
        "</",
        "<!--",
        "<script>",
        "[2024]",
        "中[2024]",
        "〔2024",
        "1,",
        "1.",
        "1\n",
        "— 1 —\n",
        "- ",
        "★1",
        "○一",
        "二○",
        "http://a.cn/?",
        "第一条 ",
        "　　中",
        "《〈",
        "’中‘",
        "··",
        "、，",
        "中。　　",
        "机密★",
        "带★号",
        "&#1",
        "&#x4E00;",
        "“中\n",
        "a,b;",
        "…。",
    ];
    SHAPES
        .iter()
        .map(|shape| {
            let name = format!("{shape:?} again and again");
            (name, shape.repeat(bytes / shape.len()))
        })
        .chain([
            ("brackets that close".to_owned(), format!("{}{}", "(".repeat(bytes / 2), ")".repeat(bytes / 2))),
            ("titles that close".to_owned(), format!("{}{}", "<<".repeat(bytes / 4), ">>".repeat(bytes / 4))),
            ("a period of 97".to_owned(), periodic(bytes, 97)),
            ("a period of 4099".to_owned(), periodic(bytes, 4099)),
        ])
        .collect()
}

/// Han text that comes back every `period` characters.
fn periodic(bytes: usize, period: u32) -> String {
    (0..bytes as u32 / 3).filter_map(|n| char::from_u32(0x4E00 + (n % period) * 5 % 20_000)).collect()
}
