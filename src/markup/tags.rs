//! The elements of HTML, and how to tell a tag from a `<` of the text.

use std::sync::LazyLock;

/// What an element is to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Leaves no trace.
    Inline,
    /// Begins and ends a line.
    Block,
    /// A table or a row of one: begins and ends a line, whatever its cells do.
    Row,
    /// A cell; set apart from the next by a tab.
    Cell,
    /// Raised digits, as in m².
    Sup,
    /// Its content is code.
    Script,
    /// Its content is code.
    Style,
}

/// Elements that a page may have and a text's `<…>` never is.
const ELEMENTS: &[(Element, &str)] = &[
    (
        Element::Inline,
        "a abbr acronym area b base basefont bdo big button cite code col colgroup datalist del dfn em embed font i img \
         iframe input ins kbd label legend link map mark meta nobr noscript object option param q rp rt ruby s \
         samp select small source span strike strong sub svg template textarea tt u var video audio wbr",
    ),
    (
        Element::Block,
        "address article aside blockquote body br caption center dd details dir div dl dt fieldset figcaption \
         figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html li main marquee menu nav \
         noframes ol optgroup p pre section summary title ucapcontent ul",
    ),
    (Element::Row, "table tbody tfoot thead tr"),
    (Element::Cell, "td th"),
    (Element::Sup, "sup"),
    (Element::Script, "script"),
    (Element::Style, "style"),
];

/// What a page does with an element, beside what it is to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing further.
    Plain,
    /// Holds a part of the page: the body is looked for among these.
    Box,
    /// A cell or an item of a list: a box that the next one of its kind ends.
    Item,
    /// Leads elsewhere.
    Link,
    /// Names the part below it.
    Heading,
    /// Its content is not shown.
    Unseen,
    /// Its line breaks are breaks.
    Pre,
    /// Its content is the title of the page.
    Title,
    /// Its content is a program.
    Script,
    /// Its content is a style sheet.
    Style,
    /// Its attributes say something of the page.
    Meta,
    /// Has no content.
    Void,
}

/// Elements with a role of their own.
const ROLES: &[(Role, &str)] = &[
    (
        Role::Box,
        "address article aside blockquote body center dir div dl fieldset footer form frameset header main \
         marquee menu nav ol section table tbody tfoot thead ucapcontent ul",
    ),
    (Role::Item, "dd dt li p td th tr"),
    (Role::Link, "a"),
    (Role::Heading, "h1 h2 h3"),
    (Role::Unseen, "datalist iframe noframes noscript select template"),
    (Role::Pre, "pre"),
    (Role::Title, "title"),
    (Role::Script, "script"),
    (Role::Style, "style"),
    (Role::Meta, "link meta"),
    (Role::Void, "area base basefont br col embed hr img input param source wbr"),
];

/// Prefixes of what Word writes: `<o:p>`, `<st1:chsdate …>`, `<v:shape …>`.
const WORD: &[&str] = &["o:", "st1:", "w:", "v:", "m:"];

/// Attributes that stand without a value.
const BARE: &[&str] =
    &["async", "checked", "compact", "defer", "disabled", "hidden", "nowrap", "noshade", "open", "selected"];

/// No name of an element is longer.
const MAX_NAME: usize = 16;

/// A `>` inside a quoted value is looked for in tags of at most this many bytes; a quote that is never
/// closed must not cost more.
const MAX_QUOTED: usize = 256;

/// The longest `<sup>` content that is raised.
const MAX_RAISED: usize = 4;

/// Names and the first attribute stand within so many bytes of a tag.
const MAX_HEAD: usize = 128;

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_HEAD)]
}

/// Names as numbers, sorted: one look-up a tag, and pages are full of tags.
static BY_NAME: LazyLock<Vec<(u128, Element, Role)>> = LazyLock::new(|| {
    let role = |name: &str| {
        ROLES
            .iter()
            .find(|(_, names)| names.split(' ').any(|other| other == name))
            .map_or(Role::Plain, |row| row.0)
    };
    let mut names: Vec<_> = ELEMENTS
        .iter()
        .flat_map(|(element, names)| names.split(' ').map(move |name| (key(name), *element, role(name))))
        .collect();
    names.sort_by_key(|row| row.0);
    names
});

/// Places for the names of elements, several for each: a page asks for every one of its tags.
const N_SLOTS: usize = 1024;

/// Where a name is looked for first.
fn slot(key: u128) -> usize {
    let folded = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize
}

