//! The examples of the contract.

use serde_json::{Value, json};

const ARTICLE: &str = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10";
const SECTION: &str = "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11";

fn article() -> Value {
    json!({
        "id": ARTICLE,
        "slug": "microneedling-for-large-pores",
        "language": "en",
        "translation_group": ARTICLE,
        "title": "Microneedling for large pores",
        "subtitle": null,
        "summary": "What has been measured, and what has not.",
        "state": "changed",
        "schedule": {"publish_at": null, "unpublish_at": null, "failed": null},
        "version": 4,
        "published_version": 3,
        "published_at": "2024-06-24T00:00:00Z",
        "comment_policy": "open",
        "style": null,
        "authors": [{"name": "Ada Example", "slug": "ada-example", "credentials": "MD", "orcid": null}],
        "reviewed": {
            "by": [{"name": "Grace Example", "credentials": "MD, dermatologist", "orcid": null}],
            "at": "2024-06-20",
            "next_due": "2025-06-20",
        },
        "tags": [{"slug": "skin", "name": "Skin"}],
        "owner": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01",
        "created_at": "2024-06-24T08:00:00Z",
        "updated_at": "2024-06-25T09:30:00Z",
    })
}

pub fn section() -> Value {
    json!({
        "id": SECTION,
        "position": 1,
        "heading": "What the studies found",
        "level": 2,
        "anchor": "what-the-studies-found",
        "body": "Scars improved in 34 of 36 patients [@majid2009, p. 28].",
        "citations": [1],
    })
}

pub fn sections() -> Value {
    json!({"data": [section()]})
}

pub fn citation() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e12",
        "number": 1,
        "study": {
            "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20",
            "key": "majid2009",
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
            "design": "case_series",
        },
        "origin": "marker",
        "evidence_level": "4",
        "evidence_level_default": true,
        "cited_in": ["what-the-studies-found"],
    })
}

pub fn citations() -> Value {
    json!({"data": [citation()]})
}

pub fn working_copy() -> Value {
    let mut copy = article();
    copy["translations"] = json!([{
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e60",
        "slug": "microneedling-bei-grossen-poren",
        "language": "de",
        "title": "Microneedling bei großen Poren",
        "state": "draft",
    }]);
    copy["sections"] = json!([section()]);
    copy["citations"] = json!([citation()]);
    copy["claims"] = json!([{
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e50",
        "statement": "Microneedling makes atrophic acne scars less deep.",
        "certainty": "low",
        "for": ["majid2009"],
        "against": [],
    }]);
    copy["dangling"] = json!([]);
    copy["warnings"] = json!([{
        "section": SECTION, "code": "raw_html", "detail": "Readers do not get: <br>", "line": 3, "column": 1,
    }]);
    copy
}

pub fn page() -> Value {
    json!({
        "data": [article()],
        "page": {"limit": 20, "next": "/v1/manage/articles?cursor=b3BhcXVl", "prev": null, "total": null},
    })
}

pub fn schedule() -> Value {
    json!({
        "article": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10",
        "version": 2,
        "publish_at": "2030-06-24T06:00:00Z",
        "unpublish_at": "2030-07-24T06:00:00Z",
        "by": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01",
        "failure": null,
    })
}

pub fn revision_summary() -> Value {
    json!({
        "number": 7,
        "version": 12,
        "is_current": false,
        "kind": "changed",
        "restored_from": null,
        "published": 2,
        "name": "Before the review",
        "editor": {"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01", "name": "Ada Example"},
        "created_at": "2024-06-25T09:28:00Z",
        "updated_at": "2024-06-25T09:30:00Z",
    })
}

pub fn revisions() -> Value {
    json!({
        "data": [revision_summary()],
        "page": {
            "limit": 20, "next": format!("/v1/manage/articles/{ARTICLE}/revisions?cursor=b3BhcXVl"),
            "prev": null, "total": null,
        },
    })
}

pub fn revision() -> Value {
    let mut revision = revision_summary();
    let article = article();
    let mut state = json!({});
    for member in [
        "slug",
        "language",
        "translation_group",
        "title",
        "subtitle",
        "summary",
        "published_at",
        "comment_policy",
        "style",
        "authors",
        "reviewed",
        "tags",
    ] {
        state[member] = article[member].clone();
    }
    state["sections"] = json!([{
        "id": SECTION,
        "position": 1,
        "heading": "What the studies found",
        "level": 2,
        "anchor": "what-the-studies-found",
        "body": "Scars improved in 34 of 36 patients [@majid2009, p. 28].",
    }]);
    state["citations"] = json!([{
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e12",
        "number": 1,
        "study": {"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20", "key": "majid2009", "present_key": "majid2009"},
        "origin": "marker",
        "evidence_level": null,
    }]);
    state["claims"] = json!([{
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e50",
        "statement": "Microneedling makes atrophic acne scars less deep.",
        "certainty": "low",
        "for": ["majid2009"],
        "against": [],
    }]);
    revision["state"] = state;
    revision
}

pub fn revision_diff() -> Value {
    json!({
        "from": revision_summary(),
        "to": null,
        "identical": false,
        "article": [{"field": "title", "from": "Microneedling", "to": "Microneedling for large pores"}],
        "authors": [],
        "reviewers": [],
        "tags": [],
        "sections": [{
            "id": SECTION,
            "label": "What the studies found",
            "change": "changed",
            "moved": true,
            "from": 3,
            "to": 1,
            "fields": [{
                "field": "body",
                "from": "Scars improved.\n",
                "to": "Scars improved in 34 of 36 patients [@majid2009, p. 28].\n",
            }],
            "unified": "@@ -1 +1 @@\n-Scars improved.\n+Scars improved in 34 of 36 patients [@majid2009, p. 28].\n",
        }],
        "citations": [{
            "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e12",
            "label": "majid2009",
            "change": "added",
            "moved": false,
            "from": null,
            "to": 1,
            "fields": [{"field": "study", "from": null, "to": "majid2009"}, {"field": "origin", "from": null, "to": "marker"}],
            "unified": null,
        }],
        "claims": [],
    })
}

pub fn trash() -> Value {
    json!({
        "data": [{
            "id": ARTICLE,
            "slug": "microneedling-for-large-pores",
            "language": "en",
            "title": "Microneedling for large pores",
            "version": 4,
            "owner": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01",
            "trashed_at": "2024-06-25T09:30:00Z",
            "trashed_by": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01",
            "deleted_after": "2024-07-25T09:30:00Z",
        }],
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
    })
}
