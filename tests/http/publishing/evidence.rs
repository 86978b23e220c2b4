use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::schema::{publication_citations, published_studies};
use ibid::library::{Design, EvidenceLevel, RetractionStatus};
use ibid::on;
use serde_json::{Value, json};

use super::{id_of, publish, retract, stored};
use crate::editorial::{article, study};
use crate::support::{Reply, Site, both};

async fn patch(editor: &Site, address: &str, article: &str, change: Value) -> Reply {
    let etag = editor.get(article).await.etag().to_owned();
    editor.request("PATCH", address).if_match(etag).json(&change).send().await
}

async fn set_design(editor: &Site, key: &str, design: &str) {
    let address = format!("/v1/manage/studies/{key}");
    patch(editor, &address, &address, json!({"design": design})).await.expect(200);
}

type Row = (i32, Option<EvidenceLevel>);

async fn levels_in_the_table(site: &Site, article: &str) -> Vec<Row> {
    let id = id_of(article);
    let read = move |conn: &mut _| {
        Ok(on!(conn, c => publication_citations::table
            .filter(publication_citations::article_id.eq(id))
            .order(publication_citations::number)
            .select((publication_citations::number, publication_citations::evidence_level))
            .load::<Row>(c))?)
    };
    site.state.db.read(read).await.unwrap()
}

fn level_of(citation: &Value) -> (&Value, &Value) {
    (&citation["evidence_level"], &citation["evidence_level_default"])
}

