//! The closed lists of CSL 1.0.2: item types and variables by kind.
//!
//! Source: the CSL-JSON schema `csl-data.json` and appendices III and IV of the CSL 1.0.2 specification; where the two
//! name one variable differently (`part`, `part-number`) both are accepted.

/// All item types.
pub const TYPES: [&str; 45] = [
    "article",
    "article-journal",
    "article-magazine",
    "article-newspaper",
    "bill",
    "book",
    "broadcast",
    "chapter",
    "classic",
    "collection",
    "dataset",
    "document",
    "entry",
    "entry-dictionary",
    "entry-encyclopedia",
    "event",
    "figure",
    "graphic",
    "hearing",
    "interview",
    "legal_case",
    "legislation",
    "manuscript",
    "map",
    "motion_picture",
    "musical_score",
    "pamphlet",
    "paper-conference",
    "patent",
    "performance",
    "periodical",
    "personal_communication",
    "post",
    "post-weblog",
    "regulation",
    "report",
    "review",
    "review-book",
    "software",
    "song",
    "speech",
    "standard",
    "thesis",
    "treaty",
    "webpage",
];

/// Variables that hold a list of names.
pub const NAMES: [&str; 26] = [
    "author",
    "chair",
    "collection-editor",
    "compiler",
    "composer",
    "container-author",
    "contributor",
    "curator",
    "director",
    "editor",
    "editorial-director",
    "executive-producer",
    "guest",
    "host",
    "illustrator",
    "interviewer",
    "narrator",
    "organizer",
    "original-author",
    "performer",
    "producer",
    "recipient",
    "reviewed-author",
    "script-writer",
    "series-creator",
    "translator",
];

/// Variables that hold a date.
pub const DATES: [&str; 6] = ["accessed", "available-date", "event-date", "issued", "original-date", "submitted"];

/// Variables that hold a number: a text or an integer.
pub const NUMBERS: [&str; 20] = [
    "chapter-number",
    "citation-number",
    "collection-number",
    "edition",
    "first-reference-note-number",
    "issue",
    "locator",
    "number",
    "number-of-pages",
    "number-of-volumes",
    "page",
    "page-first",
    "part",
    "part-number",
    "printing",
    "printing-number",
    "supplement",
    "supplement-number",
    "volume",
    "id",
];

/// Variables that hold a text.
pub const STRINGS: [&str; 53] = [
    "abstract",
    "annote",
    "archive",
    "archive-place",
    "archive_collection",
    "archive_location",
    "authority",
    "call-number",
    "citation-key",
    "citation-label",
    "collection-title",
    "container-title",
    "container-title-short",
    "dimensions",
    "division",
    "DOI",
    "event",
    "event-place",
    "event-title",
    "genre",
    "ISBN",
    "ISSN",
    "journalAbbreviation",
    "jurisdiction",
    "keyword",
    "language",
    "license",
    "medium",
    "note",
    "original-publisher",
    "original-publisher-place",
    "original-title",
    "part-title",
    "PMCID",
    "PMID",
    "publisher",
    "publisher-place",
    "references",
    "reviewed-genre",
    "reviewed-title",
    "scale",
    "section",
    "shortTitle",
    "source",
    "status",
    "title",
    "title-short",
    "type",
    "URL",
    "version",
    "volume-title",
    "volume-title-short",
    "year-suffix",
];

/// Members of a name that hold a text.
pub const NAME_STRINGS: [&str; 6] =
    ["family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal"];

/// Members of a name that switch something: a boolean, `"true"`/`"false"`, 0 or 1.
pub const NAME_SWITCHES: [&str; 3] = ["comma-suffix", "static-ordering", "parse-names"];

/// Members of a date.
pub const DATE_MEMBERS: [&str; 5] = ["date-parts", "literal", "raw", "season", "circa"];

/// Most characters of a text.
pub const MAX_TEXT: usize = 10_000;
/// Most characters of the abstract.
pub const MAX_ABSTRACT: usize = 100_000;
/// Most names in one variable.
pub const MAX_NAMES: usize = 3_000;
/// Most categories of a record.
pub const MAX_CATEGORIES: usize = 100;
/// Most characters of the `custom` object when written as JSON.
pub const MAX_CUSTOM: usize = 100_000;
/// Most levels of the `custom` object, itself included. Readers of JSON stop at about 128, and records are kept
/// within other documents.
pub const MAX_CUSTOM_DEPTH: usize = 32;
/// Most characters of a season.
pub const MAX_SEASON: usize = 100;
/// The largest integer that every reader of JSON keeps as it is (RFC 8259, section 6).
pub const MAX_INTEGER: u64 = 9_007_199_254_740_991;
/// How a URL may begin, in any letter case, unless it has no colon at all.
pub const URL_SCHEMES: [&str; 4] = ["http:", "https:", "ftp:", "mailto:"];

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text or an integer.
    Number,
    /// A list of names.
    Names,
    /// A date.
    Date,
    /// `categories`: a list of texts.
    Categories,
    /// `custom`: any object.
    Custom,
}

/// What a variable holds; `None` for a name that CSL does not know.
pub fn kind(variable: &str) -> Option<Kind> {
    match variable {
        "categories" => Some(Kind::Categories),
        "custom" => Some(Kind::Custom),
        _ if STRINGS.contains(&variable) => Some(Kind::Text),
        _ if NUMBERS.contains(&variable) => Some(Kind::Number),
        _ if NAMES.contains(&variable) => Some(Kind::Names),
        _ if DATES.contains(&variable) => Some(Kind::Date),
        _ => None,
    }
}

/// Every variable that a record may have.
pub fn variables() -> impl Iterator<Item = &'static str> {
    let lists = STRINGS.iter().chain(&NUMBERS).chain(&NAMES).chain(&DATES).copied();
    lists.chain(["categories", "custom"])
}

/// The likeliest meaning of a name that is not in `list`, if one is near enough to be worth saying.
pub(super) fn nearest<'a>(name: &str, list: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase().replace('_', "-");
    let scored = list.map(|item| {
        let offered = item.to_lowercase().replace('_', "-");
        (strsim::jaro_winkler(&wanted, &offered), item)
    });
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.84).then_some(best.1)
}
