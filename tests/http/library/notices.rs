//! Notices: imported, told by editors, asked for at Crossref; and what the public reads of it.

use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::schema::changes;
use ibid::db::types::Json;
use ibid::on;
use serde_json::{Value, json};
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, ResponseTemplate};

use super::{STUDIES, faults};
use crate::support::{Reply, Site, both};

const NOTICES: &str = "/v1/manage/notices";
const IMPORT: &str = "/v1/manage/notices/import";
const HEADER: &str = "Record ID,Title,Journal,RetractionDate,RetractionDOI,RetractionPubMedID,OriginalPaperDOI,\
    OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes";

/// A row about this DOI and PMID.
fn row(id: u32, date: &str, doi: &str, pmid: &str, nature: &str) -> String {
    format!(
        "{id},\"A title, with \"\"quotes\"\"\",J,{date},10.5555/notice.{id},0,{doi},{pmid},{nature},+Concerns/Issues About Data;+Error in Analyses;,No,"
    )
}

fn file(rows: &[String]) -> String {
    format!("\u{feff}{HEADER}\r\n{}\r\n", rows.join("\r\n"))
}

async fn import(site: &Site, media_type: &str, body: impl Into<Vec<u8>>) -> Reply {
    site.request("POST", IMPORT).header("Content-Type", media_type).body(body).send().await
}

async fn study(site: &Site, name: &str) -> Value {
    site.get(&format!("{STUDIES}/{name}")).await.expect(200)
}

/// The status of a study, and whether it is disputed.
async fn status(site: &Site, name: &str) -> (Value, Value) {
    let study = study(site, name).await;
    (study["retraction"]["status"].clone(), study["retraction"]["disputed"].clone())
}

fn is(status: &str) -> (Value, Value) {
    (json!(status), json!(false))
}

/// Adds a study and answers its key.
async fn add(site: &Site, key: &str, doi: Option<&str>, pmid: Option<&str>) {
    let mut csl = json!({"type": "article-journal", "title": format!("About {key}"), "id": key});
    for (name, id) in [("DOI", doi), ("PMID", pmid)] {
        if let Some(id) = id {
            csl[name] = json!(id);
        }
    }
    super::add(site, csl).await.expect(201);
}

/// Publishes an article that cites these.
async fn publish(site: &Site, slug: &str, keys: &[&str]) {
    let markers: Vec<String> = keys.iter().map(|key| format!("[@{key}]")).collect();
    let body =
        json!({"title": slug, "slug": slug, "sections": [{"body": format!("So it is {}.", markers.join(" and "))}]});
    let made = site.post("/v1/manage/articles", &body).await;
    made.expect(201);
    let publish = site.request("POST", &format!("/v1/manage/articles/{slug}/publish")).if_match(made.etag());
    publish.send().await.expect(200);
}

/// What the log tells of this kind.
async fn log(site: &Site, kind: &'static str) -> Vec<Value> {
    let read = move |conn: &mut ibid::db::Conn| {
        let rows: Vec<Json> = on!(conn, c => changes::table
            .filter(changes::kind.eq(kind))
            .order(changes::seq)
            .select(changes::detail)
            .load(c))?;
        Ok(rows.into_iter().map(|detail| detail.0).collect())
    };
    site.state.db.read(read).await.expect("the log")
}

