//! PubMed's XML: the set is cut into its articles, and each is read by itself.
//!
//! What stands outside the articles — a document type above all — is never read, so nothing in it can be expanded.

use std::io::Read;

use super::tree::Element;
use super::{correct, correction_kind, item_type, language, pages, title};
use crate::citing::exchange::draft::Draft;
use crate::citing::exchange::input::{End, Piece, Source};
use crate::citing::exchange::{Entry, Grant, MAX_ENTRY, Refused, date, name};

/// The elements that are entries.
const ARTICLES: [&str; 2] = ["PubmedArticle", "PubmedBookArticle"];

#[derive(Debug, Default)]
pub(in crate::citing::exchange) struct Reader {
    /// The start tag of the next entry, which ended the one before, and its line.
    begun: Option<(String, u64)>,
}

impl Reader {
    pub(in crate::citing::exchange) fn next<R: Read>(
        &mut self,
        source: &mut Source<R>,
    ) -> Option<Result<Entry, Refused>> {
        source.take_legacy();
        let (text, line) = match self.begun.take() {
            Some(begun) => begun,
            None => beginning(source)?,
        };
        let place = source.place(line);
        let mut piece = Piece { place, text, end: End::CutOff, legacy: false };
        self.body(source, &mut piece);
        piece.legacy = source.take_legacy();
        Some(match piece.end {
            End::Whole => entry(&piece),
            End::TooLong => Err(Refused::too_long(place)),
            End::CutOff => Err(Refused::new(place, "cut_off", "the article is not closed")),
        })
    }

    /// Reads to the end tag of the article, or the start tag of the next one.
    fn body<R: Read>(&mut self, source: &mut Source<R>, piece: &mut Piece) {
        let name = tag_name(&piece.text).to_owned();
        let mut tag: Option<(String, u64)> = None;
        while let Some(c) = source.next() {
            if piece.text.len() + c.len_utf8() > MAX_ENTRY {
                piece.end = End::TooLong;
            } else {
                piece.text.push(c);
            }
            match (&mut tag, c) {
                (_, '<') => tag = Some(("<".to_owned(), source.line_number())),
                // No tag that matters here is longer.
                (Some((text, _)), c) if text.len() < 200 => text.push(c),
                _ => {}
            }
            if c != '>' {
                continue;
            }
            let Some((text, line)) = tag.take() else { continue };
            if text.strip_prefix("</").is_some_and(|rest| rest.trim_end_matches('>').trim_end() == name) {
                piece.end = if piece.end == End::TooLong { End::TooLong } else { End::Whole };
                return;
            }
            if ARTICLES.contains(&tag_name(&text)) {
                self.begun = Some((text, line));
                return;
            }
        }
    }
}

/// The name in a start tag.
fn tag_name(tag: &str) -> &str {
    tag.trim_start_matches('<').split([' ', '>', '/', '\n', '\t']).next().unwrap_or_default()
}

/// Skips to the start tag of an article, comments left out.
fn beginning<R: Read>(source: &mut Source<R>) -> Option<(String, u64)> {
    loop {
        let line = source.line_number();
        if source.next()? != '<' {
            continue;
        }
        let mut tag = "<".to_owned();
        while let Some(c) = source.peek().filter(|c| *c != '<') {
            source.next();
            if tag.len() < 200 {
                tag.push(c);
            }
            if tag == "<!--" {
                skip_comment(source);
                break;
            }
            if c == '>' {
                break;
            }
        }
        if tag.ends_with('>') && !tag.ends_with("/>") && ARTICLES.contains(&tag_name(&tag)) {
            return Some((tag, line));
        }
    }
}

fn skip_comment<R: Read>(source: &mut Source<R>) {
    let mut last = [' '; 2];
    while let Some(c) = source.next() {
        if c == '>' && last == ['-', '-'] {
            return;
        }
        last = [last[1], c];
    }
}

fn entry(piece: &Piece) -> Result<Entry, Refused> {
    let root = Element::parse(&piece.text).map_err(|fault| {
        let line = piece.place.line + fault.lines;
        Refused::new(piece.place, "malformed", format!("on line {line}: {}", fault.what))
    })?;
    let mut mapper = Mapper { draft: Draft::of(piece) };
    match root.child("MedlineCitation") {
        Some(citation) => mapper.citation(citation),
        None => match root.child("BookDocument") {
            Some(book) => mapper.book(book),
            None => return Err(Refused::new(piece.place, "malformed", "the article has no MedlineCitation")),
        },
    }
    for data in root.all("PubmedData").chain(root.all("PubmedBookData")) {
        mapper.identifiers(data);
    }
    for child in root.children() {
        if !["MedlineCitation", "BookDocument", "PubmedData", "PubmedBookData"].contains(&child.name.as_str()) {
            mapper.other(child);
        }
    }
    mapper.draft.finish(piece)
}

