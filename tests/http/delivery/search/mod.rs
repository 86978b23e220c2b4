//! `GET /v1/search`, and `q` of the lists.

mod follows;
mod hostile;
mod pages;
mod same;

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::slugs;
use crate::support::{Reply, Site, both};

/// Makes and publishes an article; answers its address.
pub async fn publish(editor: &Site, article: &Value) -> String {
    let made = editor.post("/v1/manage/articles", article).await;
    made.expect(201);
    let address = made.header("location").to_owned();
    editor.request("POST", &format!("{address}/publish")).if_match(made.etag()).send().await.expect(200);
    address
}

/// A small site: skin in three languages, two studies.
pub async fn corpus(site: &Site) -> Site {
    let editor = site.signed_in(Role::Editor).await;
    for (key, title, author, design) in [
        ("majid2009", "Microneedling therapy in atrophic facial scars", "Majid", "case_series"),
        ("dogra2014", "Treatment of acne scars: an open trial", "Dogra", "randomized_trial"),
    ] {
        let csl = json!({
            "type": "article-journal", "title": title, "author": [{"family": author, "given": "Imran"}],
            "issued": {"date-parts": [[2009]]}, "DOI": format!("10.5555/{key}.12"), "container-title": "Journal of Examples",
        });
        editor.post("/v1/manage/studies", &json!({"key": key, "csl": csl, "design": design})).await.expect(201);
    }
    for article in [
        json!({
            "title": "Microneedling for large pores", "slug": "pores", "summary": "Do needles make pores smaller?",
            "tags": ["Skin"], "authors": [{"name": "Ada Example"}], "published_at": "2023-05-01T00:00:00Z", "sections": [
                {"body": "Large pores \\<are\\> a *common* worry & \"more\"."},
                {"heading": "What the studies found", "body": "Pores shrank in follow-up studies [@majid2009]. Nothing else did."},
            ],
        }),
        json!({
            "title": "Acne scars", "slug": "scars", "tags": ["Skin", "Hair"], "authors": [{"name": "Bo Writer"}],
            "published_at": "2024-05-01T00:00:00Z", "sections": [
                {"body": "Scars of acne are treated with needles [@dogra2014; @majid2009].\n\nDeep scars need more."},
                {"heading": "Retinoids", "body": "A retinoid is a drug. 3.5 % had naïve skin; U.S. news."},
            ],
        }),
        json!({
            "title": "Große Narben", "slug": "narben", "language": "de", "tags": ["Skin"], "authors": [{"name": "Ada Example"}],
            "published_at": "2024-06-01T00:00:00Z",
            "sections": [{"heading": "Häuser", "body": "Die Studien zeigen kleinere Narben. Straßen und new things."}],
        }),
        json!({
            "title": "微针治疗", "slug": "weizhen", "language": "zh", "published_at": "2024-07-01T00:00:00Z",
            "sections": [{"body": "微针可以治疗毛孔粗大。"}],
        }),
        json!({
            "title": "Hair", "slug": "hair", "tags": ["Hair"], "published_at": "2022-01-01T00:00:00Z",
            "sections": [{"body": "Hair grows. Large things and pores are elsewhere."}],
        }),
    ] {
        publish(&editor, &article).await;
    }
    editor
}

/// What a query finds, in order.
pub async fn found(site: &Site, query: &str) -> Vec<String> {
    let page = search(site, &[("q", query)]).await.expect(200);
    found_on(&page)
}

fn found_on(page: &Value) -> Vec<String> {
    let hits = page["data"].as_array().expect("data").iter();
    hits.map(|hit| hit["article"]["slug"].as_str().expect("a slug").to_owned()).collect()
}

pub async fn search(site: &Site, parameters: &[(&str, &str)]) -> Reply {
    site.get(&address("/v1/search", parameters)).await
}

pub fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{path}?{query}")
}

