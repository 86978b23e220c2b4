//! Asking precisely: filters and their negations, several sort keys, names, forms of the text, on every collection.

use std::cmp::Ordering;

use diesel::prelude::*;
use ibid::db::Conn;
use ibid::db::schema::publications;
use ibid::db::types::Instant;
use ibid::ids::ArticleId;
use ibid::{on, publishing};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::fixture::{Story, at, comment, publish};
use super::{fault, slugs};
use crate::support::{Site, both};

const DAYS: [&str; 3] = ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00.000001Z", "2024-01-02T00:00:00Z"];
const TITLES: [&str; 5] = ["Same", "same", "Übel", "100%", "Same again"];

fn story(number: usize) -> Story {
    Story {
        published_at: DAYS[number % 3],
        updated_at: DAYS[(number / 3) % 3],
        title: TITLES[(number / 2) % 5].into(),
        ..Story::new(format!("a-{number:03}"))
    }
}

/// An order as the parameter writes it, with at least one key, none twice.
fn sorts() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    let keys = Just(vec!["published_at", "updated_at", "title"]).prop_shuffle();
    (keys, proptest::collection::vec(any::<bool>(), 1..=3))
        .prop_map(|(keys, down)| keys.into_iter().zip(down).collect())
}

fn written(sort: &[(&str, bool)]) -> String {
    let keys: Vec<String> = sort.iter().map(|(key, down)| format!("{}{key}", if *down { "-" } else { "" })).collect();
    keys.join(",")
}

