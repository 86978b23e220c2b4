//! One XML element as a tree, small enough to be walked.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Most elements of an entry.
const MOST_ELEMENTS: usize = 200_000;
/// Most levels of an entry.
const MOST_DEPTH: usize = 64;

#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Text(String),
    Element(Element),
}

/// What is wrong with the XML, and on which of its lines.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub lines: u64,
    pub what: String,
}

impl Element {
    /// Reads a whole element. Entities other than XML's own five are refused, since what they stand for is defined
    /// elsewhere, if at all.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader::from_str(text);
        let fault = |reader: &Reader<&[u8]>, what: String| {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(0);
            let before = text.as_bytes().get(..at).unwrap_or_default();
            Fault { lines: before.iter().map(|b| u64::from(*b == b'\n')).sum(), what }
        };
        let mut open: Vec<Self> = Vec::new();
        let mut elements = 0;
        loop {
            let event = reader.read_event().map_err(|error| fault(&reader, error.to_string()))?;
            let closed = match event {
                Event::Start(start) | Event::Empty(start) if elements >= MOST_ELEMENTS || open.len() >= MOST_DEPTH => {
                    let name = start.name().as_ref().to_owned();
                    return Err(fault(&reader, format!("too many elements, or too deep, at <{name}>")));
                }
                Event::Start(start) => {
                    elements += 1;
                    let element = Self::begin(&start).map_err(|what| fault(&reader, what))?;
                    open.push(element);
                    None
                }
                Event::Empty(start) => {
                    elements += 1;
                    Some(Self::begin(&start).map_err(|what| fault(&reader, what))?)
                }
                Event::End(_) => open.pop(),
                other => {
                    let said = said(&other).map_err(|what| fault(&reader, what))?;
                    if matches!(other, Event::Eof) {
                        return Err(fault(&reader, "the element is not closed".to_owned()));
                    }
                    if let (Some(said), Some(parent)) = (said, open.last_mut()) {
                        parent.push_text(&said);
                    }
                    None
                }
            };
            if let Some(element) = closed {
                match open.last_mut() {
                    Some(parent) => parent.nodes.push(Node::Element(element)),
                    None => return Ok(element),
                }
            }
        }
    }

    fn begin(start: &BytesStart<'_>) -> Result<Self, String> {
        let name = name_of(start);
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let key = attribute.key.as_ref().to_owned();
            let value =
                attribute.normalized_value(quick_xml::XmlVersion::default()).map_err(|error| error.to_string())?;
            attributes.push((key, value.into_owned()));
        }
        Ok(Self { name, attributes, nodes: Vec::new() })
    }

    fn push_text(&mut self, text: &str) {
        if let Some(Node::Text(last)) = self.nodes.last_mut() {
            last.push_str(text);
        } else {
            self.nodes.push(Node::Text(text.to_owned()));
        }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children().filter(move |child| child.name == name)
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children().find(|child| child.name == name)
    }

    /// The text of a child; `None` if it has none.
    pub(super) fn child_text(&self, name: &str) -> Option<String> {
        self.child(name).map(Self::text).filter(|text| !text.trim().is_empty())
    }

    /// The text in the element and below, without markup.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, false);
        text
    }

    /// The text with the markup that CSL has.
    pub(super) fn marked_up(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, true);
        text
    }

    fn write(&self, into: &mut String, markup: bool) {
        for node in &self.nodes {
            match node {
                Node::Text(text) => into.push_str(text),
                Node::Element(element) => {
                    let tag = ["i", "b", "sup", "sub"].into_iter().find(|tag| markup && *tag == element.name);
                    if let Some(tag) = tag {
                        into.push_str(&format!("<{tag}>"));
                    }
                    element.write(into, markup);
                    if let Some(tag) = tag {
                        into.push_str(&format!("</{tag}>"));
                    }
                }
            }
        }
    }
}

fn name_of(start: &BytesStart<'_>) -> String {
    start.name().as_ref().to_owned()
}

/// The text of an event that is one.
fn said(event: &Event<'_>) -> Result<Option<String>, String> {
    match event {
        Event::Text(text) => Ok(Some(text.xml10_content().into_owned())),
        Event::CData(text) => Ok(Some(text.xml10_content().into_owned())),
        Event::GeneralRef(reference) => {
            if let Some(c) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
                return Ok(Some(c.to_string()));
            }
            let name = reference.xml10_content();
            match name.as_ref() {
                "amp" => Ok(Some("&".to_owned())),
                "lt" => Ok(Some("<".to_owned())),
                "gt" => Ok(Some(">".to_owned())),
                "quot" => Ok(Some("\"".to_owned())),
                "apos" => Ok(Some("'".to_owned())),
                other => {
                    Err(format!("the entity &{}; is not one of XML's own", other.chars().take(40).collect::<String>()))
                }
            }
        }
        _ => Ok(None),
    }
}
