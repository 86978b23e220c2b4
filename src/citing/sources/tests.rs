use insta::assert_json_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A study as a snapshot shows it.
fn shown(described: &Described) -> Value {
    json!({"record": described.entry.record, "evidence": described.entry.evidence, "dropped": described.entry.dropped})
}

#[test]
fn a_work_of_crossref() {
    let work = json!({
        "indexed": {"timestamp": 1}, "publisher": "Medknow", "issue": "1", "type": "journal-article",
        "license": [{"start": {"date-parts": [[2009, 1, 1]]}, "content-version": "vor",
                     "URL": "http://creativecommons.org/licenses/by-nc-sa/3.0"}],
        "funder": [{"DOI": "10.13039/100000002", "name": "National Institutes of Health", "award": ["R01 AR012345"]}],
        "DOI": "10.4103/0974-2077.53096", "created": {"date-parts": [[2009, 7, 1]]}, "page": "26",
        "source": "Crossref", "is-referenced-by-count": 100,
        "title": ["Microneedling therapy in <i>atrophic</i> facial scars: An objective assessment"],
        "author": [{"ORCID": "http://orcid.org/0000-0002-1825-0097", "given": "Imran", "family": "Majid",
                    "sequence": "first", "affiliation": [{"name": "Government Medical College"}]}],
        "container-title": ["Journal of Cutaneous and Aesthetic Surgery"],
        "short-container-title": ["J Cutan Aesthet Surg"], "language": "en", "volume": "2",
        "abstract": "<jats:title>Background:</jats:title><jats:p>Scars &amp; needles, p &lt; 0.05.</jats:p>",
        "published-print": {"date-parts": [[2009]]}, "issued": {"date-parts": [[2009, 1]]},
        "reference": [{"key": "1", "unstructured": "x"}], "ISSN": ["0974-2077"],
        "URL": "http://dx.doi.org/10.4103/0974-2077.53096", "subject": ["Dermatology"],
        "updated-by": [{"DOI": "10.4103/notice", "type": "correction", "source": "publisher",
                        "updated": {"date-parts": [[2010, 2, 3]]}}],
    });
    let described = read(Service::Crossref, &json!({"status": "ok", "message": work}).to_string()).unwrap().unwrap();
    assert_eq!(described.notices.len(), 1);
    let record = &described.entry.record;
    assert_eq!((record.year(), record.first_author_family()), (Some(2009), Some("Majid")));
    assert_eq!(record.text("ISSN"), Some("0974-2077"));
    assert_json_snapshot!(shown(&described));
}

#[test]
fn a_doi_of_datacite() {
    let attributes = json!({
        "doi": "10.5061/dryad.234", "identifiers": [],
        "creators": [
            {"name": "Garcia, Ana", "nameType": "Personal", "givenName": "Ana", "familyName": "Garcia", "affiliation": ["X"],
             "nameIdentifiers": [{"nameIdentifier": "https://orcid.org/0000-0002-1825-0097"}]},
            {"name": "Miller, Bo"}, {"name": "WHO, Geneva", "nameType": "Organizational"}, {"name": ""}],
        "titles": [{"title": "Data from: Needles"}, {"title": "A survey", "titleType": "Subtitle"}],
        "publisher": {"name": "Dryad"}, "publicationYear": 2016,
        "container": {"type": "Series", "title": "Data Papers", "volume": "3", "firstPage": "1", "lastPage": "9",
                      "identifier": "0974-2077", "identifierType": "ISSN"},
        "subjects": [{"subject": "skin"}, {"subject": "scars"}],
        "contributors": [{"name": "Ed, Itor", "contributorType": "Editor"}, {"name": "Other", "contributorType": "Other"}],
        "dates": [{"date": "2016-03-02T00:00:00Z", "dateType": "Issued"}], "language": "en",
        "types": {"citeproc": "dataset", "resourceTypeGeneral": "Dataset"}, "version": "2",
        "rightsList": [{"rightsUri": "https://creativecommons.org/publicdomain/zero/1.0/legalcode"}],
        "descriptions": [{"description": "<p>All data.</p>", "descriptionType": "Abstract"}],
        "fundingReferences": [{"funderName": "NIH", "awardNumber": "1"}],
        "url": "https://datadryad.org/x",
    });
    let body = json!({"data": {"id": "10.5061/dryad.234", "type": "dois", "attributes": attributes}}).to_string();
    let described = read(Service::DataCite, &body).unwrap().unwrap();
    assert_eq!(described.entry.record.text("title"), Some("Data from: Needles: A survey"));
    assert_json_snapshot!(shown(&described));
}

