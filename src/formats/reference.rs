//! A cited study in the words of other formats: where it can be found, what kind of work it is, when it came out.

use crate::citing::identifiers::doi_address;
use crate::citing::record::{PartialDate, Record};
use crate::publishing::document::PublishedStudy;

/// Every address of the study that its identifiers and its record give, the most lasting first.
pub(super) fn addresses(study: &PublishedStudy, record: &Record) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    all.extend(study.doi.as_deref().map(doi_address));
    all.extend(study.pmid.as_ref().map(|pmid| format!("https://pubmed.ncbi.nlm.nih.gov/{pmid}/")));
    all.extend(study.pmcid.as_ref().map(|pmcid| format!("https://www.ncbi.nlm.nih.gov/pmc/articles/{pmcid}/")));
    all.extend(record.text("URL").filter(|url| is_web_address(url)).map(str::to_owned));
    all.extend(study.open_access_url.clone());
    let mut seen = std::collections::HashSet::new();
    all.retain(|address| seen.insert(address.clone()));
    all
}

pub(super) fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}

/// When the study came out, as precisely as it is known, in ISO 8601; nothing of what that cannot write.
pub(super) fn issued(record: &Record) -> Option<String> {
    let PartialDate { year, month, day } = record.date("issued").filter(|date| (1..=9999).contains(&date.year))?;
    Some(match (month, day) {
        (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        (Some(month), None) => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}"),
    })
}
