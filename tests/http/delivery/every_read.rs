//! What every public read of the contract costs: so many statements, whatever the site holds.

use std::collections::BTreeSet;

use ibid::accounts::Role;
use ibid::db::Backend;
use ibid::ids::ArticleId;
use ibid::{openapi, publishing};
use serde_json::{Value, json};

use super::fixture::{Story, comment, publish};
use super::statements::Statements;
use crate::support::{Site, both};

/// Operations of the contract, a request of each, and how many statements it makes when nothing is kept. On PostgreSQL
/// search makes one more.
const COSTS: &[(&str, &str, usize)] = &[
    ("livez", "/livez", 0),
    ("readyz", "/readyz", 0),
    ("contract", "/openapi.json", 0),
    ("jwks", "/.well-known/jwks.json", 0),
    ("comments_list", "/v1/articles/{article}/comments?limit=100&count=true", 3),
    ("comments_list", "/v1/articles/{article}/comments?limit=100&view=flat", 2),
    (
        "comments_list",
        "/v1/articles/{article}/comments?count=true&created_after=2024-01-01&created_before=2025-01-01",
        3,
    ),
    ("preview_get", "/v1/preview/{preview}", 14),
    ("preview_get", "/v1/preview/{preview}?include=sections,citations,comments,authors,translations&style=apa", 16),
    ("articles_list", "/v1/articles?limit=100&count=true&include=sections,citations,comments,authors,translations", 6),
    ("articles_list", "/v1/articles?limit=100&q=findings", 3),
    ("articles_list", "/v1/articles?limit=100&sort=review_due", 2),
    ("articles_json", "/v1/articles/{article}.json?include=sections,citations,comments,authors,translations", 5),
    ("articles_json_ld", "/v1/articles/{article}.jsonld", 4),
    ("articles_markdown", "/v1/articles/{article}.md", 2),
    ("articles_html", "/v1/articles/{article}.html", 2),
    ("articles_jats", "/v1/articles/{article}.xml", 2),
    ("articles_get", "/v1/articles/{article}", 3),
    ("articles_get", "/v1/articles/{article}?include=sections,citations,comments,authors,translations&style=apa", 5),
    ("search", "/v1/search?q=findings&limit=100&count=true&facets=tag,year&updated_after=2000-01-01", 5),
    ("search", "/v1/search?q=findings&limit=100&count=true&sort=-published_at,-relevance", 5),
    ("sections_list", "/v1/articles/{article}/sections?limit=100&count=true", 1),
    ("sections_get", "/v1/articles/{article}/sections/findings", 1),
    ("citations_list", "/v1/articles/{article}/citations?limit=100&count=true", 1),
    ("citations_get", "/v1/articles/{article}/citations/1", 1),
    ("evidence_get", "/v1/articles/{article}/evidence", 1),
    ("evidence_picture", "/v1/articles/{article}/evidence.svg", 1),
    ("bibliography_get", "/v1/articles/{article}/bibliography?style=apa", 1),
    ("bibliography_file", "/v1/articles/{article}/bibliography.bib", 1),
    ("studies_list", "/v1/studies?limit=100&count=true&include=articles", 3),
    ("studies_list", "/v1/studies?limit=100&q=stu*", 2),
    ("studies_get", "/v1/studies/study0?include=articles", 2),
    ("studies_articles", "/v1/studies/study0/articles?limit=100&count=true", 5),
    ("authors_list", "/v1/authors?limit=100&count=true", 2),
    ("authors_get", "/v1/authors/ada", 1),
    ("tags_list", "/v1/tags?limit=100&count=true", 2),
    ("tags_get", "/v1/tags/skin", 1),
    ("versions_list", "/v1/articles/{article}/versions?count=true", 4),
    ("versions_list", "/v1/articles/{article}/versions?ids=1,2,3&updated_after=2024-01-01&count=true", 4),
    ("versions_get", "/v1/articles/{article}/versions/1", 3),
    ("sync_get", "/v1/sync?limit=100", 2),
    ("events_stream", "/v1/events?wait=0&last_event_id=0", 0),
    ("redirects_resolve", "/v1/redirects/resolve?path=/v1/articles/{article}-before", 2),
    ("feeds_articles", "/feeds/articles.atom", 1),
    ("feeds_tag", "/feeds/tags/skin.rss", 1),
    ("feeds_author", "/feeds/authors/ada.json", 1),
    ("feeds_comments", "/feeds/articles/{article}/comments.atom", 2),
    ("site_get", "/v1/site", 1),
    ("sitemap", "/sitemap.xml", 3),
    ("sitemap_part", "/sitemaps/{id}.xml", 2),
    ("robots", "/robots.txt", 0),
    ("llms", "/llms.txt", 2),
    ("styles_list", "/v1/styles?limit=100&count=true", 2),
    ("styles_list", "/v1/styles?limit=100&count=true&q=medical", 2),
    ("styles_list", "/v1/styles?ids=apa,ama,house&count=true", 2),
    ("styles_get", "/v1/styles/apa", 0),
];

