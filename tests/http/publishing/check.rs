use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::schema::publications;
use ibid::on;
use serde_json::{Value, json};

use super::{id_of, publish, retract, stored};
use crate::editorial::{article, study};
use crate::support::{Reply, Site, both};

async fn check(editor: &Site, address: &str) -> Value {
    editor.request("POST", &format!("{address}/check")).send().await.expect(200)
}

async fn try_to_publish(editor: &Site, address: &str) -> Reply {
    let etag = editor.get(address).await.etag().to_owned();
    editor.request("POST", &format!("{address}/publish")).if_match(etag).send().await
}

async fn acknowledge(editor: &Site, address: &str, finding: &Value, reason: &str) -> Reply {
    let body = json!({"fingerprint": finding["fingerprint"], "reason": reason});
    editor.post(&format!("{address}/acknowledgements"), &body).await
}

fn of_rule<'a>(checked: &'a Value, rule: &str) -> Vec<&'a Value> {
    let findings = checked["findings"].as_array().expect("findings");
    findings.iter().filter(|finding| finding["rule"] == rule).collect()
}

both! {
    async fn findings_have_their_places(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let bodies = ["Ein Wörtchen [@aa2001].", "It is übel.\n\nNumerous studies have shown that microneedling reduces scars."];
        let (address, _) = article(&editor, "Pores", &bodies).await;
        let checked = check(&editor, &address).await;
        let [claim] = of_rule(&checked, "uncited_claim")[..] else { panic!("{checked}") };
        assert_eq!((&claim["section"]["position"], &claim["section"]["anchor"]), (&json!(2), &json!("section")));
        let span = &claim["span"];
        let cut: String = bodies[1].chars()
            .skip(span["start"].as_u64().unwrap() as usize)
            .take((span["end"].as_u64().unwrap() - span["start"].as_u64().unwrap()) as usize)
            .collect();
        assert!(cut.starts_with("Numerous studies") && cut.trim_end_matches('.').ends_with("scars"), "{cut}");
        assert_eq!((&span["line"], &span["column"]), (&json!(3), &json!(1)));
        assert_eq!((&claim["severity"], &claim["acknowledged"]), (&json!("warning"), &Value::Null));
        assert_eq!(checked["counts"]["error"], 0);
        assert!(checked["counts"]["warning"].as_u64().unwrap() >= 1);
    }

    async fn an_error_stops_a_publication_until_it_is_answered_for(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let shaky = study(&editor, "aa2001").await;
        let (address, _) = article(&editor, "Pores", &["The lead [@aa2001]."]).await;
        retract(&site, &shaky).await;
        let refused = try_to_publish(&editor, &address).await;
        assert_eq!((refused.status, refused.code()), (422, "check_failed".into()));
        let error = &refused.json()["errors"][0];
        assert_eq!((&error["code"], &error["pointer"]), (&json!("retracted_study"), &json!("/sections/0/body")));

        let checked = check(&editor, &address).await;
        let [found] = of_rule(&checked, "retracted_study")[..] else { panic!("{checked}") };
        assert!(error["detail"].as_str().unwrap().contains(found["fingerprint"].as_str().unwrap()));
        assert_eq!(found["studies"], json!(["aa2001"]));
        let version = checked["version"].clone();
        let kept = acknowledge(&editor, &address, found, "History.").await.expect(200);
        assert_eq!((&kept["reason"], &kept["rule"], &kept["current"]), (&json!("History."), &json!("retracted_study"), &json!(true)));
        let again = acknowledge(&editor, &address, found, "Cited as retracted, on purpose.").await.expect(200);
        assert_eq!(again["id"], kept["id"]);

        let checked = check(&editor, &address).await;
        let [found] = of_rule(&checked, "retracted_study")[..] else { panic!("{checked}") };
        assert_eq!((&found["acknowledged"]["reason"], &checked["version"]), (&again["reason"], &version));
        assert_eq!((&checked["counts"]["error"], &checked["counts"]["acknowledged"]), (&json!(0), &json!(1)));
        let published = try_to_publish(&editor, &address).await.expect(200);
        let [told] = of_rule(&published, "retracted_study")[..] else { panic!("{published}") };
        assert_eq!(told["acknowledged"]["reason"], again["reason"]);
        let source: Value = serde_json::from_str(&stored(&site, &address).await.source.unwrap()).unwrap();
        assert_eq!(source["acknowledged"][0]["reason"], again["reason"]);

        let id = kept["id"].as_str().unwrap();
        let take_back = || editor.request("DELETE", &format!("{address}/acknowledgements/{id}")).send();
        assert_eq!(take_back().await.status, 204);
        assert_eq!(take_back().await.status, 404);
        assert_eq!(check(&editor, &address).await["counts"]["error"], 1);
    }

    async fn what_is_mended_is_acknowledged_no_longer(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["Numerous studies have shown that microneedling reduces scars."]).await;
        let checked = check(&editor, &address).await;
        let [claim] = of_rule(&checked, "uncited_claim")[..] else { panic!("{checked}") };
        acknowledge(&editor, &address, claim, "Said below.").await.expect(200);
        let etag = editor.get(&address).await.etag().to_owned();
        let mended = json!({"sections": [{"body": "Large pores bother many people."}]});
        editor.request("PATCH", &address).if_match(etag).json(&mended).send().await.expect(200);
        let checked = check(&editor, &address).await;
        assert_eq!(checked["acknowledgements"][0]["current"], false);
        assert_eq!(checked["counts"]["acknowledged"], 0);
        let gone = acknowledge(&editor, &address, &checked["acknowledgements"][0], "Again.").await;
        assert_eq!(gone.expect(422)["errors"][0]["code"], "unknown_finding");
    }

    async fn a_dangling_marker_cannot_be_acknowledged(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["The lead [@nobody1999]; ask @jane about it."]).await;
        let checked = check(&editor, &address).await;
        let [dangling] = of_rule(&checked, "dangling_marker")[..] else { panic!("{checked}") };
        assert_eq!(dangling["severity"], "error");
        let refused = acknowledge(&editor, &address, dangling, "It comes later.").await;
        assert_eq!(refused.expect(422)["errors"][0]["code"], "not_acknowledgeable");
        let refused = try_to_publish(&editor, &address).await;
        assert_eq!((refused.status, refused.code()), (422, "dangling_marker".into()));
        // A name in running text is none: it is text, and a warning.
        assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 1);
        let codes: Vec<_> = editor.get(&address).await.json()["warnings"].as_array().unwrap()
            .iter().map(|warning| warning["code"].as_str().unwrap().to_owned()).collect();
        assert_eq!(codes, ["unknown_narrative_key"]);
    }

    async fn authors_check_their_own_articles(site: Site) {
        let (author, other) = (site.signed_in(Role::Author).await, site.signed_in(Role::Author).await);
        let (address, _) = article(&author, "Pores", &["Text."]).await;
        check(&author, &address).await;
        assert_eq!(other.request("POST", &format!("{address}/check")).send().await.status, 404);
        let nobodys = json!({"fingerprint": "0123456789abcdef", "reason": "x"});
        assert_eq!(other.post(&format!("{address}/acknowledgements"), &nobodys).await.status, 404);
    }

    async fn nothing_is_checked_twice_into_a_publication(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "Pores", &["Numerous studies have shown that microneedling reduces scars."]).await;
        let first = publish(&editor, &address).await;
        assert_eq!(of_rule(&first, "uncited_claim").len(), 1);
        assert_eq!(publish(&editor, &address).await, first);
        assert_eq!(site.get("/v1/articles/pores").await.json()["evidence"]["unsupported_claims"], Value::Null);
        let id = id_of(&address);
        let rows = site.state.db.read(move |conn| {
            Ok(on!(conn, c => publications::table.find(id).select(publications::number).load::<i32>(c))?)
        });
        assert_eq!(rows.await.unwrap(), [1]);
    }
}
