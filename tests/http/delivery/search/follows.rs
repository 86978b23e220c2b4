//! Search finds what the public reads, and nothing else.

use diesel::prelude::*;
use ibid::db::schema::{publication_texts, publications, study_texts};
use ibid::{on, publishing};
use serde_json::json;

use super::{address, corpus, found, publish};
use crate::support::{Site, both, comes};

both! {
    async fn what_is_published_changed_and_taken_down(site: Site) {
        let editor = corpus(&site).await;
        let address = publish(&editor, &json!({"title": "Zebra", "sections": [{"body": "Stripes."}]})).await;
        assert_eq!(found(&site, "stripe").await, ["zebra"]);
        let change = json!({"sections": [{"body": "Dots."}]});
        let etag = editor.get(&address).await.etag().to_owned();
        let changed = editor.request("PATCH", &address).if_match(etag).json(&change).send().await;
        changed.expect(200);
        // A working copy is not found.
        assert_eq!(found(&site, "stripe").await, ["zebra"]);
        assert!(found(&site, "dots").await.is_empty());
        let published = editor.request("POST", &format!("{address}/publish")).if_match(changed.etag()).send().await;
        published.expect(200);
        assert!(found(&site, "stripe").await.is_empty());
        assert_eq!(found(&site, "dots").await, ["zebra"]);
        let etag = editor.get(&address).await.etag().to_owned();
        editor.request("POST", &format!("{address}/unpublish")).if_match(etag).send().await.expect(200);
        assert!(found(&site, "dots").await.is_empty());
    }

    async fn what_becomes_of_the_studies(site: Site) {
        let editor = corpus(&site).await;
        let study = editor.get("/v1/manage/studies/majid2009").await;
        let mend = json!({"csl": {"title": "Wombats and needles", "type": "article-journal"}});
        editor.request("PATCH", "/v1/manage/studies/majid2009").if_match(study.etag()).json(&mend).send().await.expect(200);
        let mut met = found(&site, "wombat").await;
        met.sort();
        assert_eq!(met, ["pores", "scars"]);
        assert!(found(&site, "atrophic").await.is_empty());
        let list = site.get("/v1/studies?q=wombats").await.expect(200);
        assert_eq!(list["data"][0]["key"], "majid2009");
        assert_eq!(site.get("/v1/studies?q=atrophic").await.expect(200)["data"], json!([]));
    }

    async fn what_an_earlier_ibid_published_is_found_when_ibid_starts(site: Site) {
        corpus(&site).await;
        let forget = |conn: &mut _| {
            on!(conn, c => diesel::delete(publication_texts::table).execute(c))?;
            on!(conn, c => diesel::delete(study_texts::table).execute(c))?;
            on!(conn, c => diesel::update(publications::table).set(publications::rendition.eq(1)).execute(c))?;
            Ok(())
        };
        site.state.db.write(forget).await.expect("they are forgotten");
        // That is in no log: it is another ibid that did it.
        site.state.cache.touch_all();
        let node = site.another_node().await;
        comes("it follows", async || node.state.follower.is_following()).await;
        let studies = async |site: &Site| site.get("/v1/studies?q=scars").await.expect(200)["data"].as_array().map(Vec::len);
        for site in [&site, &node] {
            assert!(found(site, "scars").await.is_empty());
            assert_eq!(studies(site).await, Some(0));
        }
        let documents = site.get("/v1/articles?sort=title&include=sections,citations").await.expect(200)["data"].clone();
        assert_eq!(publishing::bring_up_to_date(&site.state).await.expect("they are brought up to date"), 5);
        assert_eq!((found(&site, "scars").await, studies(&site).await), (vec!["scars".into(), "pores".into()], Some(2)));
        // No document is another one, but what is kept of searches is outdated, here and on other nodes.
        assert_eq!(site.get("/v1/articles?sort=title&include=sections,citations").await.expect(200)["data"], documents);
        comes("it is found", async || found(&node, "scars").await == ["scars", "pores"]).await;
        comes("they are found", async || studies(&node).await == Some(2)).await;
        // The second time there is nothing to tell.
        let logged = crate::publishing::logged(&site).await;
        let age = |conn: &mut _| {
            Ok(on!(conn, c => diesel::update(publications::table).set(publications::rendition.eq(1)).execute(c))?)
        };
        site.state.db.write(age).await.expect("they are older");
        assert_eq!(publishing::bring_up_to_date(&site.state).await.expect("they are brought up to date"), 5);
        assert_eq!(crate::publishing::logged(&site).await, logged);
    }

    async fn a_long_article_is_found_by_all_its_phrases(site: Site) {
        let editor = corpus(&site).await;
        let filler = |from: usize| (from..from + 3_000).map(|n| format!("the w{n}")).collect::<Vec<_>>().join(" ");
        let body = format!("Here aardvarks begin. {} here zebras end.", filler(0));
        let more = json!({"body": format!("{} last of all yaks", filler(4_000))});
        publish(&editor, &json!({"title": "Long", "sections": [{"body": body}, more]})).await;
        for query in [
            "\"here aardvarks begin\"", "\"here zebras end\"", "aardvarks zebras yaks", "\"aardvarks begin\" \"all yaks\"",
            "\"w254 the w255 the w256\"", "\"w2999 here\" -unicorns", "\"the w6999 last\" aardv*", "w6000 w2000 -\"yaks aardvarks\"",
        ] {
            assert_eq!(found(&site, query).await, ["long"], "{query}");
            assert_eq!(site.get(&address("/v1/articles", &[("q", query)])).await.json()["data"][0]["slug"], "long");
        }
        for query in ["aardvarks -zebras", "\"begin the w1\"", "\"zebras end the\"", "yaks -aardvarks", "w17 -\"last of all\""] {
            assert!(found(&site, query).await.is_empty(), "{query}");
        }
    }
}