/// [`BY_NAME`] by hash; an empty place ends the search.
static SLOTS: LazyLock<Vec<(u128, Name)>> = LazyLock::new(|| {
    let mut slots = vec![(0, Name::UNKNOWN); N_SLOTS];
    for (n, row) in BY_NAME.iter().enumerate() {
        let mut at = slot(row.0);
        while slots[at].1 != Name::UNKNOWN {
            at = (at + 1) % N_SLOTS;
        }
        slots[at] = (row.0, Name { place: n as u8, element: row.1, role: row.2 });
    }
    slots
});

/// A known element: its place in the list of names, and what it is; a page asks for that at every tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    place: u8,
    element: Element,
    role: Role,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Name {}

impl Name {
    /// An element that nobody knows.
    pub(super) const UNKNOWN: Self = Self { place: u8::MAX, element: Element::Inline, role: Role::Plain };

    /// The element whose name begins `bytes`, in any case, and the length of the name, of which `most`
    /// bytes are looked at; `None` where no name begins. Word's own elements count as unknown.
    pub(super) fn read(bytes: &[u8], most: usize) -> Option<(Self, usize)> {
        if !bytes.first()?.is_ascii_alphabetic() {
            return None;
        }
        let (mut key, mut len) = (0_u128, 0);
        for &b in bytes.iter().take(most) {
            let small = IN_NAMES[usize::from(b)];
            if small == 0 {
                break;
            }
            key = key << 8 | u128::from(small);
            len += 1;
        }
        Some((if len > MAX_NAME { Self::UNKNOWN } else { Self::by_key(key) }, len))
    }

    fn by_key(key: u128) -> Self {
        let slots = SLOTS.as_slice();
        let mut slot = slot(key);
        loop {
            match slots[slot] {
                (_, Self { place: u8::MAX, .. }) => return Self::UNKNOWN,
                (known, found) if known == key => return found,
                _ => slot = (slot + 1) % N_SLOTS,
            }
        }
    }

    /// What it is to a text.
    pub(super) fn element(self) -> Element {
        self.element
    }

    /// What it is to a page.
    pub(super) fn role(self) -> Role {
        self.role
    }

    /// Its place in the list of names; 255 for those that nobody knows.
    pub(super) fn place(self) -> usize {
        usize::from(self.place)
    }

    /// It is the element of that name, which is known.
    pub(super) fn is(self, name: &str) -> bool {
        self == Self::by_key(key(name))
    }
}

/// The bytes of names, capitals as small letters; 0 for all others.
const IN_NAMES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        if c.is_ascii_alphanumeric() || matches!(c, b':' | b'-' | b'_') {
            bytes[b] = c.to_ascii_lowercase();
        }
        b += 1;
    }
    bytes
};

/// A name of up to 16 bytes as a number, capitals as small letters.
fn key(name: &str) -> u128 {
    name.bytes().fold(0, |key, b| key << 8 | u128::from(b.to_ascii_lowercase()))
}

/// The element of that name, in any case.
pub(super) fn element(name: &str) -> Option<Element> {
    let bytes = name.as_bytes();
    if bytes.contains(&b':') {
        let is_word = |prefix: &&str| {
            bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        return WORD.iter().any(is_word).then_some(Element::Inline);
    }
    if bytes.is_empty() || bytes.len() > MAX_NAME {
        return None;
    }
    let key = key(name);
    BY_NAME.binary_search_by_key(&key, |row| row.0).ok().map(|at| BY_NAME[at].1)
}

/// The length of the name at the start of `text`.
pub(super) fn name_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return 0;
    }
    bytes.iter().position(|b| IN_NAMES[usize::from(*b)] == 0).unwrap_or(bytes.len())
}

/// A tag left in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) element: Element,
    pub(super) closing: bool,
    /// Nothing stands in it but its name of one letter: `<b>` may be mathematics.
    pub(super) bare_letter: bool,
}

