//! The boxes and lines of a page, with how much text and how many links each holds.
//!
//! No tree of the page is built: a stack of the open boxes is enough, and looking down into it is
//! bounded, so that a page that never closes anything costs no more than another.

use crate::markup::page::attributes::{attributes, is_unseen};
use crate::markup::page::body::is_body_name;
use crate::markup::page::tokens::{Kind, Token};
use crate::markup::page::weight::{Weight, weigh};
use crate::markup::tags::{Element, Name, Role};

/// So far down the open boxes are looked at for the one that a tag closes.
const MOST_LOOK: usize = 64;

/// So far down for an item that the next one ends without a tag of its own.
const MOST_ITEMS: usize = 8;

/// A line further behind the tag of its link, in bytes, is not asked where that leads.
const FAR_LINK: u32 = 512;

/// Tags that say something of the page; one that has more says it for robots.
const MOST_META: usize = 200;

/// A part of the page that an element holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) parent: u32,
    pub(super) at: u32,
    pub(super) end: u32,
    pub(super) plain: Weight,
    pub(super) link: u32,
    /// It bears the name of a body.
    pub(super) is_named: bool,
}

/// A line of the page as a reader sees it, or a cell of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Where the tag begins that leads elsewhere, if the line begins inside one that is near.
    pub(super) from: u32,
    pub(super) at: u32,
    pub(super) end: u32,
    pub(super) node: u32,
    pub(super) plain: Weight,
    /// Half characters that lead elsewhere.
    pub(super) link: u32,
    pub(super) is_heading: bool,
}

/// What the parts of a page are.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The first is the page.
    pub(super) nodes: Vec<Node>,
    pub(super) lines: Vec<Line>,
    /// What nobody sees, in reading order.
    pub(super) unseen: Vec<(u32, u32)>,
    pub(super) title: Option<Token>,
    pub(super) meta: Vec<Token>,
    /// For each token whether it is text without a blank and a reference.
    pub(super) bare: Vec<bool>,
    /// Marks of sentences in what nobody sees.
    unseen_marks: u32,
}

impl Outline {
    /// Reads the outline. What a page hides is taken at its word unless it hides most of its
    /// sentences: then a script would show them, and nothing is left aside.
    pub(super) fn read(text: &str, tokens: &[Token]) -> Self {
        let outline = Reader::new(text, tokens.len(), true).read(tokens);
        let marks = outline.nodes[0].plain.marks;
        if outline.unseen_marks > marks {
            Reader::new(text, tokens.len(), false).read(tokens)
        } else {
            outline
        }
    }
}

#[derive(Clone, Copy)]
struct Open {
    name: Name,
    node: u32,
    /// Inline elements of the same name that are open inside.
    nested: u32,
    /// It began what nobody sees.
    hides: bool,
    is_heading: bool,
}

/// An inline element that nobody sees: its name, how often it is open, where it began, and how many
/// boxes were open then.
struct Veil {
    name: Name,
    depth: u32,
    at: u32,
    height: usize,
}

