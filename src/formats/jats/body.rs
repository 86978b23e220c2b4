//! The sections: their HTML as JATS.

use std::collections::HashSet;

use crate::formats::fragment::{self, Element, Keep, Node, elements, heading_level, is_block};
use crate::formats::xml::Xml;
use crate::publishing::document::PublishedSection;

/// Writes the sections, those of a deeper level within those before them; `address` is the article's.
pub(super) fn write(xml: &mut Xml, sections: &[PublishedSection], address: &str) {
    let base = url::Url::parse(address).ok();
    let mut body = Body { xml, anchors: anchors(sections), open: Vec::new() };
    body.xml.open("body", &[]);
    body.xml.line();
    for (place, section) in sections.iter().enumerate() {
        let level = usize::try_from(section.level).unwrap_or(2);
        // A lead stands in the body itself: a section is what has a heading, or follows one.
        if section.heading.is_some() || place > 0 {
            let title = section.heading.clone().map(Node::Text);
            body.begin(level, Some(&section.anchor), title.as_slice());
        }
        let mut nodes = fragment::read(section.html());
        if let Some(base) = &base {
            fragment::with_base(&mut nodes, base, Keep::Places);
        }
        body.section(&nodes);
    }
    body.end(0);
    xml.close_line();
}

/// The places of the article that a link may lead to.
fn anchors(sections: &[PublishedSection]) -> HashSet<String> {
    let written = sections.iter().enumerate().filter(|(place, section)| section.heading.is_some() || *place > 0);
    written.map(|(_, section)| section.anchor.clone()).collect()
}

/// The id of a section: an anchor may begin with a digit, a name of XML may not.
fn id_of(anchor: &str) -> String {
    format!("sec-{anchor}")
}

struct Body<'x> {
    xml: &'x mut Xml,
    anchors: HashSet<String>,
    /// The levels of the open sections.
    open: Vec<usize>,
}

