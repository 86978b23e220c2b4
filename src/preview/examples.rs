//! The examples of the contract.

use serde_json::{Value, json};

const TOKEN: &str = "eyJ0eXAiOiJwcmV2aWV3K2p3dCIsImFsZyI6IkVkRFNBIn0.eyJhdWQiOiJwcmV2aWV3In0.c2lnbmF0dXJl";

pub fn preview_token() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e70",
        "article": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e10",
        "token": TOKEN,
        "href": format!("/v1/preview/{TOKEN}"),
        "address": format!("https://www.example.org/preview?token={TOKEN}"),
        "note": "For Grace Example, who is asked for a review",
        "by": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e01",
        "created_at": "2024-06-24T08:00:00Z",
        "expires_at": "2024-06-26T08:00:00Z",
    })
}

pub fn preview_tokens() -> Value {
    json!({
        "data": [preview_token()],
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
    })
}
