//! The examples of the contract.

use serde_json::{Value, json};

pub fn study() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20",
        "key": "majid2009",
        "title": "Microneedling therapy in atrophic facial scars",
        "year": 2009,
        "doi": "10.4103/0974-2077.53096",
        "pmid": "20300368",
        "pmcid": "PMC2840919",
        "isbn": null,
        "design": "case_series",
        "review": "peer_reviewed",
        "sample_size": 37,
        "follow_up": null,
        "funding": [],
        "conflicts_of_interest": null,
        "open_access_url": "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC2840919/",
        "retraction": null,
        "completeness": {"complete": true, "missing": []},
        "csl": csl(),
    })
}

pub fn csl() -> Value {
    json!({
        "id": "majid2009",
        "type": "article-journal",
        "title": "Microneedling therapy in atrophic facial scars",
        "author": [{"family": "Majid", "given": "Imran"}],
        "container-title": "Journal of Cutaneous and Aesthetic Surgery",
        "volume": "2",
        "issue": "1",
        "page": "26-30",
        "issued": {"date-parts": [[2009]]},
        "DOI": "10.4103/0974-2077.53096",
    })
}

const REFERENCE: &str =
    "1. Majid I. Microneedling therapy in atrophic facial scars. J Cutan Aesthet Surg. 2009;2(1):26-30.";

pub fn plain_bibliography() -> Value {
    json!(format!("{REFERENCE}\n"))
}

pub fn html_bibliography() -> Value {
    json!(
        "<section class=\"references\" role=\"doc-bibliography\" aria-label=\"References\">\n<ol>\n\
         <li id=\"ref-1\">Majid I. Microneedling therapy in atrophic facial scars.</li>\n</ol>\n</section>\n"
    )
}

pub fn bibtex() -> Value {
    json!("@article{majid2009,\n  title = {Microneedling therapy in atrophic facial scars},\n  year = {2009}\n}\n")
}

pub fn ris() -> Value {
    json!("TY  - JOUR\nID  - majid2009\nTI  - Microneedling therapy in atrophic facial scars\nPY  - 2009\nER  - \n")
}

pub fn bibliography() -> Value {
    let html = REFERENCE.replacen("1.", "<span class=\"csl-label\">1.</span>", 1);
    json!({
        "style": "vancouver",
        "locale": "en-US",
        "entries": [{"number": 1, "key": "majid2009", "label": "1.", "text": REFERENCE, "html": html}],
    })
}

pub fn citation() -> Value {
    json!({
        "number": 1,
        "key": "majid2009",
        "study": study(),
        "evidence_level": "4",
        "evidence_level_default": true,
        "formatted": {"style": "vancouver", "position": 1, "label": "1.", "text": REFERENCE, "html": format!("<p>{REFERENCE}</p>")},
        "cited_in": ["what-the-studies-found"],
        "places": ["cite-what-the-studies-found-1"],
    })
}

pub fn section() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e12",
        "position": 1,
        "heading": "What the studies found",
        "anchor": "what-the-studies-found",
        "level": 2,
        "html": "<p>Scars became less deep <a class=\"citation\" href=\"#ref-1\">[1]</a>.</p>",
        "markdown": "Scars became less deep [@majid2009, p. 28].",
        "text": "Scars became less deep [1, p. 28].",
        "blocks": [{
            "type": "paragraph",
            "content": [
                {"type": "text", "text": "Scars became less deep "},
                {
                    "type": "citation",
                    "text": "[1, p. 28]",
                    "narrative": false,
                    "items": [{
                        "number": 1,
                        "key": "majid2009",
                        "prefix": null,
                        "locator": {"label": "page", "value": "28"},
                        "suffix": null,
                        "suppress_author": false,
                        "id": "cite-what-the-studies-found-1",
                    }],
                },
                {"type": "text", "text": "."},
            ],
        }],
        "citations": [1],
    })
}

