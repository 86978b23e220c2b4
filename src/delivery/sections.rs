//! The sections of a publication in the forms that are asked for. What is stored is copied, not read.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::article::damaged;
use super::model::Formats;
use super::store::Publication;
use crate::error::Problem;
use crate::http::select::Sparse;
use crate::publishing::document::PublishedSection;

/// A stored section, each member as it stands. In the order of [`PublishedSection`].
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    position: &'a RawValue,
    #[serde(borrow)]
    heading: &'a RawValue,
    #[serde(borrow)]
    anchor: &'a RawValue,
    #[serde(borrow)]
    level: &'a RawValue,
    #[serde(borrow)]
    html: Option<&'a RawValue>,
    #[serde(borrow, default)]
    markdown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
    #[serde(borrow, default)]
    blocks: Option<&'a RawValue>,
    #[serde(borrow)]
    citations: &'a RawValue,
}

/// The other forms of a stored section.
#[derive(Deserialize)]
struct StoredBody<'a> {
    #[serde(borrow)]
    markdown: &'a RawValue,
    #[serde(borrow)]
    text: &'a RawValue,
    #[serde(borrow)]
    blocks: &'a RawValue,
}

/// The sections as JSON text; `None` when they were not read. Other forms than HTML are null in a publication that was
/// made before they were kept and could not be made anew.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn sections(publication: &mut Publication, formats: Formats) -> Result<Option<String>, Problem> {
    let (sections, bodies) = (publication.sections.take(), publication.bodies.take());
    let Some(sections) = sections else { return Ok(None) };
    if formats == Formats::default() {
        return Ok(Some(sections));
    }
    let broken = |error| damaged(publication.id, error);
    let mut stored: Vec<Stored<'_>> = serde_json::from_str(&sections).map_err(broken)?;
    let bodies: Vec<StoredBody<'_>> = match &bodies {
        Some(bodies) => serde_json::from_str(bodies).map_err(broken)?,
        None => Vec::new(),
    };
    let mut bodies = bodies.iter();
    for section in &mut stored {
        section.html = section.html.filter(|_| formats.html);
        if let Some(body) = bodies.next() {
            section.markdown = formats.markdown.then_some(body.markdown);
            section.text = formats.text.then_some(body.text);
            section.blocks = formats.blocks.then_some(body.blocks);
        }
    }
    serde_json::to_string(&stored).map(Some).map_err(Problem::internal)
}

impl Sparse for PublishedSection {
    const FIELDS: &'static [&'static str] =
        &["id", "position", "heading", "anchor", "level", "html", "markdown", "text", "blocks", "citations"];
}