struct Mapper {
    draft: Draft,
}

impl Mapper {
    fn citation(&mut self, citation: &Element) {
        for child in citation.children() {
            match child.name.as_str() {
                "PMID" => self.draft.pmid("PMID", &child.text()),
                "Article" => self.article(child),
                "MedlineJournalInfo" => self.journal_info(child),
                "MeshHeadingList" => self.headings(child),
                "KeywordList" => self.keywords(child),
                "CoiStatement" => self.draft.evidence.conflicts = Some(collapsed(child)),
                "CommentsCorrectionsList" => child.children().for_each(|one| self.correction(one)),
                "GeneralNote" => self.draft.add("note", "\n", "GeneralNote", &child.text()),
                "OtherID" if child.text().trim().starts_with("PMC") => self.draft.pmcid("OtherID", &child.text()),
                "InvestigatorList" => {
                    self.draft.drop("InvestigatorList", &child.text(), "a record has no names of investigators");
                }
                "DateCompleted" | "DateRevised" | "DateCreated" | "CitationSubset" | "NumberOfReferences"
                | "SpaceFlightMission" => {
                    self.draft.drop(&child.name, &child.text(), "it is PubMed's own bookkeeping");
                }
                _ => self.other(child),
            }
        }
        item_type(&mut self.draft, false, false);
    }

    fn other(&mut self, element: &Element) {
        let text = element.text();
        if !text.trim().is_empty() {
            self.draft.drop(&element.name, &text, "CSL has no variable for it");
        }
    }

    fn article(&mut self, article: &Element) {
        let mut pages_said = false;
        for child in article.children() {
            match child.name.as_str() {
                "Journal" => self.journal(child),
                "ArticleTitle" => self.draft.text("title", "ArticleTitle", &title(&child.marked_up())),
                "VernacularTitle" => self.draft.text("original-title", "VernacularTitle", &title(&child.marked_up())),
                "Pagination" => {
                    pages_said = true;
                    self.pagination(child);
                }
                "ELocationID" => self.location(child, pages_said),
                "Abstract" => self.abstract_text(child),
                "AuthorList" => self.people(child),
                "Language" => self.draft.text("language", "Language", language(child.text().trim())),
                "DataBankList" => self.registrations(child),
                "GrantList" => child.all("Grant").for_each(|grant| self.grant(grant)),
                "PublicationTypeList" => {
                    child.all("PublicationType").for_each(|kind| self.draft.evidence.publication_type(&collapsed(kind)))
                }
                "ArticleDate" => self.online(child),
                _ => self.other(child),
            }
        }
        if !self.draft.has("issued")
            && let Some(online) = article.child("ArticleDate").and_then(day)
        {
            self.draft.set("issued", "ArticleDate", online);
        }
    }

    fn journal(&mut self, journal: &Element) {
        for child in journal.children() {
            match child.name.as_str() {
                "ISSN" => self.draft.issn("ISSN", &child.text()),
                "Title" => self.draft.text("container-title", "Title", &child.text()),
                "ISOAbbreviation" => self.draft.text("container-title-short", "ISOAbbreviation", &child.text()),
                "JournalIssue" => self.issue(child),
                _ => self.other(child),
            }
        }
    }

    fn issue(&mut self, issue: &Element) {
        for child in issue.children() {
            match child.name.as_str() {
                "Volume" => self.draft.text("volume", "Volume", &child.text()),
                "Issue" => self.draft.text("issue", "Issue", &child.text()),
                "PubDate" => {
                    if let Some(date) = day(child) {
                        self.draft.set("issued", "PubDate", date);
                    }
                }
                _ => self.other(child),
            }
        }
    }

    /// The journal's short name if the article has none.
    fn journal_info(&mut self, info: &Element) {
        for child in info.children() {
            match child.name.as_str() {
                "MedlineTA" if !self.draft.has("container-title-short") => {
                    self.draft.text("container-title-short", "MedlineTA", &child.text());
                }
                "MedlineTA" => {}
                "ISSNLinking" => self.draft.issn("ISSNLinking", &child.text()),
                _ => self.draft.drop(&child.name, &child.text(), "it is PubMed's own bookkeeping"),
            }
        }
    }

    fn pagination(&mut self, pagination: &Element) {
        let whole = pagination.child_text("MedlinePgn").or_else(|| {
            let first = pagination.child_text("StartPage")?;
            Some(match pagination.child_text("EndPage") {
                Some(last) => format!("{first}-{last}"),
                None => first,
            })
        });
        if let Some(whole) = whole {
            self.draft.text("page", "Pagination", &pages(&whole));
        }
    }