/// With everything that can be included.
pub fn article() -> Value {
    let itself = "/v1/articles/microneedling-for-large-pores";
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
        "slug": "microneedling-for-large-pores",
        "language": "en",
        "translation_group": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
        "translations": [translation()],
        "title": "Microneedling for large pores",
        "subtitle": null,
        "summary": "What two studies say about it.",
        "published_at": "2024-06-24T00:00:00Z",
        "updated_at": "2024-06-25T09:30:00Z",
        "version": 3,
        "authors": [{
            "name": "Ada Example", "slug": "ada-example", "credentials": "MD", "orcid": null, "published_articles": 12,
        }],
        "reviewed": {
            "by": [{"name": "Grace Example", "credentials": "MD, dermatologist", "orcid": null}],
            "at": "2024-06-20",
            "next_due": "2025-06-20",
        },
        "tags": [{"slug": "skin", "name": "Skin"}],
        "word_count": 912,
        "reading_minutes": 4,
        "evidence": {
            "citations": 5,
            "by_design": {"systematic_review": 1, "case_series": 2},
            "by_level": {"1": 1, "4": 2},
            "best_level": "1",
            "retracted": 0,
            "concerns": 0,
            "unsupported_claims": null,
        },
        "claims": [{
            "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e50",
            "statement": "Microneedling makes atrophic acne scars less deep.",
            "certainty": "low",
            "for": [1],
            "against": [],
        }],
        "sections": [section()],
        "citations": [citation()],
        "comments": {
            "policy": "open", "count": 1, "href": format!("{itself}/comments"), "data": [comment()],
            "next": null,
        },
        "links": {
            "self": itself,
            "sections": format!("{itself}/sections"),
            "citations": format!("{itself}/citations"),
            "bibliography": format!("{itself}/bibliography"),
            "evidence": format!("{itself}/evidence"),
            "comments": format!("{itself}/comments"),
            "versions": format!("{itself}/versions"),
        },
    })
}

fn translation() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e60",
        "slug": "microneedling-bei-grossen-poren",
        "language": "de",
        "title": "Microneedling bei großen Poren",
        "href": "/v1/articles/microneedling-bei-grossen-poren?language=de",
    })
}

/// As a copy of everything has it.
fn whole_article() -> Value {
    let mut article = article();
    article["authors"][0]["published_articles"] = Value::Null;
    article["comments"]["data"] = Value::Null;
    article["translations"] = Value::Null;
    article
}

pub fn sync_page() -> Value {
    let article = whole_article();
    json!({
        "data": [
            {"type": "article", "id": article["id"], "changed_at": "2024-06-25T09:30:00Z", "article": article},
            {
                "type": "deleted_article", "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e60",
                "changed_at": "2024-06-25T10:00:00Z", "article": null,
            },
        ],
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
        "next_sync": "/v1/sync?cursor=Zm9v",
    })
}

pub fn event_stream() -> Value {
    let article = article();
    let event = json!({
        "type": "article.published", "at": "2024-06-25T09:30:00Z",
        "article": {
            "id": article["id"], "slug": article["slug"], "version": 3, "studies": [],
            "href": "/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
        },
        "comment": null, "study": null, "style": null, "redirect": null,
    });
    json!(format!("retry: 3000\n\nid: 1042\nevent: article.published\ndata: {event}\n\n"))
}

pub fn redirect() -> Value {
    let article = article();
    json!({
        "status": 301,
        "location": "/blog/microneedling-for-large-pores",
        "article": {"id": article["id"], "slug": article["slug"], "href": "/v1/articles/microneedling-for-large-pores"},
    })
}

const VERSIONS: &str = "/v1/articles/01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11/versions";

pub fn version_list() -> Value {
    batch_of(json!({
        "version": 3, "is_current": true, "slug": "microneedling-for-large-pores", "language": "en",
        "title": "Microneedling for large pores", "published_at": "2024-06-24T00:00:00Z",
        "updated_at": "2024-06-25T09:30:00Z", "href": format!("{VERSIONS}/3"),
    }))
}

