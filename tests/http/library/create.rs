use ibid::accounts::Role;
use serde_json::json;

use super::{STUDIES, add, faults, samples};
use crate::support::{Reply, Site, both};

both! {
    async fn the_samples_become_studies(site: Site) {
        let editor = site.signed_in(Role::Author).await;
        for record in samples() {
            let made = add(&editor, record.clone()).await;
            let study = made.expect(201);
            assert_eq!((&study["key"], &study["csl"]), (&record["id"], &record));
            assert_eq!(study["title"], record["title"]);
            assert_eq!(study["year"], record["issued"]["date-parts"][0][0]);
            assert_eq!(study["doi"].as_str(), record["DOI"].as_str().map(str::to_lowercase).as_deref());
            assert_eq!((&study["pmid"], &study["pmcid"]), (&record["PMID"], &record["PMCID"]));
            assert_eq!(study["completeness"]["complete"], record.get("DOI").is_some(), "{study}");
            assert_eq!(study["cited_by"], json!({"working_copies": 0, "publications": 0}));
            assert_eq!((&study["design"], &study["sample_size"], &study["version"]), (&json!(null), &json!(null), &json!(1)));
            let read = editor.get(made.header("location")).await;
            assert_eq!((read.etag(), &read.body), (made.etag(), &made.body), "what was told is what is kept");
            assert!(made.etag().starts_with("\"1."));
        }
    }

    async fn an_incomplete_record_is_kept_and_says_what_it_lacks(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let record = json!({"type": "article-journal", "container-title": "Dermatologic Surgery"});
        let study = add(&editor, record).await.expect(201);
        assert_eq!(study["key"], "dermatologicsurgery");
        assert_eq!((&study["title"], &study["year"], &study["doi"]), (&json!(null), &json!(null), &json!(null)));
        let missing = json!(["title", "author", "issued", "identifier"]);
        assert_eq!(study["completeness"], json!({"complete": false, "missing": missing}));
    }

    async fn what_csl_has_no_variable_for_is_kept_beside_it(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let body = json!({"key": "a1", "csl": {"type": "book"}, "design": "case_series", "sample_size": 37.0});
        let study = editor.post(STUDIES, &body).await.expect(201);
        assert_eq!((&study["design"], &study["sample_size"]), (&json!("case_series"), &json!(37)));
        assert_eq!(study["csl"], json!({"id": "a1", "type": "book"}));
    }

    async fn keys_are_proposed_and_step_aside(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let record = || json!({"type": "book", "author": [{"family": "Majid"}], "issued": {"date-parts": [[2009]]}});
        for key in ["majid2009", "majid2009a", "majid2009b"] {
            let study = add(&editor, record()).await.expect(201);
            assert_eq!((&study["key"], &study["csl"]["id"]), (&json!(key), &json!(key)));
        }
    }

    async fn a_key_that_is_asked_for_is_given_or_refused(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let first = editor.post(STUDIES, &json!({"key": "mine", "csl": {"type": "book"}})).await.expect(201);
        for body in [
            json!({"key": "mine", "csl": {"type": "book"}}),
            json!({"csl": {"type": "book", "id": "mine"}}),
            json!({"key": "mine", "csl": {"type": "book", "id": "mine"}}),
        ] {
            let taken = editor.post(STUDIES, &body).await;
            assert_eq!((taken.status, taken.code()), (409, "key_taken".into()));
            assert_eq!(taken.json()["existing"], first["id"]);
        }
        let two = editor.post(STUDIES, &json!({"key": "this", "csl": {"type": "book", "id": "that"}})).await.expect(201);
        assert_eq!((&two["key"], &two["csl"]["id"]), (&json!("this"), &json!("this")));
        for key in ["A1", "a", "doi:10", "pmid:1", "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "a b", ""] {
            let refused = editor.post(STUDIES, &json!({"key": key, "csl": {"type": "book", "id": key}})).await;
            let both = [("/csl/id".into(), "invalid_key".into()), ("/key".into(), "invalid_key".into())];
            let mut found = faults(&refused);
            found.sort();
            assert_eq!(found, both, "{key}");
        }
        let number = add(&editor, json!({"type": "book", "id": 1})).await;
        assert_eq!(faults(&number), [("/csl/id".into(), "invalid_key".into())]);
    }

    async fn a_study_is_there_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let record = json!({"type": "book", "DOI": "10.1000/ABC", "PMID": "20300368", "PMCID": "PMC7764156"});
        let first = add(&editor, record).await.expect(201);
        for (variable, spelling) in [
            ("DOI", "https://doi.org/10.1000/abc"),
            ("DOI", "doi:10.1000/aBc."),
            ("PMID", "https://pubmed.ncbi.nlm.nih.gov/20300368/"),
            ("PMID", "PMID: 020300368"),
            ("PMCID", "7764156"),
        ] {
            // The same first author and year: the key alone would step aside.
            let again = editor.post(STUDIES, &json!({"key": first["key"], "csl": {"type": "report", variable: spelling}})).await;
            assert_eq!((again.status, again.code()), (409, "study_exists".into()), "{spelling}");
            assert_eq!(again.json()["existing"], first["id"], "{spelling}");
        }
    }

    async fn of_two_requests_with_one_doi_one_wins(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        for round in 0..8 {
            let record = |title: &str| json!({"type": "book", "title": title, "DOI": format!("10.1000/race{round}")});
            let bodies = [json!({"csl": record("One")}), json!({"csl": record("Two")}), json!({"csl": record("Two")})];
            let (one, two, three) = at_once(&editor, &bodies).await;
            let mut replies = [one, two, three];
            replies.sort_by_key(|reply| reply.status);
            assert_eq!(replies.each_ref().map(|reply| reply.status), [201, 409, 409]);
            let id = &replies[0].json()["id"];
            assert!(replies[1..].iter().all(|reply| reply.json()["existing"] == *id));
        }
    }

    async fn of_many_requests_with_one_proposal_each_gets_a_key(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let body = json!({"csl": {"type": "book", "author": [{"family": "Majid"}], "issued": {"raw": "2009"}}});
        let (one, two, three) = at_once(&editor, &[body.clone(), body.clone(), body]).await;
        let mut keys = [one, two, three].map(|reply| reply.expect(201)["key"].as_str().unwrap().to_owned());
        keys.sort();
        assert_eq!(keys, ["majid2009", "majid2009a", "majid2009b"]);
    }

    async fn all_faults_are_told_at_once(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let body = json!({
            "key": "No", "design": "rct", "sample_size": 0, "sampel_size": 3,
            "csl": {"titel": "x", "volume": 1.5, "author": [{"family": "A"}, {"fam": "B"}], "DOI": "none",
                    "issued": {"date-parts": [[2020, 2, 30]]}},
        });
        let mut found = faults(&editor.post(STUDIES, &body).await);
        found.sort();
        let mut expected = [
            ("/csl/DOI", "invalid_identifier"), ("/csl/author/1", "empty_name"),
            ("/csl/author/1/fam", "unknown_name_member"), ("/csl/issued/date-parts/0", "invalid_date"),
            ("/csl/titel", "unknown_variable"), ("/csl/type", "required"), ("/csl/volume", "expected_number"),
            ("/design", "unknown_value"), ("/key", "invalid_key"), ("/sampel_size", "unknown_member"),
            ("/sample_size", "out_of_range"),
        ]
        .map(|(pointer, code)| (pointer.to_owned(), code.to_owned()));
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(faults(&editor.post(STUDIES, &json!({})).await), [("/csl".into(), "required".into())]);
        assert_eq!(faults(&add(&editor, json!([])).await), [("/csl".into(), "wrong_type".into())]);
    }

    async fn large_values_are_kept(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        // Not compressible, and four bytes a character: what an index can hold is less than what a record may.
        let letters = |n: u32| (0..n).map(|i| char::from_u32(0x2_0000 + i * 7919 % 40_000).unwrap()).collect::<String>();
        let doi = format!("10.1000/{}", letters(492));
        let record = json!({"type": "book", "title": letters(10_000), "abstract": letters(100_000), "DOI": doi});
        let study = add(&editor, record.clone()).await.expect(201);
        assert_eq!((&study["title"], &study["csl"]["abstract"]), (&record["title"], &record["abstract"]));
        let listed = editor.get(&format!("{STUDIES}?sort=title")).await.expect(200);
        assert_eq!(listed["data"][0]["id"], study["id"]);
    }

    async fn some_roles_read_and_some_write(site: Site) {
        assert_eq!(site.get(STUDIES).await.code(), "unauthenticated");
        let reviewer = site.signed_in(Role::Reviewer).await;
        reviewer.get(STUDIES).await.expect(200);
        assert_eq!(add(&reviewer, json!({"type": "book"})).await.code(), "forbidden");
        assert_eq!(site.signed_in(Role::Moderator).await.get(STUDIES).await.code(), "forbidden");
    }
}

async fn at_once(site: &Site, bodies: &[serde_json::Value; 3]) -> (Reply, Reply, Reply) {
    let [one, two, three] = bodies;
    tokio::join!(site.post(STUDIES, one), site.post(STUDIES, two), site.post(STUDIES, three))
}