    fn location(&mut self, location: &Element, pages_said: bool) {
        let (kind, text) = (location.attribute("EIdType").unwrap_or_default(), location.text());
        if location.attribute("ValidYN") == Some("N") {
            return self.draft.drop("ELocationID", &text, "PubMed says that it is not valid");
        }
        match kind {
            "doi" => self.draft.doi("ELocationID", &text),
            "pii" if text.trim().len() <= 12 && !pages_said => self.draft.text("number", "ELocationID", &text),
            _ => self.draft.drop("ELocationID", &text, "CSL has no variable for it"),
        }
    }

    /// Parts with their labels, one a line.
    fn abstract_text(&mut self, element: &Element) {
        for child in element.children() {
            let text = collapsed(child);
            match (child.name.as_str(), child.attribute("Label")) {
                ("AbstractText", Some(label)) if !label.trim().is_empty() => {
                    self.draft.add("abstract", "\n", "AbstractText", &format!("{}: {text}", label.trim()));
                }
                ("AbstractText", _) => self.draft.add("abstract", "\n", "AbstractText", &text),
                ("CopyrightInformation", _) => self.draft.text("license", "CopyrightInformation", &text),
                _ => self.other(child),
            }
        }
    }

    fn people(&mut self, list: &Element) {
        let variable = match list.attribute("Type") {
            Some("editors") => "editor",
            _ => "author",
        };
        for person in list.all("Author").chain(list.all("Editor")) {
            if person.attribute("ValidYN") == Some("N") {
                self.draft.drop("Author", &collapsed(person), "PubMed says that it is not valid");
                continue;
            }
            let part = |tag: &str| person.child_text(tag).unwrap_or_default();
            let given = person.child_text("ForeName").or_else(|| Some(name::apart(&person.child_text("Initials")?)));
            let given = given.unwrap_or_default();
            let named = match person.child_text("CollectiveName") {
                Some(group) => name::literal(&group),
                None => name::parts(&part("LastName"), &given, "", &part("Suffix")),
            };
            self.draft.name(variable, "Author", named);
            for child in person.children() {
                let reason = match child.name.as_str() {
                    "AffiliationInfo" | "Affiliation" => "a record has no addresses of authors",
                    "Identifier" => "a CSL name has no place for an ORCID iD",
                    _ => continue,
                };
                self.draft.drop(&child.name, &child.text(), reason);
            }
        }
        if list.attribute("CompleteYN") == Some("N") {
            self.draft.note("PubMed says that the list of authors is not complete");
        }
    }

    fn registrations(&mut self, list: &Element) {
        for bank in list.all("DataBank") {
            let name = bank.child_text("DataBankName").unwrap_or_default();
            let numbers = bank.child("AccessionNumberList");
            for number in numbers.iter().flat_map(|list| list.all("AccessionNumber")) {
                self.draft.evidence.registrations.push(format!("{}/{}", name.trim(), number.text().trim()));
            }
        }
    }

    fn grant(&mut self, grant: &Element) {
        let part = |name: &str| grant.child_text(name).map(|text| text.trim().to_owned());
        self.draft.evidence.grant(Grant { number: part("GrantID"), funder: part("Agency"), country: part("Country") });
    }

    fn online(&mut self, date: &Element) {
        if let Some(day) = day(date).filter(|_| !self.draft.has("available-date")) {
            self.draft.set("available-date", "ArticleDate", day);
        }
    }

    fn headings(&mut self, list: &Element) {
        for heading in list.all("MeshHeading") {
            let names = heading.all("DescriptorName").chain(heading.all("QualifierName"));
            let words: Vec<String> = names.map(|name| name.text().trim().to_owned()).collect();
            self.draft.add("keyword", "; ", "MeshHeading", &words.join("/"));
        }
    }

    fn keywords(&mut self, list: &Element) {
        for keyword in list.all("Keyword") {
            self.draft.add("keyword", "; ", "Keyword", &keyword.text());
        }
    }

    fn correction(&mut self, element: &Element) {
        let kind = element.attribute("RefType").unwrap_or_default();
        let source = element.child_text("RefSource").unwrap_or_default();
        match correction_kind(kind) {
            Some(kind) => {
                let pmid = element.child_text("PMID").map(|id| id.trim().to_owned());
                let doi = crate::citing::identifiers::Doi::parse(&source).ok().map(|doi| doi.display().to_owned());
                correct(&mut self.draft, kind, &source, pmid, doi);
            }
            None => self.draft.drop(&format!("CommentsCorrections {kind}"), &source, "CSL has no variable for it"),
        }
    }

