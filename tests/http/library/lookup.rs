//! Looking studies up, against services that are played.

use std::time::Duration;

use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::schema::{lookups, studies};
use ibid::on;
use serde_json::{Value, json};
use wiremock::matchers::{header_regex, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{STUDIES, faults};
use crate::support::{Reply, Site, both};

const LOOKUP: &str = "/v1/manage/studies/lookup";
const DOI: &str = "10.4103/0974-2077.53096";
const WORK: &str = "/crossref/works/10.4103/0974-2077.53096";

fn work() -> Value {
    json!({"status": "ok", "message-type": "work", "message": {
        "type": "journal-article", "DOI": DOI, "publisher": "Medknow", "volume": "2", "issue": "1", "page": "26",
        "title": ["Microneedling therapy in atrophic facial scars: An objective assessment"],
        "author": [{"given": "Imran", "family": "Majid", "sequence": "first", "affiliation": [],
                    "ORCID": "http://orcid.org/0000-0002-1825-0097"}],
        "container-title": ["Journal of Cutaneous and Aesthetic Surgery"], "issued": {"date-parts": [[2009]]},
        "funder": [{"name": "Some Fund", "award": ["A-1"]}], "ISSN": ["0974-2077"], "reference": [{"key": "x"}],
    }})
}

fn pubmed(doi: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>20300368</PMID><Article><Journal>\
         <JournalIssue><PubDate><Year>2009</Year></PubDate></JournalIssue><Title>J</Title></Journal>\
         <ArticleTitle>Microneedling therapy.</ArticleTitle><AuthorList><Author><LastName>Majid</LastName>\
         <ForeName>Imran</ForeName></Author></AuthorList></Article></MedlineCitation><PubmedData><ArticleIdList>\
         <ArticleId IdType=\"doi\">{doi}</ArticleId></ArticleIdList></PubmedData></PubmedArticle></PubmedArticleSet>"
    )
}

async fn plays(services: &MockServer, at: &str, answer: ResponseTemplate) {
    Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(services).await;
}

