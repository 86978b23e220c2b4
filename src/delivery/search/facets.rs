//! How many of the articles that match have which tag, author, year and design.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::store::Candidate;
use crate::error::Problem;
use crate::http::fault::Reason;
use crate::http::query::ParseText;
use crate::text::search::Labels;

/// The most values of a facet.
const MOST_VALUES: usize = 50;

crate::words! {
    /// What can be counted.
    FacetName {
        /// Tags.
        Tag = "tag",
        /// Authors.
        Author = "author",
        /// Years of publication.
        Year = "year",
        /// Designs of the studies that are cited.
        Design = "design",
    }
}

impl ParseText for FacetName {
    fn parse_text(text: &str) -> Result<Self, Reason> {
        Self::parse(text).ok_or_else(|| Reason::unknown_word(text, Self::WORDS))
    }
}

/// The values of what was asked for, each with the number of articles that have it: the most frequent first, at most 50
/// of each.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Facets {
    /// By the slugs of tags; null unless asked for.
    #[schema(max_items = 50)]
    pub tag: Option<Vec<FacetValue>>,
    /// By the slugs of authors; null unless asked for.
    #[schema(max_items = 50)]
    pub author: Option<Vec<FacetValue>>,
    /// By the year of publication; null unless asked for.
    #[schema(max_items = 50)]
    pub year: Option<Vec<FacetValue>>,
    /// By the designs of the studies that the articles cite; null unless asked for.
    #[schema(max_items = 50)]
    pub design: Option<Vec<FacetValue>>,
}

/// A value and how many of the articles have it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValue {
    /// As the parameter of that name takes it.
    #[schema(max_length = 120, example = "skin")]
    pub value: String,
    /// Of a tag or an author: how it is written. The same as the value elsewhere.
    #[schema(max_length = 200, example = "Skin")]
    pub name: String,
    #[schema(value_type = i32, minimum = 1, maximum = 1000, example = 12)]
    pub count: usize,
}

/// Counts over the candidates.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn facets(asked: &[FacetName], candidates: &[Candidate]) -> Result<Facets, Problem> {
    let read = |candidate: &Candidate| {
        let text = candidate.labels.as_deref().unwrap_or_default();
        serde_json::from_str(text).map_err(|error| {
            Problem::internal(format!("the labels of article {} cannot be read: {error}", candidate.article_id))
        })
    };
    let labels = candidates.iter().map(read).collect::<Result<Vec<Labels>, _>>()?;
    let of = |name: FacetName| {
        asked.contains(&name).then(|| {
            counted(labels.iter().map(|labels| match name {
                FacetName::Tag => labels.tags.iter().map(|tag| (tag.slug.clone(), tag.name.clone())).collect(),
                FacetName::Author => labels.authors.iter().map(|it| (it.slug.clone(), it.name.clone())).collect(),
                FacetName::Year => vec![(labels.year.to_string(), labels.year.to_string())],
                FacetName::Design => labels.designs.iter().map(|design| (design.clone(), design.clone())).collect(),
            }))
        })
    };
    Ok(Facets {
        tag: of(FacetName::Tag),
        author: of(FacetName::Author),
        year: of(FacetName::Year),
        design: of(FacetName::Design),
    })
}

/// The values of all articles with their counts. A name is that of the article that is met first.
fn counted(articles: impl Iterator<Item = Vec<(String, String)>>) -> Vec<FacetValue> {
    let mut counts: HashMap<String, (String, usize)> = HashMap::new();
    for (value, name) in articles.flatten() {
        counts.entry(value).or_insert((name, 0)).1 += 1;
    }
    let values = counts.into_iter().map(|(value, (name, count))| FacetValue { value, name, count });
    let mut values: Vec<FacetValue> = values.collect();
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    values.truncate(MOST_VALUES);
    values
}
