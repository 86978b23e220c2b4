//! An article as Markdown for readers, people and programs: front matter, the text with its citations as they are
//! printed, the references.

use super::fragment::{self, Element, Keep, Node, elements, heading_level, is_block};
use super::site::Site;
use super::{Person, Whole, standing};
use crate::citing::identifiers::doi_address;
use crate::text::references::{Numbers, Words, without_label};

#[cfg(test)]
mod tests;

/// Writes the article.
pub fn write(whole: &Whole, site: &Site<'_>) -> String {
    let head = &whole.head;
    let address = site.article(head);
    let base = url::Url::parse(&address).ok();
    let mut text = front_matter(whole, &address, site);
    text.push_str(&format!("\n# {}\n", line(&head.title)));
    if let Some(subtitle) = &head.subtitle {
        text.push_str(&format!("\n*{}*\n", line(subtitle)));
    }
    for section in &whole.sections {
        if let Some(heading) = &section.heading {
            let level = usize::try_from(section.level).unwrap_or(2).clamp(2, 6);
            text.push_str(&format!("\n{} {}\n", "#".repeat(level), line(heading)));
        }
        let body = blocks(&read(section.html(), base.as_ref()));
        if !body.is_empty() {
            text.push_str(&format!("\n{body}\n"));
        }
    }
    text.push_str(&references(whole));
    text
}

/// YAML; every text in it is written as JSON writes it, which is YAML too.
fn front_matter(whole: &Whole, address: &str, site: &Site<'_>) -> String {
    let head = &whole.head;
    let mut yaml = format!("---\ntitle: {}\n", quoted(&head.title));
    let mut put = |name: &str, text: &str| yaml.push_str(&format!("{name}: {text}\n"));
    if let Some(subtitle) = &head.subtitle {
        put("subtitle", &quoted(subtitle));
    }
    if let Some(summary) = &head.summary {
        put("summary", &quoted(summary));
    }
    put("url", &quoted(address));
    put("slug", &quoted(&head.slug));
    put("language", &quoted(&head.language));
    if !whole.translations.is_empty() {
        put("translations", "");
        for translation in &whole.translations {
            put("  - language", &quoted(&translation.language));
            put("    title", &quoted(&translation.title));
            put("    url", &quoted(&translation.address(site)));
        }
    }
    put("published_at", &quoted(&head.published_at.to_rfc3339()));
    put("updated_at", &quoted(&head.updated_at.to_rfc3339()));
    put("version", &head.version.to_string());
    if !head.authors.is_empty() {
        put("authors", "");
        head.authors.iter().for_each(|author| person(author.into(), "  ", &mut put));
    }
    if let Some(review) = &head.reviewed {
        put("reviewed", "");
        put("  by", "");
        review.by.iter().for_each(|reviewer| person(reviewer.into(), "    ", &mut put));
        put("  at", &quoted(&review.at.to_string()));
        if let Some(due) = review.next_due {
            put("  next_due", &quoted(&due.to_string()));
        }
    }
    if !head.tags.is_empty() {
        let tags: Vec<String> = head.tags.iter().map(|tag| quoted(&tag.name)).collect();
        put("tags", &format!("[{}]", tags.join(", ")));
    }
    yaml.push_str("---\n");
    yaml.replace(": \n", ":\n")
}

