//! The examples of the contract.

use serde_json::{Value, json};

pub fn publication() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10",
        "slug": "microneedling-for-large-pores",
        "state": "published",
        "version": 1,
        "published_version": 4,
        "published_at": "2024-06-24T00:00:00Z",
        "updated_at": "2024-06-25T09:30:00Z",
        "href": "/v1/articles/microneedling-for-large-pores",
        "citations": 5,
        "warnings": [{
            "code": "incomplete_study",
            "detail": "Reference 2 (dermsurg) lacks: title, author, issued, identifier.",
        }],
        "findings": [finding()],
    })
}

fn finding() -> Value {
    json!({
        "rule": "uncited_claim",
        "severity": "warning",
        "section": {"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11", "anchor": "in-short", "position": 5},
        "span": {"start": 0, "end": 42, "line": 1, "column": 1},
        "quote": "Numerous studies have shown that it works.",
        "detail": "the sentence speaks of research and cites none",
        "help": "Put the marker of the study behind the claim. Without such a study, say less or leave the sentence out.",
        "fingerprint": "0d6f1bb0a92c7e35",
        "studies": [],
        "acknowledged": null,
    })
}

pub fn check() -> Value {
    json!({
        "article": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10",
        "version": 4,
        "findings": [finding()],
        "counts": {"error": 0, "warning": 1, "info": 0, "acknowledged": 0},
        "acknowledgements": [acknowledgement_that_is_past()],
    })
}

fn acknowledgement_that_is_past() -> Value {
    let mut past = acknowledgement();
    past["current"] = json!(false);
    past
}

pub fn acknowledgement() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e60",
        "rule": "retracted_study",
        "fingerprint": "5b1e6f0c84d2a973",
        "reason": "Cited as retracted, on purpose.",
        "by": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01",
        "at": "2024-06-24T08:00:00Z",
        "current": true,
    })
}

pub fn unpublished() -> Value {
    json!({"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10", "state": "unpublished"})
}

pub fn redirect() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e80",
        "version": 1,
        "path": "/2019/05/microneedling",
        "status": 301,
        "location": null,
        "article": {
            "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10",
            "slug": "microneedling-for-large-pores",
            "published": true,
        },
        "note": "From the old site",
        "by": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01",
        "created_at": "2024-06-24T08:00:00Z",
        "updated_at": "2024-06-24T08:00:00Z",
    })
}

pub fn redirects() -> Value {
    json!({
        "data": [redirect()],
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
    })
}
