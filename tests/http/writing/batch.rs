use std::time::Duration;

use futures_util::future::join_all;
use ibid::accounts::Role;
use ibid::error::{Code, Problem};
use proptest::test_runner::{Config, RngAlgorithm, TestRng};
use serde_json::{Value, json};

use super::{dump, is_replayed, keyed};
use crate::support::{Reply, Site, both};

const BATCH: &str = "/v1/manage/batch";
const ARTICLES: &str = "/v1/manage/articles";

async fn send(site: &Site, operations: Value) -> Reply {
    site.post(BATCH, &json!({"operations": operations})).await
}

/// An article with a study, a section that cites it, and a publication.
fn story() -> Value {
    let csl = json!({"type": "book", "title": "Needles", "author": [{"family": "Majid"}], "issued": {"date-parts": [[2009]]}});
    json!([
        {"name": "study", "method": "POST", "path": "/v1/manage/studies", "body": {"key": "needles", "csl": csl}},
        {"name": "article", "method": "POST", "path": ARTICLES, "body": {"title": "Needles and scars"}},
        {"name": "section", "method": "POST", "path": "/v1/manage/articles/{article.id}/sections",
         "if_match": "{article.etag}", "body": {"heading": "One", "body": "It helps [@needles]."}},
        {"name": "patched", "method": "PATCH", "path": "/v1/manage/articles/{article.id}", "if_match": "{section.etag}",
         "body": {"subtitle": {"$ref": "study.key"}}},
        {"name": "published", "method": "POST", "path": "/v1/manage/articles/{article.id}/publish",
         "if_match": "{patched.etag}"},
    ])
}

async fn an_article(site: &Site) -> (String, String) {
    let made = site.post(ARTICLES, &json!({"title": "T"})).await;
    made.expect(201);
    (made.header("location").to_owned(), made.etag().to_owned())
}

fn patch(article: &str, etag: &str, title: &str) -> Value {
    json!({"method": "PATCH", "path": article, "if_match": etag, "body": {"title": title}})
}