both! {
    async fn finds_words_phrases_beginnings_and_what_is_without(site: Site) {
        corpus(&site).await;
        for (query, mut expected) in [
            // Stems, each article in its own language.
            ("scar", vec!["pores", "scars"]),
            ("needle", vec!["pores", "scars"]),
            ("study", vec!["pores"]),
            ("Studie", vec!["narben", "pores"]),
            ("Narbe", vec!["narben"]),
            ("haus", vec!["narben"]),
            ("strasse", vec!["narben"]),
            ("NAIVE", vec!["scars"]),
            // French would make it `new`.
            ("news", vec!["scars"]),
            ("治疗", vec!["weizhen"]),
            ("毛孔", vec!["weizhen"]),
            ("孔毛", vec![]),
            // All words, wherever they stand in the article.
            ("large pores", vec!["pores", "hair"]),
            ("acne majid", vec!["scars"]),
            // Beside each other and as they are.
            ("\"large pores\"", vec!["pores"]),
            ("\"large pore\"", vec![]),
            ("\"acne deep\"", vec![]),
            ("\"scars deep scars\"", vec![]),
            ("\"follow-up studies nothing\"", vec!["pores"]),
            ("follow-up", vec!["pores"]),
            ("up-follow", vec![]),
            // Beginnings.
            ("microneed*", vec!["pores", "scars"]),
            ("\"large por\"*", vec!["pores"]),
            ("tag*", vec![]),
            ("lang*", vec![]),
            // Without.
            ("pores -needle", vec!["hair"]),
            ("pores -\"large pores\"", vec!["hair"]),
            ("skin OR hair", vec!["scars", "hair"]),
            ("retinoid OR 治疗 -majid", vec!["weizhen"]),
            // Studies: names, numbers.
            ("10.5555/dogra2014.12", vec!["scars"]),
            ("dogra2014", vec!["scars"]),
            ("imran majid", vec!["pores", "scars"]),
            // Numbers and what citations print.
            ("3.5", vec!["scars"]),
            ("5", vec![]),
            ("\"[1]\"", vec![]),
            ("tag:skin", vec![]),
            ("en:scar", vec![]),
        ] {
            let mut found = found(&site, query).await;
            found.sort();
            expected.sort_unstable();
            assert_eq!(found, expected, "{query}");
            let mut listed = site.get(&address("/v1/articles", &[("q", query)])).await.expect(200);
            let listed_slugs = listed["data"].as_array_mut().expect("data");
            listed_slugs.sort_by_key(|article| article["slug"].as_str().map(str::to_owned));
            assert_eq!(slugs(&listed), expected, "{query}");
        }
    }

    async fn the_best_comes_first_and_says_where(site: Site) {
        corpus(&site).await;
        assert_eq!(found(&site, "pores").await, ["pores", "hair"]);
        assert_eq!(found(&site, "scars").await, ["scars", "pores"]);
        let page = search(&site, &[("q", "pores shrink OR shrank"), ("fields", "slug")]).await.expect(200);
        assert_eq!(page["data"][0]["article"], json!({"slug": "pores"}));
        let snippets = &page["data"][0]["snippets"];
        assert_eq!(
            snippets[0],
            json!({
                "part": "section", "anchor": "what-the-studies-found", "heading": "What the studies found", "study": null,
                "html": "<mark>Pores</mark> <mark>shrank</mark> in follow-up studies. Nothing else did.",
            })
        );
        let page = search(&site, &[("q", "\"pores a common worry\"")]).await.expect(200);
        assert!(page["data"].as_array().expect("data").is_empty());
        let page = search(&site, &[("q", "\"pores are a common worry\"")]).await.expect(200);
        let html = "Large <mark>pores &lt;are&gt; a common worry</mark> &amp; &quot;more&quot;.";
        assert_eq!(page["data"][0]["snippets"][0]["html"], html);
        assert_eq!(page["data"][0]["snippets"][0]["anchor"], "lead");
        let page = search(&site, &[("q", "dogra")]).await.expect(200);
        let of_study = &page["data"][0]["snippets"][0];
        assert_eq!((&of_study["part"], &of_study["study"], &of_study["anchor"]), (&json!("study"), &json!("dogra2014"), &Value::Null));
        let start = "Imran <mark>Dogra</mark> · Treatment of acne scars: an open trial · Journal of Examples";
        assert!(of_study["html"].as_str().expect("html").starts_with(start), "{of_study}");
    }

    async fn filters_narrow_and_facets_count(site: Site) {
        corpus(&site).await;
        let every = "pores OR scars OR narben OR hair OR 治疗";
        for (filter, value, expected) in [
            ("tag", "skin", vec!["narben", "pores", "scars"]),
            ("tag", "hair,skin", vec!["hair", "narben", "pores", "scars"]),
            ("author", "ada-example", vec!["narben", "pores"]),
            ("language", "zh", vec!["weizhen"]),
            ("language", "zh,de", vec!["narben", "weizhen"]),
            ("year", "2024", vec!["narben", "scars", "weizhen"]),
            ("design", "randomized_trial", vec!["scars"]),
            ("tag", "nothing", vec![]),
            ("not.tag", "skin", vec!["hair", "weizhen"]),
            ("not.language", "zh,de", vec!["hair", "pores", "scars"]),
            ("not.year", "2024", vec!["hair", "pores"]),
            ("not.tag", "nothing", vec!["hair", "narben", "pores", "scars", "weizhen"]),
        ] {
            let page = search(&site, &[("q", every), (filter, value)]).await.expect(200);
            let mut found = found_on(&page);
            found.sort();
            assert_eq!(found, expected, "{filter}={value}");
        }
        let page = search(&site, &[("q", every), ("facets", "tag,author,year,design")]).await.expect(200);
        let of = |name: &str, count: usize| json!({"value": name, "name": name, "count": count});
        assert_eq!(
            page["facets"],
            json!({
                "tag": [{"value": "skin", "name": "Skin", "count": 3}, {"value": "hair", "name": "Hair", "count": 2}],
                "author": [
                    {"value": "ada-example", "name": "Ada Example", "count": 2},
                    {"value": "bo-writer", "name": "Bo Writer", "count": 1},
                ],
                "year": [of("2024", 3), of("2022", 1), of("2023", 1)],
                "design": [of("case_series", 2), of("randomized_trial", 1)],
            })
        );
        assert_eq!(page["scope"], json!({"ranked": 5, "complete": true}));
        let page = search(&site, &[("q", every), ("facets", "year"), ("tag", "hair")]).await.expect(200);
        assert_eq!(page["facets"]["year"], json!([of("2022", 1), of("2024", 1)]));
        assert!(page["facets"]["tag"].is_null());
        assert!(search(&site, &[("q", every)]).await.expect(200)["facets"].is_null());
    }

    async fn studies_are_found_in_their_list(site: Site) {
        corpus(&site).await;
        let editor = site.signed_in(Role::Editor).await;
        let csl = json!({"type": "book", "title": "Scars that nobody cites"});
        editor.post("/v1/manage/studies", &json!({"key": "uncited", "csl": csl})).await.expect(201);
        for (query, expected) in [
            ("scar", vec!["majid2009", "dogra2014"]),
            ("\"acne scars\"", vec!["dogra2014"]),
            ("therap*", vec!["majid2009"]),
            ("scars -majid", vec!["dogra2014"]),
            ("10.5555/majid2009.12", vec!["majid2009"]),
            ("examples 2009", vec!["majid2009", "dogra2014"]),
            ("pores", vec![]),
        ] {
            let list = site.get(&address("/v1/studies", &[("q", query), ("count", "true")])).await.expect(200);
            let keys: Vec<&str> = list["data"].as_array().expect("data").iter().filter_map(|it| it["key"].as_str()).collect();
            assert_eq!(keys, expected, "{query}");
            assert_eq!(list["page"]["total"], expected.len());
        }
        let narrowed = [("q", "scar"), ("design", "randomized_trial")];
        let list = site.get(&address("/v1/studies", &narrowed)).await.expect(200);
        assert_eq!(list["data"][0]["key"], "dogra2014");
        assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    }
}
