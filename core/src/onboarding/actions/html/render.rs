//! Tokens written anew, as HTML of our own and as plain text.

use super::Information;
use super::entity;
use super::tokens::Token;

/// So deep elements are nested; deeper tags are passed over.
const DEPTH: usize = 32;

/// What an element is for.
#[derive(Clone, Copy)]
enum Role {
    /// Emphasis.
    Inline(&'static str),
    /// A paragraph or heading: none stands within another.
    Block(&'static str),
    /// A list.
    List(&'static str),
    /// One of its items.
    Item,
    /// A line's end.
    Break,
    /// A block of another kind: a line of its own.
    Line,
    /// A table's cell: apart from the next one.
    Cell,
    /// Passed over.
    Other,
}

fn role(name: &str) -> Role {
    match name.to_ascii_lowercase().as_str() {
        "b" | "strong" => Role::Inline("b"),
        "i" | "em" => Role::Inline("i"),
        "u" => Role::Inline("u"),
        "p" => Role::Block("p"),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Role::Block("h4"),
        "ul" => Role::List("ul"),
        "ol" => Role::List("ol"),
        "li" => Role::Item,
        "br" => Role::Break,
        "div" | "section" | "article" | "header" | "footer" | "blockquote" | "pre" | "hr" | "table"
        | "tr" | "dl" | "dt" | "dd" | "address" | "form" | "fieldset" | "figure" | "center" => Role::Line,
        "td" | "th" => Role::Cell,
        _ => Role::Other,
    }
}

/// Both forms, as they come to be.
#[derive(Default)]
pub(super) struct Page {
    html: String,
    text: String,
    /// What is open, outermost first.
    open: Vec<&'static str>,
    /// A space stands before the next sign.
    space: bool,
    /// A line ends before the next sign.
    line: bool,
    /// The next sign is the first of an item.
    item: bool,
    /// The HTML stands within a line.
    within: bool,
}

impl Page {
    pub(super) fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => self.write(text),
            Token::Open(name) => self.opened(role(name)),
            Token::Close(name) => self.closed(role(name)),
        }
    }

    pub(super) fn finish(mut self) -> Information {
        self.close_from(0);
        self.text.truncate(self.text.trim_end().len());
        Information { html: self.html, text: self.text }
    }

    fn write(&mut self, mut text: &str) {
        while let Some((c, rest)) = entity::next(text) {
            text = rest;
            if c.is_whitespace() {
                self.space = self.within;
            } else if !c.is_control() {
                self.sign(c);
            }
        }
    }

    fn sign(&mut self, c: char) {
        if std::mem::take(&mut self.line) && self.within {
            self.break_line();
        }
        if std::mem::take(&mut self.space) {
            self.html.push(' ');
            self.text.push(' ');
        }
        if std::mem::take(&mut self.item) {
            self.text.push_str("- ");
        }
        match c {
            '&' => self.html.push_str("&amp;"),
            '<' => self.html.push_str("&lt;"),
            '>' => self.html.push_str("&gt;"),
            c => self.html.push(c),
        }
        self.text.push(c);
        self.within = true;
    }

    fn opened(&mut self, role: Role) {
        match role {
            Role::Inline(name) => self.push(name),
            Role::Block(_) | Role::List(_) | Role::Item if self.open.len() >= DEPTH => self.line = true,
            Role::Block(name) | Role::List(name) => {
                self.end_block();
                self.push(name);
            }
            Role::Item => {
                self.end_block();
                self.close_within("li", &["ul", "ol"]);
                self.item = true;
                self.push("li");
            }
            Role::Break => self.break_line(),
            Role::Line => self.line = true,
            Role::Cell => self.space = self.within,
            Role::Other => {}
        }
    }

    fn closed(&mut self, role: Role) {
        match role {
            Role::Inline(name) => {
                self.close_within(name, &["ul", "ol", "li", "p", "h4"]);
            }
            Role::Block(name) if self.close_within(name, &["ul", "ol", "li"]) => self.end_line(),
            Role::List(name) if self.close_within(name, &[]) => self.end_list(),
            Role::Item if self.close_within("li", &["ul", "ol"]) => self.end_list(),
            Role::Block(_) | Role::List(_) | Role::Item | Role::Other => {}
            Role::Break => self.break_line(),
            Role::Line => self.line = true,
            Role::Cell => self.space = self.within,
        }
    }

    fn end_list(&mut self) {
        self.end_line();
        self.item = false;
    }

    /// A paragraph or heading ends where another block begins.
    fn end_block(&mut self) {
        self.end_line();
        self.close_within("p", &["ul", "ol", "li"]);
        self.close_within("h4", &["ul", "ol", "li"]);
    }

    /// A block begins or ends here.
    fn end_line(&mut self) {
        (self.space, self.line, self.within) = (false, false, false);
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// A line ends here that stands in the HTML too. More than one empty line is none the clearer.
    fn break_line(&mut self) {
        (self.space, self.line, self.within) = (false, false, false);
        self.html.push_str("<br>");
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn push(&mut self, name: &'static str) {
        if self.open.len() < DEPTH {
            self.html.extend(["<", name, ">"]);
            self.open.push(name);
        }
    }

    /// Closes the innermost `name`, and what is open within it, unless one of `walls` stands around it first. Was there one?
    fn close_within(&mut self, name: &str, walls: &[&str]) -> bool {
        let found = self.open.iter().rposition(|open| *open == name || walls.contains(open));
        let found = found.filter(|at| self.open.get(*at) == Some(&name));
        found.map(|at| self.close_from(at)).is_some()
    }

    fn close_from(&mut self, at: usize) {
        for name in self.open.drain(at..).rev() {
            self.html.extend(["</", name, ">"]);
        }
    }
}
