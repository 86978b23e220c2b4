//! Reviews as the public reads them, and lists that turn over at midnight.

use std::time::Duration;

use ibid::accounts::Role;
use serde_json::{Value, json};

use super::cache::run_sql;
use super::slugs;
use super::statements::Statements;
use crate::editorial::reviews::today;
use crate::editorial::study;
use crate::publishing::publish;
use crate::support::{Reply, Site, both};

fn review(at: &str, next_due: Option<&str>) -> Value {
    json!({
        "by": [
            {"name": "Grace Example", "credentials": "MD", "orcid": "0000-0002-1825-0097"},
            {"name": "Alan Example", "credentials": null, "orcid": null},
        ],
        "at": at,
        "next_due": next_due,
    })
}

/// Publishes an article with this review; answers its address and what was said about the publication.
async fn reviewed(editor: &Site, title: &str, review: Value) -> (String, Value) {
    let new = json!({"title": title, "reviewed": review, "sections": [{"body": "The lead [@aa2001]."}]});
    let made = editor.post("/v1/manage/articles", &new).await;
    made.expect(201);
    let address = made.header("location").to_owned();
    let said = publish(editor, &address).await;
    (address, said)
}

/// Sets the clock to so many seconds before midnight in UTC; answers the day that it is then.
fn before_midnight(site: &Site, seconds: i64) -> String {
    let clock = &site.state.clock;
    let left = clock.today().end().unix() - clock.now().unix() - seconds;
    // Sooner than that today is tomorrow.
    let left = if left < 0 { left + 24 * 60 * 60 } else { left };
    clock.advance(Duration::from_secs(left.unsigned_abs()));
    today(site)
}

/// How many seconds `Cache-Control` lets browsers keep the answer, shared caches keep it, and both give it after that.
fn kept(reply: &Reply) -> [u32; 3] {
    ["max-age=", "s-maxage=", "stale-while-revalidate="].map(|name| {
        let directive = reply.header("cache-control").split(", ").find_map(|it| it.strip_prefix(name));
        directive.unwrap_or_else(|| panic!("{name} in {:?}", reply.headers)).parse().expect("seconds")
    })
}

async fn list(site: &Site, path: &str) -> (Vec<String>, Reply) {
    let reply = site.get(path).await;
    let page = reply.expect(200);
    (slugs(&page).into_iter().map(str::to_owned).collect(), reply)
}