both! {
    async fn a_whole_story_is_told_in_one(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let told = send(&admin, story()).await.expect(200);
        let statuses: Vec<&Value> = told["results"].as_array().expect("results").iter().map(|one| &one["status"]).collect();
        assert_eq!(statuses, [201, 201, 201, 200, 200]);
        let article = site.get("/v1/articles/needles-and-scars?include=citations").await.expect(200);
        assert_eq!((&article["subtitle"], &article["citations"][0]["key"]), (&json!("needles"), &json!("needles")));
        let address = told["results"][1]["location"].as_str().expect("an address");
        let copy = admin.get(address).await.expect(200);
        assert_eq!(told["results"][3]["body"]["version"], copy["version"]);
    }

    async fn of_one_that_fails_nothing_is_kept(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        for (fault, status, code, pointer) in [
            (json!({"method": "POST", "path": ARTICLES, "body": {"titel": 1}}), 422, "validation_failed", "/operations/5/body/titel"),
            (json!({"method": "POST", "path": ARTICLES, "body": {"title": "T", "slug": "needles-and-scars"}}), 409, "slug_taken", ""),
            (json!({"method": "PATCH", "path": "/v1/manage/articles/{article.id}", "if_match": "\"99.x\"", "body": {"title": "T"}}), 412, "version_conflict", ""),
            (json!({"method": "PATCH", "path": "/v1/manage/articles/{article.id}", "body": {"title": "T"}}), 428, "precondition_required", ""),
            (json!({"method": "DELETE", "path": "/v1/manage/articles/nothing", "if_match": "*"}), 404, "not_found", ""),
        ] {
            let mut operations = story();
            operations.as_array_mut().expect("a list").push(fault);
            let before = dump(&admin).await;
            let list = site.get("/v1/articles").await.etag().to_owned();
            let refused = send(&admin, operations).await;
            assert_eq!((refused.status, refused.code()), (422, "batch_failed".into()), "{}", refused.text());
            let operation = &refused.json()["operation"];
            assert_eq!((&operation["index"], &operation["problem"]["code"]), (&json!(5), &json!(code)));
            assert_eq!(operation["problem"]["status"], status);
            if !pointer.is_empty() {
                let errors = refused.json()["errors"].clone();
                assert!(errors.as_array().expect("errors").iter().any(|one| one["pointer"] == pointer), "{errors}");
            }
            assert_eq!(dump(&admin).await, before);
            assert_eq!(site.get("/v1/articles").await.etag(), list);
        }
        send(&admin, story()).await.expect(200);
    }

    async fn what_can_be_seen_to_be_wrong_is_told_at_once(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let refused = send(&admin, json!([
            {"name": "a", "method": "POST", "path": ARTICLES, "body": {"title": {"$ref": "b.id"}}},
            {"name": "a", "method": "POST", "path": BATCH},
            {"method": "POST", "path": "/v1/manage/articles/{c.id}/sections", "if_match": "{d.etag}", "body": {"body": {"$ref": 1}}},
        ])).await;
        assert_eq!((refused.status, refused.code()), (422, "validation_failed".into()));
        let errors = refused.json()["errors"].clone();
        let told: Vec<(&str, &str)> = errors.as_array().expect("errors").iter()
            .map(|one| (one["pointer"].as_str().expect("a place"), one["code"].as_str().expect("a code"))).collect();
        assert_eq!(told, [
            ("/operations/0/body/title/$ref", "unknown_reference"),
            ("/operations/1/path", "not_in_a_batch"),
            ("/operations/1/name", "repeated_name"),
            ("/operations/2/path", "unknown_reference"),
            ("/operations/2/if_match", "unknown_reference"),
            ("/operations/2/body/body/$ref", "invalid_reference"),
        ]);
        let before = dump(&admin).await;
        let refused = send(&admin, json!([
            {"name": "a", "method": "POST", "path": ARTICLES, "body": {"title": "T"}},
            {"method": "PATCH", "path": "/v1/manage/articles/{a.nothing}", "if_match": "{a.etag}", "body": {"title": {"$ref": "a.sections.7"}}},
        ])).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json()["errors"].as_array().map(Vec::len), Some(2), "{}", refused.text());
        assert_eq!(dump(&admin).await, before);
        let many: Vec<Value> = (0..101).map(|_| json!({"method": "POST", "path": ARTICLES, "body": {"title": "T"}})).collect();
        assert_eq!(send(&admin, json!(many)).await.status, 422);
        assert_eq!(send(&admin, json!([])).await.status, 422);
        assert_eq!(dump(&admin).await, before);
    }

    async fn it_can_be_tried_and_sent_again(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let before = dump(&admin).await;
        let dry = admin.post(&format!("{BATCH}?dry_run=true"), &json!({"operations": story()})).await;
        assert_eq!((dry.status, dry.header("dry-run")), (200, "true"));
        assert_eq!(dump(&admin).await, before);
        assert_eq!(site.get("/v1/articles/needles-and-scars").await.status, 404);
        let body = json!({"operations": story()});
        let first = keyed(&admin, BATCH, "one", &body).send().await;
        let again = keyed(&admin, BATCH, "one", &body).send().await;
        assert_eq!((first.status, is_replayed(&first), is_replayed(&again)), (200, false, true));
        assert_eq!(first.text(), again.text());
        assert_eq!(admin.get(&format!("{ARTICLES}?count=true")).await.expect(200)["page"]["total"], 1);
        let refused = keyed(&admin, BATCH, "two", &body).send().await;
        let again = keyed(&admin, BATCH, "two", &body).send().await;
        assert_eq!((refused.code(), is_replayed(&again)), ("batch_failed".into(), true), "{}", again.text());
    }

    async fn of_several_at_once_on_one_article_one_wins(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let (article, etag) = an_article(&admin).await;
        let batch = |n: usize| {
            let of = patch(&article, &etag, &format!("Title {n}"));
            let new = json!({"method": "POST", "path": ARTICLES, "body": {"title": format!("New {n}")}});
            send(&admin, json!([new, of]))
        };
        let replies = join_all((0..10).map(batch)).await;
        let won = replies.iter().filter(|reply| reply.status == 200).count();
        let lost = replies.iter().filter(|reply| reply.json()["operation"]["problem"]["code"] == "version_conflict").count();
        assert_eq!((won, lost), (1, 9));
        assert_eq!(admin.get(&format!("{ARTICLES}?count=true")).await.expect(200)["page"]["total"], 2);
        admin.request("PATCH", &article).if_match("*").json(&json!({"title": "Alone"})).send().await.expect(200);
    }

    async fn fifty_at_once_in_any_order_do_not_stand_in_each_others_way(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let mut articles = Vec::new();
        for n in 0..4 {
            let body = json!({"title": format!("T {n}"), "sections": [{"body": "Text."}]});
            articles.push(admin.post(ARTICLES, &body).await.header("location").to_owned());
        }
        let batch = |n: usize| {
            let (first, second) = (&articles[n % 4], &articles[(n * 3 + 1) % 4]);
            let mut operations = vec![patch(first, "*", &format!("A {n}"))];
            operations.push(json!({"method": "POST", "path": format!("{first}/publish"), "if_match": "*"}));
            operations.push(patch(second, "*", &format!("B {n}")));
            operations.push(json!({"method": "POST", "path": format!("{second}/publish"), "if_match": "*"}));
            send(&admin, json!(operations))
        };
        let alone = |n: usize| {
            admin.request("POST", &format!("{}/publish", articles[n % 4])).if_match("*").send()
        };
        let (batches, alone) = tokio::join!(join_all((0..50).map(batch)), join_all((0..8).map(alone)));
        for reply in batches.iter().chain(&alone) {
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
    }

    async fn each_operation_asks_for_its_own_permission(site: Site) {
        for (role, status) in [(Role::Admin, 200), (Role::Editor, 200), (Role::Author, 422), (Role::Reviewer, 403), (Role::Moderator, 403)] {
            let who = site.signed_in(role).await;
            let mut operations = story();
            operations[0]["body"]["key"] = json!(format!("needles{}", role.as_str()));
            operations[1]["body"]["slug"] = json!(format!("by-{}", role.as_str()));
            operations[2]["body"]["body"] = json!("Text.");
            let before = dump(&site).await;
            let reply = send(&who, operations).await;
            assert_eq!(reply.status, status, "{}", reply.text());
            if status != 200 {
                assert_eq!(dump(&site).await, before);
            }
            if status == 422 {
                assert_eq!(reply.json()["operation"]["problem"]["code"], "forbidden");
            }
        }
        assert_eq!(send(&site, story()).await.status, 401);
    }

    async fn what_takes_too_long_or_is_given_up_is_undone(site: Site) {
        let admin = site.signed_in(Role::Admin).await;
        let (article, etag) = an_article(&admin).await;
        let before = dump(&admin).await;
        let db = &site.state.db;
        let delete = |conn: &mut ibid::db::Conn| {
            use diesel::prelude::*;
            ibid::on!(conn, c => diesel::sql_query("DELETE FROM articles").execute(c))?;
            Ok(())
        };
        let slow = db.together(1, async {
            db.write(delete).await?;
            tokio::time::sleep(Duration::from_secs(3)).await;
            Ok(())
        });
        assert_eq!(slow.await.expect_err("the time is over").code(), Code::BatchTooLong);
        let given_up = db.together(30, async {
            db.write(delete).await?;
            std::future::pending::<Result<(), Problem>>().await
        });
        assert!(tokio::time::timeout(Duration::from_millis(300), given_up).await.is_err());
        admin.request("PATCH", &article).if_match(&etag).json(&json!({"title": "T"})).send().await.expect(200);
        assert_eq!(dump(&admin).await.len(), before.len());
    }

    async fn a_batch_is_its_operations_one_by_one_or_nothing(site: Site) {
        use proptest::prelude::*;
        use proptest::strategy::ValueTree;
        let admin = site.signed_in(Role::Admin).await;
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = proptest::test_runner::TestRunner::new_with_rng(Config::default(), rng);
        let shapes = proptest::collection::vec((0..4u8, "[a-z]{1,8}"), 1..6);
        for round in 0..8 {
            let steps = shapes.new_tree(&mut runner).expect("steps").current();
            let operation = |article: &str, (kind, word): &(u8, String)| match kind {
                0 => json!({"method": "PATCH", "path": article, "if_match": "*", "body": {"subtitle": word}}),
                1 => json!({"method": "POST", "path": format!("{article}/sections"), "if_match": "*", "body": {"heading": word, "body": word}}),
                2 => json!({"method": "PATCH", "path": article, "if_match": "*", "body": {"tags": [word]}}),
                _ => json!({"method": "POST", "path": format!("{article}/publish"), "if_match": "*"}),
            };
            let (one, _) = an_article(&admin).await;
            let (other, _) = an_article(&admin).await;
            let mut all_succeed = true;
            for step in &steps {
                let single = operation(&one, step);
                let mut request = admin.request(single["method"].as_str().expect("a method"), single["path"].as_str().expect("a path")).if_match("*");
                if !single["body"].is_null() {
                    request = request.json(&single["body"]);
                }
                let status = request.send().await.status;
                if status >= 300 {
                    all_succeed = false;
                    break;
                }
            }
            let before = dump(&admin).await;
            let batch = send(&admin, json!(steps.iter().map(|step| operation(&other, step)).collect::<Vec<_>>())).await;
            assert_eq!(batch.status == 200, all_succeed, "{round}: {steps:?} {}", batch.text());
            if all_succeed {
                let said = async |article: &str| {
                    let copy = admin.get(article).await.expect(200);
                    let texts = |of: &Value| of["sections"].as_array().expect("sections").iter().map(|one| (one["heading"].clone(), one["anchor"].clone())).collect::<Vec<_>>();
                    (copy["subtitle"].clone(), copy["tags"].clone(), copy["version"].clone(), copy["published_version"].clone(), texts(&copy))
                };
                assert_eq!(said(&one).await, said(&other).await, "{steps:?}");
            } else {
                assert_eq!(dump(&admin).await, before);
            }
        }
    }
}