fn found(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

async fn look_up(site: &Site, body: Value) -> Reply {
    site.post(LOOKUP, &body).await
}

/// How many studies the library has, and how many answers are kept.
async fn counts(site: &Site) -> (i64, i64) {
    let read = |conn: &mut ibid::db::Conn| {
        let known: i64 = on!(conn, c => studies::table.count().get_result(c))?;
        let kept: i64 = on!(conn, c => lookups::table.count().get_result(c))?;
        Ok((known, kept))
    };
    site.state.db.read(read).await.expect("the database")
}

async fn asked(services: &MockServer) -> usize {
    services.received_requests().await.expect("they are recorded").len()
}

both! {
    async fn a_doi_that_crossref_knows_becomes_a_study(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        plays(&services, WORK, found(&work())).await;
        let reply = look_up(&site, json!({"doi": "https://doi.org/10.4103/0974-2077.53096"})).await;
        let study = reply.expect(201);
        assert_eq!(reply.header("location"), format!("{STUDIES}/{}", study["id"].as_str().unwrap()));
        assert!(reply.etag().starts_with("\"1."), "{}", reply.etag());
        assert_eq!((&study["key"], &study["year"], &study["doi"]), (&json!("majid2009"), &json!(2009), &json!(DOI)));
        assert_eq!(study["csl"]["container-title"], "Journal of Cutaneous and Aesthetic Surgery");
        assert_eq!(study["funding"], json!([{"funder": "Some Fund", "award": "A-1"}]));
        let sources = study["sources"].as_array().unwrap();
        assert!(sources.len() > 8 && sources.iter().all(|source| source["source"] == "crossref"), "{sources:?}");
        assert_eq!((&study["lookup"]["source"], &study["lookup"]["kept"]), (&json!("crossref"), &json!(false)));
        let dropped: Vec<_> = study["lookup"]["dropped"].as_array().unwrap().iter().map(|d| d["field"].clone()).collect();
        assert!(dropped.contains(&json!("author.ORCID")), "{dropped:?}");
        assert_eq!(study["integrity_checked"][0]["source"], "crossref");

        let again = look_up(&site, json!({"doi": DOI.to_uppercase()})).await;
        let again = again.expect(200);
        assert_eq!((&again["id"], &again["lookup"]["source"]), (&study["id"], &Value::Null));
        assert_eq!(asked(&services).await, 1);
        let requests = services.received_requests().await.unwrap();
        let agent = requests[0].headers["user-agent"].to_str().unwrap();
        assert!(agent.starts_with("ibid/"), "{agent}");
    }

    async fn answers_are_kept_and_used_again(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Editor).await);
        plays(&services, WORK, found(&work())).await;
        let dry = || async { site.request("POST", &format!("{LOOKUP}?dry_run=true")).json(&json!({"doi": DOI})).send().await };
        let proposed = dry().await;
        let study = proposed.expect(200);
        assert_eq!((&study["key"], &study["lookup"]["dry_run"]), (&json!("majid2009"), &json!(true)));
        assert_eq!(proposed.header("location"), "");
        assert_eq!(counts(&site).await, (0, 1));
        assert_eq!(dry().await.expect(200)["lookup"]["kept"], true);
        let study = look_up(&site, json!({"doi": DOI, "key": "needles"})).await.expect(201);
        assert_eq!((&study["key"], &study["lookup"]["kept"]), (&json!("needles"), &json!(true)));
        assert_eq!(asked(&services).await, 1);

        // That nobody knows a study is kept for an hour.
        let unknown = || look_up(&site, json!({"doi": "10.5555/unknown"}));
        assert_eq!(unknown().await.code(), "study_not_found_at_sources");
        assert_eq!(unknown().await.status, 404);
        assert_eq!(asked(&services).await, 3);
        site.state.clock.advance(Duration::from_secs(3_700));
        let site = site.signed_in(Role::Editor).await;
        assert_eq!(look_up(&site, json!({"doi": "10.5555/unknown"})).await.status, 404);
        assert_eq!(asked(&services).await, 5);
        // The others for as long as the settings say.
        let kept_for = u64::from(site.state.settings.lookup.keep_days) * 86_400;
        site.state.clock.advance(Duration::from_secs(kept_for + 10));
        let site = site.signed_in(Role::Editor).await;
        assert_eq!(look_up(&site, json!({"doi": "10.5555/other"})).await.status, 404);
        assert_eq!(counts(&site).await, (1, 2));
    }

    async fn datacite_is_asked_when_crossref_does_not_know_it(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        let attributes = json!({
            "doi": "10.5061/dryad.234", "titles": [{"title": "Data from: Needles"}], "publicationYear": 2016, "publisher": "Dryad",
            "creators": [{"familyName": "Garcia", "givenName": "Ana"}], "types": {"resourceTypeGeneral": "Dataset"},
        });
        let body = json!({"data": {"id": "10.5061/dryad.234", "type": "dois", "attributes": attributes}});
        plays(&services, "/datacite/dois/10.5061/dryad.234", found(&body)).await;
        let study = look_up(&site, json!({"doi": "doi:10.5061/DRYAD.234"})).await.expect(201);
        assert_eq!((&study["key"], &study["csl"]["type"]), (&json!("garcia2016"), &json!("dataset")));
        assert_eq!(study["lookup"]["source"], "datacite");
        assert_eq!(study["sources"][0]["source"], "datacite");
        assert_eq!(study["integrity_checked"], json!([]));
        assert_eq!(asked(&services).await, 2);
    }

    async fn a_pmid_is_asked_for_at_pubmed(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        let answer = |body: String| ResponseTemplate::new(200).set_body_raw(body, "text/xml");
        let by_id = |id: &str| Mock::given(path("/ncbi/efetch.fcgi")).and(query_param("db", "pubmed")).and(query_param("id", id));
        by_id("20300368").respond_with(answer(pubmed(DOI))).mount(&services).await;
        by_id("1").respond_with(answer("<?xml version=\"1.0\"?><PubmedArticleSet></PubmedArticleSet>".into())).mount(&services).await;
        by_id("3").respond_with(ResponseTemplate::new(400)).mount(&services).await;
        let study = look_up(&site, json!({"pmid": "PMID: 20300368"})).await.expect(201);
        assert_eq!((&study["pmid"], &study["doi"]), (&json!("20300368"), &json!(DOI)));
        assert_eq!(study["lookup"]["source"], "pubmed");
        assert_eq!(look_up(&site, json!({"pmid": "1"})).await.code(), "study_not_found_at_sources");
        assert_eq!(look_up(&site, json!({"pmid": "3"})).await.code(), "study_not_found_at_sources");
        // The DOI came with it.
        assert_eq!(look_up(&site, json!({"doi": DOI})).await.expect(200)["id"], study["id"]);
    }

    async fn a_study_that_is_there_under_another_identifier_is_not_made_twice(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        plays(&services, "/ncbi/efetch.fcgi", ResponseTemplate::new(200).set_body_string(pubmed(DOI))).await;
        let study = super::super::add(&site, json!({"type": "article-journal", "title": "T", "DOI": DOI})).await.expect(201);
        let found = look_up(&site, json!({"pmid": "20300368"})).await.expect(200);
        assert_eq!((&found["id"], &found["lookup"]["source"]), (&study["id"], &json!("pubmed")));
        assert_eq!(counts(&site).await.0, 1);
        let taken = look_up(&site, json!({"pmid": "20300369", "key": study["key"]})).await;
        assert_eq!(taken.status, 200, "{}", taken.text());
    }

    async fn what_a_service_cannot_answer_changes_nothing(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        let work = |name: &str| format!("/crossref/works/10.5555/{name}");
        let huge = vec![b' '; 5_100_000];
        for (name, answer) in [
            ("error", ResponseTemplate::new(500)),
            ("malformed", ResponseTemplate::new(200).set_body_string("{\"message\": {")),
            ("html", ResponseTemplate::new(200).set_body_string("<html>Sorry</html>")),
            ("empty", ResponseTemplate::new(200)),
            ("nul", ResponseTemplate::new(200).set_body_string("\0")),
            ("bytes", ResponseTemplate::new(200).set_body_bytes([0xff, 0xfe])),
            ("huge", ResponseTemplate::new(200).set_body_bytes(huge)),
            ("elsewhere", ResponseTemplate::new(302).insert_header("Location", "http://127.0.0.1:9/works/x")),
            ("around", ResponseTemplate::new(302).insert_header("Location", work("around").as_str())),
        ] {
            plays(&services, &work(name), answer).await;
            let reply = look_up(&site, json!({"doi": format!("10.5555/{name}")})).await;
            assert_eq!((reply.status, reply.code().as_str()), (502, "lookup_failed"), "{name}: {}", reply.text());
        }
        assert_eq!(counts(&site).await, (0, 0));
    }

    async fn a_service_that_asks_to_wait_is_waited_for(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        for (name, status, after, waits) in [("a", 429, "120", "120"), ("b", 503, "999999999", "86400"), ("c", 429, "soon", "60"), ("d", 503, "-3", "1")] {
            let answer = ResponseTemplate::new(status).insert_header("Retry-After", after);
            plays(&services, &format!("/crossref/works/10.5555/{name}"), answer).await;
            let reply = look_up(&site, json!({"doi": format!("10.5555/{name}")})).await;
            assert_eq!((reply.status, reply.code().as_str()), (503, "lookup_limited"), "{name}");
            assert_eq!(reply.header("retry-after"), waits, "{name}");
        }
        let answer = ResponseTemplate::new(429)
            .insert_header("Retry-After", "Thu, 01 Jan 2026 00:02:00 GMT")
            .insert_header("Date", "Thu, 01 Jan 2026 00:00:00 GMT");
        plays(&services, "/crossref/works/10.5555/dated", answer).await;
        let reply = look_up(&site, json!({"doi": "10.5555/dated"})).await;
        assert_eq!(reply.header("retry-after"), "120");
        assert_eq!(counts(&site).await, (0, 0));
    }

    async fn a_service_that_is_slow_or_away_is_told_apart(site: Site) {
        let services = site.services().await;
        let site = site.signed_in(Role::Author).await;
        plays(&services, WORK, found(&work()).set_delay(Duration::from_secs(30))).await;
        let reply = look_up(&site, json!({"doi": DOI})).await;
        assert_eq!((reply.status, reply.code().as_str()), (504, "lookup_timeout"));
        // The database is free meanwhile.
        let (slow, list) = tokio::join!(look_up(&site, json!({"doi": DOI})), site.get(STUDIES));
        assert_eq!((slow.status, list.status), (504, 200));
        drop(services);
        let reply = look_up(&site, json!({"pmid": "77"})).await;
        assert_eq!((reply.status, reply.code().as_str()), (502, "lookup_failed"), "{}", reply.text());
        assert_eq!(counts(&site).await, (0, 0));
    }

    async fn redirects_within_the_host_are_followed(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        plays(&services, "/crossref/works/10.5555/alias", ResponseTemplate::new(301).insert_header("Location", WORK)).await;
        plays(&services, WORK, found(&work())).await;
        let study = look_up(&site, json!({"doi": "10.5555/alias"})).await.expect(201);
        assert_eq!(study["doi"], DOI);
    }

    async fn notices_come_with_the_study(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        let mut body = work();
        body["message"]["updated-by"] = json!([{"DOI": "10.4103/notice", "type": "retraction", "source": "retraction-watch",
            "updated": {"date-parts": [[2021, 3, 15]]}}]);
        plays(&services, WORK, found(&body)).await;
        let study = look_up(&site, json!({"doi": DOI})).await.expect(201);
        assert_eq!((&study["retraction"]["status"], &study["retraction"]["date"]), (&json!("retracted"), &json!("2021-03-15")));
        assert_eq!(study["retraction"]["notice_doi"], "10.4103/notice");
        assert_eq!(study["version"], 1);
    }

    async fn what_is_asked_for_is_exactly_one_identifier(site: Site) {
        let site = site.signed_in(Role::Author).await;
        let place = |at: &str, code: &str| vec![(at.to_owned(), code.to_owned())];
        assert_eq!(faults(&look_up(&site, json!({})).await), place("/doi", "required"));
        assert_eq!(faults(&look_up(&site, json!({"doi": DOI, "pmid": "1"})).await), place("/pmid", "one_too_many"));
        assert_eq!(faults(&look_up(&site, json!({"doi": "x"})).await), place("/doi", "invalid_identifier"));
        assert_eq!(faults(&look_up(&site, json!({"pmid": "x"})).await), place("/pmid", "invalid_identifier"));
        assert_eq!(faults(&look_up(&site, json!({"pmid": "1", "key": "X"})).await), place("/key", "invalid_key"));
        assert_eq!(faults(&look_up(&site, json!({"pmid": "1", "url": "http://x"})).await), place("/url", "unknown_member"));
    }

    async fn requests_say_who_asks(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        Mock::given(path(WORK)).and(header_regex("user-agent", r"^ibid/[0-9.]+ \(\+mailto:operator@example\.org\)$")).respond_with(found(&work())).mount(&services).await;
        look_up(&site, json!({"doi": DOI})).await.expect(201);
    }
}