both! {
    async fn the_public_reads_who_reviewed_an_article(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let first = review("2024-06-20", Some("2025-06-20"));
        let (address, _) = reviewed(&editor, "Pores", first.clone()).await;
        reviewed(&editor, "Nails", Value::Null).await;
        let read = async |path: &str| site.get(path).await.expect(200);
        assert_eq!(read("/v1/articles/pores").await["reviewed"], first);
        assert_eq!(read("/v1/articles/nails").await["reviewed"], Value::Null);
        assert_eq!(read("/v1/articles?ids=pores,nails").await["data"][0]["reviewed"], first);
        assert_eq!(read("/v1/search?q=pores").await["data"][0]["article"]["reviewed"], first);
        assert_eq!(read("/v1/studies/aa2001/articles?ids=pores").await["data"][0]["article"]["reviewed"], first);
        let copied = read("/v1/sync").await;
        let copied = copied["data"].as_array().unwrap().iter().find(|item| item["article"]["slug"] == "pores").unwrap();
        assert_eq!(copied["article"]["reviewed"], first);
        let part = read("/v1/articles/pores?fields=reviewed.by.name,reviewed.at").await;
        let names = json!([{"name": "Grace Example"}, {"name": "Alan Example"}]);
        assert_eq!(part, json!({"reviewed": {"by": names, "at": "2024-06-20"}}));
        assert_eq!(read("/v1/articles/nails?fields=reviewed.next_due").await, json!({"reviewed": null}));
        assert_eq!(site.get("/v1/articles/nails?fields=reviewed.on").await.status, 400);

        // What is changed is read when it is published, and versions keep what they had.
        let again = json!({"reviewed": {"at": "2025-06-01", "next_due": null}});
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("PATCH", &address).if_match(etag).json(&again).send().await.expect(200);
        assert_eq!(read("/v1/articles/pores").await["reviewed"], first);
        publish(&editor, &address).await;
        assert_eq!(read("/v1/articles/pores").await["reviewed"], review("2025-06-01", None));
        assert_eq!(read("/v1/articles/pores/versions/1").await["reviewed"], first);
        assert_eq!(read("/v1/articles/pores/versions/2").await["reviewed"], review("2025-06-01", None));
    }

    async fn publishing_warns_of_a_review_that_is_overdue(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let warned = |said: &Value| {
            let all = said["warnings"].as_array().unwrap().iter();
            let due = all.filter(|warning| warning["code"] == "review_overdue");
            due.map(|warning| warning["detail"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (address, said) = reviewed(&editor, "Past", review("2024-06-20", Some("2025-06-20"))).await;
        assert_eq!(warned(&said), ["The next review was due by 2025-06-20."]);
        // Nothing new is published, and it is said again.
        assert_eq!(warned(&publish(&editor, &address).await), ["The next review was due by 2025-06-20."]);
        let (_, said) = reviewed(&editor, "Today", review("2024-06-20", Some(&today(&site)))).await;
        assert!(warned(&said).is_empty());
    }

    async fn lists_of_what_is_overdue_turn_over_at_midnight(site: Site) {
        let today = before_midnight(&site, 200);
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        reviewed(&editor, "None", Value::Null).await;
        reviewed(&editor, "Undue", review("2024-06-20", None)).await;
        reviewed(&editor, "Past", review("2024-06-20", Some("2025-06-20"))).await;
        reviewed(&editor, "Today", review("2024-06-20", Some(&today))).await;
        let lists = [
            ("/v1/articles?sort=title&review_overdue=true&fields=slug", vec!["past"], vec!["past", "today"]),
            ("/v1/articles?sort=title&review_overdue=false&fields=slug", vec!["none", "today", "undue"], vec!["none", "undue"]),
            ("/v1/articles?sort=title&q=today&review_overdue=true&fields=slug", vec![], vec!["today"]),
        ];
        let cited = "/v1/studies/aa2001/articles?review_overdue=true&count=true";
        let counted = async || site.get(cited).await.expect(200)["page"]["total"].clone();
        let mut before = Vec::new();
        for (path, expected, _) in &lists {
            let (slugs, reply) = list(&site, path).await;
            assert_eq!(&slugs, expected, "{path}");
            before.push(reply.etag().to_owned());
            let [max_age, s_maxage, stale] = kept(&reply);
            // 60, 300 and 60 unless midnight is near.
            assert!(max_age == 60 && (60..=200).contains(&s_maxage) && stale == 0, "{:?}", kept(&reply));
        }
        assert_eq!(counted().await, 1);
        // What is the same tomorrow may be kept as long as ever.
        for path in ["/v1/articles", "/v1/articles/today", "/v1/articles?retracted=false", "/v1/studies/aa2001/articles"] {
            assert_eq!(kept(&site.get(path).await), [60, 300, 60], "{path}");
        }

        // Given from memory, with no more time than there is left.
        let statements = Statements::of(&site).await;
        site.state.clock.advance(Duration::from_secs(150));
        for ((path, ..), etag) in lists.iter().zip(&before) {
            let (_, reply) = list(&site, path).await;
            assert_eq!(reply.etag(), etag, "{path}");
            let [max_age, s_maxage, stale] = kept(&reply);
            assert!(max_age <= 50 && s_maxage <= 50 && stale == 0, "{:?}", kept(&reply));
            let known = site.request("GET", path).header("If-None-Match", etag).send().await;
            assert_eq!(known.status, 304);
            assert!(kept(&known)[1] <= 50);
        }
        let read = statements.take().into_iter().filter(|statement| statement.contains("review_due")).count();
        assert_eq!(read, 0);

        site.state.clock.advance(Duration::from_secs(50));
        for ((path, _, expected), etag) in lists.iter().zip(&before) {
            let known = site.request("GET", path).header("If-None-Match", etag).send().await;
            assert_eq!(known.status, 200, "{path}");
            let (slugs, reply) = list(&site, path).await;
            assert_eq!(&slugs, expected, "{path}");
            assert_ne!(reply.etag(), etag);
            assert_eq!(kept(&reply), [60, 300, 60]);
        }
        assert_eq!(counted().await, 2);
    }

    async fn yesterdays_list_is_given_only_while_the_database_is_away(site: Site) {
        let today = before_midnight(&site, 200);
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        reviewed(&editor, "Today", review("2024-06-20", Some(&today))).await;
        let path = "/v1/articles?review_overdue=true&fields=slug";
        let (slugs, fresh) = list(&site, path).await;
        assert!(slugs.is_empty());
        run_sql(&site, "ALTER TABLE publications RENAME TO away").await;
        assert_eq!(site.get(path).await.header("cache-status"), "");
        site.state.clock.advance(Duration::from_secs(200));
        let stale = site.get(path).await;
        assert_eq!((stale.status, stale.etag(), stale.header("cache-status")), (200, fresh.etag(), "ibid; hit; detail=stale"));
        assert_eq!(kept(&stale), [0, 0, 0]);
        let bound = u64::from(site.state.settings.caching.stale_if_error);
        site.state.clock.advance(Duration::from_secs(bound + 60));
        assert!(site.get(path).await.status >= 500, "it is too old");
        run_sql(&site, "ALTER TABLE away RENAME TO publications").await;
        assert_eq!(list(&site, path).await.0, ["today"]);
    }

    async fn lists_are_sorted_by_the_day_that_is_due(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let dues = [
            ("None", None), ("First", Some("2025-01-01")), ("Second", Some("2025-06-20")), ("Last", Some("9999-12-31")),
            ("Twice", Some("2025-06-20")), ("Neither", None),
        ];
        for (title, due) in dues {
            reviewed(&editor, title, due.map_or(Value::Null, |due| review("2024-06-20", Some(due)))).await;
        }
        let lists = [
            ("/v1/articles", "sort=review_due,title", ["First", "Second", "Twice", "Last", "Neither", "None"]),
            ("/v1/articles", "sort=-review_due,title", ["Last", "Second", "Twice", "First", "Neither", "None"]),
            ("/v1/articles", "sort=review_due", ["First", "Second", "Twice", "Last", "None", "Neither"]),
            ("/v1/articles", "sort=-review_due", ["Last", "Twice", "Second", "First", "Neither", "None"]),
            ("/v1/studies/aa2001/articles", "sort=review_due,-title", ["First", "Twice", "Second", "Last", "None", "Neither"]),
            ("/v1/manage/articles", "sort=review_due,title", ["First", "Second", "Twice", "Last", "Neither", "None"]),
            ("/v1/manage/articles", "sort=-review_due", ["Last", "Twice", "Second", "First", "Neither", "None"]),
            ("/v1/manage/articles", "sort=title,review_due", ["First", "Last", "Neither", "None", "Second", "Twice"]),
        ];
        let titles = |page: &Value| -> Vec<String> {
            let items = page["data"].as_array().unwrap().iter();
            items.map(|item| item.get("article").unwrap_or(item)["title"].as_str().unwrap().to_owned()).collect()
        };
        for (path, sort, expected) in lists {
            for limit in [1, 2, 4, 6] {
                let mut page = editor.get(&format!("{path}?{sort}&limit={limit}")).await.expect(200);
                let mut there = titles(&page);
                while let Some(next) = page["page"]["next"].as_str() {
                    page = editor.get(next).await.expect(200);
                    there.extend(titles(&page));
                }
                let mut back = titles(&page);
                while let Some(prev) = page["page"]["prev"].as_str() {
                    page = editor.get(prev).await.expect(200);
                    back.splice(0..0, titles(&page)).for_each(drop);
                }
                assert_eq!((&there[..], &back[..]), (&expected.map(str::to_owned)[..], &there[..]), "{path} {sort} {limit}");
            }
        }
        let soon = editor.get("/v1/articles?sort=review_due&review_overdue=true&limit=2").await.expect(200);
        assert_eq!(titles(&soon), ["First", "Second"]);
        for path in ["/v1/articles?sort=review_duo", "/v1/manage/articles?sort=review_duo"] {
            let refused = editor.get(path).await;
            assert!(refused.status == 400 && refused.text().contains("Did you mean \\\"review_due\\\"?"), "{}", refused.text());
        }
    }

    async fn what_is_no_boolean_is_refused(site: Site) {
        for parameter in ["review_overdue=yes", "review_overdue=", "not.review_overdue=true", "review_overdue=true,false"] {
            let refused = site.get(&format!("/v1/articles?{parameter}")).await;
            assert_eq!(refused.status, 400, "{parameter}");
        }
    }
}
