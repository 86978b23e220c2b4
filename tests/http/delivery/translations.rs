//! Articles in several languages: which of them a reader gets, and what is told of the others.

use ibid::accounts::Role;
use serde_json::{Value, json};

use crate::publishing::publish;
use crate::support::{Reply, Site, both};

/// Makes an article of that slug and publishes it; answers its address and its id.
async fn written(editor: &Site, slug: &str, language: &str, of: Option<&str>) -> (String, String) {
    let new = json!({
        "title": format!("The title of {slug}"), "slug": slug, "language": language, "translation_of": of,
        "sections": [{"body": "Text."}],
    });
    let made = editor.post("/v1/manage/articles", &new).await;
    let id = made.expect(201)["id"].as_str().expect("an id").to_owned();
    let address = made.header("location").to_owned();
    publish(editor, &address).await;
    (address, id)
}

/// `pores` in English, `poren` in German and `poros` in Brazilian Portuguese, all published; their addresses.
async fn three(editor: &Site) -> [String; 3] {
    let (english, _) = written(editor, "pores", "en", None).await;
    let (german, _) = written(editor, "poren", "de", Some("pores")).await;
    let (portuguese, _) = written(editor, "poros", "pt-BR", Some("pores")).await;
    [english, german, portuguese]
}

async fn unpublish(editor: &Site, address: &str) {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("POST", &format!("{address}/unpublish")).if_match(etag).send().await.expect(200);
}

async fn change(editor: &Site, address: &str, patch: Value) {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&patch).send().await.expect(200);
}

async fn liked(site: &Site, path: &str, languages: &str) -> Reply {
    site.request("GET", path).header("Accept-Language", languages).send().await
}

fn slugs(article: &Value) -> Vec<&str> {
    article["translations"].as_array().expect("translations").iter().map(|it| it["slug"].as_str().unwrap()).collect()
}

const ALL: &str = "</v1/articles/poren?language=de>; rel=\"alternate\"; hreflang=\"de\", \
                   </v1/articles/pores?language=en>; rel=\"alternate\"; hreflang=\"en\", \
                   </v1/articles/poros?language=pt-BR>; rel=\"alternate\"; hreflang=\"pt-BR\"";

