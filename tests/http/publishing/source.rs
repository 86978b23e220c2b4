use diesel::prelude::*;
use ibid::accounts::Role;
use ibid::db::schema::publications;
use ibid::ids::StudyId;
use ibid::{on, publishing};
use serde_json::json;

use super::{id_of, logged, publish, retract, stored};
use crate::editorial::{article, study};
use crate::support::{Site, both};

/// Makes the publications those of an ibid that kept no sources.
async fn age(site: &Site) {
    let write = |conn: &mut _| {
        on!(conn, c => diesel::update(publications::table)
            .set((publications::source.eq(None::<String>), publications::rendition.eq(0)))
            .execute(c))?;
        Ok(())
    };
    site.state.db.write(write).await.expect("it is kept");
}

both! {
    async fn a_retraction_reaches_every_publication_and_no_source(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (shaky, _) = (study(&editor, "aa2001").await, study(&editor, "bb2002").await);
        let (one, _) = article(&editor, "One", &["First [@bb2002], then [@aa2001] and again [@aa2001, p. 3]."]).await;
        let (two, _) = article(&editor, "Two", &["Only [@bb2002]."]).await;
        publish(&editor, &one).await;
        publish(&editor, &two).await;
        let (before, untouched) = (stored(&site, &one).await, stored(&site, &two).await);
        assert_eq!(site.get("/v1/articles/one").await.json()["evidence"]["retracted"], 0);

        site.state.clock.advance(std::time::Duration::from_secs(60));
        retract(&site, &shaky).await;
        let read = site.get("/v1/articles/one?include=citations").await.expect(200);
        assert_eq!((&read["evidence"]["retracted"], &read["evidence"]["citations"]), (&json!(1), &json!(2)));
        let citation = &read["citations"][1];
        assert_eq!(citation["study"]["retraction"]["status"], "retracted");
        assert_eq!(citation["places"], json!(["cite-lead-2", "cite-lead-3"]));
        assert_eq!(site.get("/v1/studies/aa2001").await.json()["retraction"]["date"], "2021-03-15");

        let after = stored(&site, &one).await;
        assert_eq!((&after.source, &after.sections), (&before.source, &before.sections));
        assert!(after.updated_at > before.updated_at);
        assert_eq!(stored(&site, &two).await, untouched);
        assert_eq!(logged(&site).await, ["publish", "publish", "refresh"]);
    }

    async fn what_comes_out_the_same_is_left_alone(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = study(&editor, "aa2001").await;
        let (address, _) = article(&editor, "One", &["First [@aa2001]."]).await;
        publish(&editor, &address).await;
        let before = stored(&site, &address).await;
        site.state.clock.advance(std::time::Duration::from_secs(60));
        let id = StudyId::parse(made["id"].as_str().unwrap()).unwrap();
        let now = site.state.clock.now();
        site.state.db.write(move |conn| publishing::study_changed(conn, id, now)).await.unwrap();
        assert_eq!(stored(&site, &address).await, before);
        assert_eq!(logged(&site).await, ["publish"]);
    }

    async fn what_an_earlier_ibid_published_is_rendered_anew(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let (same, _) = article(&editor, "Same", &["First [@aa2001]."]).await;
        let (edited, _) = article(&editor, "Edited", &["Then [@aa2001]."]).await;
        publish(&editor, &same).await;
        publish(&editor, &edited).await;
        let etag = editor.get(&edited).await.etag().to_owned();
        let change = json!({"sections": [{"body": "Something else."}]});
        editor.request("PATCH", &edited).if_match(&etag).json(&change).send().await.expect(200);
        let (whole, numbers) = (stored(&site, &same).await, stored(&site, &edited).await);

        age(&site).await;
        site.state.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(publishing::bring_up_to_date(&site.state).await.unwrap(), 2);
        assert_eq!(publishing::bring_up_to_date(&site.state).await.unwrap(), 0);
        // The working copy is still what was published: nothing is lost.
        assert_eq!(stored(&site, &same).await, whole);
        // It is not: text and numbers stay, citations follow the library; where they stand in the text is not known.
        let after = stored(&site, &edited).await;
        assert_eq!((&after.source, &after.sections), (&None, &numbers.sections));
        let read = site.get("/v1/articles/edited?include=sections,citations").await.expect(200);
        assert!(read["sections"][0]["html"].as_str().unwrap().contains("Then"));
        assert_eq!(read["citations"][0]["cited_in"], json!(["lead"]));
        assert_eq!(read["citations"][0]["places"], json!([]));

        // And it goes on following.
        let mend = json!({"csl": {"title": "A mended title"}});
        let study = editor.get("/v1/manage/studies/aa2001").await;
        editor.request("PATCH", "/v1/manage/studies/aa2001").if_match(study.etag()).json(&mend).send().await.expect(200);
        for article in ["same", "edited"] {
            let read = site.get(&format!("/v1/articles/{article}?include=citations")).await.expect(200);
            assert_eq!(read["citations"][0]["study"]["title"], "A mended title");
        }
    }

    async fn a_name_in_running_text_never_becomes_a_study(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        study(&editor, "aa2001").await;
        let (address, _) = article(&editor, "One", &["Ask @jane2020 about it [@aa2001]."]).await;
        publish(&editor, &address).await;
        let before = stored(&site, &address).await;
        study(&editor, "jane2020").await;
        let mend = json!({"csl": {"title": "A mended title"}});
        let known = editor.get("/v1/manage/studies/aa2001").await;
        editor.request("PATCH", "/v1/manage/studies/aa2001").if_match(known.etag()).json(&mend).send().await.expect(200);
        let after = stored(&site, &address).await;
        assert_ne!(after.citations, before.citations);
        assert_eq!((after.sections, after.source), (before.sections, before.source));
    }

    async fn a_damaged_head_without_a_source_stops_no_start(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "One", &["Text."]).await;
        publish(&editor, &address).await;
        let id = id_of(&address);
        let version = editor.get(&address).await.etag().to_owned();
        let newer = json!({"title": "A working copy that it cannot be made from"});
        editor.request("PATCH", &address).if_match(&version).json(&newer).send().await.expect(200);
        for head in ["[]", "\"text\"", "1", "null", "{}", "{"] {
            let spoil = move |conn: &mut _| {
                on!(conn, c => diesel::update(publications::table.find(id))
                    .set((publications::source.eq(None::<String>), publications::rendition.eq(0), publications::head.eq(head)))
                    .execute(c))?;
                Ok(())
            };
            site.state.db.write(spoil).await.unwrap();
            assert_eq!(publishing::bring_up_to_date(&site.state).await.unwrap(), 1, "{head}");
            assert_eq!(stored(&site, &address).await.head, head);
        }
    }

    async fn a_damaged_publication_stops_no_start(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let (address, _) = article(&editor, "One", &["Text."]).await;
        publish(&editor, &address).await;
        let id = id_of(&address);
        let spoil = move |conn: &mut _| {
            on!(conn, c => diesel::update(publications::table.find(id))
                .set((publications::source.eq(Some("{}")), publications::rendition.eq(0)))
                .execute(c))?;
            Ok(())
        };
        site.state.db.write(spoil).await.unwrap();
        assert_eq!(publishing::bring_up_to_date(&site.state).await.unwrap(), 1);
        site.get("/v1/articles/one").await.expect(200);
    }
}
