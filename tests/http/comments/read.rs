use serde_json::{Value, json};

use super::{Talk, all_at, comment, outline, post, published, set_time};
use crate::support::{Site, both};

/// The outlines of all pages from `path` on, and back again.
async fn walk(site: &Site, path: &str) -> (Vec<String>, Vec<String>) {
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let mut page = site.get(path).await.expect(200);
    loop {
        there.push(outline(&page["data"]));
        match page["page"]["next"].as_str() {
            Some(next) => page = site.get(next).await.expect(200),
            None => break,
        }
    }
    loop {
        back.push(outline(&page["data"]));
        match page["page"]["prev"].as_str() {
            Some(prev) => page = site.get(prev).await.expect(200),
            None => break,
        }
    }
    back.reverse();
    (there, back)
}

both! {
    async fn comments_are_a_tree(site: Site) {
        let talk = Talk::new(&site).await;
        let a = talk.says("a", None).await;
        let b = talk.says("b", None).await;
        let a1 = talk.says("a1", Some(&a)).await;
        talk.says("b1", Some(&b)).await;
        talk.says("a2", Some(&a)).await;
        talk.says("a11", Some(&a1)).await;
        post(&site, "an-article", &comment("held", Some(&a))).await.expect(201);

        let tree = talk.read("?count=true").await;
        assert_eq!(outline(&tree["data"]), "a(a1(a11) a2) b(b1)");
        assert_eq!(tree["page"]["total"], 2);
        let deepest = &tree["data"][0]["replies"][0]["replies"][0];
        assert_eq!((&deepest["depth"], &deepest["parent_id"]), (&json!(2), &json!(a1)));
        let newest = talk.read("?sort=-created_at").await;
        assert_eq!(outline(&newest["data"]), "b(b1) a(a1(a11) a2)");

        let flat = talk.read("?view=flat&count=true").await;
        assert_eq!(outline(&flat["data"]), "a b a1 b1 a2 a11");
        assert_eq!((&flat["page"]["total"], &flat["data"][2]["parent_id"]), (&json!(6), &json!(a)));
        let by_id = site.get(&format!("/v1/articles/{}/comments?count=true", talk.article)).await.expect(200);
        assert_eq!(by_id, tree);
    }

    async fn are_given_by_id_in_the_order_asked(site: Site) {
        let talk = Talk::new(&site).await;
        let a = talk.says("a", None).await;
        let b = talk.says("b", Some(&a)).await;
        let c = talk.says("c", Some(&b)).await;
        talk.decide(&b, "spam").await;
        let other = published(&site, "another-article").await;
        let elsewhere = post(&site, &other, &comment("d", None)).await.expect(201)["id"].clone();
        talk.decide(elsewhere.as_str().unwrap(), "approved").await;
        let nobody = "0190493e-7d2c-7c4a-9b58-2f1d6a0c9e11";
        let query = format!("?ids={c},{nobody},{},{b},{a}&count=true", elsewhere.as_str().unwrap());
        let some = talk.read(&query).await;
        assert_eq!(outline(&some["data"]), "c a");
        assert_eq!((&some["data"][0]["parent_id"], &some["data"][1]["parent_id"]), (&json!(a), &Value::Null));
        assert_eq!(some["missing"], json!([nobody, elsewhere, b]));
        assert_eq!(some["page"], json!({"limit": 100, "next": null, "prev": null, "total": 2}));
        assert_eq!(talk.read(&format!("?ids={a}&fields=name")).await["data"], json!([{"name": "Grace"}]));
        assert_eq!(talk.read("").await["missing"], Value::Null);
        for wrong in ["ids=", "ids=x", &format!("ids={a},{a}"), &format!("ids={a}&view=flat"), &format!("ids={a}&limit=1")] {
            let refused = site.get(&format!("/v1/articles/an-article/comments?{wrong}")).await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_parameter".into()), "{wrong}");
        }
    }

    async fn are_asked_for_by_time(site: Site) {
        let talk = Talk::new(&site).await;
        let a = talk.says("a", None).await;
        let b = talk.says("b", None).await;
        let c = talk.says("c", None).await;
        let gone = talk.says("x", None).await;
        let a1 = talk.says("a1", Some(&a)).await;
        let d = talk.says("d", Some(&gone)).await;
        for (id, at) in [
            (&a, "2024-06-23T23:59:59.999999Z"), (&b, "2024-06-24T00:00:00Z"), (&c, "2024-06-24T12:00:00Z"),
            (&gone, "2024-06-24T13:00:00Z"), (&a1, "2024-06-25T00:00:00Z"), (&d, "2024-06-26T08:30:00Z"),
        ] {
            set_time(&site, id, at).await;
        }
        // What stood under it stands at the top, and has a time of its own.
        talk.decide(&gone, "trash").await;
        for (query, tree, flat) in [
            ("", "a(a1) b c d", "a b c a1 d"),
            ("created_after=2024-06-24", "d", "a1 d"),
            ("created_before=2024-06-24", "a(a1)", "a"),
            ("created_after=2024-06-23", "b c d", "b c a1 d"),
            ("created_after=2024-06-23&created_before=2024-06-25", "b c", "b c"),
            ("created_after=2024-06-24T00:00:00Z&created_before=2024-06-26T08:30:00Z", "c", "c a1"),
            ("created_after=2024-06-24T00:00:00Z&created_before=2024-06-26T10:30:00.000001%2B02:00", "c d", "c a1 d"),
            ("created_after=2024-06-26", "", ""),
            ("created_after=2024-06-26&created_before=2024-06-24", "", ""),
        ] {
            for (view, expected) in [("tree", tree), ("flat", flat)] {
                let page = talk.read(&format!("?view={view}&count=true&{query}")).await;
                assert_eq!(outline(&page["data"]), expected, "{view} {query}");
                assert_eq!(page["page"]["total"], page["data"].as_array().unwrap().len(), "{view} {query}");
                for (order, limit) in [("created_at", 1), ("-created_at", 2)] {
                    let path = format!("/v1/articles/an-article/comments?view={view}&sort={order}&limit={limit}&{query}");
                    let (there, back) = walk(&site, path.trim_end_matches('&')).await;
                    let mut met: Vec<&str> = there.iter().flat_map(|page| page.split(' ')).filter(|it| !it.is_empty()).collect();
                    if order == "-created_at" {
                        met.reverse();
                    }
                    assert_eq!((met.join(" "), &there), (expected.to_owned(), &back), "{path}");
                }
            }
        }
        let some = talk.read(&format!("?ids={d},{a},{b}&created_before=2024-06-25&count=true")).await;
        assert_eq!((outline(&some["data"]), &some["missing"], &some["page"]["total"]), ("a b".into(), &json!([d]), &json!(3)));
        for wrong in ["created_after=yesterday", "created_before=2024-06-24T08:30:00", "created_after=", "not.created_after=2024-06-24"] {
            let refused = site.get(&format!("/v1/articles/an-article/comments?{wrong}")).await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_parameter".into()), "{wrong}");
        }
    }

    async fn nothing_is_lost_below_what_is_taken_away(site: Site) {
        let talk = Talk::new(&site).await;
        let a = talk.says("a", None).await;
        let b = talk.says("b", Some(&a)).await;
        let c = talk.says("c", Some(&b)).await;
        let d = talk.says("d", Some(&c)).await;
        talk.says("e", None).await;

        talk.decide(&b, "trash").await;
        talk.decide(&c, "spam").await;
        let tree = talk.read("?count=true").await;
        assert_eq!((outline(&tree["data"]), &tree["page"]["total"]), ("a(d) e".into(), &json!(2)));
        assert_eq!(tree["data"][0]["replies"][0]["parent_id"], a);
        assert_eq!(talk.read("?view=flat").await["data"][1]["parent_id"], a);

        talk.decide(&a, "held").await;
        let tree = talk.read("?count=true").await;
        assert_eq!((outline(&tree["data"]), &tree["page"]["total"]), ("d e".into(), &json!(2)));
        assert_eq!((&tree["data"][0]["id"], &tree["data"][0]["parent_id"]), (&json!(d), &Value::Null));
        let flat = talk.read("?view=flat&count=true").await;
        assert_eq!((&flat["data"][0]["parent_id"], &flat["page"]["total"]), (&Value::Null, &json!(2)));

        talk.decide(&c, "approved").await;
        assert_eq!(outline(&talk.read("").await["data"]), "c(d) e");
        talk.decide(&b, "approved").await;
        talk.decide(&a, "approved").await;
        assert_eq!(outline(&talk.read("").await["data"]), "a(b(c(d))) e");
    }

    async fn pages_link_both_ways(site: Site) {
        let talk = Talk::new(&site).await;
        for word in ["a", "b", "c", "d", "e"] {
            let id = talk.says(word, None).await;
            talk.says(&format!("{word}1"), Some(&id)).await;
        }
        let gone = talk.says("x", None).await;
        talk.says("y", Some(&gone)).await;
        talk.decide(&gone, "trash").await;
        for same_time in [false, true] {
            if same_time {
                all_at(&site, &talk.article, site.state.clock.now()).await;
            }
            let (there, back) = walk(&site, "/v1/articles/an-article/comments?limit=2").await;
            assert_eq!(there, ["a(a1) b(b1)", "c(c1) d(d1)", "e(e1) y"]);
            assert_eq!(back, there);
            let (there, back) = walk(&site, "/v1/articles/an-article/comments?limit=4&sort=-created_at").await;
            assert_eq!(there, ["y e(e1) d(d1) c(c1)", "b(b1) a(a1)"]);
            assert_eq!(back, there);
            let (there, back) = walk(&site, "/v1/articles/an-article/comments?limit=4&view=flat").await;
            assert_eq!(there, ["a a1 b b1", "c c1 d d1", "e e1 y"]);
            assert_eq!(back, there);
            let (there, back) = walk(&site, "/v1/articles/an-article/comments?limit=6&view=flat&sort=-created_at").await;
            assert_eq!(there, ["y e1 e d1 d c1", "c b1 b a1 a"]);
            assert_eq!(back, there);
        }
        let first = site.get("/v1/articles/an-article/comments?limit=2").await;
        assert!(first.header("link").ends_with("; rel=\"next\""), "{}", first.header("link"));
    }

    async fn long_threads_say_that_there_is_more(site: Site) {
        use diesel::prelude::*;
        use ibid::db::schema::comments;
        use ibid::ids::{ArticleId, CommentId};
        let talk = Talk::new(&site).await;
        let top = talk.says("top", None).await;
        talk.says("next", None).await;
        let (article, parent) = (ArticleId::parse(&talk.article), CommentId::parse(&top));
        let (article, parent) = article.zip(parent).expect("ids");
        let now = site.state.clock.now();
        let write = move |conn: &mut ibid::db::Conn| {
            let row = |n: i64| (
                comments::id.eq(CommentId::new()),
                comments::article_id.eq(article),
                comments::parent_id.eq(Some(parent)),
                comments::depth.eq(1),
                comments::name.eq("Ada"),
                comments::email.eq("ada@secret.example"),
                comments::body.eq("x"),
                comments::html.eq("<p>x</p>"),
                comments::status.eq("approved"),
                comments::created_at.eq(now.plus_seconds(n)),
            );
            ibid::on!(conn, c => diesel::insert_into(comments::table).values((1..=500).map(row).collect::<Vec<_>>()).execute(c))?;
            Ok(())
        };
        site.state.db.write(write).await.expect("replies");
        let whole = talk.read("").await;
        assert_eq!((whole["data"][0]["replies"].as_array().map(Vec::len), &whole["data"][0]["more_replies"]),
            (Some(500), &json!(false)));
        talk.says("late", Some(&top)).await;
        let cut = talk.read("").await;
        assert_eq!((cut["data"][0]["replies"].as_array().map(Vec::len), &cut["data"][0]["more_replies"]),
            (Some(500), &json!(true)));
        assert_eq!(cut["data"][1]["more_replies"], false);
        assert_eq!(talk.read("?view=flat&count=true").await["page"]["total"], 503);
    }

    async fn wrong_parameters_are_named(site: Site) {
        published(&site, "an-article").await;
        for (query, parameter, code) in [
            ("?view=list", "view", "unknown_value"),
            ("?limit=0", "limit", "out_of_range"),
            ("?limit=101", "limit", "out_of_range"),
            ("?sort=name", "sort", "unknown_value"),
            ("?cursor=x", "cursor", "invalid_cursor"),
            ("?count=yes", "count", "unknown_value"),
            ("?status=held", "status", "unknown_parameter"),
        ] {
            let refused = site.get(&format!("/v1/articles/an-article/comments{query}")).await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_parameter".into()), "{query}");
            let fault = &refused.json()["errors"][0];
            assert_eq!((&fault["parameter"], &fault["code"]), (&json!(parameter), &json!(code)), "{query}");
        }
    }

    async fn what_is_unchanged_is_not_sent_again(site: Site) {
        let talk = Talk::new(&site).await;
        let id = talk.says("a", None).await;
        let first = site.get("/v1/articles/an-article/comments").await;
        assert!(first.header("cache-control").starts_with("public, max-age="), "{:?}", first.headers);
        let again = |etag: String| {
            site.request("GET", "/v1/articles/an-article/comments").header("If-None-Match", etag).send()
        };
        let unchanged = again(first.etag().to_owned()).await;
        assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
        talk.decide(&id, "spam").await;
        assert_eq!(again(first.etag().to_owned()).await.status, 200);
    }

    async fn articles_are_told_their_threads(site: Site) {
        let talk = Talk::new(&site).await;
        let other = published(&site, "another").await;
        let a = talk.says("a", None).await;
        talk.says("a1", Some(&a)).await;
        talk.says("b", None).await;
        post(&site, "an-article", &comment("held", None)).await.expect(201);
        let ids = [&talk.article, &other].map(|id| ibid::ids::ArticleId::parse(id).expect("an id"));
        let read = move |conn: &mut ibid::db::Conn| {
            let limit = ibid::http::page::Limit(1);
            Ok((ibid::comments::summaries(conn, &ids)?, ibid::comments::first_threads(conn, &ids, limit)?))
        };
        let (counts, mut threads) = site.state.db.read(read).await.expect("threads");
        assert_eq!((counts.get(&ids[0]), counts.get(&ids[1])), (Some(&3), None));
        assert_eq!(threads.len(), 1);
        let threads = threads.remove(&ids[0]).expect("threads of the first");
        assert_eq!(outline(&serde_json::to_value(&threads.items).expect("JSON")), "a(a1)");
        let next = threads.next.expect("more").encode();
        assert_eq!(outline(&talk.read(&format!("?limit=1&cursor={next}")).await["data"]), "b");
        talk.decide(&a, "trash").await;
        let read = move |conn: &mut ibid::db::Conn| ibid::comments::first_threads(conn, &ids, Default::default());
        let threads = site.state.db.read(read).await.expect("threads");
        assert_eq!(outline(&serde_json::to_value(&threads[&ids[0]].items).expect("JSON")), "a1 b");
    }
}
