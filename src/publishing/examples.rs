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
    })
}

pub fn unpublished() -> Value {
    json!({"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10", "state": "unpublished"})
}