/// One item of a list of people.
fn person(person: Person<'_>, indent: &str, put: &mut impl FnMut(&str, &str)) {
    put(&format!("{indent}- name"), &quoted(person.name));
    if let Some(credentials) = person.credentials {
        put(&format!("{indent}  credentials"), &quoted(credentials));
    }
    if let Some(address) = person.orcid_address() {
        put(&format!("{indent}  orcid"), &quoted(&address));
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn references(whole: &Whole) -> String {
    if whole.citations.is_empty() {
        return String::new();
    }
    let mut text = format!("\n## {}\n\n", Words::ENGLISH.references);
    for citation in whole.as_listed() {
        let html = without_label(&citation.formatted.html, &citation.formatted.label);
        let mut entry = Inline::default();
        entry.nodes(&read(html, None));
        let mark = match whole.numbers {
            Numbers::Shown => format!("{}.", citation.number),
            Numbers::Hidden => "-".to_owned(),
        };
        let standing = standing(&citation.study).map(|says| format!(" **{says}.**")).unwrap_or_default();
        let link = match &citation.study.doi {
            Some(doi) if !entry.text.contains("https://doi.org/") => format!(" <{}>", doi_address(doi)),
            _ => String::new(),
        };
        text.push_str(&format!("{mark} {}{link}{standing}\n", entry.finish()));
    }
    text
}

fn read(html: &str, base: Option<&url::Url>) -> Vec<Node> {
    let mut nodes = fragment::read(html);
    if let Some(base) = base {
        fragment::with_base(&mut nodes, base, Keep::Nothing);
    }
    nodes
}

/// Plain text as a line of Markdown.
pub(super) fn line(text: &str) -> String {
    let mut inline = Inline::default();
    inline.words(text);
    inline.finish()
}

/// Blocks of Markdown apart by blank lines; text between blocks is a paragraph.
fn blocks(nodes: &[Node]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut run: Vec<Node> = Vec::new();
    // Of two lists in a row the second has another mark: one list would be read otherwise.
    let mut lists = 0;
    for node in nodes {
        match node {
            Node::Element(element) if is_block(&element.name) => {
                parts.extend(paragraph(&std::mem::take(&mut run)));
                lists = if matches!(element.name.as_str(), "ul" | "ol") { lists + 1 } else { 0 };
                parts.push(block(element, lists % 2 == 0));
            }
            other => run.push(other.clone()),
        }
    }
    parts.extend(paragraph(&run));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn paragraph(nodes: &[Node]) -> Option<String> {
    let mut inline = Inline::default();
    inline.nodes(nodes);
    Some(inline.finish()).filter(|text| !text.is_empty())
}

fn block(element: &Element, second_mark: bool) -> String {
    match element.name.as_str() {
        "ul" | "ol" => list(element, second_mark),
        "blockquote" => prefixed(&blocks(&element.children), "> ", "> "),
        "pre" => fenced(element),
        "hr" => "---".to_owned(),
        "table" => table(element),
        name => {
            let text = paragraph(&element.children).unwrap_or_default();
            match heading_level(name) {
                Some(level) if !text.is_empty() => format!("{} {}", "#".repeat(level), text.replace("\\\n", " ")),
                _ => text,
            }
        }
    }
}

fn prefixed(text: &str, first: &str, others: &str) -> String {
    let mut all = String::new();
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            all.push('\n');
        }
        let prefix = if at == 0 { first } else { others };
        all.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        all.push_str(line);
    }
    all
}

fn list(element: &Element, second_mark: bool) -> String {
    let ordered = element.name == "ol";
    let start: u64 = element.attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1);
    let items: Vec<&Element> = element.all("li").collect();
    let loose = items.iter().any(|item| item.all("p").next().is_some());
    let mut texts = Vec::with_capacity(items.len());
    for (number, item) in (start..).zip(items) {
        let mark = match (ordered, second_mark) {
            (true, false) => format!("{number}. "),
            (true, true) => format!("{number}) "),
            (false, false) => "- ".to_owned(),
            (false, true) => "* ".to_owned(),
        };
        let body = if loose { blocks(&item.children) } else { tight(&item.children) };
        texts.push(prefixed(&body, &mark, &" ".repeat(mark.len())));
    }
    texts.join(if loose { "\n\n" } else { "\n" })
}

/// The blocks of an item without blank lines where none are needed: before a list.
fn tight(nodes: &[Node]) -> String {
    let first_block = nodes.iter().position(|node| matches!(node, Node::Element(element) if is_block(&element.name)));
    match first_block.and_then(|at| nodes.split_at_checked(at)) {
        Some((before, after)) => {
            let (lead, rest) = (paragraph(before).unwrap_or_default(), blocks(after));
            // A list that begins with another number than 1 needs a blank line, or it would be text.
            let begins_list = elements(after)
                .next()
                .is_some_and(|first| first.name == "ul" || (first.name == "ol" && first.attribute("start").is_none()));
            match (lead.is_empty(), begins_list) {
                (true, _) => rest,
                (false, true) => format!("{lead}\n{rest}"),
                (false, false) => format!("{lead}\n\n{rest}"),
            }
        }
        None => paragraph(nodes).unwrap_or_default(),
    }
}

