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
        "integrity_checked": [{"source": "retraction_watch", "checked_at": "2024-06-24T08:00:00Z"}],
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

pub fn looked_up(present: bool) -> Value {
    let mut answer = study();
    answer["lookup"] = match present {
        true => {
            json!({"dry_run": false, "source": null, "asked_at": null, "kept": false, "notice": null, "dropped": []})
        }
        false => json!({
            "dry_run": false, "source": "crossref", "asked_at": "2024-06-24T08:00:00Z", "kept": false, "notice": null,
            "dropped": [{
                "field": "author.ORCID", "value": "http://orcid.org/0000-0002-1825-0097", "count": 1,
                "reason": "a CSL name has no such member",
            }],
        }),
    };
    answer
}

pub fn notice() -> Value {
    json!({
        "id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e30",
        "source": "retraction_watch",
        "source_id": "12345",
        "kind": "retraction",
        "studies": [{"id": "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20", "key": "wakefield1998"}],
        "doi": "10.1016/s0140-6736(97)11096-0",
        "pmid": "9500320",
        "date": "2010-02-06",
        "reasons": ["Misconduct by Author"],
        "notice_doi": "10.1016/s0140-6736(10)60175-4",
        "notice_pmid": "20137807",
        "note": null,
        "created_at": "2024-06-24T08:00:00Z",
    })
}

pub fn notices() -> Value {
    json!({"data": [notice()], "page": {"limit": 20, "next": null, "prev": null, "total": null}})
}

pub fn study_notices() -> Value {
    json!({
        "data": [notice()],
        "retraction": {
            "status": "retracted", "date": "2010-02-06", "reasons": ["Misconduct by Author"],
            "notice_doi": "10.1016/s0140-6736(10)60175-4", "notice_pmid": "20137807", "source": "retraction_watch",
            "disputed": false,
        },
        "integrity_checked": [
            {"source": "retraction_watch", "checked_at": "2024-06-24T08:00:00Z"},
            {"source": "crossref", "checked_at": "2024-06-25T09:30:00Z"},
        ],
    })
}

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

pub fn notice_sources() -> Value {
    json!({"data": [{
        "source": "retraction_watch", "sha256": SHA256, "entries": 61234, "refused": 1, "imported_at": "2024-06-24T08:00:00Z",
    }]})
}

pub fn imported_notices() -> Value {
    json!({
        "source": "retraction_watch", "sha256": SHA256, "dry_run": false, "unchanged": false, "entries": 61234, "added": 120,
        "changed": 4, "removed": 1, "unidentified": 250, "other": 0, "refused": 1,
        "refusals": [{
            "entry": 17, "line": 18, "id": "12345", "code": "invalid_date",
            "detail": "\"13/45/2020\" is no day such as 1/31/2020 or 2020-01-31.",
        }],
        "studies_changed": 2,
    })
}

pub fn duplicates() -> Value {
    let alike = |id: &str, key: &str, doi: Option<&str>| {
        json!({
            "id": id, "key": key, "year": 2009, "doi": doi, "pmid": null, "cited_by": 1,
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
        })
    };
    json!({
        "data": [{
            "score": 0.95, "relation": "same_study",
            "studies": [
                alike("01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20", "majid2009", Some("10.4103/0974-2077.53096")),
                alike("01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e21", "majid2009a", None),
            ],
        }],
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
    })
}

pub fn imported() -> Value {
    let entry = |entry: u64, line: u64, outcome: &str, key: Option<&str>| {
        json!({
            "entry": entry, "line": line, "outcome": outcome, "given_key": "Majid2009",
            "id": key.map(|_| "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e20"), "key": key,
            "code": null, "detail": null, "errors": [], "filled": [], "differing": [], "dropped": [], "notes": [],
        })
    };
    let mut created = entry(1, 1, "created", Some("majid2009"));
    created["dropped"] = json!([
        {"field": "file", "value": "Majid - 2009.pdf", "count": 1, "reason": "a study has no place for it"},
    ]);
    created["notes"] = json!(["The key Majid2009 cannot be a study's."]);
    let mut refused = entry(2, 14, "refused", None);
    refused["code"] = json!("malformed");
    refused["detail"] = json!("the entry ends within a value");
    json!({
        "dry_run": false, "format": "bibtex", "more": false,
        "counts": {"created": 1, "merged": 0, "unchanged": 0, "refused": 1},
        "entries": [created, refused],
    })
}

pub fn style() -> Value {
    json!({
        "name": "american-medical-association",
        "title": "American Medical Association 11th edition",
        "short_title": "AMA",
        "aliases": ["ama"],
        "class": "numeric",
        "source": "bundled",
        "licence": {
            "name": "Creative Commons Attribution-ShareAlike 3.0 Unported",
            "url": "https://creativecommons.org/licenses/by-sa/3.0/",
        },
        "default_locale": "en-US",
        "has_bibliography": true,
        "parent": null,
        "id": "http://www.zotero.org/styles/american-medical-association",
    })
}

pub fn uploaded_style() -> Value {
    json!({
        "name": "house",
        "title": "House style",
        "short_title": null,
        "aliases": [],
        "class": "numeric",
        "source": "uploaded",
        "licence": {"name": null, "url": null},
        "default_locale": null,
        "has_bibliography": true,
        "parent": null,
        "id": "https://example.org/styles/house",
    })
}

pub fn style_list() -> Value {
    json!({
        "data": [style()],
        "missing": null,
        "locales": ["de-DE", "en-US"],
        "page": {"limit": 20, "next": null, "prev": null, "total": null},
    })
}

pub fn style_file() -> &'static str {
    r#"<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text">
  <info>
    <title>House style</title>
    <id>https://example.org/styles/house</id>
    <category citation-format="numeric"/>
    <updated>2024-06-24T00:00:00+00:00</updated>
  </info>
  <citation>
    <layout prefix="[" suffix="]" delimiter=","><text variable="citation-number"/></layout>
  </citation>
  <bibliography>
    <layout>
      <text variable="citation-number" suffix=". "/>
      <names variable="author" suffix=": "/>
      <text variable="title" suffix="."/>
    </layout>
  </bibliography>
</style>
"#
}