/// How two articles stand to each other in an order.
fn compare(sort: &[(&str, bool)], a: &Value, b: &Value) -> Ordering {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let by = |key: &str| match key {
        "title" | "id" => text(&a[key]).cmp(&text(&b[key])),
        _ => Instant::parse(&text(&a[key])).cmp(&Instant::parse(&text(&b[key]))),
    };
    let last = sort.last().map(|(_, down)| ("id", *down));
    let all = sort.iter().copied().chain(last);
    all.map(|(key, down)| if down { by(key).reverse() } else { by(key) })
        .find(|it| it.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn ids(articles: &[Value]) -> Vec<String> {
    articles.iter().map(|article| article["id"].as_str().expect("an id").to_owned()).collect()
}

async fn unpublish(site: &Site, id: ArticleId) {
    let write = move |conn: &mut Conn| Ok(on!(conn, c => diesel::delete(publications::table.find(id)).execute(c))?);
    site.state.db.write(write).await.expect("it goes");
    // It wrote no log.
    site.state.cache.touch_all();
}

/// Walks along `next` or `prev`; `between` is told how many pages were read.
async fn walk<F: Future<Output = ()>>(
    site: &Site,
    from: &str,
    along: &str,
    between: impl Fn(usize) -> F,
) -> Vec<Value> {
    let (mut all, mut next, mut pages) = (Vec::new(), Some(from.to_owned()), 0);
    while let Some(address) = next {
        let reply = site.get(&address).await;
        let page = reply.expect(200);
        let data = page["data"].as_array().expect("data").iter().cloned();
        match along {
            "next" => all.extend(data),
            _ => all.splice(0..0, data).for_each(drop),
        }
        next = page["page"][along].as_str().map(str::to_owned);
        let link = format!("rel=\"{along}\"");
        assert_eq!(reply.header("link").contains(&link), next.is_some(), "{address}");
        pages += 1;
        assert!(pages < 200, "the pages go in a circle");
        between(pages).await;
    }
    all
}

both! {
    async fn pages_of_any_order_hold_each_article_once(site: Site) {
        publish(&site, (0..31).map(story)).await;
        let mut runner = TestRunner::deterministic();
        for _ in 0..12 {
            let sort = sorts().new_tree(&mut runner).expect("an order").current();
            let limit = (1usize..12).new_tree(&mut runner).expect("a limit").current();
            let first = format!("/v1/articles?fields=id,title,published_at,updated_at&sort={}&limit={limit}", written(&sort));
            let forward = walk(&site, &first, "next", |_| async {}).await;
            assert_eq!(forward.len(), 31, "{first}");
            assert!(forward.is_sorted_by(|a, b| compare(&sort, a, b).is_lt()), "{first}");
            // The last page, found by the order turned round, and back from there.
            let turned: Vec<(&str, bool)> = sort.iter().map(|(key, down)| (*key, !down)).collect();
            let backward = format!("/v1/articles?fields=id,title,published_at,updated_at&sort={}&limit={limit}", written(&turned));
            let mut turned = walk(&site, &backward, "next", |_| async {}).await;
            turned.reverse();
            assert_eq!(ids(&forward), ids(&turned), "{first}");
            let mut address = first.clone();
            let mut last = site.get(&address).await.expect(200);
            while let Some(next) = last["page"]["next"].as_str().map(str::to_owned) {
                last = site.get(&next).await.expect(200);
                address = next;
            }
            let back = walk(&site, &address, "prev", |_| async {}).await;
            assert_eq!(ids(&back), ids(&forward), "{first}");
        }
    }

    async fn what_comes_and_goes_shifts_no_page(site: Site) {
        let mut runner = TestRunner::deterministic();
        for round in 0..6usize {
            let sort = sorts().new_tree(&mut runner).expect("an order").current();
            let limit = (2usize..6).new_tree(&mut runner).expect("a limit").current();
            let staying = publish(&site, (0..20).map(|number| Story { tags: &["here"], ..story(1000 * round + number) })).await;
            let going = publish(&site, (20..30).map(|number| Story { tags: &["here"], ..story(1000 * round + number) })).await;
            let (site, going) = (&site, &going);
            let change = |pages: usize| async move {
                if let Some(id) = going.get(pages - 1) {
                    unpublish(site, *id).await;
                    let new = (0..2).map(|number| Story { tags: &["here"], ..story(1000 * round + 100 + 2 * pages + number) });
                    publish(site, new).await;
                }
            };
            let first = format!("/v1/articles?tag=here&fields=id,title,published_at,updated_at&sort={}&limit={limit}", written(&sort));
            let met = walk(site, &first, "next", change).await;
            assert!(met.is_sorted_by(|a, b| compare(&sort, a, b).is_lt()), "{first}");
            let met = ids(&met);
            for id in &staying {
                assert_eq!(met.iter().filter(|met| **met == id.to_string()).count(), 1, "{first}");
            }
            let rest = walk(site, "/v1/articles?tag=here&fields=id&limit=100", "next", |_| async {}).await;
            for id in ids(&rest) {
                unpublish(site, ArticleId::parse(&id).expect("an id")).await;
            }
        }
    }

    async fn one_name_is_read_along_its_own_index_and_finds_the_same(site: Site) {
        publish(&site, (0..60usize).map(|number| Story {
            tags: [&["a"][..], &["a", "b"], &["b"], &[]][number % 4],
            authors: [&["ada"][..], &["bo", "ada"], &["bo"]][number % 3],
            language: ["en", "de"][number % 2],
            ..story(number)
        })).await;
        for sort in ["-published_at", "published_at", "title,-published_at"] {
            for (name, rest) in [
                ("tag=a", ""), ("tag=a", "&language=de"), ("tag=a", "&not.tag=b"), ("tag=a", "&not.author=bo"),
                ("tag=b", "&author=ada,bo"), ("author=bo", ""), ("author=ada", "&tag=a,b"), ("author=bo", "&not.language=en"),
            ] {
                let pages = async |name: &str, limit: usize| {
                    let path = format!("/v1/articles?{name}{rest}&sort={sort}&limit={limit}&fields=id");
                    ids(&walk(&site, &path, "next", |_| async {}).await)
                };
                // With a name that nobody has, they are found along the index of all.
                let expected = pages(&format!("{name},nobody"), 100).await;
                assert!(expected.len() >= 5, "{name}{rest}");
                assert_eq!(pages(name, 4).await, expected, "{name}{rest} {sort}");
            }
        }
    }

    async fn a_page_that_was_emptied_leads_back(site: Site) {
        publish(&site, ["a", "b", "c"].map(|slug| Story { cites: &["s2001", "s2002", "s2003"], ..Story::new(slug) })).await;
        // A cursor beyond all that another filter leaves stands for what went meanwhile.
        for (list, member, first, last) in [
            ("/v1/articles?sort=title", "slug", "a", "c"),
            ("/v1/studies?sort=key", "year", "2001", "2003"),
            ("/v1/articles/a/citations?sort=number", "key", "s2001", "s2003"),
        ] {
            let page = site.get(&format!("{list}&limit=2")).await.expect(200);
            let next = page["page"]["next"].as_str().expect("a page after").to_owned();
            let prev = site.get(&next).await.expect(200)["page"]["prev"].as_str().expect("a page before").to_owned();
            for (beside, only, back, none) in [(&next, first, "prev", "next"), (&prev, last, "next", "prev")] {
                let reply = site.get(&format!("{beside}&{member}={only}")).await;
                let empty = reply.expect(200);
                assert_eq!((&empty["data"], &empty["page"][none]), (&json!([]), &Value::Null), "{list}");
                assert!(reply.header("link").contains(&format!("rel=\"{back}\"")), "{list}: {empty}");
                let there = site.get(empty["page"][back].as_str().expect("a way back")).await.expect(200);
                assert_eq!(there["data"].as_array().map(Vec::len), Some(1), "{list}: {there}");
                assert_eq!((&there["page"]["next"], &there["page"]["prev"]), (&Value::Null, &Value::Null), "{list}");
            }
            // Back from beyond the end is the last page, from before the beginning the first.
            let all = site.get(&format!("{list}&limit=100")).await.expect(200)["data"].clone();
            let beyond = site.get(&format!("{next}&{member}={first}")).await.expect(200)["page"]["prev"].clone();
            let beyond = beyond.as_str().expect("a way back").replace(&format!("&{member}={first}"), "");
            let page = site.get(&beyond).await.expect(200);
            assert_eq!(page["data"], json!([all[1], all[2]]), "{list}");
            let page = site.get(page["page"]["prev"].as_str().expect("a page before")).await.expect(200);
            assert_eq!((&page["data"], &page["page"]["prev"]), (&json!([all[0]]), &Value::Null), "{list}");
            // A list of nothing leads nowhere.
            let nothing = site.get(&format!("{next}&{member}={only}", only = first.replace('1', "9").replace('a', "z"))).await.expect(200);
            let nothing = site.get(nothing["page"]["prev"].as_str().expect("a way back")).await.expect(200);
            assert_eq!(nothing["page"]["next"], nothing["page"]["prev"], "{list}");
        }
    }

    async fn negations_leave_out_what_has_any(site: Site) {
        publish(&site, [
            Story { tags: &["skin", "diet"], authors: &["ada"], cites: &["s2001", "s2002"], ..Story::new("a") },
            Story { tags: &["skin"], authors: &["bo", "ada"], language: "pt-BR", cites: &["s2002"], ..Story::new("b") },
            Story { tags: &["diet"], authors: &["cy"], language: "de", ..Story::new("c") },
            Story { ..Story::new("d") },
        ]).await;
        for (query, expected) in [
            ("not.tag=skin", vec!["c", "d"]),
            ("not.tag=skin,diet", vec!["d"]),
            ("tag=skin&not.tag=diet", vec!["b"]),
            ("not.author=bo&author=ada", vec!["a", "d"]),
            ("not.language=en", vec!["b", "c"]),
            ("not.cites=s2001", vec!["b", "c", "d"]),
            ("cites=s2002&not.cites=10.5555/s2001", vec!["b"]),
            ("not.slug=a,b", vec!["c", "d"]),
            ("slug=a,c", vec!["a", "c"]),
            ("not.evidence_level=1", vec!["a", "b", "c", "d"]),
            ("not.design=randomized_trial,cohort", vec!["a", "b", "c", "d"]),
            ("design=randomized_trial", vec![]),
        ] {
            let page = site.get(&format!("/v1/articles?sort=title&count=true&{query}")).await.expect(200);
            assert_eq!(slugs(&page), expected, "{query}");
            assert_eq!(page["page"]["total"], expected.len(), "{query}");
        }
        for (query, expected) in [
            ("not.year=2001", vec!["s2002"]),
            ("year_from=2002", vec!["s2002"]),
            ("year_from=2001&year_to=2001", vec!["s2001"]),
            ("not.design=cohort", vec!["s2001", "s2002"]),
            ("has=doi", vec!["s2001", "s2002"]),
            ("has=pmid", vec![]),
            ("not.has=pmid,pmcid", vec!["s2001", "s2002"]),
            ("not.has=doi", vec![]),
            ("doi=10.5555/S2001", vec!["s2001"]),
            ("not.doi=https://doi.org/10.5555/s2001", vec!["s2002"]),
            ("not.pmid=1", vec!["s2001", "s2002"]),
            ("pmcid=PMC1", vec![]),
        ] {
            let page = site.get(&format!("/v1/studies?fields=key&count=true&{query}")).await.expect(200);
            let keys: Vec<&str> = page["data"].as_array().expect("data").iter().filter_map(|it| it["key"].as_str()).collect();
            assert_eq!(keys, expected, "{query}");
            assert_eq!(page["page"]["total"], expected.len(), "{query}");
        }
        let wrong = site.get("/v1/studies?year_from=2002&year_to=2001").await;
        assert_eq!((wrong.status, wrong.code()), (400, "invalid_parameter".into()));
    }

    async fn bounds_leave_out_the_day_that_they_name(site: Site) {
        let stories = [
            ("a", "2024-06-23T23:59:59Z", "2024-07-01T00:00:00Z"), ("b", "2024-06-24T00:00:00Z", "2024-07-02T08:00:00Z"),
            ("c", "2024-06-24T12:00:00.5Z", "2024-07-03T08:00:00Z"), ("d", "2024-06-25T00:00:00Z", "2024-07-04T08:00:00Z"),
        ];
        let story = |(slug, published_at, _)| Story { published_at, ..Story::new(slug) };
        publish(&site, stories.map(story)).await;
        // Searches find them from then on; it counts as a change.
        publishing::bring_up_to_date(&site.state).await.expect("they are rendered");
        let date = move |conn: &mut Conn| {
            for (slug, _, moment) in stories {
                on!(conn, c => diesel::update(publications::table.filter(publications::slug.eq(slug)))
                    .set(publications::updated_at.eq(at(moment)))
                    .execute(c))?;
            }
            Ok(())
        };
        site.state.db.write(date).await.expect("they have their dates");
        site.state.cache.touch_all();
        for (query, expected) in [
            ("published_after=2024-06-24", vec!["d"]),
            ("published_before=2024-06-24", vec!["a"]),
            ("published_after=2024-06-24T00:00:00Z", vec!["c", "d"]),
            ("published_after=2024-06-24T12:00:00.4Z&published_before=2024-06-24T12:00:00.6Z", vec!["c"]),
            ("published_after=2024-06-24T12:00:00.4999999Z&published_before=2024-06-24T12:00:00.50000001Z", vec!["c"]),
            ("published_after=2024-06-24T14:00:00.5%2B02:00", vec!["d"]),
            ("published_before=2024-06-24T00:00:00Z", vec!["a"]),
            ("updated_after=2024-07-02", vec!["c", "d"]),
            ("updated_after=2024-07-01&updated_before=2024-07-04", vec!["b", "c"]),
        ] {
            let page = site.get(&format!("/v1/articles?sort=title&{query}")).await.expect(200);
            assert_eq!(slugs(&page), expected, "{query}");
            let found = site.get(&format!("/v1/search?q=findings&count=true&facets=year&{query}")).await.expect(200);
            let hits = found["data"].as_array().expect("data").iter();
            let mut found_slugs: Vec<&str> = hits.map(|hit| hit["article"]["slug"].as_str().expect("a slug")).collect();
            found_slugs.sort_unstable();
            assert_eq!(found_slugs, expected, "{query}");
            assert_eq!(found["page"]["total"], expected.len(), "{query}");
            assert_eq!(found["facets"]["year"], json!([{"value": "2024", "name": "2024", "count": expected.len()}]));
        }
        for wrong in ["published_after=yesterday", "updated_before=2024-06-24T08:30:00"] {
            assert_eq!(site.get(&format!("/v1/search?q=findings&{wrong}")).await.code(), "invalid_parameter", "{wrong}");
        }
    }

    async fn what_is_asked_for_by_name_comes_in_that_order(site: Site) {
        let made = publish(&site, [
            Story { tags: &["skin"], cites: &["s2001", "s2002"], old_slug: Some("once-a"), ..Story::new("a") },
            Story { cites: &["s2002"], authors: &["bo"], ..Story::new("b") },
            Story { ..Story::new("c") },
        ]).await;
        let page = site.get(&format!("/v1/articles?ids=c,nothing,once-a,{},a&count=true&include=sections", made[1])).await.expect(200);
        assert_eq!(slugs(&page), ["c", "a", "b"]);
        assert_eq!(page["missing"], json!(["nothing"]));
        assert_eq!(page["page"], json!({"limit": 100, "next": null, "prev": null, "total": 3}));
        assert_eq!(page["data"][1]["sections"][0]["anchor"], "lead");
        let some = site.get("/v1/articles?ids=c,a&tag=skin&fields=slug").await.expect(200);
        assert_eq!((slugs(&some), &some["missing"]), (vec!["a"], &json!(["c"])));
        assert_eq!(site.get("/v1/articles").await.expect(200)["missing"], Value::Null);

        let citing = site.get("/v1/studies/s2001/articles?ids=b,a").await.expect(200);
        assert_eq!((&citing["data"][0]["article"]["slug"], &citing["missing"]), (&json!("a"), &json!(["b"])));

        let keys = |page: &Value| -> Vec<String> {
            page["data"].as_array().expect("data").iter().map(|it| it["key"].as_str().expect("a key").to_owned()).collect()
        };
        let study = site.get("/v1/studies/s2001").await.expect(200)["id"].as_str().expect("an id").to_owned();
        let page = site.get(&format!("/v1/studies?ids=10.5555/S2002,nobody,{study}")).await.expect(200);
        assert_eq!((keys(&page), &page["missing"]), (vec!["s2002".into(), "s2001".into()], &json!(["nobody"])));

        let authors = site.get("/v1/authors?ids=bo,nobody,ada").await.expect(200);
        assert_eq!((slugs(&authors), &authors["missing"]), (vec!["bo", "ada"], &json!(["nobody"])));
        let sections = site.get("/v1/articles/a/sections?ids=findings,nothing,lead&fields=anchor").await.expect(200);
        assert_eq!(sections["data"], json!([{"anchor": "findings"}, {"anchor": "lead"}]));
        assert_eq!(sections["missing"], json!(["nothing"]));
        let citations = site.get("/v1/articles/a/citations?ids=s2002,1,9,s2001&fields=number").await.expect(200);
        assert_eq!((&citations["data"], &citations["missing"]), (&json!([{"number": 2}, {"number": 1}]), &json!(["9"])));

        let hundred: Vec<String> = (0..100).map(|number| format!("n-{number}")).collect();
        let page = site.get(&format!("/v1/articles?ids={}", hundred.join(","))).await.expect(200);
        assert_eq!(page["missing"].as_array().map(Vec::len), Some(100));
        let reply = site.get(&format!("/v1/articles?ids={},one-more", hundred.join(","))).await;
        assert!(fault(&reply.expect(400), "ids").contains("At most 100"));
        for list in ["articles", "studies", "authors", "tags", "articles/a/sections", "articles/a/citations", "studies/s2001/articles"] {
            let reply = site.get(&format!("/v1/{list}?ids=ab&cursor=x&limit=2")).await;
            assert_eq!(reply.status, 400, "{list}");
            let reply = site.get(&format!("/v1/{list}?ids=ab&limit=2")).await.expect(400);
            assert!(fault(&reply, "limit").contains("with `ids`"), "{list}");
        }
    }

    async fn sections_have_their_text_in_the_forms_that_are_asked_for(site: Site) {
        publish(&site, [Story { cites: &["s2001"], ..Story::new("a") }]).await;
        let block = json!([{"type": "paragraph", "content": [{"type": "text", "text": "a lead"}]}]);
        let section = |article: &Value| article["sections"][0].clone();
        let given = |section: &Value| {
            let forms = ["html", "markdown", "text", "blocks"].into_iter();
            forms.filter(|form| !section[form].is_null()).collect::<Vec<_>>()
        };
        for (query, forms) in [
            ("include=sections", vec!["html"]),
            ("include=sections&body=html", vec!["html"]),
            ("include=sections&body=text", vec!["text"]),
            ("include=sections&body=blocks,markdown,html,text", vec!["html", "markdown", "text", "blocks"]),
            ("fields=sections.blocks,sections.text", vec!["text", "blocks"]),
            ("fields=sections&body=markdown", vec!["markdown"]),
        ] {
            let one = section(&site.get(&format!("/v1/articles/a?{query}")).await.expect(200));
            assert_eq!(given(&one), forms, "{query}");
            let listed = site.get(&format!("/v1/articles?{query}")).await.expect(200);
            assert_eq!(section(&listed["data"][0]), one, "{query}");
        }
        let blocks = site.get("/v1/articles/a/sections/lead?body=blocks,text").await.expect(200);
        assert_eq!((&blocks["blocks"], &blocks["text"], &blocks["html"]), (&block, &json!("a lead"), &Value::Null));
        assert_eq!(blocks["anchor"], "lead");
        let listed = site.get("/v1/articles/a/sections?fields=blocks,anchor").await.expect(200);
        assert_eq!(listed["data"][0], json!({"anchor": "lead", "blocks": block}));
        let members: Vec<String> = site.get("/v1/articles/a/sections/lead").await.expect(200).as_object().expect("an object").keys().cloned().collect();
        let again: Vec<String> = blocks.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(members, again, "no member comes or goes");
    }

    async fn what_fields_name_need_not_be_included(site: Site) {
        let made = publish(&site, [Story { cites: &["s2001"], ..Story::new("a") }]).await;
        comment(&site, made[0], "approved", None, 1).await;
        publishing::bring_up_to_date(&site.state).await.expect("the searches find it");
        let all = "include=sections,citations,comments,authors,translations";
        let whole = site.get(&format!("/v1/articles/a?{all}")).await.expect(200);
        for member in ["sections", "citations", "comments", "authors", "translations"] {
            for address in ["/v1/articles/a?", "/v1/articles?", "/v1/articles?ids=a&", "/v1/search?q=about&"] {
                let reply = site.get(&format!("{address}fields={member}")).await.expect(200);
                let given = match reply["data"][0].get("article") {
                    Some(article) => article,
                    None if address.ends_with("a?") => &reply,
                    None => &reply["data"][0],
                };
                let others = given.as_object().expect("an object").keys().filter(|name| *name != member).count();
                assert_eq!((&given[member], others), (&whole[member], 0), "{address}fields={member}");
            }
        }
        assert!(whole["comments"]["data"][0]["id"].is_string() && whole["authors"][0]["published_articles"] == 1);
        let some = site.get("/v1/articles/a?fields=comments.count,authors.name").await.expect(200);
        assert_eq!(some, json!({"comments": {"count": 1}, "authors": [{"name": "ADA"}]}));
        let study = site.get("/v1/studies/s2001?fields=articles").await.expect(200);
        assert_eq!(study["articles"]["count"], 1);
    }

    async fn parts_are_filtered_sorted_and_cut(site: Site) {
        publish(&site, [Story { cites: &["s2001", "s2002", "s2003", "s2004", "s2005"], ..Story::new("a") }]).await;
        let numbers = |page: &Value| -> Vec<i64> {
            page["data"].as_array().expect("data").iter().filter_map(|citation| citation["number"].as_i64()).collect()
        };
        for (query, expected) in [
            ("sort=-number", vec![5, 4, 3, 2, 1]),
            ("key=s2002,s2004", vec![2, 4]),
            ("not.key=s2002,s2004", vec![1, 3, 5]),
            ("cited_in=findings", vec![1, 2, 3, 4, 5]),
            ("not.cited_in=findings", vec![]),
            ("design=cohort", vec![]),
            ("not.design=cohort", vec![1, 2, 3, 4, 5]),
            ("not.evidence_level=1", vec![1, 2, 3, 4, 5]),
            ("retracted=true", vec![]),
            ("retracted=false&key=s2001", vec![1]),
        ] {
            let page = site.get(&format!("/v1/articles/a/citations?count=true&{query}")).await.expect(200);
            assert_eq!(numbers(&page), expected, "{query}");
            assert_eq!(page["page"]["total"], expected.len(), "{query}");
        }
        for sort in ["number", "-number"] {
            let first = format!("/v1/articles/a/citations?sort={sort}&limit=2&not.key=s2003");
            let mut met = numbers(&json!({"data": walk(&site, &first, "next", |_| async {}).await}));
            if sort == "-number" {
                met.reverse();
            }
            assert_eq!(met, [1, 2, 4, 5], "{sort}");
            let second = site.get(&first).await.expect(200)["page"]["next"].as_str().expect("a next page").to_owned();
            let back = site.get(site.get(&second).await.expect(200)["page"]["prev"].as_str().expect("a page before")).await;
            assert_eq!(numbers(&back.expect(200)), if sort == "number" { [1, 2] } else { [5, 4] });
        }
        let anchors = site.get("/v1/articles/a/sections?sort=-position&fields=anchor").await.expect(200);
        assert_eq!(anchors["data"], json!([{"anchor": "findings"}, {"anchor": "lead"}]));
        let one = site.get("/v1/articles/a/sections?not.anchor=lead&count=true&fields=position").await.expect(200);
        assert_eq!((&one["data"], &one["page"]["total"]), (&json!([{"position": 2}]), &json!(1)));
        let some = site.get("/v1/articles/a/citations/2?fields=key,formatted.label").await.expect(200);
        assert_eq!(some, json!({"key": "s2002", "formatted": {"label": "2."}}));
    }

    async fn studies_come_with_the_articles_that_cite_them(site: Site) {
        let newest = |number: usize| Story { cites: &["s2001"], published_at: DAYS[number % 3], ..Story::new(format!("n-{number:02}")) };
        publish(&site, (0..23).map(newest)).await;
        publish(&site, [Story { cites: &["s2002", "s2001"], published_at: "2025-01-01T00:00:00Z", ..Story::new("last") }]).await;
        let page = site.get("/v1/studies?include=articles").await.expect(200);
        let articles = &page["data"][0]["articles"];
        assert_eq!((articles["count"].as_i64(), articles["data"].as_array().map(Vec::len)), (Some(24), Some(20)));
        assert_eq!(articles["data"][0]["slug"], "last");
        assert_eq!(articles["data"][0]["number"], 2);
        assert_eq!(articles["href"], "/v1/studies/s2001/articles");
        assert_eq!(page["data"][1]["articles"]["count"], 1);
        let one = site.get("/v1/studies/s2001?include=articles").await;
        assert_eq!((&one.expect(200)["articles"], one.header("last-modified")), (articles, ""));
        let alone = site.get("/v1/studies/s2001").await;
        assert!(alone.expect(200)["articles"].is_null() && !alone.header("last-modified").is_empty());
        let some = site.get("/v1/studies/s2001?fields=key,articles.count").await.expect(200);
        assert_eq!(some, json!({"key": "s2001", "articles": {"count": 24}}));
    }

    async fn articles_of_a_study_are_asked_for_as_all_are(site: Site) {
        publish(&site, [
            Story { cites: &["s2001"], tags: &["skin"], ..Story::new("a") },
            Story { cites: &["s2002", "s2001"], ..Story::new("b") },
            Story { tags: &["skin"], ..Story::new("c") },
        ]).await;
        let page = site.get("/v1/studies/s2001/articles?sort=-title&fields=slug&count=true").await.expect(200);
        assert_eq!(page["data"], json!([{"number": 2, "article": {"slug": "b"}}, {"number": 1, "article": {"slug": "a"}}]));
        assert_eq!(page["page"]["total"], 2);
        let page = site.get("/v1/studies/s2001/articles?not.tag=skin&include=sections&body=text").await.expect(200);
        assert_eq!(page["data"][0]["article"]["sections"][0]["text"], "b lead");
    }

    async fn authors_and_tags_are_listed(site: Site) {
        publish(&site, [
            Story { tags: &["skin", "diet"], authors: &["ada"], ..Story::new("a") },
            Story { tags: &["skin"], authors: &["bo", "ada"], ..Story::new("b") },
            Story { authors: &["cy"], ..Story::new("c") },
        ]).await;
        let page = site.get("/v1/authors?count=true").await.expect(200);
        assert_eq!((slugs(&page), page["page"]["total"].as_i64()), (vec!["ada", "bo", "cy"], Some(3)));
        assert_eq!(page["data"][0], json!({
            "slug": "ada", "name": "ADA", "credentials": null, "orcid": null, "published_articles": 2,
            "links": {"self": "/v1/authors/ada", "articles": "/v1/articles?author=ada"},
        }));
        assert_eq!(slugs(&site.get("/v1/authors?sort=-published_articles,-slug").await.expect(200)), ["ada", "cy", "bo"]);
        assert_eq!(slugs(&site.get("/v1/authors?slug=ada,cy&not.slug=cy").await.expect(200)), ["ada"]);
        assert_eq!(slugs(&site.get("/v1/authors?not.orcid=0000-0002-1825-0097").await.expect(200)), ["ada", "bo", "cy"]);
        let met = walk(&site, "/v1/authors?limit=1&sort=published_articles,-name&fields=slug", "next", |_| async {}).await;
        assert_eq!(slugs(&json!({"data": met})), ["cy", "bo", "ada"]);

        let tags = site.get("/v1/tags?sort=-published_articles").await.expect(200);
        assert_eq!(slugs(&tags), ["skin", "diet"]);
        let tag = site.get("/v1/tags/skin").await;
        assert_eq!(tag.expect(200), tags["data"][0]);
        assert_eq!(site.request("GET", "/v1/tags/skin").header("If-None-Match", tag.etag()).send().await.status, 304);
        let articles = tag.json()["links"]["articles"].as_str().expect("an address").to_owned();
        assert_eq!(site.get(&articles).await.expect(200)["data"].as_array().map(Vec::len), Some(2));
        assert_eq!(site.get("/v1/authors/bo?fields=name").await.expect(200), json!({"name": "BO"}));
        for nothing in ["authors/nobody", "authors/Ada", "tags/nothing"] {
            assert_eq!(site.get(&format!("/v1/{nothing}")).await.status, 404, "{nothing}");
        }
    }

    async fn every_collection_names_what_it_does_not_know(site: Site) {
        let made = publish(&site, [Story { tags: &["skin"], cites: &["s2001"], ..Story::new("a") }]).await;
        comment(&site, made[0], "approved", None, 1).await;
        let (known, mut lists) = ("", Vec::new());
        for (list, key, field) in [
            ("articles", "title", "title"),
            ("studies", "title", "title"),
            ("studies/s2001/articles", "title", "title"),
            ("articles/a/sections", "position", "heading"),
            ("articles/a/citations", "number", "evidence_level"),
            ("articles/a/comments", "created_at", "created_at"),
            ("authors", "name", "name"),
            ("tags", "name", "name"),
            ("styles", "name", "title"),
        ] {
            assert!(known.is_empty());
            lists.push(list);
            let near = |word: &str| format!("{}x", &word[..word.len() - 1]);
            for (query, parameter, says) in [
                ("cuont=true".to_owned(), "cuont", "Did you mean \"count\"?".to_owned()),
                (format!("sort={}", near(key)), "sort", format!("Did you mean {key:?}?")),
                (format!("sort={key},{key}"), "sort", "twice".into()),
                (format!("fields={}", near(field)), "fields", format!("Did you mean {field:?}?")),
                ("count=1".to_owned(), "count", "true".into()),
                ("cursor=x".to_owned(), "cursor", "not a cursor".into()),
                ("limit=1000".to_owned(), "limit", "1 to 100".into()),
                ("not.limit=1".to_owned(), "not.limit", "no parameter".into()),
            ] {
                let reply = site.get(&format!("/v1/{list}?{query}")).await;
                assert_eq!((reply.status, reply.code()), (400, "invalid_parameter".into()), "{list} {query}");
                assert!(fault(&reply.json(), parameter).contains(&says), "{list} {query}: {}", reply.text());
            }
            let page = site.get(&format!("/v1/{list}?count=true&limit=1&sort=-{key}&fields={field}")).await;
            let page = page.expect(200);
            assert!(page["page"]["total"].as_i64().is_some_and(|total| total > 0), "{list}");
            let item = page["data"][0].get("article").unwrap_or(&page["data"][0]);
            assert_eq!(item.as_object().map(|item| item.len()), Some(1), "{list}");
        }
        assert_eq!(lists.len(), 9);
    }
}