/// The operations that everybody may read with.
fn public_reads() -> BTreeSet<String> {
    let contract = openapi::document().expect("the contract");
    let paths = contract["paths"].as_object().expect("paths").values();
    let reads = paths.map(|item| &item["get"]).filter(|read| read.is_object());
    let public = reads.filter(|read| read["security"] == json!([{}]));
    public.map(|read| read["operationId"].as_str().expect("an id").to_owned()).collect()
}

/// Publishes so many articles with as many citations; they are called `NAME-0` and so on. The first, which has as many
/// comments, is answered.
async fn fill(site: &Site, name: &'static str, many: usize) -> ArticleId {
    let keys: Vec<&'static str> = (0..many).map(|number| &*format!("study{number}").leak()).collect();
    let cites: &'static [&'static str] = keys.leak();
    let story = |number: usize| Story {
        tags: &["skin", "pores"],
        authors: &["ada", "bo"],
        cites,
        old_slug: Some(&*format!("{name}-{number}-before").leak()),
        ..Story::new(format!("{name}-{number}"))
    };
    let ids = publish(site, (0..many).map(story)).await;
    // The searches find them.
    assert_eq!(publishing::bring_up_to_date(&site.state).await.expect("they are rendered"), many);
    let mut parent = None;
    for number in 0..many {
        let new = comment(site, ids[0], "approved", parent.filter(|_| number % 2 == 1), number as i64).await;
        parent = Some(new);
    }
    ids[0]
}

/// The token of a link to a working copy of so many sections, each of which cites another study.
async fn preview(site: &Site, name: &str, many: usize) -> String {
    let editor = site.signed_in(Role::Editor).await;
    let section =
        |number: usize| json!({"heading": format!("{number}"), "body": format!("As found [@study{number}].")});
    let sections: Vec<Value> = (0..many).map(section).collect();
    let whole = json!({"title": format!("Draft of {name}"), "authors": [{"name": "Ada"}], "sections": sections});
    let made = editor.post("/v1/manage/articles", &whole).await;
    made.expect(201);
    let link = editor.post(&format!("{}/preview-tokens", made.header("location")), &json!({})).await.expect(201);
    link["token"].as_str().expect("a token").to_owned()
}

#[test]
fn has_a_line_for_each_operation() {
    let known: BTreeSet<String> = COSTS.iter().map(|(operation, ..)| (*operation).to_owned()).collect();
    assert_eq!(known, public_reads());
}

both! {
    async fn costs_the_same_on_a_larger_site(site: Site) {
        let statements = Statements::of(&site).await;
        let on_postgres = usize::from(site.state.db.backend() == Backend::Postgres);
        for (name, many) in [("few", 3), ("many", 40)] {
            let first = fill(&site, name, many).await.to_string();
            let token = preview(&site, name, many).await;
            let mut wrong = Vec::new();
            for (operation, path, cost) in COSTS {
                let path = path.replace("{article}", &format!("{name}-0")).replace("{id}", &first);
                let path = path.replace("{preview}", &token);
                let expected = cost + if *operation == "search" { on_postgres } else { 0 };
                site.state.cache.touch_all();
                statements.take();
                let reply = site.get(&path).await;
                assert_eq!(reply.status, 200, "{path}: {}", reply.text());
                let made = statements.take();
                if made.len() != expected {
                    wrong.push(format!("{path}: {} instead of {expected}", made.len()));
                }
            }
            assert!(wrong.is_empty(), "{many} articles: {wrong:#?}");
        }
        // What was read was there to be counted.
        for (path, least) in [
            ("/v1/articles/many-0/comments?limit=100&view=flat", 40), ("/v1/articles/many-0/citations?limit=100", 40),
            ("/v1/search?q=findings&limit=100", 43), ("/v1/studies?limit=100&q=stu*", 40), ("/v1/sync?limit=100", 43),
        ] {
            assert_eq!(site.get(path).await.expect(200)["data"].as_array().map(Vec::len), Some(least), "{path}");
        }
    }
}
