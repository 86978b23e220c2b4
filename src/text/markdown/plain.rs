//! Collects the plain text of a body: blocks apart by blank lines, list items and table rows by line ends.

use pulldown_cmark::{Tag, TagEnd};

/// Plain text in the making, once with printed markers and once without, for counting.
#[derive(Default)]
pub(super) struct Plain {
    text: String,
    prose: String,
}

impl Plain {
    /// Adds words of the body.
    pub fn words(&mut self, text: &str) {
        self.text.push_str(text);
        self.prose.push_str(text);
    }

    /// Adds a printed marker.
    pub fn marker(&mut self, text: &str) {
        self.text.push_str(text);
        self.prose.push(' ');
    }

    /// A block begins.
    pub fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::BlockQuote(_) => self.begin(),
            Tag::Table(_) | Tag::List(_) | Tag::Item | Tag::HtmlBlock => self.begin(),
            _ => {}
        }
    }

    /// A block ends.
    pub fn end(&mut self, tag: &TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::BlockQuote(_) => self.end_block(),
            TagEnd::Table | TagEnd::List(_) => self.end_block(),
            TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead | TagEnd::HtmlBlock => self.begin(),
            TagEnd::TableCell => self.cell(),
            _ => {}
        }
    }

    /// The text with markers, and the text without.
    pub fn finish(self) -> (String, String) {
        let lines: Vec<&str> = self.text.trim().lines().map(str::trim_end).collect();
        (lines.join("\n"), self.prose)
    }

    /// Something begins that stands on a line of its own.
    pub fn begin(&mut self) {
        let trimmed = self.text.trim_end_matches([' ', '\t']).len();
        self.text.truncate(trimmed);
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.words("\n");
        }
    }

    /// A cell of a table ends.
    pub fn cell(&mut self) {
        self.words("\t");
    }

    /// Something ends that an empty line follows.
    pub fn end_block(&mut self) {
        self.begin();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.words("\n");
        }
    }
}
