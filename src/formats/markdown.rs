//! An article as Markdown for readers, people and programs: front matter, the text with its citations as they are
//! printed, the references.

use self::inline::Inline;
use super::fragment::{self, Element, Keep, Node, elements, heading_level, is_block};
use super::site::Site;
use super::{Person, Whole, standing};
use crate::citing::identifiers::doi_address;
use crate::text::references::{Numbers, Words, without_label};

mod inline;
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
        let entry = entry.finish();
        let mark = match whole.numbers {
            Numbers::Shown => format!("{}.", citation.number),
            Numbers::Hidden => "-".to_owned(),
        };
        let standing = standing(&citation.study).map(|says| format!(" **{says}.**")).unwrap_or_default();
        let link = match &citation.study.doi {
            Some(doi) if !entry.contains("https://doi.org/") => format!(" <{}>", doi_address(doi)),
            _ => String::new(),
        };
        text.push_str(&format!("{mark} {entry}{link}{standing}\n"));
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