struct Reader<'t> {
    text: &'t str,
    out: Outline,
    stack: Vec<Open>,
    /// How many boxes of each name are open.
    open: [u32; 256],
    veil: Option<Veil>,
    /// Where the box begins that hides what follows, and how many boxes were open then.
    hidden: Option<(u32, usize)>,
    believes: bool,
    /// Where the tag begins that leads elsewhere, while it is open.
    in_link: Option<u32>,
    n_headings: u32,
    line: Option<Line>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, n_tokens: usize, believes: bool) -> Self {
        let page = Node {
            parent: 0,
            at: 0,
            end: text.len() as u32,
            plain: Weight::default(),
            link: 0,
            is_named: false,
        };
        let mut out = Outline::default();
        out.nodes.reserve(n_tokens / 8);
        out.lines.reserve(n_tokens / 8);
        out.bare.reserve(n_tokens);
        out.nodes.push(page);
        Self {
            text,
            out,
            stack: Vec::new(),
            open: [0; 256],
            veil: None,
            hidden: None,
            believes,
            in_link: None,
            n_headings: 0,
            line: None,
        }
    }

    fn read(mut self, tokens: &[Token]) -> Outline {
        for token in tokens {
            let mut is_bare = false;
            match token.kind {
                Kind::Text => is_bare = self.text(*token),
                Kind::Open(name) => self.open(name, *token),
                Kind::Close(name) => self.close(name, *token),
                Kind::Title => {
                    self.end_line();
                    if self.out.title.is_none() {
                        self.out.title = Some(*token);
                    }
                }
                Kind::Code | Kind::Other => {}
            }
            self.out.bare.push(is_bare);
        }
        self.end_line();
        let end = self.text.len() as u32;
        self.lift_veil(end);
        while !self.stack.is_empty() {
            self.pop(end);
        }
        self.out
    }

    /// Adds a piece of text, and tells whether it is bare.
    fn text(&mut self, token: Token) -> bool {
        let (weight, is_bare) = weigh(&self.text[token.span()]);
        if weight.units == 0 {
            return is_bare;
        }
        if self.hidden.is_some() || self.veil.is_some() {
            self.out.unseen_marks += weight.marks;
            return is_bare;
        }
        let node = self.stack.last().map_or(0, |open| open.node);
        let is_heading = self.n_headings > 0;
        let line = self.line.get_or_insert(Line {
            from: self.in_link.filter(|from| token.at - from <= FAR_LINK).unwrap_or(token.at),
            at: token.at,
            end: token.end,
            node,
            plain: Weight::default(),
            link: 0,
            is_heading,
        });
        line.end = token.end;
        if self.in_link.is_some() {
            line.link += weight.units;
        } else {
            line.plain += weight;
        }
        is_bare
    }

    fn end_line(&mut self) {
        let Some(line) = self.line.take() else { return };
        let node = &mut self.out.nodes[line.node as usize];
        node.plain += line.plain;
        node.link += line.link;
        self.out.lines.push(line);
    }

    fn open(&mut self, name: Name, token: Token) {
        let role = name.role();
        if !matches!(name.element(), Element::Inline | Element::Sup) {
            self.end_line();
        }
        let tag = &self.text[token.span()];
        match role {
            Role::Void => return,
            Role::Meta => {
                if self.out.meta.len() < MOST_META {
                    self.out.meta.push(token);
                }
                return;
            }
            _ => {}
        }
        let (mut unseen, mut is_named, mut leads) = (role == Role::Unseen, false, false);
        // The shortest attribute that says anything has six bytes: `id=zoom`, `hidden`.
        if tag.len() > 8 {
            for (name, value) in attributes(tag) {
                unseen |= is_unseen(name, value);
                leads |= name.eq_ignore_ascii_case("href");
                let names = ["id", "class", "name"].iter().any(|known| name.eq_ignore_ascii_case(known));
                is_named |= names && value.split_ascii_whitespace().any(is_body_name);
            }
        }
        if role == Role::Link {
            self.in_link = leads.then_some(token.at);
        }
        if matches!(role, Role::Box | Role::Item | Role::Heading) || is_named && name != Name::UNKNOWN {
            self.end_items(name, token.at);
            self.end_line();
            self.push(name, token, is_named, unseen && self.believes);
        } else {
            if self.open[name.place()] > 0
                && let Some(open) = self.stack.iter_mut().rev().take(MOST_LOOK).find(|open| open.name == name)
            {
                open.nested += 1;
            }
            match &mut self.veil {
                Some(veil) if veil.name == name => veil.depth += 1,
                None if unseen && self.believes && self.hidden.is_none() && !tag.ends_with("/>") => {
                    self.veil = Some(Veil { name, depth: 1, at: token.at, height: self.stack.len() });
                }
                _ => {}
            }
        }
    }

    fn push(&mut self, name: Name, token: Token, is_named: bool, hides: bool) {
        let parent = self.stack.last().map_or(0, |open| open.node);
        let node = self.out.nodes.len() as u32;
        self.out.nodes.push(Node {
            parent,
            at: token.at,
            end: token.end,
            plain: Weight::default(),
            link: 0,
            is_named,
        });
        let hides = hides && self.hidden.is_none() && self.veil.is_none();
        if hides {
            self.hidden = Some((token.at, self.stack.len()));
        }
        let is_heading = name.role() == Role::Heading;
        self.n_headings += u32::from(is_heading);
        self.stack.push(Open { name, node, nested: 0, hides, is_heading });
        self.open[name.place()] += 1;
    }

    /// Ends the items at the top that no tag ends: a paragraph where a box begins, a cell at the next.
    fn end_items(&mut self, name: Name, at: u32) {
        let element = name.element();
        let ends = |open: &Open| {
            let other = open.name.element();
            match name.role() {
                // A row ends cells and rows, a cell cells, an item of a list its like.
                Role::Item if element == Element::Cell => other == Element::Cell,
                Role::Item if element == Element::Row => {
                    other == Element::Cell || other == Element::Row && open.name == name
                }
                Role::Item => open.name == name,
                _ => false,
            }
        };
        let is_paragraph =
            |open: &Open| open.name.role() == Role::Item && open.name.element() == Element::Block;
        let found = self
            .stack
            .iter()
            .rev()
            .take(MOST_ITEMS)
            .take_while(|open| open.name.role() != Role::Box || ends(open))
            .position(ends);
        let mut n = found.map_or(0, |n| n + 1);
        if element == Element::Row && name.role() == Role::Item {
            // The row of the cell ends too.
            let row = self.stack.iter().rev().nth(n);
            n += usize::from(n > 0 && row.is_some_and(|open| open.name == name));
        }
        if n == 0
            && name.role() == Role::Box
            && self.stack.last().is_some_and(|open| is_paragraph(open) && open.name.is("p"))
        {
            n = 1;
        }
        for _ in 0..n {
            self.end_line();
            self.pop(at);
        }
    }

    fn close(&mut self, name: Name, token: Token) {
        if !matches!(name.element(), Element::Inline | Element::Sup) {
            self.end_line();
        }
        if name.role() == Role::Link {
            self.in_link = None;
        }
        if let Some(veil) = &mut self.veil
            && veil.name == name
        {
            veil.depth -= 1;
            if veil.depth == 0 {
                self.lift_veil(token.end);
            }
            return;
        }
        if self.open[name.place()] == 0 {
            return;
        }
        // A cell or a table holds what is open inside it: a stray end tag does not reach further.
        let bounded = !matches!(name.element(), Element::Cell | Element::Row);
        for (n, open) in self.stack.iter_mut().rev().take(MOST_LOOK).enumerate() {
            if open.name == name {
                if open.nested > 0 {
                    open.nested -= 1;
                    return;
                }
                self.in_link = None;
                for _ in 0..=n {
                    self.end_line();
                    self.pop(token.end);
                }
                return;
            }
            if bounded && open.name.element() == Element::Cell {
                return;
            }
        }
    }

    fn lift_veil(&mut self, end: u32) {
        if let Some(veil) = self.veil.take() {
            self.out.unseen.push((veil.at, end));
        }
    }

    /// Ends the innermost box at `end`; what it holds is its parent's too.
    fn pop(&mut self, end: u32) {
        if self.veil.as_ref().is_some_and(|veil| veil.height >= self.stack.len()) {
            self.lift_veil(end);
        }
        let Some(open) = self.stack.pop() else { return };
        self.open[open.name.place()] -= 1;
        self.n_headings -= u32::from(open.is_heading);
        let node = &mut self.out.nodes[open.node as usize];
        node.end = end;
        let (parent, plain, link) = (node.parent, node.plain, node.link);
        let parent = &mut self.out.nodes[parent as usize];
        parent.plain += plain;
        parent.link += link;
        if open.hides
            && let Some((at, _)) = self.hidden.take()
        {
            self.out.unseen.push((at, end));
        }
    }
}