pub fn version() -> Value {
    let mut version = article();
    let url = format!("https://cms.example.org{VERSIONS}/3");
    let text =
        format!("Example A. Microneedling for large pores [Internet]. Example Health. 2024. Available from: {url}");
    version["authors"] = json!([{"name": "Ada Example", "slug": "ada-example", "credentials": "MD", "orcid": null}]);
    let more = json!({
        "is_current": true,
        "current_version": 3,
        "cite_as": {
            "url": url, "style": "vancouver", "locale": "en-US", "text": text, "html": text,
            "csl": {
                "type": "webpage", "title": "Microneedling for large pores",
                "author": [{"family": "Example", "given": "Ada"}], "container-title": "Example Health",
                "issued": {"date-parts": [[2024, 6, 25]]}, "original-date": {"date-parts": [[2024, 6, 24]]},
                "version": "3", "language": "en", "URL": url, "id": "microneedling-for-large-pores-v3",
            },
            "bibtex": format!("@online{{microneedling-for-large-pores-v3,\n  url = {{{url}}},\n}}\n"),
            "ris": format!("TY  - ELEC\nUR  - {url}\nER  - \n"),
        },
        "links": {
            "self": format!("{VERSIONS}/3"),
            "article": "/v1/articles/microneedling-for-large-pores",
            "versions": "/v1/articles/microneedling-for-large-pores/versions",
            "previous": format!("{VERSIONS}/2"),
            "next": null,
        },
    });
    if let (Value::Object(version), Value::Object(more)) = (&mut version, more) {
        for member in ["comments", "translation_group", "translations"] {
            version.shift_remove(member);
        }
        version.extend(more);
    }
    version
}

pub fn evidence() -> Value {
    let article = article();
    let study = study();
    json!({
        "article": {"id": article["id"], "slug": article["slug"], "title": article["title"]},
        "evidence": article["evidence"],
        "studies": [{
            "number": 1,
            "key": study["key"],
            "title": study["title"],
            "year": 2009,
            "design": "case_series",
            "sample_size": 37,
            "evidence_level": "4",
            "retraction": null,
        }],
    })
}

fn comment() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e40",
        "parent_id": null,
        "name": "Grace",
        "url": null,
        "html": "<p>Thank you.</p>",
        "created_at": "2024-06-26T08:00:00Z",
        "depth": 0,
        "replies": [], "more_replies": false,
    })
}

pub fn article_list() -> Value {
    batch_of(article())
}

pub fn section_list() -> Value {
    batch_of(section())
}

pub fn citation_list() -> Value {
    batch_of(citation())
}

pub fn study_list() -> Value {
    batch_of(cited_study())
}

/// With everything that can be included.
pub fn cited_study() -> Value {
    let article = article();
    let mut study = study();
    study["articles"] = json!({
        "count": 1,
        "href": "/v1/studies/majid2009/articles",
        "data": [{
            "id": article["id"],
            "slug": article["slug"],
            "title": article["title"],
            "published_at": article["published_at"],
            "number": 1,
        }],
    });
    study
}

pub fn author() -> Value {
    json!({
        "slug": "ada-example",
        "name": "Ada Example",
        "credentials": "MD",
        "orcid": null,
        "published_articles": 12,
        "links": {"self": "/v1/authors/ada-example", "articles": "/v1/articles?author=ada-example"},
    })
}

pub fn author_list() -> Value {
    batch_of(author())
}

pub fn tag() -> Value {
    json!({
        "slug": "skin",
        "name": "Skin",
        "published_articles": 12,
        "links": {"self": "/v1/tags/skin", "articles": "/v1/articles?tag=skin"},
    })
}

pub fn tag_list() -> Value {
    batch_of(tag())
}

pub fn citing_list() -> Value {
    batch_of(json!({"number": 1, "article": article()}))
}

/// A page of what can be asked for by name.
fn batch_of(item: Value) -> Value {
    json!({
        "data": [item],
        "missing": null,
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
    })
}

pub fn search() -> Value {
    let heading = "What the studies found";
    let snippet = json!({
        "part": "section",
        "anchor": "what-the-studies-found",
        "heading": heading,
        "study": null,
        "html": "<mark>Pores</mark> became smaller in three of four patients.",
    });
    let mut list = page_of(json!({"article": article(), "snippets": [snippet]}));
    list["facets"] = json!({
        "tag": [{"value": "skin", "name": "Skin", "count": 1}],
        "author": null,
        "year": [{"value": "2024", "name": "2024", "count": 1}],
        "design": null,
    });
    list["scope"] = json!({"ranked": 1, "complete": true});
    list
}

