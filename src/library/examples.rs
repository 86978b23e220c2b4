//! The examples of the contract.

use serde_json::{Value, json};

pub fn study() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20",
        "key": "majid2009",
        "aliases": ["majid2009a"],
        "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
        "year": 2009,
        "doi": "10.4103/0974-2077.53096",
        "pmid": "20300368",
        "pmcid": null,
        "isbn": null,
        "design": "case_series",
        "sample_size": 37,
        "review": "peer_reviewed",
        "follow_up": "P2M",
        "funding": [{"funder": "National Institutes of Health", "award": "R01 AR012345"}],
        "conflicts_of_interest": "None declared.",
        "open_access_url": "https://europepmc.org/article/MED/20300368",
        "notes": null,
        "retraction": null,
        "sources": [
            {"field": "design", "source": "editor", "at": "2024-06-25T09:30:00Z"},
            {"field": "title", "source": "crossref", "at": "2024-06-24T08:00:00Z"},
        ],
        "completeness": {"complete": true, "missing": []},
        "cited_by": {"working_copies": 2, "publications": 1},
        "csl": {
            "id": "majid2009",
            "type": "article-journal",
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
            "author": [{"family": "Majid", "given": "Imran"}],
            "container-title": "Journal of Cutaneous and Aesthetic Surgery",
            "issued": {"date-parts": [[2009, 1]]},
            "volume": "2",
            "issue": "1",
            "page": "26-30",
            "DOI": "10.4103/0974-2077.53096",
            "PMID": "20300368",
        },
        "version": 1,
        "created_at": "2024-06-24T08:00:00Z",
        "updated_at": "2024-06-25T09:30:00Z",
    })
}

pub fn page() -> Value {
    json!({"data": [study()], "page": {"limit": 20, "next": null, "prev": null, "total": null}})
}

pub fn merged() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e40",
        "study": study(),
        "gone": {"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e21", "key": "majid2009a"},
        "filled": ["page"],
        "differing": [{"field": "volume", "kept": "2", "other": "3"}],
        "articles": 2,
    })
}
