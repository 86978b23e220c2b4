use serde_json::{Value, json};

use super::*;

fn entries(format: Format, text: &str) -> Vec<Result<Entry, Refused>> {
    read(format, text.as_bytes()).collect()
}

#[test]
fn dump() {
    for (f, t) in [
        (Format::Bibtex, include_str!("samples/zotero.bib")),
        (Format::Bibtex, include_str!("samples/broken.bib")),
        (Format::Ris, include_str!("samples/zotero.ris")),
        (Format::Ris, include_str!("samples/dialects.ris")),
        (Format::Nbib, include_str!("samples/pubmed.nbib")),
        (Format::PubmedXml, include_str!("samples/pubmed.xml")),
        (Format::CslJson, include_str!("samples/crossref.json")),
        (Format::CslJson, include_str!("samples/zotero.json")),
        (Format::CslJson, include_str!("samples/lines.jsonl")),
    ] {
        println!("=== {f:?}");
        for e in entries(f, t) {
            match e {
                Ok(e) => println!("{}", serde_json::to_string(&e).unwrap()),
                Err(e) => println!("REFUSED {}", serde_json::to_string(&e).unwrap()),
            }
        }
    }
}