/// Reads `text`, which begins with `<` and ends with `>`, as one tag. Only known elements with
/// proper attributes count: 〈条例〉 typed as `<条例>` and `a<b 且 c>d` are text.
pub(super) fn read(text: &str) -> Option<Tag> {
    let inner = text.strip_prefix('<')?.strip_suffix('>')?;
    let inline = Tag { element: Element::Inline, closing: false, bare_letter: false };
    if let Some(rest) = inner.strip_prefix('!') {
        let doctype = rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("doctype"));
        let condition = rest.starts_with("[if ") || rest.starts_with("[endif]");
        return (doctype || condition).then_some(inline);
    }
    if let Some(rest) = inner.strip_prefix('?') {
        return rest.starts_with("xml").then_some(inline);
    }
    let (closing, rest) = inner.strip_prefix('/').map_or((false, inner), |rest| (true, rest));
    let (name, rest) = rest.split_at(name_len(&rest[..rest.floor_char_boundary(2 * MAX_NAME)]));
    let element = element(name)?;
    let proper =
        if closing { rest.len() <= MAX_HEAD && rest.trim_ascii().is_empty() } else { has_attributes(rest) };
    (proper && !is_open_quote(rest)).then_some(Tag {
        element,
        closing,
        bare_letter: !closing && rest.is_empty() && name.len() == 1,
    })
}

/// `rest` is empty, a slash, or begins like an attribute.
fn has_attributes(rest: &str) -> bool {
    if rest.is_empty() || rest == "/" {
        return true;
    }
    let inner = head(rest).trim_ascii();
    if (inner.is_empty() || inner == "/") && rest.len() <= MAX_HEAD {
        return true;
    }
    let (name, value) = inner.split_at(name_len(inner));
    rest.starts_with(|c: char| c.is_ascii_whitespace())
        && !name.is_empty()
        && (value.trim_ascii_start().starts_with('=')
            || BARE.iter().any(|bare| name.eq_ignore_ascii_case(bare)))
}

/// The tag ends inside a quoted value, so its `>` belongs to the value.
fn is_open_quote(rest: &str) -> bool {
    if rest.len() > MAX_QUOTED {
        return false;
    }
    let (mut quote, mut before) = (None, b' ');
    for b in rest.bytes() {
        match quote {
            Some(q) if b == q => quote = None,
            None if (b == b'"' || b == b'\'') && before == b'=' => quote = Some(b),
            _ => {}
        }
        if !b.is_ascii_whitespace() {
            before = b;
        }
    }
    quote.is_some()
}

/// `2</sup>` ahead: its length, and ².
pub(super) fn raised_ahead(rest: &str) -> Option<(usize, String)> {
    const END: &str = "</sup>";
    let head = &rest[..rest.floor_char_boundary(MAX_RAISED * 3 + END.len())];
    let at = memchr::memchr(b'<', head.as_bytes())?;
    let closes = head[at..].get(..END.len()).is_some_and(|end| end.eq_ignore_ascii_case(END));
    let raised = raised(&head[..at]).filter(|raised| closes && !raised.is_empty())?;
    Some((at + END.len(), raised))
}

/// Raised digits as characters of their own; `None` where one is lacking.
fn raised(content: &str) -> Option<String> {
    content
        .chars()
        .map(|c| {
            Some(match c {
                '1' => '¹',
                '2' => '²',
                '3' => '³',
                '0' => '⁰',
                '4'..='9' => char::from_u32(u32::from('⁴') + u32::from(c) - u32::from('4'))?,
                '+' => '⁺',
                '-' | '−' => '⁻',
                _ => return None,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_known_elements_with_proper_attributes() {
        for (text, element) in [
            ("<p>", Some(Element::Block)),
            ("</P >", Some(Element::Block)),
            ("<br/>", Some(Element::Block)),
            ("<br />", Some(Element::Block)),
            ("<td nowrap>", Some(Element::Cell)),
            ("<a href = 'x'>", Some(Element::Inline)),
            ("<a title=\"a>", None),
            ("<o:p>", Some(Element::Inline)),
            ("<st1:chsdate year=\"2006\">", Some(Element::Inline)),
            ("<!DOCTYPE html>", Some(Element::Inline)),
            ("<![endif]>", Some(Element::Inline)),
            ("<!-- x>", None),
            ("<条例>", None),
            ("<b 且 c>", None),
            ("<b and c>", None),
            ("<i,j>", None),
            ("<agent>", None),
            ("<>", None),
            ("<http://a.cn/>", None),
            ("<a@b.cn>", None),
            ("<p>x>", None),
        ] {
            assert_eq!(read(text).map(|t| t.element), element, "{text}");
        }
    }

    #[test]
    fn raised_digits() {
        assert_eq!(raised("2").as_deref(), Some("²"));
        assert_eq!(raised("-19").as_deref(), Some("⁻¹⁹"));
        assert_eq!(raised("注"), None);
    }
}
