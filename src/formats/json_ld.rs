//! An article as linked data in the words of <https://schema.org>: a `MedicalWebPage` with the article as its main entity.

use serde_json::{Map, Value, json};

use super::site::Site;
use super::{Person, Remarks, Translation, Whole, plain, reference, standing};
use crate::citing::identifiers::doi_address;
use crate::citing::record::{Name, Record};
use crate::comments::Comment;
use crate::publishing::document::PublishedCitation;

/// The article as one document; with what readers say, where that is to be in it.
pub fn write(whole: &Whole, remarks: Option<&Remarks>, site: &Site<'_>) -> Value {
    let head = &whole.head;
    let address = site.article(head);
    let organization = json!({"@type": "Organization", "name": site.name, "url": site.home()});
    let mut page = Map::new();
    page.insert("@context".into(), json!("https://schema.org"));
    page.insert("@type".into(), json!("MedicalWebPage"));
    page.insert("@id".into(), json!(address));
    page.insert("url".into(), json!(address));
    page.insert("name".into(), json!(head.title));
    put(&mut page, "description", head.summary.as_deref());
    page.insert("inLanguage".into(), json!(head.language));
    page.insert("datePublished".into(), json!(head.published_at));
    page.insert("dateModified".into(), json!(head.updated_at));
    page.insert("isPartOf".into(), json!({"@type": "WebSite", "name": site.name, "url": site.home()}));
    page.insert("publisher".into(), organization.clone());
    if let Some(review) = &head.reviewed {
        page.insert("reviewedBy".into(), review.by.iter().map(|reviewer| expert(reviewer.into())).collect());
        page.insert("lastReviewed".into(), json!(review.at));
    }
    page.insert("mainEntity".into(), article(whole, remarks, site, organization));
    Value::Object(page)
}

fn article(whole: &Whole, remarks: Option<&Remarks>, site: &Site<'_>, publisher: Value) -> Value {
    let head = &whole.head;
    let address = site.article(head);
    let mut article = Map::new();
    article.insert("@type".into(), json!("Article"));
    article.insert("@id".into(), json!(format!("{address}#article")));
    article.insert("identifier".into(), json!(format!("urn:uuid:{}", head.id)));
    article.insert("mainEntityOfPage".into(), json!(address));
    article.insert("headline".into(), json!(head.title));
    put(&mut article, "alternativeHeadline", head.subtitle.as_deref());
    put(&mut article, "abstract", head.summary.as_deref());
    article.insert("inLanguage".into(), json!(head.language));
    if !whole.translations.is_empty() {
        let translation = |it: &Translation| {
            let address = it.address(site);
            json!({
                "@type": "Article", "@id": format!("{address}#article"), "url": address, "headline": it.title,
                "inLanguage": it.language,
            })
        };
        article.insert("workTranslation".into(), whole.translations.iter().map(translation).collect());
    }
    article.insert("datePublished".into(), json!(head.published_at));
    article.insert("dateModified".into(), json!(head.updated_at));
    article.insert("version".into(), json!(head.version));
    article.insert("author".into(), head.authors.iter().map(|author| expert(author.into())).collect());
    article.insert("publisher".into(), publisher);
    article.insert("keywords".into(), head.tags.iter().map(|tag| json!(tag.name)).collect());
    article.insert("wordCount".into(), json!(head.word_count));
    article.insert("timeRequired".into(), json!(format!("PT{}M", head.reading_minutes)));
    article.insert("citation".into(), whole.citations.iter().map(citation).collect());
    if let Some(remarks) = remarks {
        article.insert("commentCount".into(), json!(remarks.count));
        article.insert("comment".into(), remarks.threads.iter().map(|thread| comment(thread, &address)).collect());
    }
    Value::Object(article)
}

fn put(into: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        into.insert(name.into(), json!(text));
    }
}

fn expert(of: Person<'_>) -> Value {
    let mut person = Map::new();
    person.insert("@type".into(), json!("Person"));
    person.insert("name".into(), json!(of.name));
    put(&mut person, "honorificSuffix", of.credentials);
    if let (Some(orcid), Some(address)) = (of.orcid, of.orcid_address()) {
        person.insert("@id".into(), json!(address));
        person.insert("identifier".into(), identifier("orcid", orcid, &address));
        person.insert("sameAs".into(), json!(address));
    }
    Value::Object(person)
}

fn identifier(kind: &str, value: &str, address: &str) -> Value {
    json!({"@type": "PropertyValue", "propertyID": kind, "value": value, "url": address})
}

