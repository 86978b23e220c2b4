use ibid::accounts::Role;
use serde_json::json;

use super::{STUDIES, add, article};
use crate::support::{Reply, Site, both};

async fn delete(site: &Site, etag: &str) -> Reply {
    site.request("DELETE", &format!("{STUDIES}/a1")).if_match(etag).send().await
}

both! {
    async fn what_nobody_cites_can_go(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let made = add(&editor, json!({"type": "book", "id": "a1", "DOI": "10.1000/x"})).await;
        let without = editor.request("DELETE", &format!("{STUDIES}/a1")).send().await;
        assert_eq!(without.code(), "precondition_required");
        assert_eq!(delete(&editor, "\"7.x\"").await.code(), "version_conflict");
        assert_eq!(delete(&site.signed_in(Role::Author).await, made.etag()).await.code(), "forbidden");
        assert_eq!(delete(&editor, made.etag()).await.status, 204);
        assert_eq!(delete(&editor, made.etag()).await.code(), "not_found");
        add(&editor, json!({"type": "book", "id": "a1", "DOI": "10.1000/x"})).await.expect(201);
    }

    async fn what_is_cited_stays(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = add(&editor, json!({"type": "book", "id": "a1"})).await.etag().to_owned();
        let one = article(&editor, "So it is [@a1].").await;
        let two = article(&editor, "And so [@a1].").await;
        let cited = delete(&editor, &etag).await;
        assert_eq!((cited.status, cited.code()), (409, "study_cited".into()));
        assert_eq!(cited.json()["articles"], json!([one.json()["id"], two.json()["id"]]));
        for copy in [&one, &two] {
            editor.request("DELETE", copy.header("location")).if_match(copy.etag()).send().await;
        }
        // In the trash they cite it, too.
        assert_eq!(delete(&editor, &etag).await.code(), "study_cited");
        for copy in [one, two] {
            let id = copy.json()["id"].as_str().expect("an id").to_owned();
            assert_eq!(editor.request("DELETE", &format!("/v1/manage/trash/{id}")).send().await.status, 204);
        }
        assert_eq!(delete(&editor, &etag).await.status, 204);
    }

    async fn what_the_public_reads_stays(site: Site) {
        let editor = site.signed_in(Role::Editor).await;
        let etag = add(&editor, json!({"type": "book", "id": "a1"})).await.etag().to_owned();
        let made = article(&editor, "So it is [@a1].").await;
        let path = made.header("location");
        editor.request("POST", &format!("{path}/publish")).if_match(made.etag()).send().await.expect(200);
        // The working copy no longer cites it, the publication does.
        let changed = editor.request("PATCH", path).if_match(made.etag()).json(&json!({"sections": []})).send().await;
        changed.expect(200);
        let study = editor.get(&format!("{STUDIES}/a1")).await.expect(200);
        assert_eq!(study["cited_by"], json!({"working_copies": 0, "publications": 1}));
        let cited = delete(&editor, &etag).await;
        assert_eq!((cited.code(), &cited.json()["articles"]), ("study_cited".into(), &json!([made.json()["id"]])));
    }
}