fn page_of(item: Value) -> Value {
    json!({"data": [item], "page": {"limit": 20, "next": null, "prev": null, "total": null}})
}

pub fn linked_article() -> Value {
    let address = "https://www.example.org/microneedling-for-large-pores";
    json!({
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "@id": address,
        "url": address,
        "name": "Microneedling for large pores",
        "inLanguage": "en",
        "datePublished": "2024-06-24T00:00:00Z",
        "mainEntity": {
            "@type": "Article",
            "headline": "Microneedling for large pores",
            "author": [{"@type": "Person", "name": "Ada Example", "honorificSuffix": "MD"}],
            "citation": [{
                "@type": "ScholarlyArticle",
                "@id": "https://doi.org/10.4103/0974-2077.53096",
                "position": 1,
                "name": "Microneedling therapy in atrophic facial scars",
            }],
        },
    })
}

pub fn markdown_article() -> Value {
    json!(format!(
        "---\ntitle: \"Microneedling for large pores\"\nlanguage: \"en\"\n---\n\n# Microneedling for large pores\n\n\
         ## What the studies found\n\nScars became less deep [1].\n\n## References\n\n{REFERENCE}\n"
    ))
}

pub fn html_article() -> Value {
    json!("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n</head>\n<body>\n</body>\n</html>\n")
}

pub fn jats_article() -> Value {
    json!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<article dtd-version=\"1.3\" article-type=\"other\" \
         xml:lang=\"en\"></article>\n"
    )
}

pub fn atom() -> Value {
    json!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <id>https://api.example.org/feeds/articles</id>\n<title>Example Health</title>\n</feed>\n"
    )
}

pub fn rss() -> Value {
    json!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Example Health</title>\
         </channel></rss>\n"
    )
}

pub fn json_feed() -> Value {
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Example Health",
        "home_page_url": "https://www.example.org/",
        "feed_url": "https://api.example.org/feeds/articles.json",
        "items": [{
            "id": "urn:uuid:01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11",
            "url": "https://www.example.org/microneedling-for-large-pores",
            "title": "Microneedling for large pores",
            "content_html": "<p>Scars became less deep.</p>",
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::article::Article;
    use crate::delivery::following::{Version, VersionSummary};
    use crate::delivery::names::{Author, TagOfArticles};
    use crate::delivery::studies::Study;
    use crate::http::select::Sparse;
    use crate::publishing::document::{Head, PublishedCitation, PublishedSection};

    #[test]
    fn the_frozen_parts_are_examples_of_their_types() {
        assert_eq!(json!(serde_json::from_value::<PublishedSection>(section()).unwrap()), section());
        assert_eq!(json!(serde_json::from_value::<PublishedCitation>(citation()).unwrap()), citation());
        serde_json::from_value::<Head>(article()).unwrap();
    }

    /// All paths of a value but those within records, counts and replies.
    fn paths(value: &Value, within: &str) -> Vec<String> {
        let below = |(name, value): (&String, &Value)| {
            let path = if within.is_empty() { name.clone() } else { format!("{within}.{name}") };
            let whole = ["csl", "by_design", "by_level", "blocks"].contains(&name.as_str());
            let inner = if whole { Vec::new() } else { paths(value, &path) };
            std::iter::once(path).chain(inner).collect::<Vec<_>>()
        };
        match value {
            Value::Object(members) => members.iter().flat_map(below).collect(),
            Value::Array(items) => items.iter().flat_map(|item| paths(item, within)).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_member_can_be_named_by_fields() {
        assert_eq!(paths(&article(), ""), Article::FIELDS);
        assert_eq!(paths(&cited_study(), ""), Study::FIELDS);
        assert_eq!(paths(&author(), ""), Author::FIELDS);
        assert_eq!(paths(&tag(), ""), TagOfArticles::FIELDS);
        assert_eq!(paths(&version(), ""), Version::FIELDS);
        assert_eq!(paths(&version_list()["data"][0], ""), VersionSummary::FIELDS);
        assert_eq!(paths(&section(), ""), PublishedSection::FIELDS);
        assert_eq!(paths(&citation(), ""), PublishedCitation::FIELDS);
    }
}