fn citation(citation: &PublishedCitation) -> Value {
    let study = &citation.study;
    let record = study.record();
    let mut work = Map::new();
    work.insert("@type".into(), json!(kind(&record)));
    let addresses = reference::addresses(study, &record);
    put(&mut work, "@id", addresses.first().map(String::as_str));
    work.insert("position".into(), json!(citation.number));
    work.insert("name".into(), json!(study.title.as_deref().unwrap_or(&study.key)));
    let authors: Vec<Value> = record.authors().iter().map(person).collect();
    if !authors.is_empty() {
        work.insert("author".into(), Value::Array(authors));
    }
    put(&mut work, "datePublished", reference::issued(&record).as_deref());
    container(&mut work, &record);
    put(&mut work, "pagination", record.text("page"));
    let mut identifiers = Vec::new();
    if let Some(doi) = &study.doi {
        identifiers.push(identifier("doi", doi, &doi_address(doi)));
    }
    if let Some(pmid) = &study.pmid {
        identifiers.push(identifier("pmid", pmid, &format!("https://pubmed.ncbi.nlm.nih.gov/{pmid}/")));
    }
    if let Some(pmcid) = &study.pmcid {
        identifiers.push(identifier("pmcid", pmcid, &format!("https://www.ncbi.nlm.nih.gov/pmc/articles/{pmcid}/")));
    }
    if !identifiers.is_empty() {
        work.insert("identifier".into(), Value::Array(identifiers));
    }
    put(&mut work, "isbn", study.isbn.as_deref());
    if let Some((first, others)) = addresses.split_first() {
        work.insert("url".into(), json!(first));
        if !others.is_empty() {
            work.insert("sameAs".into(), json!(others));
        }
    }
    put(&mut work, "creativeWorkStatus", standing(study));
    Value::Object(work)
}

fn kind(record: &Record) -> &'static str {
    match record.item_type() {
        "article-journal" | "article" | "paper-conference" | "review" | "manuscript" => "ScholarlyArticle",
        "article-magazine" | "post" | "post-weblog" => "Article",
        "article-newspaper" => "NewsArticle",
        "book" | "classic" => "Book",
        "chapter" | "entry-dictionary" | "entry-encyclopedia" => "Chapter",
        "thesis" => "Thesis",
        "report" => "Report",
        "dataset" => "Dataset",
        "software" => "SoftwareSourceCode",
        "webpage" => "WebPage",
        "legislation" | "bill" | "regulation" => "Legislation",
        _ => "CreativeWork",
    }
}

fn person(name: &Name<'_>) -> Value {
    let mut person = Map::new();
    let is_person = name.family.is_some();
    person.insert("@type".into(), json!(if is_person { "Person" } else { "Organization" }));
    person.insert("name".into(), json!(name.display()));
    if is_person {
        put(&mut person, "familyName", name.family);
        put(&mut person, "givenName", name.given);
    }
    Value::Object(person)
}

/// The journal with volume and issue, or the book, that the work stands in.
fn container(work: &mut Map<String, Value>, record: &Record) {
    let Some(title) = record.container_title() else { return };
    let in_journal = matches!(record.item_type(), "article-journal" | "article-magazine" | "article-newspaper");
    let mut whole = Map::new();
    whole.insert("@type".into(), json!(if in_journal { "Periodical" } else { "CreativeWork" }));
    whole.insert("name".into(), json!(title));
    put(&mut whole, "issn", record.text("ISSN").filter(|_| in_journal));
    let mut within = Value::Object(whole);
    if in_journal {
        if let Some(volume) = record.members().get("volume") {
            within = json!({"@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": within});
        }
        if let Some(issue) = record.members().get("issue") {
            within = json!({"@type": "PublicationIssue", "issueNumber": issue, "isPartOf": within});
        }
    }
    work.insert("isPartOf".into(), within);
}

/// As deep as the site lets threads be.
fn comment(comment: &Comment, address: &str) -> Value {
    let mut remark = Map::new();
    remark.insert("@type".into(), json!("Comment"));
    remark.insert("@id".into(), json!(format!("{address}#comment-{}", comment.id)));
    let mut writer = json!({"@type": "Person", "name": comment.name});
    if let Some(url) = &comment.url {
        writer["url"] = json!(url);
    }
    remark.insert("author".into(), writer);
    remark.insert("dateCreated".into(), json!(comment.created_at));
    remark.insert("text".into(), json!(plain::of(&comment.html)));
    if !comment.replies.is_empty() {
        remark.insert("comment".into(), comment.replies.iter().map(|reply| self::comment(reply, address)).collect());
    }
    Value::Object(remark)
}

/// The document as it can stand in a `script` of HTML: nothing in it ends the script or begins a comment.
pub fn in_script(document: &Value) -> String {
    let text = document.to_string();
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::sample;

    #[test]
    fn an_article_is_a_medical_web_page() {
        let mut whole = sample::whole();
        sample::retract(&mut whole, 1);
        let remarks = Remarks { threads: vec![sample::comment(Some(sample::comment(None)))], count: 2 };
        let document = write(&whole, Some(&remarks), &sample::site());
        insta::assert_json_snapshot!(document);
    }

    #[test]
    fn nothing_ends_the_script_that_it_stands_in() {
        let document = json!({"name": "</script><!-- <script> & \u{2028}"});
        let text = in_script(&document);
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }
}