both! {
    async fn an_article_without_translations_says_so_and_varies_by_nothing(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (_, id) = written(&editor, "pores", "en", None).await;
        let reply = liked(&site, "/v1/articles/pores", "de").await;
        let article = reply.expect(200);
        assert_eq!((&article["translation_group"], &article["translations"]), (&json!(id), &json!([])));
        assert_eq!((reply.header("content-language"), reply.header("vary")), ("en", "Accept"));
        assert_eq!((reply.header("link"), reply.header("content-location")), ("", ""));
        let frozen = site.get("/v1/articles/pores?fields=title").await;
        assert!(!frozen.header("last-modified").is_empty());
    }

    async fn what_is_published_is_told_and_nothing_else(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (english, _) = written(&editor, "pores", "en", None).await;
        let draft = json!({"title": "Poren", "slug": "poren", "language": "de", "translation_of": "pores", "sections": [{"body": "Text."}]});
        let draft = editor.post("/v1/manage/articles", &draft).await;
        let german = draft.header("location").to_owned();
        let get = async || site.get("/v1/articles/pores").await.expect(200);
        assert_eq!(slugs(&get().await), Vec::<&str>::new());

        publish(&editor, &german).await;
        let told = get().await;
        assert_eq!(told["translations"], json!([{
            "id": draft.json()["id"], "slug": "poren", "language": "de", "title": "Poren", "href": "/v1/articles/poren?language=de",
        }]));
        assert_eq!(told["translation_group"], site.get("/v1/articles/poren").await.expect(200)["translation_group"]);

        // Each comes and goes by itself, and the kept answers of the others go with it.
        change(&editor, &german, json!({"title": "Große Poren", "slug": "grosse-poren"})).await;
        assert_eq!(get().await, told, "not published anew");
        publish(&editor, &german).await;
        let told = get().await;
        assert_eq!((&told["translations"][0]["title"], slugs(&told)), (&json!("Große Poren"), vec!["grosse-poren"]));
        unpublish(&editor, &english).await;
        assert_eq!(site.get("/v1/articles/pores").await.code(), "not_found");
        assert_eq!(slugs(&site.get("/v1/articles/grosse-poren").await.expect(200)), Vec::<&str>::new());
        publish(&editor, &english).await;
        unpublish(&editor, &german).await;
        assert_eq!(slugs(&get().await), Vec::<&str>::new());
        publish(&editor, &german).await;
        // One that leaves the group is told until it is published anew.
        change(&editor, &german, json!({"translation_of": null})).await;
        assert_eq!(slugs(&get().await), ["grosse-poren"]);
        publish(&editor, &german).await;
        assert_eq!(slugs(&get().await), Vec::<&str>::new());
    }

    async fn lists_have_them_on_request(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        three(&editor).await;
        let list = site.get("/v1/articles?sort=title").await.expect(200);
        assert!(list["data"].as_array().unwrap().iter().all(|article| article["translations"].is_null()));
        let list = site.get("/v1/articles?sort=title&include=translations").await.expect(200);
        let all: Vec<Vec<&str>> = list["data"].as_array().unwrap().iter().map(slugs).collect();
        assert_eq!(all, [["pores", "poros"], ["poren", "poros"], ["poren", "pores"]]);
        let list = site.get("/v1/articles?language=de,fr&fields=slug,translations.language").await.expect(200);
        assert_eq!(list["data"], json!([{"slug": "poren", "translations": [{"language": "en"}, {"language": "pt-BR"}]}]));
        let one = site.get("/v1/articles/pores?fields=translations.href").await.expect(200);
        assert_eq!(one, json!({"translations": [{"href": "/v1/articles/poren?language=de"}, {"href": "/v1/articles/poros?language=pt-BR"}]}));
    }

    async fn headers_tell_what_was_given_and_what_else_there_is(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        three(&editor).await;
        let told = |reply: &Reply| {
            assert_eq!(reply.status, 200, "{}", reply.text());
            ["content-language", "content-location", "vary", "link"].map(|name| reply.header(name).to_owned())
        };
        let addressed = site.get("/v1/articles/pores").await;
        assert_eq!(told(&addressed), ["en", "", "Accept, Accept-Language, Accept-Encoding", ALL]);
        let other = liked(&site, "/v1/articles/pores", "de-AT, en;q=0.5").await;
        assert_eq!(told(&other), ["de", "/v1/articles/poren?language=de", "Accept, Accept-Language, Accept-Encoding", ALL]);
        assert_eq!(other.expect(200)["slug"], "poren");
        assert_ne!(addressed.etag(), other.etag());
        let asked = liked(&site, "/v1/articles/pores?fields=title&language=pt-BR", "de").await;
        assert_eq!(told(&asked), ["pt-BR", "/v1/articles/poros?fields=title&language=pt-BR", "Accept", ALL]);
        assert_eq!(asked.header("last-modified"), "");
        let itself = site.get("/v1/articles/poros?fields=title&language=pt-BR").await;
        assert_eq!((told(&itself), itself.etag()), (["pt-BR", "", "Accept", ALL].map(str::to_owned), asked.etag()));
        let known = site.request("GET", "/v1/articles/pores").header("Accept-Language", "de").header("If-None-Match", other.etag());
        let known = known.send().await;
        assert_eq!((known.status, known.header("content-language"), known.header("vary")), (304, "de", "Accept, Accept-Language, Accept-Encoding"));
    }

    async fn accept_language_chooses(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        three(&editor).await;
        for (languages, slug) in [
            ("de", "poren"), ("de-AT", "poren"), ("de-Latn-CH,fr", "poren"), ("fr;q=1, de;q=0.2", "poren"),
            ("pt", "poros"), ("pt-br", "poros"), ("pt-PT", "pores"), ("fr", "pores"), ("*", "pores"), ("", "pores"),
            ("en;q=0.4, de;q=0.5", "poren"), ("en;q=0, *;q=0.1", "poren"), ("de;q=0", "pores"), ("*;q=0", "pores"),
            ("q=;;,,\"", "pores"), ("de;q=9", "pores"),
        ] {
            // Made, then kept.
            for _ in 0..2 {
                assert_eq!(liked(&site, "/v1/articles/pores", languages).await.expect(200)["slug"], slug, "{languages}");
            }
        }
        let odd = site.request("GET", "/v1/articles/pores").header("Accept-Language", "x".repeat(3_000)).send().await;
        assert_eq!(odd.expect(200)["slug"], "pores");
    }

    async fn language_chooses_before_the_header(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        three(&editor).await;
        for (asked, slug) in [
            ("de", "poren"), ("fr,de,en", "poren"), ("en", "pores"), ("fr,*", "pores"), ("*", "pores"), ("pt-BR,*", "poros"),
        ] {
            let reply = liked(&site, &format!("/v1/articles/pores?language={asked}"), "de").await;
            assert_eq!(reply.expect(200)["slug"], slug, "{asked}");
        }
        for path in ["/v1/articles/pores?language=fr,pt", "/v1/articles/pores.md?language=fr"] {
            let none = site.get(path).await;
            assert_eq!((none.status, none.code()), (404, "language_not_published".into()), "{path}");
            assert_eq!(none.json()["detail"], "The article is published in: de, en, pt-BR.");
        }
        for asked in ["", "DE", "de;q=1", "*,de", "de,,en", "de%20", "german"] {
            let refused = site.get(&format!("/v1/articles/pores?language={asked}")).await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_parameter".into()), "{asked}");
        }
        assert_eq!(site.get("/v1/articles/nothing?language=*").await.code(), "not_found");
    }

    async fn an_old_slug_leads_on_with_what_was_asked(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let [english, ..] = three(&editor).await;
        change(&editor, &english, json!({"slug": "large-pores"})).await;
        publish(&editor, &english).await;
        let moved = site.get("/v1/articles/pores.md?language=de").await;
        assert_eq!((moved.status, moved.header("location")), (301, "/v1/articles/large-pores.md?language=de"));
        assert_eq!(site.get("/v1/articles/large-pores?language=de").await.header("content-location"), "/v1/articles/poren?language=de");
    }

    async fn every_format_is_there_in_every_language(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        three(&editor).await;
        let base = site.state.settings.public_url();
        let page = |slug: &str| format!("{base}/v1/articles/{slug}.html");
        for (suffix, parts) in [
            ("html", vec![
                "<html lang=\"de\">".to_owned(),
                format!("<link rel=\"alternate\" hreflang=\"de\" href=\"{}\">", page("poren")),
                format!("<link rel=\"alternate\" hreflang=\"en\" href=\"{}\">", page("pores")),
                format!("<link rel=\"alternate\" hreflang=\"pt-BR\" href=\"{}\">", page("poros")),
            ]),
            ("md", vec![
                "language: \"de\"\ntranslations:\n  - language: \"en\"\n    title: \"The title of pores\"\n".to_owned(),
                format!("    url: \"{}\"\n  - language: \"pt-BR\"\n", page("pores")),
            ]),
            ("xml", vec![
                "xml:lang=\"de\">".to_owned(),
                format!(
                    "<related-article related-article-type=\"translated-article\" ext-link-type=\"uri\" xlink:href=\"{}\" xml:lang=\"en\"/>",
                    page("pores")
                ),
            ]),
            ("jsonld", vec![
                "\"inLanguage\":\"de\"".to_owned(),
                format!("\"workTranslation\":[{{\"@type\":\"Article\",\"@id\":\"{}#article\"", page("pores")),
            ]),
            ("json", vec!["\"language\":\"de\"".to_owned()]),
        ] {
            let path = format!("/v1/articles/pores.{suffix}");
            for reply in [site.get(&format!("{path}?language=de")).await, liked(&site, &format!("{path}?language=de"), "en").await] {
                assert_eq!((reply.status, reply.header("content-language")), (200, "de"), "{suffix}");
                assert_eq!(reply.header("content-location"), format!("/v1/articles/poren.{suffix}?language=de"));
                assert!(reply.header("link").contains(&format!("</v1/articles/poros.{suffix}?language=pt-BR>; rel=\"alternate\"; hreflang=\"pt-BR\"")));
                assert_eq!(reply.header("last-modified"), "");
                for part in &parts {
                    assert!(reply.text().contains(part.as_str()), "{part} in {}", reply.text());
                }
            }
            // An address with an end is of one article, whoever asks.
            let exact = liked(&site, &path, "de").await;
            assert_eq!((exact.header("content-language"), exact.header("content-location")), ("en", ""));
            assert!(!exact.header("vary").contains("Language"), "{}", exact.header("vary"));
        }
        let negotiated = site.request("GET", "/v1/articles/pores").header("Accept", "text/markdown").header("Accept-Language", "pt").send().await;
        assert_eq!((negotiated.header("content-type"), negotiated.header("content-language")), ("text/markdown; charset=utf-8", "pt-BR"));
    }

    async fn the_sitemap_tells_all_languages(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        written(&editor, "alone", "en", None).await;
        three(&editor).await;
        let text = site.get("/sitemap.xml").await.text().to_owned();
        let map = roxmltree::Document::parse(&text).expect("XML");
        let mut told = Vec::new();
        for url in map.descendants().filter(|node| node.has_tag_name(("http://www.sitemaps.org/schemas/sitemap/0.9", "url"))) {
            let links = url.children().filter(|node| node.has_tag_name(("http://www.w3.org/1999/xhtml", "link")));
            let links: Vec<(String, String)> = links
                .map(|link| (link.attribute("hreflang").unwrap().to_owned(), link.attribute("href").unwrap().to_owned()))
                .collect();
            let loc = url.first_element_child().and_then(|loc| loc.text()).expect("an address").to_owned();
            told.push((loc, links));
        }
        let at = |slug: &str| format!("{}/v1/articles/{slug}.html", site.state.settings.public_url());
        let all: Vec<(String, String)> =
            [("de", "poren"), ("en", "pores"), ("pt-BR", "poros")].map(|(language, slug)| (language.to_owned(), at(slug))).into();
        let expected = [(at("alone"), vec![]), (at("pores"), all.clone()), (at("poren"), all.clone()), (at("poros"), all)];
        assert_eq!(told, expected);
    }

    async fn a_language_can_be_taken_among_publications_alone(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let [_, german, _] = three(&editor).await;
        // The working copy gives German up, the public still reads it in German.
        change(&editor, &german, json!({"language": "fr"})).await;
        let new = json!({"title": "Neu", "language": "de", "translation_of": "pores", "sections": [{"body": "Text."}]});
        let made = editor.post("/v1/manage/articles", &new).await;
        made.expect(201);
        let address = format!("{}/publish", made.header("location"));
        let taken = editor.request("POST", &address).if_match(made.etag()).send().await;
        assert_eq!((taken.status, taken.code()), (409, "language_taken".into()));
        assert_eq!(taken.json()["errors"][0]["pointer"], "/language");
        assert_eq!(site.get("/v1/articles/pores?language=de").await.expect(200)["slug"], "poren");
        publish(&editor, &german).await;
        editor.request("POST", &address).if_match(made.etag()).send().await.expect(200);
        assert_eq!(slugs(&site.get("/v1/articles/pores").await.expect(200)), ["neu", "poren", "poros"]);
    }

    async fn nothing_kept_is_in_a_wrong_language(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (_, _) = written(&editor, "pores", "en", None).await;
        let get = async |languages: &str| {
            let reply = liked(&site, "/v1/articles/pores", languages).await;
            reply.expect(200)["language"].as_str().unwrap().to_owned()
        };
        for _ in 0..2 {
            assert_eq!((get("de").await, get("fr").await), ("en".into(), "en".into()));
        }
        let (german, _) = written(&editor, "poren", "de", Some("pores")).await;
        for _ in 0..2 {
            assert_eq!((get("de").await, get("fr").await, get("en").await), ("de".into(), "en".into(), "en".into()));
        }
        written(&editor, "grands-pores", "fr", Some("pores")).await;
        for _ in 0..2 {
            assert_eq!((get("de").await, get("fr").await, get("en").await), ("de".into(), "fr".into(), "en".into()));
        }
        change(&editor, &german, json!({"language": "es"})).await;
        publish(&editor, &german).await;
        for _ in 0..2 {
            assert_eq!((get("de").await, get("es").await, get("fr").await), ("en".into(), "es".into(), "fr".into()));
        }
        unpublish(&editor, &german).await;
        for _ in 0..2 {
            assert_eq!((get("es").await, get("fr").await), ("en".into(), "fr".into()));
        }
    }

    async fn those_who_ask_at_once_get_their_own_language(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let [_, german, _] = three(&editor).await;
        let ask = async |languages: &str, language: &str| {
            let reply = liked(&site, "/v1/articles/pores?include=sections", languages).await;
            assert_eq!(reply.expect(200)["language"], language);
            assert_eq!(reply.header("content-language"), language);
        };
        for _ in 0..8 {
            // Outdates what is kept, so that all of these wait for answers that are being made.
            change(&editor, &german, json!({"summary": format!("Number {}", uuid::Uuid::now_v7())})).await;
            publish(&editor, &german).await;
            tokio::join!(ask("de", "de"), ask("en", "en"), ask("pt", "pt-BR"), ask("de-CH", "de"), ask("xx", "en"), ask("pt-BR", "pt-BR"));
        }
    }

    async fn hostile_headers_fill_no_cache(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        three(&editor).await;
        let statements = crate::delivery::statements::Statements::of(&site).await;
        liked(&site, "/v1/articles/pores", "de").await.expect(200);
        liked(&site, "/v1/articles/pores", "en").await.expect(200);
        assert!(!statements.take().is_empty());
        for number in 0..200 {
            let (german, other) = (format!("x-{number}, de;q=0.{number}1"), format!("tlh-x{number};q=0.{number}"));
            assert_eq!(liked(&site, "/v1/articles/pores", &german).await.expect(200)["language"], "de");
            assert_eq!(liked(&site, "/v1/articles/pores", &other).await.expect(200)["language"], "en");
        }
        assert_eq!(statements.take(), Vec::<String>::new(), "whatever they say, they choose one of what is kept");
    }
}
