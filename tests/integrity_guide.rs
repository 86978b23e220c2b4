//! The guide to look-ups and retractions, executed as it stands; Crossref is played.

mod walk;

use serde_json::json;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

const GUIDE: &str = include_str!("../docs/integrity.md");

/// What the guide looks up, as Crossref describes it.
async fn crossref() -> MockServer {
    let services = MockServer::start().await;
    let work = json!({
        "type": "journal-article", "DOI": "10.1016/s0140-6736(97)11096-0", "publisher": "Elsevier BV", "volume": "351",
        "issue": "9103", "page": "637-641", "container-title": ["The Lancet"], "issued": {"date-parts": [[1998, 2]]},
        "title": ["Ileal-lymphoid-nodular hyperplasia, non-specific colitis, and pervasive developmental disorder in children"],
        "author": [{"given": "AJ", "family": "Wakefield"}, {"given": "SH", "family": "Murch"}], "ISSN": ["0140-6736"],
    });
    let answer = ResponseTemplate::new(200).set_body_json(json!({"status": "ok", "message": work}));
    Mock::given(path("/works/10.1016/s0140-6736(97)11096-0")).respond_with(answer).mount(&services).await;
    services
}

#[test]
fn the_guide_works_as_it_stands() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let services = runtime.block_on(crossref());
    walk::walk(GUIDE, &[("IBID_LOOKUP__CROSSREF", services.uri())], 10);
}
