//! A publication in the formats of others: what it is read for, and what is written.

use actix_web::http::header::HeaderMap;

use utoipa::ToSchema;

use super::article::damaged;
use super::printing::as_published;
use super::store::Publication;
use super::store::translations::TranslationRow;
use crate::app::App;
use crate::error::Problem;
use crate::formats::site::Site;
use crate::formats::{Remarks, Translation, Whole, jats, json_ld, markdown, page};
use crate::http::answer::Answer;
use crate::http::negotiate::negotiate;
use crate::publishing::document::{Head, PublishedSection};
use crate::text::references::Numbers;

/// The article as linked data: a `MedicalWebPage` of schema.org.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct LinkedArticle(#[expect(dead_code, reason = "only its schema is used")] serde_json::Value);

/// The article as text in a format.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 200000000)]
pub struct WrittenArticle(#[expect(dead_code, reason = "only its schema is used")] String);

/// The representations of an article beside the API's own JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    JsonLd,
    Markdown,
    Html,
    Jats,
}

/// The API's own.
const JSON: &str = "application/json";

impl Format {
    const ALL: [Self; 4] = [Self::JsonLd, Self::Markdown, Self::Html, Self::Jats];

    /// The one that `Accept` likes best; `None`: the API's own JSON, which also answers when several are liked the same.
    /// `only_json`: the request says what it wants of the JSON, so that there is nothing else to choose from.
    ///
    /// # Errors
    /// `not_acceptable`.
    pub fn negotiated(headers: &HeaderMap, only_json: bool) -> Result<Option<Self>, Problem> {
        let offers = [JSON].into_iter().chain(Self::ALL.map(Self::media_type).into_iter().filter(|_| !only_json));
        let chosen = negotiate(headers, &offers.collect::<Vec<_>>())?;
        Ok(Self::ALL.into_iter().find(|format| format.media_type() == chosen))
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::JsonLd => "application/ld+json",
            Self::Markdown => "text/markdown",
            Self::Html => "text/html",
            Self::Jats => "application/jats+xml",
        }
    }

    /// What `Content-Type` says.
    fn content_type(self) -> &'static str {
        match self {
            Self::JsonLd => "application/ld+json",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Jats => "application/jats+xml; charset=utf-8",
        }
    }

    /// Whether what readers say is in it: then more than a new publication can change it.
    pub fn has_remarks(self) -> bool {
        self == Self::JsonLd
    }
}

/// The site, as the formats name it; `base` is [`Settings::public_url`](crate::config::Settings::public_url).
pub fn site<'s>(app: &'s App, base: &'s str) -> Site<'s> {
    let site = &app.settings.site;
    Site::new(&site.name, &site.description, &site.language, base, &site.article_address)
}

/// All of a publication that was read with its sections and citations; `group`: what is published of its translations.
///
/// # Errors
/// `internal` when what is stored is not what publishing writes.
pub fn whole(publication: &Publication, group: &[TranslationRow], numbers: Numbers) -> Result<Whole, Problem> {
    let others = group.iter().filter(|row| row.id != publication.id).cloned();
    Ok(Whole {
        head: head(publication)?,
        sections: sections(publication)?,
        citations: as_published(publication.id, publication.citations.as_deref().unwrap_or("[]"))?,
        numbers,
        translations: others
            .map(|TranslationRow { id, slug, language, title, .. }| Translation { id, slug, language, title })
            .collect(),
    })
}

/// The head of a publication.
///
/// # Errors
/// As [`whole`].
pub fn head(publication: &Publication) -> Result<Head, Problem> {
    serde_json::from_str(&publication.head).map_err(|error| damaged(publication.id, error))
}

/// The sections of a publication that was read with them.
///
/// # Errors
/// As [`whole`].
pub fn sections(publication: &Publication) -> Result<Vec<PublishedSection>, Problem> {
    let stored = publication.sections.as_deref().unwrap_or("[]");
    serde_json::from_str(stored).map_err(|error| damaged(publication.id, error))
}

/// The article in the format.
///
/// # Errors
/// `internal` when it cannot be made into JSON.
pub fn answer(app: &App, whole: &Whole, remarks: &Remarks, format: Format) -> Result<Answer, Problem> {
    let base = app.settings.public_url();
    let site = site(app, &base);
    let body = match format {
        Format::JsonLd => {
            serde_json::to_vec(&json_ld::write(whole, Some(remarks), &site)).map_err(Problem::internal)?
        }
        Format::Markdown => markdown::write(whole, &site).into_bytes(),
        Format::Html => page::write(whole, &site).into_bytes(),
        Format::Jats => jats::write(whole, &site).into_bytes(),
    };
    let answer = Answer::bytes(app.public(), format.content_type(), body);
    let answer = if format == Format::Html { answer.sealed_but_for_images() } else { answer };
    // Its translations come and go without it.
    let frozen = !format.has_remarks() && whole.translations.is_empty();
    Ok(if frozen { answer.last_modified(whole.head.updated_at) } else { answer })
}