both! {
    async fn a_retraction_reaches_the_reader(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "needles", Some("10.5555/Needles"), None).await;
        add(&site, "sunscreen", None, Some("123")).await;
        publish(&site, "pores", &["needles"]).await;
        publish(&site, "freckles", &["sunscreen", "needles"]).await;
        let reader = site.anonymous();
        let citations = || reader.get("/v1/articles/pores/citations");
        let before = citations().await;
        assert_eq!(before.expect(200)["data"][0]["study"]["retraction"], Value::Null);

        let rows = [row(7, "1/31/2020 0:00", "10.5555/NEEDLES", "0", "Retraction"), row(8, "2021-02-01", "unavailable", "123", "Expression of concern")];
        let imported = import(&site, "text/csv; charset=utf-8", file(&rows)).await.expect(200);
        assert_eq!((&imported["entries"], &imported["added"], &imported["refused"]), (&json!(2), &json!(2), &json!(0)));
        assert_eq!((&imported["studies_changed"], &imported["unchanged"]), (&json!(2), &json!(false)));

        let after = citations().await;
        assert_ne!(before.etag(), after.etag());
        let retraction = after.expect(200)["data"][0]["study"]["retraction"].clone();
        assert_eq!(retraction, json!({
            "status": "retracted", "date": "2020-01-31", "reasons": ["Concerns/Issues About Data", "Error in Analyses"],
            "notice_doi": "10.5555/notice.7", "notice_pmid": null, "source": "retraction_watch", "disputed": false,
        }));
        let told = log(&site, "retraction").await;
        let changed: Vec<_> = told.iter().map(|t| (t["key"].as_str().unwrap(), t["before"].clone(), t["after"].as_str().unwrap())).collect();
        assert_eq!(changed, [("needles", Value::Null, "retracted"), ("sunscreen", Value::Null, "expression_of_concern")]);
        let refreshed = log(&site, "refresh").await;
        for slug in ["pores", "freckles"] {
            assert!(refreshed.iter().any(|change| change["slug"] == slug), "{slug}");
        }
        assert_eq!(study(&site, "needles").await["integrity_checked"][0]["source"], "retraction_watch");
        assert_eq!(study(&site, "needles").await["version"], 1);

        // Put back, and the log tells that too.
        let rows = [rows[0].clone(), rows[1].clone(), row(9, "3/1/2021 0:00", "10.5555/needles", "0", "Reinstatement")];
        let imported = import(&site, "text/csv", file(&rows)).await.expect(200);
        assert_eq!((&imported["added"], &imported["changed"], &imported["removed"]), (&json!(1), &json!(0), &json!(0)));
        assert_eq!(status(&site, "needles").await, is("reinstated"));
        let told = log(&site, "retraction").await;
        assert_eq!((told.len(), &told[2]["before"], &told[2]["after"]), (3, &json!("retracted"), &json!("reinstated")));
    }

    async fn the_same_file_again_changes_nothing(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "needles", Some("10.5555/needles"), None).await;
        let rows = [row(7, "1/31/2020 0:00", "10.5555/needles", "0", "Retraction")];
        import(&site, "text/csv", file(&rows)).await.expect(200);
        let listed = site.get(NOTICES).await;
        let again = import(&site, "text/csv", file(&rows)).await.expect(200);
        assert_eq!((&again["unchanged"], &again["entries"], &again["added"]), (&json!(true), &json!(1), &json!(0)));
        assert_eq!(site.get(NOTICES).await.etag(), listed.etag());
        // Another file that says the same: the notice is the same one.
        let other = import(&site, "text/csv", file(&rows) + "\r\n").await.expect(200);
        assert_eq!((&other["unchanged"], &other["changed"], &other["removed"]), (&json!(false), &json!(0), &json!(0)));
        assert_eq!(site.get(NOTICES).await.etag(), listed.etag());
        assert!(log(&site, "retraction").await.is_empty(), "the public does not read of it");
    }

    async fn a_new_file_takes_the_place_of_the_one_before(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        for key in ["a1", "b1", "c1"] {
            add(&site, key, Some(&format!("10.5555/{key}")), None).await;
        }
        let retraction = |id, key: &str| row(id, "1/1/2020 0:00", &format!("10.5555/{key}"), "0", "Retraction");
        import(&site, "text/csv", file(&[retraction(1, "a1"), retraction(2, "b1")])).await.expect(200);
        let corrected = row(2, "1/1/2020 0:00", "10.5555/b1", "0", "Correction");
        let imported = import(&site, "text/csv", file(&[corrected, retraction(3, "c1")])).await.expect(200);
        let counts = ["added", "changed", "removed", "studies_changed"].map(|name| imported[name].as_i64().unwrap());
        assert_eq!(counts, [1, 1, 1, 3]);
        assert_eq!(study(&site, "a1").await["retraction"], Value::Null);
        assert_eq!(status(&site, "b1").await, is("corrected"));
        assert_eq!(status(&site, "c1").await, is("retracted"));
    }

    async fn one_bad_row_spoils_no_other_and_a_broken_file_changes_nothing(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "a1", Some("10.5555/a1"), None).await;
        let good = row(1, "1/1/2020 0:00", "10.5555/a1", "0", "Retraction");
        let rows = [row(2, "13/45/2020", "10.5555/x", "0", "Retraction"), good.clone(), good.clone(), row(4, "1/1/2020", "unavailable", "0", "Retraction")];
        let imported = import(&site, "text/csv", file(&rows)).await.expect(200);
        assert_eq!((&imported["entries"], &imported["refused"], &imported["unidentified"]), (&json!(1), &json!(2), &json!(1)));
        let refusals = imported["refusals"].as_array().unwrap();
        let told: Vec<_> = refusals.iter().map(|r| (r["line"].as_i64().unwrap(), r["id"].as_str().unwrap(), r["code"].as_str().unwrap())).collect();
        assert_eq!(told, [(2, "2", "invalid_date"), (4, "1", "repeated")]);
        let state = site.get(NOTICES).await;
        let whole = file(&rows);
        let bodies: [(&str, Vec<u8>); 7] = [
            ("text/csv", whole.as_bytes()[..whole.len() - 30].to_vec()),
            ("text/csv", b"a,b,c\n1,2,3\n".to_vec()),
            ("text/csv", Vec::new()),
            ("text/csv", b"{\"items\": []}".to_vec()),
            ("application/json", b"[{\"DOI\": \"10.5555/n\", \"update-to\": [".to_vec()),
            ("application/json", b"{}".to_vec()),
            ("application/json", vec![0xff, 0xfe]),
        ];
        for (media_type, body) in bodies {
            let said = String::from_utf8_lossy(&body).into_owned();
            let reply = import(&site, media_type, body).await;
            assert_eq!((reply.status, reply.code().as_str()), (422, "invalid_notices"), "{said}");
        }
        assert_eq!(import(&site, "text/plain", "x").await.code(), "unsupported_media_type");
        assert_eq!(site.get(NOTICES).await.etag(), state.etag());
        assert_eq!(status(&site, "a1").await, is("retracted"));
    }

    async fn a_dry_run_writes_nothing(site: Site) {
        let site = site.signed_in(Role::Admin).await;
        add(&site, "a1", Some("10.5555/a1"), None).await;
        let body = file(&[row(1, "1/1/2020 0:00", "10.5555/a1", "0", "Retraction")]);
        let dry = site.request("POST", &format!("{IMPORT}?dry_run=true")).header("Content-Type", "text/csv").body(body.clone());
        let told = dry.send().await.expect(200);
        assert_eq!((&told["dry_run"], &told["added"], &told["studies_changed"]), (&json!(true), &json!(1), &json!(1)));
        assert_eq!(site.get(NOTICES).await.expect(200)["data"], json!([]));
        assert_eq!(site.get(&format!("{NOTICES}/sources")).await.expect(200)["data"], json!([]));
        assert_eq!(study(&site, "a1").await["retraction"], Value::Null);
        assert_eq!(import(&site, "text/csv", body).await.expect(200)["unchanged"], false);
    }

    async fn works_of_crossref_are_added_to_those_before(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "a1", Some("10.5555/a1"), None).await;
        add(&site, "b1", Some("10.5555/b1"), None).await;
        let work = |notice: &str, study: &str, kind: &str| json!({"DOI": notice, "update-to": [
            {"DOI": study, "type": kind, "label": "L", "updated": {"date-parts": [[2021, 2, 3]]}}]});
        let answer = json!({"status": "ok", "message": {"items": [work("10.5555/n1", "10.5555/A1", "retraction"), work("10.5555/n2", "10.5555/b1", "new_version"), {"DOI": "x"}]}});
        let imported = import(&site, "application/json", answer.to_string()).await.expect(200);
        assert_eq!((&imported["source"], &imported["entries"], &imported["other"], &imported["refused"]), (&json!("crossref"), &json!(1), &json!(1), &json!(1)));
        let lines = format!("{}\n{}\n", work("10.5555/n3", "10.5555/b1", "correction"), work("10.5555/n1", "10.5555/a1", "withdrawal"));
        let imported = import(&site, "application/x-ndjson", lines).await.expect(200);
        assert_eq!((&imported["added"], &imported["removed"]), (&json!(2), &json!(1)));
        assert_eq!(status(&site, "a1").await, is("retracted"));
        assert_eq!(study(&site, "a1").await["retraction"]["reasons"], json!(["L"]));
        assert_eq!(status(&site, "b1").await, is("corrected"));
        // A part of Crossref: it says nothing about when a study was looked for there.
        assert_eq!(study(&site, "b1").await["integrity_checked"], json!([]));
    }

    async fn a_body_may_be_so_long_and_no_longer(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        let long = vec![b'x'; 3_000_000];
        assert_eq!(import(&site, "text/csv", long).await.code(), "invalid_notices", "longer than other bodies may be");
    }

    async fn notices_are_listed(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "a1", Some("10.5555/a1"), Some("77")).await;
        add(&site, "b1", None, Some("78")).await;
        let rows = [
            row(1, "1/1/2020 0:00", "10.5555/a1", "0", "Retraction"),
            row(2, "1/1/2020 0:00", "10.5555/elsewhere", "0", "Correction"),
            // Its DOI is a study's, so that its PMID names no other.
            row(3, "1/1/2020 0:00", "10.5555/a1", "78", "Correction"),
            row(4, "1/1/2020 0:00", "10.5555/nobodys", "78", "Expression of concern"),
        ];
        import(&site, "text/csv", file(&rows)).await.expect(200);
        let ids = async |query: &str| -> Vec<String> {
            let page = site.get(&format!("{NOTICES}{query}")).await.expect(200);
            let mut ids: Vec<_> = page["data"].as_array().unwrap().iter().map(|n| n["source_id"].as_str().unwrap().to_owned()).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids("").await, ["1", "2", "3", "4"]);
        assert_eq!(ids("?matched=true").await, ["1", "3", "4"]);
        assert_eq!(ids("?matched=false").await, ["2"]);
        assert_eq!(ids("?kind=correction,retraction&matched=true").await, ["1", "3"]);
        assert_eq!(ids("?doi=https://doi.org/10.5555/A1").await, ["1", "3"]);
        assert_eq!(ids("?source=editor,crossref").await, Vec::<String>::new());
        assert_eq!(site.get(&format!("{NOTICES}?kind=x")).await.code(), "invalid_parameter");
        assert_eq!(status(&site, "a1").await, is("retracted"));
        assert_eq!(status(&site, "b1").await, is("expression_of_concern"));
        // Page by page, both ways.
        let mut at = Some(format!("{NOTICES}?limit=3&count=true"));
        let mut seen = Vec::new();
        while let Some(next) = at {
            let page = site.get(&next).await.expect(200);
            assert_eq!(page["page"]["total"], 4);
            seen.extend(page["data"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap().to_owned()));
            at = page["page"]["next"].as_str().map(str::to_owned);
        }
        assert_eq!(seen.len(), 4);
        let one = site.get(&format!("{NOTICES}/{}", seen[0])).await.expect(200);
        assert_eq!(one["id"], seen[0]);
        let about = site.get(&format!("{NOTICES}?kind=expression_of_concern")).await.expect(200);
        assert_eq!(about["data"][0]["studies"][0]["key"], "b1");
        let sources = site.get(&format!("{NOTICES}/sources")).await.expect(200);
        assert_eq!((&sources["data"][0]["source"], &sources["data"][0]["entries"]), (&json!("retraction_watch"), &json!(4)));
    }

    async fn an_editor_tells_of_a_notice_and_takes_it_back(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "a1", None, None).await;
        publish(&site, "pores", &["a1"]).await;
        let at = format!("{STUDIES}/a1/notices");
        let none = site.get(&at).await.expect(200);
        assert_eq!(none, json!({"data": [], "retraction": null, "integrity_checked": []}));
        let new = json!({"kind": "expression_of_concern", "date": "2024-05", "reasons": ["Images"], "notice_doi": "doi:10.5555/N", "note": "Seen on a forum."});
        let made = site.post(&at, &new).await;
        let notice = made.expect(201);
        assert_eq!(made.header("location"), format!("{NOTICES}/{}", notice["id"].as_str().unwrap()));
        assert_eq!((&notice["source"], &notice["date"], &notice["notice_doi"]), (&json!("editor"), &json!("2024-05"), &json!("10.5555/n")));
        assert_eq!(notice["studies"][0]["key"], "a1");
        assert_eq!(status(&site, "a1").await, is("expression_of_concern"));
        let public = site.anonymous().get("/v1/articles/pores/citations").await;
        assert_eq!(public.expect(200)["data"][0]["study"]["retraction"]["date"], "2024-05");
        assert!(!public.text().contains("forum"));
        let gone = site.request("DELETE", made.header("location")).send().await;
        assert_eq!(gone.status, 204);
        assert_eq!(study(&site, "a1").await["retraction"], Value::Null);
        let told = log(&site, "retraction").await;
        assert_eq!((told.len(), &told[1]["after"]), (2, &Value::Null));
        assert_eq!(site.request("DELETE", made.header("location")).send().await.status, 404);

        import(&site, "text/csv", file(&[row(1, "1/1/2020 0:00", "10.5555/a1", "0", "Retraction")])).await.expect(200);
        let id = site.get(NOTICES).await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(site.request("DELETE", &format!("{NOTICES}/{id}")).send().await.code(), "notice_imported");
        let bad = site.post(&at, &json!({"kind": "gossip", "date": "2024-13", "notice_doi": "x", "reasons": [""]})).await;
        assert_eq!(faults(&bad).len(), 4);
    }

    async fn sources_that_differ_are_told(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "a1", Some("10.5555/a1"), None).await;
        import(&site, "text/csv", file(&[row(1, "1/1/2020 0:00", "10.5555/a1", "0", "Retraction")])).await.expect(200);
        site.post(&format!("{STUDIES}/a1/notices"), &json!({"kind": "reinstatement", "date": "2022-01-01"})).await.expect(201);
        assert_eq!(status(&site, "a1").await, (json!("retracted"), json!(true)));
        let told = site.get(&format!("{STUDIES}/a1/notices")).await.expect(200);
        let kinds: Vec<_> = told["data"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["reinstatement", "retraction"]);
    }

    async fn a_study_gets_its_status_whenever_it_gets_its_identifiers(site: Site) {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "old", Some("10.5555/old"), None).await;
        publish(&site, "pores", &["old"]).await;
        let rows = [row(1, "1/1/2020 0:00", "10.5555/a1", "0", "Retraction"), row(2, "1/1/2020 0:00", "10.5555/b1", "0", "Correction")];
        import(&site, "text/csv", file(&rows)).await.expect(200);
        let created = super::super::add(&site, json!({"type": "book", "title": "T", "id": "a1", "DOI": "10.5555/a1"})).await.expect(201);
        assert_eq!(created["retraction"]["status"], "retracted");
        let before = site.get(&format!("{STUDIES}/old")).await;
        let change = site.request("PATCH", &format!("{STUDIES}/old")).if_match(before.etag()).json(&json!({"csl": {"DOI": "10.5555/b1"}}));
        assert_eq!(change.send().await.expect(200)["retraction"]["status"], "corrected");
        assert_eq!(log(&site, "retraction").await[0]["after"], "corrected");
        let public = site.anonymous().get("/v1/articles/pores/citations").await.expect(200);
        assert_eq!(public["data"][0]["study"]["retraction"]["status"], "corrected");
        // It takes over what became of a study that becomes one with it.
        let merge = site.request("POST", &format!("{STUDIES}/old/merge")).if_match(site.get(&format!("{STUDIES}/old")).await.etag());
        let merged = merge.json(&json!({"from": "a1"})).send().await.expect(200);
        assert_eq!(merged["study"]["retraction"]["status"], "retracted");
        let again = site.request("POST", IMPORT).header("Content-Type", "text/csv").body(file(&rows) + "\n").send().await.expect(200);
        assert_eq!(again["studies_changed"], 0);
    }

    async fn crossref_is_asked_what_became_of_a_study(site: Site) {
        let (services, site) = (site.services().await, site.signed_in(Role::Author).await);
        add(&site, "a1", Some("10.5555/a1"), None).await;
        add(&site, "b1", None, Some("5")).await;
        let refresh = async |key: &str| site.request("POST", &format!("{STUDIES}/{key}/notices/refresh")).send().await;
        assert_eq!(refresh("b1").await.code(), "study_without_doi");
        assert_eq!(refresh("a1").await.code(), "study_not_found_at_sources");
        assert_eq!(study(&site, "a1").await["integrity_checked"], json!([]));

        let updated = |kind: &str, by: &str| json!({"DOI": by, "type": kind, "updated": {"date-parts": [[2021, 2, 3]]}});
        let work = json!({"message": {"DOI": "10.5555/a1", "updated-by": [updated("correction", "10.5555/n1")]}});
        let answer = ResponseTemplate::new(200).set_body_json(&work);
        Mock::given(path("/crossref/works/10.5555/a1")).respond_with(answer).mount(&services).await;
        let told = refresh("a1").await.expect(200);
        assert_eq!((&told["retraction"]["status"], &told["integrity_checked"][0]["source"]), (&json!("corrected"), &json!("crossref")));
        let first = told["data"][0]["id"].clone();

        let notices = json!({"message": {"items": [
            {"DOI": "10.5555/n2", "update-to": [updated("retraction", "10.5555/A1"), updated("retraction", "10.5555/other")]}]}});
        let answer = ResponseTemplate::new(200).set_body_json(&notices);
        let by_filter = Mock::given(path("/crossref/works")).and(query_param("filter", "updates:10.5555/a1"));
        by_filter.respond_with(answer).mount(&services).await;
        let told = refresh("a1").await.expect(200);
        assert_eq!(told["retraction"]["status"], "retracted");
        let kinds: Vec<_> = told["data"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["retraction", "correction"]);
        assert_eq!(told["data"][1]["id"], first, "a notice that is told again is the same");
    }
}

/// Many rows in one go; the data set has ten times as many.
#[test]
fn a_data_set_of_6000_rows_is_imported() {
    crate::support::on_sqlite(|site| async move {
        let site = site.signed_in(Role::Editor).await;
        add(&site, "a1", Some("10.5555/n.5999"), None).await;
        let rows: Vec<String> =
            (0..6_000).map(|n| row(n, "1/31/2020 0:00", &format!("10.5555/n.{n}"), "0", "Retraction")).collect();
        let imported = import(&site, "text/csv", file(&rows)).await.expect(200);
        assert_eq!((&imported["entries"], &imported["studies_changed"]), (&json!(6_000), &json!(1)));
        // Cut off between two rows, or another file.
        let reply = import(&site, "text/csv", file(&rows[..2_000])).await;
        assert_eq!((reply.code().as_str(), status(&site, "a1").await), ("invalid_notices", is("retracted")));
    });
}