    /// What PubMedData adds: identifiers; the rest is bookkeeping.
    fn identifiers(&mut self, data: &Element) {
        for child in data.children() {
            match child.name.as_str() {
                "ArticleIdList" => child.all("ArticleId").for_each(|id| self.identifier(id)),
                "ReferenceList" => self.draft.drop("ReferenceList", "", "a record has no references of its own"),
                _ => self.draft.drop(&child.name, &child.text(), "it is PubMed's own bookkeeping"),
            }
        }
    }

    fn identifier(&mut self, id: &Element) {
        let text = id.text();
        match id.attribute("IdType").unwrap_or_default() {
            "doi" => self.draft.doi("ArticleId", &text),
            "pubmed" => self.draft.pmid("ArticleId", &text),
            "pmc" => self.draft.pmcid("ArticleId", &text),
            "pmcid" | "pii" | "mid" | "bookaccession" | "sici" => {
                self.draft.drop("ArticleId", &text, "CSL has no variable for it");
            }
            _ => self.draft.drop("ArticleId", &text, "it is PubMed's own bookkeeping"),
        }
    }

    /// A book of the NCBI Bookshelf, or a chapter of one.
    fn book(&mut self, document: &Element) {
        let chapter = document.child_text("ArticleTitle");
        if let Some(book) = document.child("Book") {
            self.book_itself(book, chapter.is_some());
        }
        for child in document.children() {
            match child.name.as_str() {
                "PMID" => self.draft.pmid("PMID", &child.text()),
                "ArticleTitle" => self.draft.text("title", "ArticleTitle", &title(&child.marked_up())),
                "Book" => {}
                "ArticleIdList" => child.all("ArticleId").for_each(|id| self.identifier(id)),
                "AuthorList" => self.people(child),
                "Abstract" => self.abstract_text(child),
                "Language" => self.draft.text("language", "Language", language(child.text().trim())),
                "Pagination" => self.pagination(child),
                "KeywordList" => self.keywords(child),
                "GrantList" => child.all("Grant").for_each(|grant| self.grant(grant)),
                "PublicationType" => self.draft.evidence.publication_type(&collapsed(child)),
                "ContributionDate" if chapter.is_some() => {
                    if let Some(date) = day(child) {
                        self.draft.take("issued");
                        self.draft.set("issued", "ContributionDate", date);
                    }
                }
                "ItemList" | "ReferenceList" | "Sections" => {
                    self.draft.drop(&child.name, "", "a record has no such list");
                }
                _ => self.other(child),
            }
        }
        item_type(&mut self.draft, true, chapter.is_some());
    }

    fn book_itself(&mut self, book: &Element, chapter: bool) {
        for child in book.children() {
            let text = child.text();
            match child.name.as_str() {
                "BookTitle" if chapter => {
                    self.draft.text("container-title", "BookTitle", &title(&child.marked_up()));
                }
                "BookTitle" => self.draft.text("title", "BookTitle", &title(&child.marked_up())),
                "Publisher" => {
                    for (name, variable) in [("PublisherName", "publisher"), ("PublisherLocation", "publisher-place")] {
                        self.draft.text(variable, name, &child.child_text(name).unwrap_or_default());
                    }
                }
                "PubDate" => {
                    if let Some(date) = day(child) {
                        self.draft.set("issued", "PubDate", date);
                    }
                }
                "AuthorList" if chapter && child.attribute("Type") != Some("editors") => {
                    self.draft.drop("AuthorList", &text, "the chapter has authors of its own");
                }
                "AuthorList" => self.people(child),
                "CollectionTitle" => self.draft.text("collection-title", "CollectionTitle", &title(&text)),
                "Edition" => self.draft.text("edition", "Edition", &text),
                "Volume" => self.draft.text("volume", "Volume", &text),
                "Isbn" => self.draft.isbn("Isbn", &text),
                _ => self.other(child),
            }
        }
    }
}

fn collapsed(element: &Element) -> String {
    crate::citing::exchange::draft::collapsed(&element.text())
}

/// A date of Year, Month, Day, Season, or as it is printed.
fn day(date: &Element) -> Option<serde_json::Value> {
    if let Some(printed) = date.child_text("MedlineDate") {
        return date::read(&printed);
    }
    let part = |name: &str| date.child_text(name).unwrap_or_default();
    match date.child_text("Season") {
        Some(season) => date::read(&format!("{} {}", part("Year"), season)),
        None => date::of_fields(&part("Year"), &part("Month"), &part("Day")),
    }
}
