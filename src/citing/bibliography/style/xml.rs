//! Reads the elements of a style file before anything else does, so that nothing hostile gets further.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;

use super::StyleFault;

/// How deeply elements may be nested.
const MOST_DEEP: usize = 64;
/// How many elements a style may have.
const MOST_ELEMENTS: usize = 20_000;
/// How many bytes one attribute may have.
const MOST_VALUE: usize = 2_000;

/// An element of a style.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    pub line: u32,
    /// The attributes that matter here.
    pub attributes: Vec<(String, String)>,
    /// Bytes of all attributes' values.
    pub literal: usize,
    /// Bytes of the text that stands in it.
    pub text: usize,
    pub children: Vec<Element>,
}

impl Element {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of an attribute, whatever the prefixes.
    pub fn values<'e>(&'e self, name: &'static str) -> impl Iterator<Item = &'e str> {
        self.attributes.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The children of a name.
    pub fn all<'e>(&'e self, name: &'static str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The root element with all that is in it; of text only the length is kept.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn read(xml: &str) -> Result<Element, StyleFault> {
    let mut lines = Lines { xml: xml.as_bytes(), at: 0, line: 1 };
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<Element> = vec![Element::default()];
    let mut count = 0_usize;
    loop {
        let event = reader.read_event();
        let line = lines.to(reader.buffer_position());
        let fault = |code, detail: String| Err(StyleFault { code, detail, line: Some(line) });
        match event {
            Err(error) => return fault("style_not_xml", format!("this is not XML: {error}")),
            Ok(Event::DocType(_)) => {
                return fault("style_doctype", "a style has no document type declaration".to_owned());
            }
            Ok(Event::GeneralRef(entity)) if !is_known(&entity) => {
                return fault("style_entity", "only XML's own entities and character references are read".to_owned());
            }
            Ok(Event::GeneralRef(text)) => add_text(&mut open, text.len()),
            Ok(Event::Text(text)) => add_text(&mut open, text.len()),
            Ok(Event::CData(text)) => add_text(&mut open, text.len()),
            Ok(Event::Start(start)) => {
                count += 1;
                if open.len() > MOST_DEEP {
                    return fault("style_too_deep", format!("elements are nested more than {MOST_DEEP} deep"));
                }
                open.push(element(&start, line)?);
            }
            Ok(Event::Empty(start)) => {
                count += 1;
                let element = element(&start, line)?;
                if let Some(parent) = open.last_mut() {
                    parent.children.push(element);
                }
            }
            Ok(Event::End(_)) => {
                let closed = open.pop();
                if let (Some(closed), Some(parent)) = (closed, open.last_mut()) {
                    parent.children.push(closed);
                }
            }
            Ok(Event::Eof) if open.len() > 1 => {
                return fault("style_not_xml", "the file ends inside an element".to_owned());
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
        }
        if count > MOST_ELEMENTS {
            return fault("style_too_long", format!("a style has at most {MOST_ELEMENTS} elements"));
        }
    }
    let mut roots = open.pop().unwrap_or_default().children.into_iter();
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(root),
        _ => Err(StyleFault {
            code: "style_not_xml",
            detail: "the file has not one root element".to_owned(),
            line: None,
        }),
    }
}

fn element(start: &BytesStart<'_>, line: u32) -> Result<Element, StyleFault> {
    let fault = |code, detail: String| StyleFault { code, detail, line: Some(line) };
    let mut element = Element { name: start.local_name().as_ref().to_owned(), line, ..Element::default() };
    for attribute in start.attributes() {
        let attribute =
            attribute.map_err(|error| fault("style_not_xml", format!("an attribute cannot be read: {error}")))?;
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|error| fault("style_entity", format!("an attribute cannot be read: {error}")))?;
        if value.len() > MOST_VALUE {
            return Err(fault("style_too_long", format!("an attribute has at most {MOST_VALUE} bytes")));
        }
        element.literal += value.len();
        let key = key(attribute.key);
        if matches!(key.as_str(), "macro" | "name" | "term" | "xmlns" | "class" | "version" | "rel" | "href") {
            element.attributes.push((key, value.into_owned()));
        }
    }
    Ok(element)
}

/// The name of an attribute as the engine reads it: without its prefix, save where that binds a namespace.
fn key(name: QName<'_>) -> String {
    let key = if name.as_namespace_binding().is_some() { name.as_ref() } else { name.local_name().into_inner() };
    key.to_owned()
}

fn add_text(open: &mut [Element], length: usize) {
    if let Some(element) = open.last_mut() {
        element.text += length;
    }
}

fn is_known(entity: &str) -> bool {
    entity.starts_with('#') || matches!(entity, "amp" | "lt" | "gt" | "quot" | "apos")
}

/// Counts lines as far as the reader has come.
struct Lines<'x> {
    xml: &'x [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of a byte that is not before the last one asked for.
    fn to(&mut self, position: u64) -> u32 {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.xml.len());
        let passed = self.xml.get(self.at..position).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = self.at.max(position);
        self.line
    }
}