fn fenced(element: &Element) -> String {
    let text = fragment::text(&element.children);
    let language = element.all("code").find_map(|code| code.attribute("class")?.strip_prefix("language-"));
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let language = language.filter(|name| !name.contains(['`', '\n'])).unwrap_or_default();
    let text = text.strip_suffix('\n').unwrap_or(&text);
    format!("{fence}{language}\n{text}\n{fence}")
}

fn table(element: &Element) -> String {
    let mut rows: Vec<&Element> = Vec::new();
    for part in elements(&element.children) {
        match part.name.as_str() {
            "tr" => rows.push(part),
            _ => rows.extend(part.all("tr")),
        }
    }
    let cells = |row: &Element| -> Vec<String> {
        let cells = elements(&row.children).filter(|cell| matches!(cell.name.as_str(), "td" | "th"));
        cells
            .map(|cell| paragraph(&cell.children).unwrap_or_default().replace("\\\n", " ").replace('|', "\\|"))
            .collect()
    };
    let Some((first, others)) = rows.split_first() else { return String::new() };
    let alignments = elements(&first.children).map(|cell| match cell.attribute("style").unwrap_or_default() {
        style if style.contains("center") => ":---:",
        style if style.contains("right") => "---:",
        style if style.contains("left") => ":---",
        _ => "---",
    });
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![row(cells(first)), row(alignments.map(str::to_owned).collect())];
    lines.extend(others.iter().map(|other| row(cells(other))));
    lines.join("\n")
}

fn is_citation(element: &Element) -> bool {
    element.name == "a" && element.has_class("citation")
}

/// A line of text in the making.
#[derive(Default)]
struct Inline {
    text: String,
    /// Inside a link brackets have to be escaped.
    in_link: bool,
    /// It begins within a line that others began.
    continues: bool,
}

