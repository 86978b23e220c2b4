use std::collections::BTreeSet;

use ibid::accounts::Role;
use regex::Regex;
use serde_json::{Value, json};

use super::{DOI, crossref_knows, dump, operations, writes};
use crate::support::{Reply, Site, both};

/// The writes that were tried and done, and what was wrong with the trials.
struct Trial {
    admin: Site,
    tried: BTreeSet<String>,
    wrong: Vec<String>,
}

/// What differs between two runs of the same.
fn masked(body: &str) -> String {
    let id = Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}").expect("a pattern");
    let moment = Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z").expect("a pattern");
    let body = id.replace_all(body, "ID");
    let body = moment.replace_all(&body, "MOMENT");
    let token = Regex::new(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+").expect("a pattern");
    let body = token.replace_all(&body, "TOKEN");
    // Of a batch, the answers to its operations: a tag is that of the ids, too.
    let tag = Regex::new(r#"\\"(\d+)\.[A-Za-z0-9_-]{22}\\""#).expect("a pattern");
    let body = tag.replace_all(&body, "TAG $1").into_owned();
    // What operations say themselves of a trial, of a study that is not there yet, and of an answer that the trial was given.
    let said = [
        ("\"dry_run\":true", "\"dry_run\":false"),
        ("\"kept\":true", "\"kept\":false"),
        ("\"id\":null", "\"id\":\"ID\""),
    ];
    said.iter().fold(body, |body, (dry, wet)| body.replace(dry, wet))
}

impl Trial {
    async fn ask(&self, method: &str, address: &str, media: &str, body: &str) -> Reply {
        let mut request = self.admin.request(method, address);
        if !body.is_empty() {
            request = request.header("Content-Type", media).body(body);
        }
        let of_version = ["/publish", "/unpublish", "/merge", "/sections", "/citations", "/restore"];
        let is_new = address.contains("/styles/") && method == "PUT";
        if !is_new && (method != "POST" || of_version.iter().any(|end| address.contains(end))) {
            request = request.if_match("*");
        }
        request.send().await
    }

    /// Tries a write, then does it: the same comes of both, and nothing of the first.
    async fn of(&mut self, id: &str, method: &str, address: &str, body: Value) -> Reply {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.of_file(id, method, address, "application/json", &text).await
    }

    async fn of_file(&mut self, id: &str, method: &str, address: &str, media: &str, body: &str) -> Reply {
        let before = dump(&self.admin).await;
        let dry = self.ask(method, &format!("{address}?dry_run=true"), media, body).await;
        let after = dump(&self.admin).await;
        let wet = self.ask(method, address, media, body).await;
        assert!((200..300).contains(&wet.status), "{id}: {}", wet.text());
        let expected = if wet.status == 201 { 200 } else { wet.status };
        let same = [
            after == before,
            (dry.status, dry.header("dry-run")) == (expected, "true"),
            (dry.header("location"), dry.etag(), wet.header("dry-run")) == ("", "", ""),
            masked(&dry.text()) == masked(&wet.text()),
        ];
        if same != [true; 4] {
            self.wrong.push(format!("{id}: {same:?}\n{}\n{}", masked(&dry.text()), masked(&wet.text())));
        }
        self.tried.insert(id.to_owned());
        wet
    }
}

fn id(reply: &Reply) -> String {
    reply.json()["id"].as_str().expect("an id").to_owned()
}

const STYLE: &str = r#"<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text">
  <info><title>House style</title><id>https://example.org/styles/house</id><category citation-format="numeric"/>
    <updated>2024-06-24T00:00:00+00:00</updated></info>
  <citation><layout prefix="[" suffix="]"><text variable="citation-number"/></layout></citation>
  <bibliography><layout><text variable="citation-number" suffix=") "/><text variable="title"/></layout></bibliography>
</style>"#;

const NOTICES: &str = "Record ID,Title,Journal,RetractionDate,RetractionDOI,RetractionPubMedID,OriginalPaperDOI,\
    OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes\r\n\
    1,A title,J,2/6/2010 0:00,10.5555/notice.1,0,10.5555/one,0,Retraction,+Error in Analyses;,No,\r\n";

both! {
    async fn every_write_can_be_tried_and_changes_nothing(site: Site) {
        let services = site.services().await;
        crossref_knows(&services, DOI, 0).await;
        crossref_knows(&services, "10.5555/one", 0).await;
        let mut all = Trial { admin: site.signed_in(Role::Admin).await, tried: BTreeSet::new(), wrong: Vec::new() };
        let (studies, articles) = ("/v1/manage/studies", "/v1/manage/articles");

        let record = |key: &str| json!({"csl": {"type": "book", "id": key, "title": key, "DOI": format!("10.5555/{key}")}});
        for key in ["one", "two", "three"] {
            all.of("manage_studies_create", "POST", studies, record(key)).await;
        }
        all.of("manage_studies_patch", "PATCH", &format!("{studies}/one"), json!({"design": "cohort"})).await;
        let file = "@book{four, title = {Four}}\n@book{five, title = {Five}}";
        all.of_file("manage_studies_import", "POST", &format!("{studies}/import"), "application/x-bibtex", file).await;
        all.of("manage_studies_lookup", "POST", &format!("{studies}/lookup"), json!({"doi": DOI})).await;
        all.of("manage_studies_merge", "POST", &format!("{studies}/two/merge"), json!({"from": "three"})).await;
        all.of("manage_studies_delete", "DELETE", &format!("{studies}/five"), Value::Null).await;

        all.of("manage_study_notices_create", "POST", &format!("{studies}/two/notices"), json!({"kind": "correction"})).await;
        let told = all.admin.get(&format!("{studies}/two/notices")).await.expect(200);
        let notice = told["data"][0]["id"].as_str().expect("an id").to_owned();
        all.of("manage_notices_delete", "DELETE", &format!("/v1/manage/notices/{notice}"), Value::Null).await;
        all.of("manage_study_notices_refresh", "POST", &format!("{studies}/one/notices/refresh"), Value::Null).await;

        let style = "/v1/manage/styles/house";
        all.of_file("manage_styles_put", "PUT", style, "application/xml", STYLE).await;
        all.of("manage_styles_delete", "DELETE", style, Value::Null).await;

        let claim = "Numerous studies have shown that microneedling reduces scars.";
        let whole = json!({"title": "An article", "sections": [{"heading": "One", "body": "It helps [@one]."}, {"heading": "Two", "body": claim}]});
        let made = all.of("manage_articles_create", "POST", articles, whole.clone()).await;
        let article = format!("{articles}/{}", id(&made));
        all.of("manage_articles_patch", "PATCH", &article, json!({"subtitle": "Tried"})).await;
        let mut other = whole.clone();
        other["summary"] = json!("Replaced.");
        all.of("manage_articles_replace", "PUT", &article, other).await;
        all.of("manage_sections_create", "POST", &format!("{article}/sections"), json!({"heading": "Three", "body": "End."})).await;
        let copy = all.admin.get(&article).await.expect(200);
        let sections: Vec<&Value> = copy["sections"].as_array().expect("sections").iter().map(|one| &one["id"]).collect();
        let turned: Vec<&Value> = sections.iter().rev().copied().collect();
        all.of("manage_sections_order", "PUT", &format!("{article}/sections/order"), json!(turned)).await;
        let last = format!("{article}/sections/{}", sections[2].as_str().expect("an id"));
        all.of("manage_sections_patch", "PATCH", &last, json!({"body": "The end."})).await;
        all.of("manage_sections_delete", "DELETE", &last, Value::Null).await;

        all.of("manage_citations_create", "POST", &format!("{article}/citations"), json!({"study": "two"})).await;
        let copy = all.admin.get(&article).await.expect(200);
        let citations: Vec<&Value> = copy["citations"].as_array().expect("citations").iter().map(|one| &one["id"]).collect();
        all.of("manage_citations_order", "PUT", &format!("{article}/citations/order"), json!(citations)).await;
        let last = format!("{article}/citations/{}", citations[1].as_str().expect("an id"));
        all.of("manage_citations_patch", "PATCH", &last, json!({"evidence_level": "4"})).await;
        all.of("manage_citations_delete", "DELETE", &last, Value::Null).await;

        let first = format!("{article}/revisions/1");
        all.of("manage_revisions_patch", "PATCH", &first, json!({"name": "As it began"})).await;
        all.of("manage_revisions_restore", "POST", &format!("{first}/restore"), Value::Null).await;

        let checked = all.of("manage_articles_check", "POST", &format!("{article}/check"), Value::Null).await.json();
        let findings = checked["findings"].as_array().expect("findings");
        let finding = findings.iter().find(|finding| finding["rule"] == "uncited_claim").expect("a finding");
        let reason = json!({"fingerprint": finding["fingerprint"], "reason": "Common knowledge."});
        let kept = all.of("manage_acknowledgements_create", "POST", &format!("{article}/acknowledgements"), reason).await;
        let kept = format!("{article}/acknowledgements/{}", id(&kept));
        all.of("manage_acknowledgements_delete", "DELETE", &kept, Value::Null).await;

        let links = format!("{article}/preview-tokens");
        let shown = all.of("manage_preview_tokens_create", "POST", &links, json!({"note": "For Grace"})).await;
        let shown = format!("{links}/{}", id(&shown));
        all.of("manage_preview_tokens_delete", "DELETE", &shown, Value::Null).await;

        let away = json!({"path": "/old", "location": "/new"});
        let moved = all.of("manage_redirects_create", "POST", "/v1/manage/redirects", away).await;
        let away = format!("/v1/manage/redirects/{}", id(&moved));
        all.of("manage_redirects_patch", "PATCH", &away, json!({"status": 308})).await;
        all.of("manage_redirects_delete", "DELETE", &away, Value::Null).await;

        let times = json!({"publish_at": "2130-01-07T06:00:00Z", "unpublish_at": "2130-03-31T22:00:00Z"});
        all.of("manage_schedule_set", "PUT", &format!("{article}/schedule"), times).await;
        all.of("manage_articles_publish", "POST", &format!("{article}/publish"), Value::Null).await;
        // A publication cites it by now: that is rendered anew, or not.
        all.of_file("manage_notices_import", "POST", "/v1/manage/notices/import", "text/csv", NOTICES).await;
        let comment = json!({"name": "Grace", "email": "grace@example.org", "body": "Hello."});
        let posted = all.of("comments_create", "POST", "/v1/articles/an-article/comments", comment).await;
        let decided = format!("/v1/manage/comments/{}", id(&posted));
        all.of("manage_comments_decide", "PATCH", &decided, json!({"status": "approved"})).await;
        all.of("manage_articles_unpublish", "POST", &format!("{article}/unpublish"), Value::Null).await;
        all.of("manage_articles_delete", "DELETE", &article, Value::Null).await;
        let trashed = format!("/v1/manage/trash/{}", id(&made));
        all.of("manage_trash_restore", "POST", &format!("{trashed}/restore"), Value::Null).await;
        let etag = all.admin.get(&article).await.etag().to_owned();
        all.admin.request("DELETE", &article).if_match(etag).send().await.expect(204);
        all.of("manage_trash_delete", "DELETE", &trashed, Value::Null).await;

        let several = json!({"operations": [{"name": "a", "method": "POST", "path": articles, "body": {"title": "In a batch"}},
            {"method": "DELETE", "path": "/v1/manage/articles/{a.id}", "if_match": "{a.etag}"}]});
        all.of("manage_batch", "POST", "/v1/manage/batch", several).await;

        let writes: BTreeSet<String> = operations().into_iter().filter(|(path, method, _)| writes(path, method))
            .map(|(_, _, operation)| operation["operationId"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(all.tried, writes);
        assert!(all.wrong.is_empty(), "{}", all.wrong.join("\n"));
    }

    async fn what_is_wrong_is_told_as_the_write_itself_would(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let made = admin.post("/v1/manage/articles", &json!({"title": "T", "slug": "taken"})).await;
        made.expect(201);
        let article = made.header("location").to_owned();
        for (method, address, if_match, body, code) in [
            ("POST", "/v1/manage/articles", "*", json!({"titel": 1, "slug": "X"}), "validation_failed"),
            ("POST", "/v1/manage/articles", "*", json!({"title": "T", "slug": "taken"}), "slug_taken"),
            ("PATCH", article.as_str(), "\"7.x\"", json!({"title": "T"}), "version_conflict"),
            ("DELETE", "/v1/manage/articles/nothing", "*", json!({}), "not_found"),
            ("POST", &format!("{article}/publish"), "*", json!({}), "nothing_to_publish"),
            ("POST", "/v1/articles/taken/comments", "*", json!({"name": "G", "email": "g@example.org", "body": "x"}), "not_found"),
        ] {
            let ask = async |query: &str| {
                admin.request(method, &format!("{address}{query}")).if_match(if_match).json(&body).send().await
            };
            let (dry, wet) = (ask("?dry_run=true").await, ask("").await);
            assert_eq!((dry.status, dry.code(), wet.code()), (wet.status, code.into(), code.into()), "{method} {address}");
            assert_eq!((&dry.json()["errors"], dry.header("dry-run")), (&wet.json()["errors"], ""));
        }
    }

    async fn a_wrong_value_is_refused_everywhere(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let nothing = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11";
        for (path, method, operation) in operations() {
            if method == "get" {
                continue;
            }
            let steps: Vec<&str> = path.split('/').map(|step| if step.contains('{') { nothing } else { step }).collect();
            let ask = async |query: &str| {
                let request = admin.request(&method.to_uppercase(), &format!("{}?{query}", steps.join("/")));
                let request = if operation.get("requestBody").is_some() { request.json(&json!({})) } else { request };
                request.if_match("\"1.x\"").send().await
            };
            let queries = if writes(&path, &method) {
                &["dry_run=maybe", "dry_run=", "dry_run=true&dry_run=true", "dry_run=true&dry_run=false"][..]
            } else {
                &["dry_run=true"][..]
            };
            for query in queries {
                let refused = ask(query).await;
                assert_eq!((refused.status, refused.code()), (400, "invalid_parameter".into()), "{method} {path}?{query}");
                assert_eq!(refused.json()["errors"][0]["parameter"], "dry_run");
            }
        }
        let article = admin.post("/v1/manage/articles?dry_run=false", &json!({"title": "T"})).await;
        assert_eq!((article.status, article.header("dry-run")), (201, ""));
    }

    async fn nobody_is_told_of_what_was_only_tried(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let (article, etag) = crate::editorial::article(&admin, "Tried", &["Text."]).await;
        let list = async || site.get("/v1/articles?count=true").await;
        let before = list().await;
        let publish = |query: &str| admin.request("POST", &format!("{article}/publish{query}")).if_match(&etag);
        assert_eq!(publish("?dry_run=true").send().await.expect(200)["version"], 1);
        assert_eq!(list().await.etag(), before.etag());
        assert_eq!(site.get("/v1/articles/tried").await.status, 404);
        publish("").send().await.expect(200);
        assert_eq!(list().await.expect(200)["page"]["total"], 1);
    }
}