#[test]
fn datacite_tells_dates_and_kinds_in_several_ways() {
    let read = |attributes: Value| {
        let body = json!({"data": {"attributes": attributes}}).to_string();
        super::read(Service::DataCite, &body).unwrap().unwrap().entry
    };
    let title = json!([{"title": "T"}]);
    let entry = read(json!({
        "titles": title, "publicationYear": "2016", "dates": [{"date": "2019-01-01", "dateType": "Issued"}],
        "types": {"resourceTypeGeneral": "Preprint", "citeproc": "article-journal"}, "publisher": "arXiv",
        "doi": "10.48550/arxiv.1",
    }));
    assert_eq!((entry.record.year(), entry.record.item_type()), (Some(2016), "article"));
    assert!(entry.evidence.preprint);
    assert_eq!(entry.record.text("publisher"), Some("arXiv"));
    let entry = read(json!({"titles": title, "types": {"citeproc": "post-weblog"}, "doi": "10.5555/x"}));
    assert_eq!((entry.record.year(), entry.record.item_type()), (None, "post-weblog"));
    assert_eq!(read(json!({"titles": title, "types": {"citeproc": "nonsense"}})).record.item_type(), "document");
}

#[test]
fn an_article_of_pubmed() {
    let article = r#"<?xml version="1.0"?><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">20300368</PMID>
        <Article><Journal><ISSN IssnType="Electronic">0974-5157</ISSN><JournalIssue><Volume>2</Volume><Issue>1</Issue>
        <PubDate><Year>2009</Year><Month>Jan</Month></PubDate></JournalIssue>
        <Title>Journal of cutaneous and aesthetic surgery</Title><ISOAbbreviation>J Cutan Aesthet Surg</ISOAbbreviation>
        </Journal><ArticleTitle>Microneedling therapy.</ArticleTitle><AuthorList><Author><LastName>Majid</LastName>
        <ForeName>Imran</ForeName></Author></AuthorList></Article></MedlineCitation><PubmedData><ArticleIdList>
        <ArticleId IdType="doi">10.4103/0974-2077.53096</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
        </PubmedArticleSet>"#;
    let described = read(Service::PubMed, article).unwrap().unwrap();
    let record = &described.entry.record;
    assert_eq!(record.pmid().unwrap().as_str(), "20300368");
    assert_eq!(record.doi().unwrap().as_str(), "10.4103/0974-2077.53096");
    assert_eq!(record.text("container-title-short"), Some("J Cutan Aesthet Surg"));
    let none = r#"<?xml version="1.0" ?><PubmedArticleSet></PubmedArticleSet>"#;
    assert_eq!(read(Service::PubMed, none).unwrap(), None);
}

#[test]
fn what_is_no_answer_is_unreadable() {
    let bodies = ["", "[]", "{", "Resource not found.", r#"{"message": []}"#, r#"{"data": {}}"#, r#"{"message": {}}"#];
    for body in bodies {
        assert!(read(Service::Crossref, body).is_err(), "{body}");
        assert!(read(Service::DataCite, body).is_err(), "{body}");
        assert!(read(Service::PubMed, body).is_err(), "{body}");
    }
    assert!(read(Service::PubMed, "<html>down</html>").is_err());
}

/// Any JSON, of members that the services have.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from)
    ];
    let names = prop::sample::select(vec![
        "title",
        "author",
        "issued",
        "date-parts",
        "type",
        "DOI",
        "titles",
        "creators",
        "types",
        "dates",
        "container",
        "publisher",
        "name",
        "family",
        "given",
        "page",
        "abstract",
        "funder",
        "updated-by",
        "publicationYear",
        "date",
        "dateType",
        "license",
        "URL",
        "ISSN",
        "language",
    ]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let members = prop::collection::vec((names.clone(), inner.clone()), 0..6);
        let object = |members: Vec<(&str, Value)>| {
            Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
        };
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Value::from), members.prop_map(object)]
    })
}

proptest! {
    #[test]
    fn nothing_makes_the_readers_panic(value in any_json(), text in ".{0,100}") {
        for service in [Service::Crossref, Service::DataCite, Service::PubMed] {
            let _ = read(service, &json!({"message": value}).to_string());
            let _ = read(service, &json!({"data": {"attributes": value}}).to_string());
            let _ = read(service, &text);
        }
    }
}
