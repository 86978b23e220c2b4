//! Studies from files.

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::{STUDIES, add, article};
use crate::support::{Reply, Site, both};

const BIBTEX: &str = r#"@article{Majid2009,
  title = {Microneedling therapy in atrophic facial scars},
  author = {Majid, Imran}, journal = {J Cutan Aesthet Surg}, year = {2009}, volume = {2}, pages = {26--30},
  doi = {10.4103/0974-2077.53096}, file = {Majid.pdf}
}

@book{broken, title = {Never closed

@article{alster2017, title = {Percutaneous collagen induction}, author = {Alster, Tina}, year = {2017}, pmid = {28504981}}
"#;

async fn import(site: &Site, query: &str, media_type: &str, body: impl Into<Vec<u8>>) -> Reply {
    let request = site.request("POST", &format!("{STUDIES}/import{query}"));
    request.header("Content-Type", media_type).body(body).send().await
}

fn outcomes(imported: &Value) -> Vec<String> {
    let list = imported["entries"].as_array().expect("entries").iter();
    list.map(|entry| entry["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn count(site: &Site) -> Value {
    site.get(&format!("{STUDIES}?count=true&limit=1")).await.expect(200)["page"]["total"].clone()
}

both! {
    async fn each_entry_is_answered_and_a_bad_one_spoils_no_other(site: Site) {
        let editor = site.signed_in(Role::Author).await;
        let imported = import(&editor, "", "application/x-bibtex", BIBTEX).await.expect(200);
        assert_eq!((&imported["format"], &imported["dry_run"], &imported["more"]), (&json!("bibtex"), &json!(false), &json!(false)));
        assert_eq!(imported["counts"]["created"], 2, "{imported}");
        assert_eq!(imported["counts"]["refused"], 1, "{imported}");
        let entries = imported["entries"].as_array().unwrap();
        let first = &entries[0];
        assert_eq!((&first["entry"], &first["line"], &first["outcome"]), (&json!(1), &json!(1), &json!("created")));
        assert_eq!((&first["given_key"], &first["key"]), (&json!("Majid2009"), &json!("majid2009")));
        assert!(first["dropped"].as_array().unwrap().iter().any(|dropped| dropped["field"] == "file"), "{first}");
        let refused = entries.iter().find(|entry| entry["outcome"] == "refused").unwrap();
        assert_eq!((&refused["line"], &refused["id"], &refused["given_key"]), (&json!(7), &json!(null), &json!("broken")));
        assert!(refused["code"].is_string() && refused["detail"].is_string(), "{refused}");
        let last = entries.iter().find(|entry| entry["key"] == "alster2017").expect("the entry after the broken one");
        let study = editor.get(&format!("{STUDIES}/{}", last["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((&study["pmid"], &study["year"]), (&json!("28504981"), &json!(2017)));

        let again = import(&editor, "", "application/x-bibtex", BIBTEX).await.expect(200);
        assert_eq!(again["counts"], json!({"created": 0, "merged": 0, "unchanged": 2, "refused": 1}));
        assert_eq!(count(&editor).await, 2);
    }

    async fn every_format_is_read_and_told(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let ris = "TY  - JOUR\r\nTI  - From RIS\r\nAU  - Ris, A.\r\nPY  - 2001\r\nER  - \r\n";
        let nbib = "PMID- 11111111\nTI  - From NBIB\nFAU - Nbib, Ada\nDP  - 2002 Jan\n";
        let xml = "<?xml version=\"1.0\"?>\n<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version=\"1\">22222222</PMID>\
            <Article><Journal><JournalIssue><PubDate><Year>2003</Year></PubDate></JournalIssue><Title>J</Title></Journal>\
            <ArticleTitle>From XML</ArticleTitle><PublicationTypeList><PublicationType>Randomized Controlled Trial\
            </PublicationType></PublicationTypeList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>";
        let csl = r#"[{"type": "book", "title": "From JSON"}, {"type": "boko", "title": "Not a type"}]"#;
        for (media_type, query, body, format, title) in [
            ("application/x-research-info-systems", "", ris, "ris", "From RIS"),
            ("text/plain", "", nbib, "nbib", "From NBIB"),
            ("application/xml", "", xml, "pubmed_xml", "From XML"),
            ("application/json", "", csl, "csl_json", "From JSON"),
            ("text/plain", "?format=bibtex", "@misc{x, title = {From Text}}", "bibtex", "From Text"),
        ] {
            let imported = import(&editor, query, media_type, body).await.expect(200);
            assert_eq!((&imported["format"], &imported["counts"]["created"]), (&json!(format), &json!(1)), "{imported}");
            let id = imported["entries"][0]["id"].as_str().unwrap().to_owned();
            let study = editor.get(&format!("{STUDIES}/{id}")).await.expect(200);
            assert_eq!(study["title"].as_str().map(|title| title.trim_end_matches('.')), Some(title));
            let source = format!("import:{format}");
            assert!(study["sources"].as_array().unwrap().iter().all(|one| one["source"] == source.as_str()), "{study}");
            if format == "pubmed_xml" {
                assert_eq!(study["design"], "randomized_trial");
            }
            if format == "csl_json" {
                let refused = &imported["entries"][1];
                assert_eq!((&refused["outcome"], &refused["errors"][0]["pointer"]), (&json!("refused"), &json!("/type")), "{refused}");
            }
        }
        for (media_type, query, body, code) in [
            ("image/png", "", "x", "unsupported_media_type"),
            ("text/plain", "", "What is this?", "unsupported_media_type"),
            ("text/plain", "?format=word", "x", "invalid_parameter"),
            ("text/plain", "?on_duplicate=replace", "x", "invalid_parameter"),
            ("text/plain", "?dry_run=maybe", "x", "invalid_parameter"),
        ] {
            assert_eq!(import(&editor, query, media_type, body).await.code(), code, "{media_type} {query}");
        }
        let none = import(&editor, "", "application/x-bibtex", "").await.expect(200);
        assert_eq!(none["counts"], json!({"created": 0, "merged": 0, "unchanged": 0, "refused": 0}));
        assert_eq!(import(&site.signed_in(Role::Reviewer).await, "", "text/plain", "x").await.code(), "forbidden");
    }

    async fn what_is_missing_is_filled_and_nothing_overwritten(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let csl = json!({"type": "article-journal", "id": "mine", "title": "My title", "DOI": "10.4103/0974-2077.53096"});
        add(&editor, csl).await.expect(201);
        let made = article(&editor, "So [@mine].").await;
        let publish = format!("{}/publish", made.header("location"));
        editor.request("POST", &publish).if_match(made.etag()).send().await.expect(200);
        let skipped = import(&editor, "?on_duplicate=skip", "application/x-bibtex", BIBTEX).await.expect(200);
        assert_eq!((&skipped["entries"][0]["outcome"], &skipped["entries"][0]["filled"]), (&json!("unchanged"), &json!([])));
        let merged = import(&editor, "", "application/x-bibtex", BIBTEX).await.expect(200);
        let entry = &merged["entries"][0];
        assert_eq!((&entry["outcome"], &entry["key"]), (&json!("merged"), &json!("mine")), "{entry}");
        let filled: Vec<&str> = entry["filled"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
        assert!(["author", "container-title", "issued", "volume", "page"].iter().all(|field| filled.contains(field)), "{filled:?}");
        let differing = entry["differing"].as_array().unwrap();
        assert!(differing.iter().any(|one| one["field"] == "title" && one["kept"] == "My title"), "{entry}");
        let study = editor.get(&format!("{STUDIES}/mine")).await.expect(200);
        assert_eq!((&study["title"], &study["year"], &study["version"]), (&json!("My title"), &json!(2009), &json!(2)));
        let slug = made.json()["slug"].as_str().unwrap().to_owned();
        let read = site.anonymous().get(&format!("/v1/articles/{slug}?include=citations")).await.expect(200);
        assert_eq!(read["citations"][0]["study"]["year"], 2009, "the publication follows");
    }

    async fn a_dry_run_tells_the_same_and_writes_nothing(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        add(&editor, json!({"type": "book", "id": "majid2009", "title": "Another"})).await.expect(201);
        // More than one lot, with an entry again in a later one.
        let mut file: String = (0..120).map(|n| format!("@article{{k{n}, title = {{Study {n}}}, doi = {{10.1000/{n}}}}}\n")).collect();
        file += "@article{again, title = {Study 3}, doi = {10.1000/3}, volume = {7}}\n@article{again, doi = {10.1000/3}, volume = {8}}\n";
        file += "@article{k5, title = {Without}, author = {Majid, Imran}, year = {2009}}\n";
        let dry = import(&editor, "?dry_run=true", "application/x-bibtex", file.as_str()).await.expect(200);
        assert_eq!((&dry["dry_run"], count(&editor).await), (&json!(true), json!(1)));
        let wet = import(&editor, "", "application/x-bibtex", file.as_str()).await.expect(200);
        assert_eq!((&dry["counts"], outcomes(&dry)), (&wet["counts"], outcomes(&wet)));
        assert_eq!(wet["counts"], json!({"created": 121, "merged": 1, "unchanged": 1, "refused": 0}));
        let told = |imported: &Value| -> Vec<Value> {
            let list = imported["entries"].as_array().unwrap().iter();
            list.map(|entry| json!([entry["key"], entry["filled"], entry["differing"], entry["notes"]])).collect()
        };
        assert_eq!(told(&dry), told(&wet));
        assert_eq!(wet["entries"][122]["key"], "majid2009a", "{}", wet["entries"][122]);
        let again = import(&editor, "", "application/x-bibtex", file.as_str()).await.expect(200);
        assert_eq!(again["counts"]["unchanged"], 123);
        assert_eq!(count(&editor).await, 122);
    }

    async fn entries_without_identifiers_are_known_again(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let file = r#"[{"type": "report", "title": "One", "author": [{"family": "A"}]}, {"type": "report", "title": "One", "author": [{"family": "B"}]},
            {"type": "book", "title": "Dermatology", "ISBN": "0306406152"}, {"type": "article-journal", "container-title": "J"}]"#;
        assert_eq!(import(&editor, "", "application/json", file).await.expect(200)["counts"]["created"], 4);
        assert_eq!(import(&editor, "", "application/json", file).await.expect(200)["counts"]["unchanged"], 4);
        let book = r#"{"type": "book", "title": "Dermatology, a book", "ISBN": "978-0-306-40615-7", "publisher": "P"}"#;
        let merged = import(&editor, "", "application/json", book).await.expect(200);
        assert_eq!(merged["entries"][0]["filled"], json!(["publisher"]), "{merged}");
    }

    async fn identifiers_of_two_studies_are_told(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        add(&editor, json!({"type": "book", "id": "one", "DOI": "10.1000/1"})).await.expect(201);
        let two = add(&editor, json!({"type": "book", "id": "two", "PMID": "2"})).await;
        let file = r#"{"type": "book", "DOI": "10.1000/1", "PMID": "2"}"#;
        let refused = import(&editor, "", "application/json", file).await.expect(200);
        assert_eq!((&refused["entries"][0]["outcome"], &refused["entries"][0]["code"]), (&json!("refused"), &json!("ambiguous")));
        let merge = editor.request("POST", &format!("{STUDIES}/two/merge")).if_match(two.etag()).json(&json!({"from": "one"}));
        merge.send().await.expect(200);
        let known = import(&editor, "", "application/json", file).await.expect(200);
        assert_eq!((&known["entries"][0]["outcome"], &known["entries"][0]["key"]), (&json!("unchanged"), &json!("two")), "{known}");
    }

    async fn a_file_that_is_too_large_is_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let most = site.state.settings.limits.import_bytes;
        let large = import(&editor, "", "application/x-bibtex", vec![b' '; most + 1]).await;
        assert_eq!((large.status, large.code()), (413, "body_too_large".into()));
    }
}