impl Body<'_> {
    fn begin(&mut self, level: usize, anchor: Option<&str>, title: &[Node]) {
        self.end(level);
        match anchor {
            Some(anchor) => self.xml.open("sec", &[("id", &id_of(anchor))]),
            None => self.xml.open("sec", &[]),
        }
        self.open.push(level);
        self.xml.line();
        if !title.is_empty() {
            self.xml.open("title", &[]);
            self.inline(title, Place::Line);
            self.xml.close_line();
        }
    }

    /// Ends the open sections of this level and below.
    fn end(&mut self, level: usize) {
        while self.open.last().is_some_and(|open| *open >= level) {
            self.open.pop();
            self.xml.close_line();
        }
    }

    /// What a section has: its own headings begin sections within it.
    fn section(&mut self, nodes: &[Node]) {
        for part in parts(nodes) {
            match part {
                Part::Block(element) => match heading_level(&element.name) {
                    Some(level) => self.begin(level, None, &element.children),
                    None => self.block(element),
                },
                Part::Line(nodes) => self.paragraph(nodes),
            }
        }
    }

    fn block(&mut self, element: &Element) {
        match element.name.as_str() {
            "p" => match only_image(element) {
                Some(image) => self.figure(image),
                None => self.paragraph(&element.children),
            },
            "ul" | "ol" => self.list(element),
            "blockquote" => self.quote(element),
            "pre" => self.code(element),
            "hr" => self.xml.leaf("p", &[], "* * *"),
            "table" => self.table(element),
            // A heading where no section can begin.
            _ => {
                self.xml.open("p", &[]);
                self.xml.open("bold", &[]);
                self.inline(&element.children, Place::Line);
                self.xml.close();
                self.xml.close_line();
            }
        }
    }

    fn paragraph(&mut self, nodes: &[Node]) {
        self.xml.open("p", &[]);
        self.inline(nodes, Place::Text);
        self.xml.close_line();
    }

    fn figure(&mut self, image: &Element) {
        self.xml.open("fig", &[]);
        if let Some(title) = image.attribute("title").filter(|title| !title.trim().is_empty()) {
            self.xml.open("caption", &[]);
            self.xml.inline("p", &[], title);
            self.xml.close();
        }
        self.graphic("graphic", image);
        self.xml.close_line();
    }

    fn graphic(&mut self, name: &'static str, image: &Element) {
        self.xml.open(name, &[("xlink:href", image.attribute("src").unwrap_or_default())]);
        self.xml.inline("alt-text", &[], image.attribute("alt").unwrap_or_default());
        self.xml.close();
    }

    fn list(&mut self, list: &Element) {
        let ordered = list.name == "ol";
        let start: u64 = list.attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1);
        let kind = match (ordered, start) {
            (false, _) => "bullet",
            (true, 1) => "order",
            // JATS cannot say where a list begins: its items have to.
            (true, _) => "simple",
        };
        if list.all("li").next().is_none() {
            return;
        }
        self.xml.open("list", &[("list-type", kind)]);
        self.xml.line();
        for (number, item) in (start..).zip(list.all("li")) {
            self.xml.open("list-item", &[]);
            if ordered && start != 1 {
                self.xml.inline("label", &[], &format!("{number}."));
            }
            self.contained(&item.children, Within::Item);
            self.xml.close_line();
        }
        self.xml.close_line();
    }

    fn quote(&mut self, quote: &Element) {
        self.xml.open("disp-quote", &[]);
        self.xml.line();
        self.contained(&quote.children, Within::Quote);
        self.xml.close_line();
    }

    /// The parts of an item or a quotation: what neither can have directly stands in a paragraph.
    fn contained(&mut self, nodes: &[Node], within: Within) {
        let parts = parts(nodes);
        if parts.is_empty() {
            self.xml.leaf("p", &[], "");
        }
        for part in parts {
            match part {
                Part::Line(nodes) => self.paragraph(nodes),
                Part::Block(element) => {
                    let direct = match element.name.as_str() {
                        "p" => only_image(element).is_none(),
                        "ul" | "ol" => element.all("li").next().is_some(),
                        "blockquote" => within == Within::Quote,
                        "hr" => true,
                        name => heading_level(name).is_some(),
                    };
                    if !direct {
                        self.xml.open("p", &[]);
                    }
                    self.block(element);
                    if !direct {
                        self.xml.close_line();
                    }
                }
            }
        }
    }

    fn code(&mut self, element: &Element) {
        let language = element.all("code").find_map(|code| code.attribute("class")?.strip_prefix("language-"));
        match language.filter(|language| !language.is_empty()) {
            Some(language) => self.xml.open("code", &[("language", language)]),
            None => self.xml.open("code", &[]),
        }
        self.xml.text(&fragment::text(&element.children));
        self.xml.close_line();
    }

    fn table(&mut self, table: &Element) {
        self.xml.open("table-wrap", &[]);
        self.xml.open("table", &[]);
        self.xml.line();
        for part in elements(&table.children) {
            let name = match part.name.as_str() {
                "thead" => "thead",
                "tbody" => "tbody",
                _ => continue,
            };
            if part.all("tr").next().is_none() {
                continue;
            }
            self.xml.open(name, &[]);
            self.xml.line();
            part.all("tr").for_each(|row| self.row(row));
            self.xml.close_line();
        }
        self.xml.close();
        self.xml.close_line();
    }

    fn row(&mut self, row: &Element) {
        self.xml.open("tr", &[]);
        for cell in elements(&row.children) {
            let name = if cell.name == "th" { "th" } else { "td" };
            let style = cell.attribute("style").unwrap_or_default();
            match ["left", "right", "center"].into_iter().find(|align| style.contains(align)) {
                Some(align) => self.xml.open(name, &[("align", align)]),
                None => self.xml.open(name, &[]),
            }
            self.inline(&cell.children, Place::Cell);
            self.xml.close();
        }
        self.xml.close_line();
    }

    fn inline(&mut self, nodes: &[Node], place: Place) {
        for node in nodes {
            match node {
                Node::Text(text) => self.xml.text(text),
                Node::Element(element) => self.span(element, place),
            }
        }
    }

    fn span(&mut self, element: &Element, place: Place) {
        match element.name.as_str() {
            "br" if place == Place::Cell => {
                self.xml.open("break", &[]);
                self.xml.close();
            }
            "br" => self.xml.text("\n"),
            "img" => self.graphic("inline-graphic", element),
            "a" => self.link(element, place),
            name => match plain_span(name, element) {
                Some(name) => {
                    self.xml.open(name, &[]);
                    self.inline(&element.children, place);
                    self.xml.close();
                }
                None => self.inline(&element.children, place),
            },
        }
    }

    fn link(&mut self, link: &Element, place: Place) {
        let address = link.attribute("href").unwrap_or_default();
        let place_of_article = address.strip_prefix('#').filter(|anchor| self.anchors.contains(*anchor));
        if link.has_class("citation") && address.starts_with("#ref-") {
            let target = address.trim_start_matches('#');
            match link.attribute("id") {
                Some(id) => self.xml.open("xref", &[("ref-type", "bibr"), ("rid", target), ("id", id)]),
                None => self.xml.open("xref", &[("ref-type", "bibr"), ("rid", target)]),
            }
        } else if let Some(anchor) = place_of_article {
            self.xml.open("xref", &[("ref-type", "sec"), ("rid", &id_of(anchor))]);
        } else if address.is_empty() || address.starts_with('#') {
            return self.inline(&link.children, place);
        } else {
            self.xml.open("ext-link", &[("ext-link-type", "uri"), ("xlink:href", address)]);
        }
        self.inline(&link.children, Place::Line);
        self.xml.close();
    }
}

/// The element of JATS that is just what the element of HTML is.
pub(super) fn plain_span(name: &str, element: &Element) -> Option<&'static str> {
    match name {
        "em" | "i" => Some("italic"),
        "strong" | "b" => Some("bold"),
        "del" => Some("strike"),
        "code" => Some("monospace"),
        "sub" => Some("sub"),
        "sup" => Some("sup"),
        "span" if element.has_class("csl-small-caps") => Some("sc"),
        _ => None,
    }
}

/// Where text stands: it decides how a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Line,
    Cell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Item,
    Quote,
}

/// A block, or what stands between blocks.
enum Part<'n> {
    Block(&'n Element),
    Line(&'n [Node]),
}

fn parts(nodes: &[Node]) -> Vec<Part<'_>> {
    let block = |node: &Node| matches!(node, Node::Element(element) if is_block(&element.name));
    let mut parts = Vec::new();
    for run in nodes.chunk_by(|a, b| !block(a) && !block(b)) {
        match run {
            [Node::Element(element)] if is_block(&element.name) => parts.push(Part::Block(element)),
            run if is_blank(run) => {}
            run => parts.push(Part::Line(run)),
        }
    }
    parts
}

fn is_blank(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
}

/// The image that is all there is in a paragraph.
fn only_image(paragraph: &Element) -> Option<&Element> {
    let mut images = paragraph.all("img");
    let (image, more) = (images.next()?, images.next());
    let rest =
        paragraph.children.iter().filter(|node| !matches!(node, Node::Element(element) if element.name == "img"));
    (more.is_none() && rest.into_iter().all(|node| is_blank(std::slice::from_ref(node)))).then_some(image)
}
