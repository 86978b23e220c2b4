use serde_json::json;

use super::{Talk, comment, outline, post, publish, published, redirect, unpublish};
use crate::support::{Site, both};

both! {
    async fn a_comment_is_held_until_it_is_approved(site: Site) {
        let talk = Talk::new(&site).await;
        let new = json!({
            "name": "Grace", "email": "grace@secret.example", "url": "https://grace.example.org/", "body": "Hello.",
        });
        let posted = site.request("POST", "/v1/articles/an-article/comments")
            .header("User-Agent", "secret-agent/7").json(&new).send().await;
        let made = posted.expect(201);
        assert_eq!((&made["status"], &made["html"]), (&json!("held"), &json!("<p>Hello.</p>\n")));
        assert_eq!((&made["parent_id"], &made["removed"]), (&json!(null), &json!([])));
        let id = made["id"].as_str().expect("an id");
        assert_eq!(posted.header("location"), format!("/v1/articles/{}/comments#{id}", talk.article));
        assert_eq!(posted.header("cache-control"), "private, no-store");
        assert_eq!(talk.read("?count=true").await, json!({
            "data": [], "missing": null, "page": {"limit": 20, "next": null, "prev": null, "total": 0},
        }));

        talk.decide(id, "approved").await;
        let shown = talk.read("").await;
        assert_eq!(shown["data"], json!([{
            "id": id, "parent_id": null, "name": "Grace", "url": "https://grace.example.org/",
            "html": "<p>Hello.</p>\n", "created_at": made["created_at"], "depth": 0, "replies": [],
            "more_replies": false,
        }]));
        talk.says("A reply", Some(id)).await;

        let mut public = posted.text();
        for query in ["", "?view=flat", "?view=tree&count=true&sort=-created_at"] {
            public += &site.get(&format!("/v1/articles/an-article/comments{query}")).await.text();
        }
        for private in ["secret", "127.0.0.1", "email", "user_agent", "\"ip\""] {
            assert!(!public.contains(private), "{private}: {public}");
        }

        let seen = talk.moderator.get(&format!("/v1/manage/comments/{id}")).await.expect(200);
        assert_eq!(seen["email"], "grace@secret.example");
        assert_eq!((&seen["ip"], &seen["user_agent"]), (&json!("127.0.0.1"), &json!("secret-agent/7")));
        for status in ["held", "spam", "trash"] {
            talk.decide(id, status).await;
            let shown = talk.read("").await;
            assert!(!shown.to_string().contains("Hello"), "{status}");
        }
    }

    async fn all_that_is_wrong_is_told_at_once(site: Site) {
        published(&site, "an-article").await;
        let wrong = json!({
            "name": "two\nlines", "email": "nobody", "url": "javascript:alert(1)", "body": " \n ", "parent_id": "x",
            "website": "https://bait.example",
        });
        let refused = post(&site, "an-article", &wrong).await;
        assert_eq!((refused.status, refused.code()), (422, "validation_failed".into()));
        let mut faults: Vec<(String, String)> = refused.json()["errors"].as_array().expect("faults").iter()
            .map(|fault| (fault["pointer"].as_str().expect("a pointer").into(), fault["code"].as_str().expect("a code").into()))
            .collect();
        faults.sort();
        let expected = [
            ("/body", "blank"), ("/email", "invalid_email"), ("/name", "invalid_character"),
            ("/parent_id", "invalid_id"), ("/url", "invalid_url"), ("/website", "unknown_member"),
        ];
        assert_eq!(faults, expected.map(|(at, code)| (at.to_owned(), code.to_owned())));

        let missing = post(&site, "an-article", &json!({})).await;
        assert_eq!(missing.json()["errors"].as_array().map(Vec::len), Some(3), "{}", missing.text());
        for (member, value) in [("body", "x".repeat(10_001)), ("name", "x".repeat(101)), ("name", String::new())] {
            let mut new = comment("Hello.", None);
            new[member] = json!(value);
            assert_eq!(post(&site, "an-article", &new).await.status, 422, "{member}");
        }
        let longest = post(&site, "an-article", &comment(&"ä<".repeat(5_000), None)).await;
        assert_eq!(longest.status, 201, "{}", longest.text());
    }

    async fn closed_unpublished_and_unknown_articles_take_none(site: Site) {
        publish(&site, "closed", "closed").await;
        let refused = post(&site, "closed", &comment("Hello.", None)).await;
        assert_eq!((refused.status, refused.code()), (409, "comments_closed".into()));
        site.get("/v1/articles/closed/comments").await.expect(200);

        let gone = published(&site, "gone").await;
        unpublish(&site, &gone).await;
        let unknown = uuid::Uuid::now_v7().to_string();
        for article in [gone.as_str(), "gone", "unknown", &unknown, "UPPER", "a%00b", "a%20b", "%E4", &"a".repeat(500)] {
            let refused = post(&site, article, &comment("Hello.", None)).await;
            assert!(matches!(refused.status, 404 | 400), "{article}: {}", refused.text());
            let refused = site.get(&format!("/v1/articles/{article}/comments")).await;
            assert!(matches!(refused.status, 404 | 400), "{article}: {}", refused.text());
        }
    }

    async fn old_slugs_lead_to_the_present_one(site: Site) {
        let id = published(&site, "new-name").await;
        redirect(&site, "old-name", &id).await;
        let read = site.get("/v1/articles/old-name/comments?view=flat").await;
        assert_eq!(read.status, 301);
        assert_eq!(read.header("location"), "/v1/articles/new-name/comments?view=flat");
        let posted = post(&site, "old-name", &comment("Hello.", None)).await;
        // 301 would let a browser turn it into a GET and lose the comment.
        assert_eq!((posted.status, posted.header("location")), (308, "/v1/articles/new-name/comments"));
        unpublish(&site, &id).await;
        assert_eq!(site.get("/v1/articles/old-name/comments").await.status, 404);
    }

    async fn replies_need_an_approved_parent_in_the_same_article(site: Site) {
        let talk = Talk::new(&site).await;
        published(&site, "another").await;
        let approved = talk.says("Hello.", None).await;
        let held = post(&site, "an-article", &comment("Held.", None)).await.expect(201)["id"].clone();
        let unknown = uuid::Uuid::now_v7().to_string();
        let attempts =
            [("another", approved.as_str()), ("an-article", held.as_str().expect("an id")), ("an-article", &unknown)];
        for (article, parent) in attempts {
            let refused = post(&site, article, &comment("A reply.", Some(parent))).await;
            assert_eq!((refused.status, refused.code()), (422, "validation_failed".into()));
            let fault = &refused.json()["errors"][0];
            assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/parent_id"), &json!("unknown_parent")));
        }
        let reply = post(&site, "an-article", &comment("A reply.", Some(&approved))).await.expect(201);
        assert_eq!(reply["parent_id"], approved);
    }

    async fn threads_go_as_deep_as_the_settings_say(site: Site) {
        let talk = Talk::new(&site).await;
        let mut deepest = talk.says("0", None).await;
        for depth in 1..=site.state.settings.comments.max_depth {
            deepest = talk.says(&depth.to_string(), Some(&deepest)).await;
        }
        let refused = post(&site, "an-article", &comment("5", Some(&deepest))).await;
        let fault = &refused.expect(422)["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/parent_id"), &json!("too_deep")));
        let shown = talk.read("").await;
        assert_eq!(outline(&shown["data"]), "0(1(2(3(4))))");
    }

    async fn hostile_bodies_come_out_harmless(site: Site) {
        let talk = Talk::new(&site).await;
        for body in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt&#58;alert(1))",
            "[x]( java\nscript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "![x](https://tracker.example/p.png)",
            "<svg/onload=alert(1)>",
            "<iframe src=https://evil.example></iframe>",
            "</p></div><style>*{display:none}</style>",
            "[x](https://example.org \"\" onclick=\"alert(1)\")",
            "<b onmouseover=alert(1)>x</b>",
            "`<script>`\n\n    <script>alert(1)</script>",
        ] {
            talk.says(body, None).await;
        }
        let shown = talk.read("?limit=100").await;
        for comment in shown["data"].as_array().expect("comments") {
            let html = comment["html"].as_str().expect("html");
            let tags: Vec<&str> = html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default()).collect();
            for tag in tags {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                let allowed = ["p", "a", "br", "code", "em", "strong", "pre", "ul", "ol", "li", "blockquote"];
                assert!(allowed.contains(&name), "{html}");
                let harmless = !tag.contains(" on") && !tag.to_lowercase().contains("script:") && !tag.contains("data:");
                assert!(harmless, "{html}");
            }
        }
    }

    async fn a_user_agent_is_kept_whole_or_refused(site: Site) {
        let talk = Talk::new(&site).await;
        let send = |agent: String| site.request("POST", "/v1/articles/an-article/comments")
            .header("User-Agent", agent).json(&comment("Hello.", None)).send();
        let kept = send("x".repeat(2000)).await.expect(201);
        let seen = talk.moderator.get(&format!("/v1/manage/comments/{}", kept["id"].as_str().expect("an id"))).await;
        assert_eq!(seen.expect(200)["user_agent"].as_str().map(str::len), Some(2000));
        let refused = send("x".repeat(2001)).await;
        assert_eq!((refused.status, refused.code()), (400, "invalid_header".into()));
        let foreign = site.request("POST", "/v1/articles/an-article/comments")
            .header("User-Agent", "h\u{e9}").json(&comment("Hello.", None)).send().await.expect(201);
        let seen = talk.moderator.get(&format!("/v1/manage/comments/{}", foreign["id"].as_str().expect("an id"))).await;
        assert_eq!(seen.expect(200)["user_agent"], "h\u{e9}");
    }
}