impl Inline {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Text(text) => self.words(text),
                Node::Element(element) => self.element(element),
            }
        }
    }

    fn element(&mut self, element: &Element) {
        match element.name.as_str() {
            "em" | "i" => self.around("*", &element.children),
            "strong" | "b" => self.around("**", &element.children),
            "del" => self.around("~~", &element.children),
            "code" => self.code(&fragment::text(&element.children)),
            "br" => self.text.push_str("\\\n"),
            "img" => self.image(element),
            "a" if is_citation(element) => self.printed(&fragment::text(&element.children)),
            "a" => self.link(element),
            // Numbers that stand high: without it they would be read as a part of the word before them.
            "sup" if !self.text.ends_with('[') => {
                self.printed("[");
                self.nodes(&element.children);
                self.printed("]");
            }
            _ => self.nodes(&element.children),
        }
    }

    /// Text that is written as it is: what stands in brackets is no link, since nothing here is defined.
    fn printed(&mut self, text: &str) {
        if self.in_link {
            self.words(text);
        } else {
            self.text.push_str(text);
        }
    }

    fn around(&mut self, mark: &str, nodes: &[Node]) {
        let mut inner = Self { text: String::new(), in_link: self.in_link, continues: true };
        inner.nodes(nodes);
        // Marks do not work beside white space that they enclose.
        let text = inner.text.as_str();
        let (start, end) = (text.trim_start(), text.trim_end());
        let core = text.trim();
        if core.is_empty() || self.text.ends_with('*') || core.starts_with('*') {
            self.text.push_str(text);
            return;
        }
        let (before, after) = (text.len() - start.len(), end.len());
        self.text.push_str(text.get(..before).unwrap_or_default());
        self.text.push_str(&format!("{mark}{core}{mark}"));
        self.text.push_str(text.get(after..).unwrap_or_default());
    }

    fn code(&mut self, text: &str) {
        let text = text.replace(['\n', '\r'], " ");
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
        let ticks = "`".repeat(longest + 1);
        let padded = text.starts_with('`') || text.ends_with('`') || (text.starts_with(' ') && text.ends_with(' '));
        let pad = if padded && !text.trim().is_empty() { " " } else { "" };
        self.text.push_str(&format!("{ticks}{pad}{text}{pad}{ticks}"));
    }

    fn image(&mut self, element: &Element) {
        let mut alt = Self { text: String::new(), in_link: true, continues: true };
        alt.words(element.attribute("alt").unwrap_or_default());
        let address = destination(element.attribute("src").unwrap_or_default());
        self.text.push_str(&format!("![{}]({address}{})", alt.text, title(element)));
    }

    fn link(&mut self, element: &Element) {
        let Some(address) = element.attribute("href") else { return self.nodes(&element.children) };
        let mut inner = Self { text: String::new(), in_link: true, continues: true };
        inner.nodes(&element.children);
        if self.text.ends_with('!') {
            self.text.insert(self.text.len() - 1, '\\');
        }
        let is_bare = fragment::text(&element.children) == address && address.contains("://");
        if is_bare && !address.contains([' ', '<', '>']) {
            self.text.push_str(&format!("<{address}>"));
        } else {
            self.text.push_str(&format!("[{}]({}{})", inner.text, destination(address), title(element)));
        }
    }

    /// Text, with white space made single and what Markdown would read escaped.
    fn words(&mut self, text: &str) {
        let mut characters = text.chars().peekable();
        let mut before = self.text.chars().next_back();
        while let Some(c) = characters.next() {
            if c.is_ascii_whitespace() {
                if !before.is_none_or(|before| before == ' ' || before == '\n') {
                    self.text.push(' ');
                }
                before = self.text.chars().next_back();
                continue;
            }
            let next = characters.peek().copied();
            if self.means_something(c, before, next) {
                self.text.push('\\');
            }
            self.text.push(c);
            before = Some(c);
        }
    }

    fn means_something(&self, c: char, before: Option<char>, next: Option<char>) -> bool {
        let begins = self.text.ends_with('\n') || (self.text.is_empty() && !self.continues);
        let within_word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        match c {
            '\\' | '`' | '*' | '~' => true,
            '_' => !(within_word(before) && within_word(next)),
            '[' | ']' if self.in_link => true,
            '[' | '(' | ':' if before == Some(']') => true,
            '<' => next.is_none_or(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')),
            '&' => next.is_none_or(|next| next.is_ascii_alphabetic() || next == '#'),
            '#' | '>' | '+' | '-' | '=' | '|' => begins,
            '.' | ')' => self.is_number(),
            _ => false,
        }
    }

    /// Whether all that stands in the line is a number that could be a list's.
    fn is_number(&self) -> bool {
        let bytes = self.text.as_bytes();
        let digits = bytes.iter().rev().take(10).take_while(|b| b.is_ascii_digit()).count();
        let before = bytes.len().checked_sub(digits + 1).and_then(|at| bytes.get(at));
        let begins = before.map_or(!self.continues, |before| *before == b'\n');
        (1..=9).contains(&digits) && begins
    }

    fn finish(self) -> String {
        self.text.trim_matches([' ', '\n']).to_owned()
    }
}

fn destination(address: &str) -> String {
    let plain =
        !address.is_empty() && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()\\".contains(c));
    if plain {
        return address.to_owned();
    }
    let mut escaped = String::from("<");
    for c in address.chars() {
        match c {
            '<' | '>' | '\\' => escaped.extend(['\\', c]),
            '\n' | '\r' => escaped.push_str("%0A"),
            other => escaped.push(other),
        }
    }
    escaped + ">"
}

fn title(element: &Element) -> String {
    let Some(title) = element.attribute("title").filter(|title| !title.is_empty()) else { return String::new() };
    let title = title.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ");
    format!(" \"{title}\"")
}