both! {
    async fn a_level_follows_the_design_until_an_editor_says_another(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        study(&editor, "bb2002").await;
        set_design(&editor, "aa2001", "case_series").await;
        let (address, _) = article(&editor, "Pores", &["The lead [@aa2001; @bb2002]."]).await;
        let copy = editor.get(&address).await.expect(200);
        assert_eq!(level_of(&copy["citations"][0]), (&json!("4"), &json!(true)));
        assert_eq!(level_of(&copy["citations"][1]), (&Value::Null, &json!(true)));
        publish(&editor, &address).await;
        assert_eq!(levels_in_the_table(&site, &address).await, [(1, Some(EvidenceLevel::Four)), (2, None)]);

        // The default follows the library.
        set_design(&editor, "bb2002", "systematic_review").await;
        let read = site.get("/v1/articles/pores?include=citations").await.expect(200);
        assert_eq!(level_of(&read["citations"][1]), (&json!("1"), &json!(true)));
        assert_eq!(read["evidence"]["by_design"], json!({"systematic_review": 1, "case_series": 1}));
        assert_eq!((&read["evidence"]["by_level"], &read["evidence"]["best_level"]), (&json!({"1": 1, "4": 1}), &json!("1")));

        let citation = format!("{address}/citations/{}", copy["citations"][1]["id"].as_str().unwrap());
        let given = patch(&editor, &citation, &address, json!({"evidence_level": "3"})).await;
        assert_eq!(level_of(&given.expect(200)), (&json!("3"), &json!(false)));
        assert_eq!(given.etag(), editor.get(&citation).await.etag());
        publish(&editor, &address).await;
        set_design(&editor, "bb2002", "meta_analysis").await;
        let read = site.get("/v1/articles/pores?include=citations").await.expect(200);
        assert_eq!(level_of(&read["citations"][1]), (&json!("3"), &json!(false)));
        assert_eq!(levels_in_the_table(&site, &address).await[1], (2, Some(EvidenceLevel::Three)));

        let back = patch(&editor, &citation, &address, json!({"evidence_level": null})).await;
        assert_eq!(level_of(&back.expect(200)), (&json!("1"), &json!(true)));
        for wrong in [json!({"evidence_level": 2}), json!({"evidence_level": "6"}), json!({"level": "2"})] {
            assert_eq!(patch(&editor, &citation, &address, wrong).await.status, 422);
        }
        let listed = json!({"citations": [{"study": "aa2001", "evidence_level": "2"}]});
        let copy = patch(&editor, &address, &address, listed).await.expect(200);
        assert_eq!(level_of(&copy["citations"][0]), (&json!("2"), &json!(false)));
    }

    async fn a_retracted_study_is_counted_and_is_never_the_best(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let shaky = study(&editor, "aa2001").await;
        study(&editor, "bb2002").await;
        set_design(&editor, "aa2001", "randomized_trial").await;
        set_design(&editor, "bb2002", "cohort").await;
        let (address, _) = article(&editor, "Pores", &["The lead [@aa2001; @bb2002]."]).await;
        publish(&editor, &address).await;
        assert_eq!(site.get("/v1/articles/pores").await.json()["evidence"]["best_level"], "2");
        retract(&site, &shaky).await;
        let evidence = site.get("/v1/articles/pores").await.json()["evidence"].clone();
        assert_eq!((&evidence["retracted"], &evidence["concerns"], &evidence["best_level"]), (&json!(1), &json!(0), &json!("3")));
        type Columns = (Option<Design>, Option<RetractionStatus>);
        let read = |conn: &mut _| {
            Ok(on!(conn, c => published_studies::table
                .filter(published_studies::key.eq("aa2001"))
                .select((published_studies::design, published_studies::retraction))
                .first::<Columns>(c))?)
        };
        let columns = site.state.db.read(read).await.unwrap();
        assert_eq!(columns, (Some(Design::RandomizedTrial), Some(RetractionStatus::Retracted)));
    }

    async fn claims_name_their_studies_and_are_published_with_numbers(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for key in ["aa2001", "bb2002", "cc2003"] {
            study(&editor, key).await;
        }
        let made = editor.post("/v1/manage/articles", &json!({
            "title": "Pores",
            "sections": [{"body": "The lead [@bb2002]."}],
            "claims": [{"statement": "It helps.", "certainty": "low", "for": ["aa2001", "bb2002"], "against": ["cc2003"]}],
        })).await;
        let (address, copy) = (made.header("location").to_owned(), made.expect(201));
        let claim = &copy["claims"][0];
        assert_eq!((&claim["for"], &claim["against"]), (&json!(["aa2001", "bb2002"]), &json!(["cc2003"])));
        let origins: Vec<_> = copy["citations"].as_array().unwrap().iter()
            .map(|c| (c["study"]["key"].as_str().unwrap(), c["origin"].as_str().unwrap())).collect();
        assert_eq!(origins, [("bb2002", "marker"), ("aa2001", "entry"), ("cc2003", "entry")]);
        assert_eq!(editor.get(&address).await.json()["claims"], copy["claims"]);
        publish(&editor, &address).await;
        let read = site.get("/v1/articles/pores").await.expect(200);
        assert_eq!(read["claims"], json!([{
            "id": claim["id"], "statement": "It helps.", "certainty": "low", "for": [2, 1], "against": [3],
        }]));

        // What was read can be sent back as it is and changes nothing.
        let same = patch(&editor, &address, &address, json!({"claims": copy["claims"]})).await.expect(200);
        assert_eq!((&same["version"], &same["claims"]), (&copy["version"], &copy["claims"]));
        let citation = copy["citations"][1]["id"].as_str().unwrap();
        let etag = editor.get(&address).await.etag().to_owned();
        let kept = editor.request("DELETE", &format!("{address}/citations/{citation}")).if_match(etag).send().await;
        assert_eq!((kept.status, kept.code()), (409, "citation_claimed".into()));

        let without = patch(&editor, &address, &address, json!({"claims": []})).await.expect(200);
        assert_eq!((&without["claims"], &without["version"]), (&json!([]), &json!(2)));
        let published = stored(&site, &address).await;
        assert!(published.head.contains("It helps."));
    }

    async fn what_is_wrong_with_claims_is_told_at_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let refused = editor.post("/v1/manage/articles", &json!({
            "title": "Pores",
            "claims": [
                {"statement": "It helps.", "for": ["aa2001", "nobody"], "against": ["aa2001"]},
                {"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e50", "statement": "It does not."},
            ],
        })).await.expect(422);
        let told: Vec<_> = refused["errors"].as_array().unwrap().iter()
            .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect();
        assert_eq!(told, [("/claims/0/for/1", "unknown_study"), ("/claims/0/against/0", "duplicate"), ("/claims/1/id", "unknown_claim")]);
        let refused = editor.post("/v1/manage/articles", &json!({
            "title": "Pores", "claims": [{"statement": "It helps.", "certainty": "sure"}],
        })).await.expect(422);
        assert_eq!(refused["errors"][0]["pointer"], "/claims/0/certainty");
    }
}
