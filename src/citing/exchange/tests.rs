use std::io::Read;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SAMPLES: [(Format, &str); 9] = [
    (Format::Bibtex, include_str!("samples/zotero.bib")),
    (Format::Bibtex, include_str!("samples/broken.bib")),
    (Format::Ris, include_str!("samples/zotero.ris")),
    (Format::Ris, include_str!("samples/dialects.ris")),
    (Format::Nbib, include_str!("samples/pubmed.nbib")),
    (Format::PubmedXml, include_str!("samples/pubmed.xml")),
    (Format::CslJson, include_str!("samples/crossref.json")),
    (Format::CslJson, include_str!("samples/zotero.json")),
    (Format::CslJson, include_str!("samples/lines.jsonl")),
];

const FORMATS: [Format; 5] = [Format::CslJson, Format::Bibtex, Format::Ris, Format::Nbib, Format::PubmedXml];

fn entries(format: Format, text: &str) -> Vec<Result<Entry, Refused>> {
    read(format, text.as_bytes()).collect()
}

/// Number and line of each item, and its title or the code of its refusal.
fn outcome(format: Format, text: &str) -> Vec<(u64, u64, String)> {
    let items = entries(format, text).into_iter().map(|item| match item {
        Ok(entry) => (entry.place, entry.record.title().unwrap_or("(none)").chars().take(12).collect()),
        Err(refused) => (refused.place, format!("!{}", refused.code)),
    });
    items.map(|(place, word)| (place.entry, place.line, word)).collect()
}

fn only(format: Format, text: &str) -> Entry {
    let mut all = entries(format, text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0).unwrap_or_else(|refused| panic!("{refused:#?}"))
}

/// The entry of a sample with this number.
fn sample(at: usize, number: u64) -> Entry {
    let (format, text) = SAMPLES[at];
    let mut all = entries(format, text).into_iter().filter_map(Result::ok);
    all.find(|entry| entry.place.entry == number).unwrap()
}

fn dropped(entry: &Entry) -> Vec<(&str, u32)> {
    entry.dropped.iter().map(|dropped| (dropped.field.as_str(), dropped.count)).collect()
}

/// Compared without regard to the order of members.
fn assert_record(entry: &Entry, record: Value) {
    assert_eq!(entry.record.to_value(), record);
}

#[test]
fn samples_are_told_by_their_beginning() {
    for (format, text) in SAMPLES {
        assert_eq!(Format::detect(None, None, text.as_bytes()), Some(format), "{text:.80}");
    }
}

#[test]
fn bibtex_with_macros_and_parents() {
    assert_record(
        &sample(0, 1),
        json!({
            "type": "article-journal", "author": [{"family": "Majid", "given": "Imran"}],
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
            "container-title": "Journal of Cutaneous and Aesthetic Surgery", "container-title-short": "J Cutan Aesthet Surg",
            "issued": {"date-parts": [[2009, 1]]}, "volume": "2", "issue": "1", "page": "26-30",
            "DOI": "10.4103/0974-2077.53096", "PMID": "20300368", "keyword": "scar, needling",
        }),
    );
    assert_eq!(dropped(&sample(0, 1)), [("file", 1)]);
    // The parent stands behind its child, so the child comes last.
    let numbers: Vec<u64> = outcome(SAMPLES[0].0, SAMPLES[0].1).into_iter().map(|(number, ..)| number).collect();
    assert_eq!(numbers, [1, 3, 4, 5, 6, 2]);
    let chapter = sample(0, 2);
    assert_eq!((chapter.key.as_deref(), chapter.place.line), (Some("fabbrocini2017"), 22));
    assert_record(
        &chapter,
        json!({
            "type": "chapter", "title": "Percutaneous Collagen Induction", "page": "45-50", "edition": "2",
            "author": [{"family": "Fabbrocini", "given": "G."}, {"family": "Vita", "given": "V.", "non-dropping-particle": "de"}],
            "container-title": "Handbook of DNA and <i>in vivo</i> needling: The \"new\" way",
            "editor": [
                {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
                {"family": "Berg", "given": "J.", "suffix": "Jr."}, {"literal": "World Health Organization"},
            ],
            "issued": {"date-parts": [[2017, 1, 10]]}, "ISBN": "978-3-16-148410-0", "publisher": "Springer",
            "publisher-place": "Göttingen",
        }),
    );
    assert_eq!(dropped(&chapter), [("editor", 1)]);
    assert_record(
        &sample(0, 5),
        json!({
            "type": "article", "title": "Attention Is All You Need", "author": [{"family": "Vaswani", "given": "Ashish"}],
            "issued": {"date-parts": [[2017]]}, "number": "arXiv:1706.03762 [cs.CL]", "publisher": "arXiv",
            "URL": "https://arxiv.org/abs/1706.03762",
        }),
    );
    assert!(sample(0, 5).evidence.preprint);
    assert_record(
        &sample(0, 6),
        json!({
            "type": "thesis", "genre": "PhD thesis", "title": "On CO<sub>2</sub> and H<sub>2</sub>O",
            "author": [{"family": "Erdős", "given": "Pál"}, {"family": "Öztürk", "given": "Şeyma"}],
            "issued": {"date-parts": [[1998]], "circa": true}, "publisher": "Uni Wien",
        }),
    );
}

#[test]
fn bibtex_after_a_broken_entry() {
    let (format, text) = SAMPLES[1];
    let expected = [
        (1, 1, "First"),
        (2, 2, "No comma any"),
        (3, 7, "!cut_off"),
        (4, 9, "After the br"),
        (5, 10, "!malformed"),
        (6, 11, "!cut_off"),
    ];
    assert_eq!(outcome(format, text), expected.map(|(number, line, word)| (number, line, word.to_owned())));
    assert_eq!(sample(1, 2).notes.len(), 3, "each comma that is missing is told");
    assert_eq!(dropped(&sample(1, 4)), [("isbn", 1)], "the check digit is wrong");
    let refused = entries(format, text).into_iter().filter_map(Result::err);
    let keys: Vec<_> = refused.map(|refused| refused.key.unwrap_or_default()).collect();
    assert_eq!(keys, ["unbalanced", "noequals", "cut"]);
}

#[test]
fn bibtex_that_programs_write() {
    let entry = only(
        Format::Bibtex,
        "@Article(key1,\r\n Title = {{Whole Title} in braces},\r\n YEAR = \"2001\", month = mar, day = 4, pages={1\u{2013}2}, URLdate={2024-01-02}, nonsense={x}, title={again})",
    );
    assert_record(
        &entry,
        json!({
            "type": "article-journal", "title": "Whole Title in braces", "issued": {"date-parts": [[2001, 3, 4]]},
            "page": "1-2", "accessed": {"date-parts": [[2024, 1, 2]]},
        }),
    );
    assert_eq!(dropped(&entry), [("title", 1), ("nonsense", 1)]);
    let entry = only(
        Format::Bibtex,
        "@misc{a, title = undefined # { x}, eprint = {20300368}, eprinttype = {pubmed}, note = {a}, addendum = {b}}",
    );
    assert_eq!(entry.record.title(), Some("undefined x"));
    assert_eq!(entry.record.text("PMID"), Some("20300368"));
    assert_eq!(entry.record.text("note"), Some("a. b"));
    assert!(entry.notes.iter().any(|note| note.contains("undefined")), "{:?}", entry.notes);
    let entry =
        only(Format::Bibtex, "@xdata{p, publisher = {P}, doi = {10.1000/1}}\n@book{b, title = {T}, xdata = {p}}");
    assert_record(&entry, json!({"type": "book", "title": "T", "publisher": "P", "DOI": "10.1000/1"}));
    let entry = only(Format::Bibtex, "@incollection{b, title = {T}, crossref = {nowhere}}");
    assert_eq!(dropped(&entry), [("crossref (not in the file)", 1)]);
    assert_eq!(outcome(Format::Bibtex, "mail me@x.example @book{a,title={A}} @book{b,title={B}}").len(), 2);
    assert_eq!(only(Format::Bibtex, "@book{title = {No key}}").key, None);
    let entry = only(
        Format::Bibtex,
        "@book{a, title = {T}, date = {1998~}, urldate = {2009-01~}, author = {family={de Groot} and {\\textasciitilde{}}}}",
    );
    assert_record(
        &entry,
        json!({
            "type": "book", "title": "T", "issued": {"date-parts": [[1998]], "circa": true},
            "accessed": {"date-parts": [[2009, 1]], "circa": true}, "author": [{"family": "de Groot"}, {"literal": "~"}],
        }),
    );
    let legacy = b"@book{a, title = {Caf\xE9}}";
    let entry = read(Format::Bibtex, &legacy[..]).next().unwrap().unwrap();
    assert_eq!((entry.record.title(), entry.notes.len()), (Some("Café"), 1));
}

#[test]
fn a_macro_that_grows_is_bounded() {
    let mut text = "@string{a0 = {xxxxxxxxxx}}\n".to_owned();
    for i in 1..60 {
        text.push_str(&format!("@string{{a{i} = a{} # a{}}}\n", i - 1, i - 1));
    }
    text.push_str(&format!(
        "@book{{b, title = {{T}}, note = {}}}\n@book{{c, title = {{C}}}}",
        vec!["a10"; 1_000].join(" # ")
    ));
    let words: Vec<String> = outcome(Format::Bibtex, &text).into_iter().map(|(.., word)| word).collect();
    assert_eq!(words, ["!too_long", "C"]);
}

#[test]
fn ris_of_every_dialect() {
    assert_record(
        &sample(2, 1),
        json!({
            "type": "article-journal", "author": [{"family": "Majid", "given": "Imran"}],
            "title": "Microneedling therapy in atrophic facial scars: an objective assessment",
            "container-title": "Journal of Cutaneous and Aesthetic Surgery", "container-title-short": "J Cutan Aesthet Surg",
            "issued": {"date-parts": [[2009, 1]]}, "volume": "2", "issue": "1", "page": "26-30", "ISSN": "0974-2077",
            "DOI": "10.4103/0974-2077.53096", "PMID": "20300368", "URL": "https://pubmed.ncbi.nlm.nih.gov/20300368/",
            "keyword": "scar; needling",
        }),
    );
    assert_eq!(sample(2, 1).key.as_deref(), Some("majid2009"));
    assert_record(
        &sample(2, 2),
        json!({
            "type": "chapter", "title": "Needling of scars", "container-title": "Handbook of scars",
            "author": [{"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"}],
            "editor": [{"literal": "World Health Organization"}], "publisher": "Springer", "publisher-place": "Berlin",
            "issued": {"date-parts": [[2017]]}, "page": "45-50", "ISBN": "978-3-16-148410-0",
        }),
    );
    assert_record(
        &sample(3, 1),
        json!({
            "type": "article-journal", "title": "Microneedling: A Review and Practical Guide",
            "author": [{"family": "Alster", "given": "Tina S."}, {"family": "Graham", "given": "Paul M."}],
            "container-title": "Dermatologic Surgery", "container-title-short": "Dermatol Surg",
            "issued": {"date-parts": [[2018, 3, 1]]}, "volume": "44", "issue": "3", "page": "397-404",
            "DOI": "10.1097/DSS.0000000000001248", "PMID": "28796657", "PMCID": "PMC7764156", "source": "PubMed",
            "ISSN": "1076-0512", "abstract": "First line\ngoes on here.", "note": "Cited By :5",
        }),
    );
    assert_eq!(dropped(&sample(3, 1)), [("C2", 1), ("U1", 1)]);
    assert_eq!(sample(3, 2).record.to_value()["issued"], json!({"date-parts": [[2016, 7], [2016, 8]]}));
    assert_record(
        &sample(3, 3),
        json!({"type": "book", "title": "Needling", "author": [{"family": "Fernandes", "given": "Desmond"}],
               "issued": {"date-parts": [[2020]]}, "number-of-pages": "220"}),
    );
    let (format, text) = SAMPLES[3];
    assert_eq!(outcome(format, text).last(), Some(&(4, 38, "!empty".to_owned())));
    assert_eq!(
        outcome(Format::Ris, "junk\nmore\n\nTY  - BOOK\nTI  - A\n"),
        [(1, 1, "!malformed".to_owned()), (2, 4, "A".to_owned())]
    );
}

#[test]
fn nbib_with_its_evidence() {
    let entry = sample(4, 1);
    assert_record(
        &entry,
        json!({
            "type": "article-journal", "PMID": "33376377", "PMCID": "PMC7764156", "DOI": "10.2147/CCID.S267192",
            "title": "Microneedling for the Treatment of Scars: An Update for Clinicians", "ISSN": "1178-7015",
            "author": [{"family": "Juhasz", "given": "Margit L W"}, {"family": "Cohen", "given": "Joel L", "suffix": "Jr"}, {"literal": "A Study Group"}],
            "container-title": "Clinical, cosmetic and investigational dermatology",
            "container-title-short": "Clin Cosmet Investig Dermatol", "volume": "13", "page": "997-1003",
            "issued": {"date-parts": [[2020]]}, "available-date": {"date-parts": [[2020, 12, 22]]}, "language": "en",
            "abstract": "A made-up abstract of one sentence on two lines.", "license": "(c) 2020 Juhasz and Cohen.",
            "keyword": "microneedling; scar",
        }),
    );
    let evidence = &entry.evidence;
    assert_eq!(evidence.design, Some("narrative_review"));
    assert_eq!(evidence.conflicts.as_deref(), Some("The authors report no conflicts."));
    assert_eq!(evidence.open_access_url.as_deref(), Some("https://pmc.ncbi.nlm.nih.gov/articles/PMC7764156/"));
    let grant = Grant {
        number: Some("R01 AR052451".to_owned()),
        funder: Some("NIAMS NIH HHS".to_owned()),
        country: Some("United States".to_owned()),
    };
    assert_eq!(evidence.funding, [grant]);
    let corrections: Vec<_> = evidence.corrections.iter().map(|one| (one.kind, one.pmid.as_deref())).collect();
    assert_eq!(corrections, [("erratum_in", Some("1234567"))]);
    let retracted = sample(4, 2);
    assert!(retracted.evidence.retracted && retracted.evidence.design == Some("randomized_trial"));
    assert_eq!(retracted.record.title(), Some("A retracted trial"));
    assert_eq!(retracted.record.to_value()["issued"], json!({"date-parts": [[1999, 1], [1999, 2]]}));
    assert_eq!(retracted.record.to_value()["author"], json!([{"family": "van der Berg", "given": "J"}]));
    assert_eq!(dropped(&retracted), [("IS", 1)], "the check digit is wrong");
}

#[test]
fn pubmed_xml_with_its_evidence() {
    let (format, text) = SAMPLES[5];
    let expected = [
        (1, 4, "Microneedlin"),
        (2, 44, "!malformed"),
        (3, 45, "!cut_off"),
        (4, 46, "After a brok"),
        (5, 47, "A chapter"),
    ];
    assert_eq!(outcome(format, text), expected.map(|(number, line, word)| (number, line, word.to_owned())));
    let entry = sample(5, 1);
    assert_record(
        &entry,
        json!({
            "type": "article-journal", "PMID": "20300368", "PMCID": "PMC2840919", "DOI": "10.4103/0974-2077.53096",
            "title": "Microneedling of <i>atrophic</i> scars & CO<sub>2</sub>", "ISSN": "0974-5157",
            "author": [{"family": "Majid", "given": "Imran"}, {"literal": "A Study Group"}],
            "container-title": "Journal of cutaneous and aesthetic surgery", "container-title-short": "J Cutan Aesthet Surg",
            "volume": "2", "issue": "1", "page": "26-30", "issued": {"date-parts": [[2009, 1]]}, "language": "en",
            "abstract": "AIMS: Made up – aims.\nRESULTS: Made up results.", "keyword": "Cicatrix/therapy",
        }),
    );
    let evidence = &entry.evidence;
    assert!(evidence.retracted);
    assert_eq!(evidence.design, Some("randomized_trial"));
    assert_eq!(evidence.registrations, ["ClinicalTrials.gov/NCT00000001"]);
    assert_eq!(evidence.corrections[0].doi.as_deref(), Some("10.1000/182"));
    assert_eq!(
        dropped(&entry),
        [("DateRevised", 1), ("Identifier", 1), ("AffiliationInfo", 1), ("PublicationStatus", 1)]
    );
    assert_record(
        &sample(5, 5),
        json!({
            "type": "chapter", "title": "A chapter", "container-title": "GeneReviews", "PMID": "20301429", "language": "en",
            "author": [{"family": "Doe", "given": "J"}], "editor": [{"family": "Adam", "given": "Margaret P"}],
            "publisher": "University of Washington", "publisher-place": "Seattle (WA)",
            "issued": {"date-parts": [[1998, 10, 28]]},
        }),
    );
}

#[test]
fn json_of_crossref() {
    let entry = sample(6, 1);
    assert_record(
        &entry,
        json!({
            "type": "article-journal", "title": "Microneedling for the Treatment of Scars: An Update for Clinicians",
            "author": [{"family": "Juhasz", "given": "Margit L. W."}, {"literal": "A Study Group"}],
            "container-title": "Clinical, Cosmetic and Investigational Dermatology", "container-title-short": "CCID",
            "issued": {"date-parts": [[2020, 12]]}, "volume": "Volume 13", "page": "997-1003", "ISSN": "1178-7015",
            "publisher": "Informa UK Limited", "abstract": "Made & up.\nTwice.", "DOI": "10.2147/ccid.s267192",
            "URL": "https://doi.org/10.2147/ccid.s267192", "license": "https://creativecommons.org/licenses/by-nc/3.0/",
        }),
    );
    let named: Vec<&str> = entry.dropped.iter().map(|dropped| dropped.field.as_str()).collect();
    assert!(named.contains(&"author.ORCID") && named.contains(&"reference-count"), "{named:?}");
    assert!(entry.evidence.retracted);
    assert_eq!(entry.evidence.funding[0].number.as_deref(), Some("R01 AR052451"));
    let preprint = sample(6, 2);
    assert!(preprint.evidence.preprint);
    assert_eq!(preprint.record.to_value()["issued"], json!({"date-parts": [[2020, 1, 2]]}));
    let one = only(
        Format::CslJson,
        r#"{"status": "ok", "message-type": "work", "message": {"type": "book", "title": ["T"]}}"#,
    );
    assert_record(&one, json!({"type": "book", "title": "T"}));
}

#[test]
fn json_of_programs() {
    let expected = [
        (1, 2, "Efficacy of "),
        (2, 6, "!malformed"),
        (3, 7, "!not_a_record"),
        (4, 8, "A season"),
        (5, 9, "!not_a_record"),
        (6, 10, "A day that i"),
    ];
    assert_eq!(
        outcome(SAMPLES[7].0, SAMPLES[7].1),
        expected.map(|(number, line, word)| (number, line, word.to_owned()))
    );
    let refused: Vec<Refused> = entries(SAMPLES[7].0, SAMPLES[7].1).into_iter().filter_map(Result::err).collect();
    let pointers: Vec<&str> = refused[2].faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/title", "/author"]);
    assert_record(
        &sample(7, 4),
        json!({"type": "book", "title": "A season", "issued": {"date-parts": [[2009]], "season": 1}, "custom": {"a": 1}}),
    );
    assert_eq!(dropped(&sample(7, 4)), [("ISBN", 1), ("PMID", 1), ("URL", 1)]);
    assert_eq!(sample(7, 6).record.to_value()["issued"], json!({"literal": "2009-2-30"}));
    let expected = [(1, 1, "First"), (2, 2, "!cut_off"), (3, 3, "Third")];
    assert_eq!(
        outcome(SAMPLES[8].0, SAMPLES[8].1),
        expected.map(|(number, line, word)| (number, line, word.to_owned()))
    );
    let entry = only(
        Format::CslJson,
        r#"{"references": [{"type": "book", "title": "T", "doi": "10.1000/1", "container_title": "C"}], "x": [{}]}"#,
    );
    assert_record(&entry, json!({"type": "book", "title": "T", "DOI": "10.1000/1", "container-title": "C"}));
    assert_eq!(outcome(Format::CslJson, "[,{\"type\": \"book\", \"title\": \"T\"},]").len(), 2);
    assert_eq!(
        outcome(Format::CslJson, "[1, tru, {}, []] \"x\" {"),
        [
            (1, 1, "!malformed"),
            (2, 1, "!malformed"),
            (3, 1, "!not_a_record"),
            (4, 1, "!malformed"),
            (5, 1, "!malformed"),
            (6, 1, "!cut_off")
        ]
        .map(|(number, line, word)| (number, line, word.to_owned()))
    );
}

/// An entry of each format, between whatever is put before its title and behind.
fn wrapped(format: Format, filling: &str) -> [String; 3] {
    let (begin, end) = match format {
        Format::CslJson => ("{\"type\": \"book\", \"title\": \"T\", \"note\": \"", "\"}\n"),
        Format::Bibtex => ("@book{k, title = {T}, note = {", "}}\n"),
        Format::Ris => ("TY  - BOOK\nTI  - T\nN1  - ", "\nER  - \n"),
        Format::Nbib => ("PMID- 1\nTI  - T\nGN  - ", "\n\n"),
        Format::PubmedXml => (
            "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>T</ArticleTitle></Article><GeneralNote>",
            "</GeneralNote></MedlineCitation></PubmedArticle>\n",
        ),
    };
    [begin.to_owned(), filling.to_owned(), end.to_owned()]
}

#[test]
fn an_entry_without_end_is_refused_and_the_next_one_read() {
    for format in FORMATS {
        let [begin, _, end] = wrapped(format, "");
        for filling in ["x", "x\n", "{", "é "] {
            let filling = filling.repeat(MAX_ENTRY);
            let filling = filling.get(..MAX_ENTRY + 5).unwrap_or(&filling);
            // Braces are no filling where they open what is not closed again.
            if filling.starts_with('{') && format == Format::Bibtex
                || filling.contains('\n') && format == Format::CslJson
            {
                continue;
            }
            let text = format!("{begin}{filling}{end}{begin}short{end}");
            let words: Vec<String> = outcome(format, &text).into_iter().map(|(.., word)| word).collect();
            assert_eq!(words, ["!too_long", "T"], "{format:?} {filling:.3}");
        }
    }
}

/// Fails after what it holds.
struct Failing<'b>(&'b [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer) {
            Ok(0) => Err(std::io::Error::other("the line is dead")),
            read => read,
        }
    }
}

#[test]
fn an_input_that_fails_says_so_last() {
    for (format, text) in SAMPLES {
        let last = read(format, Failing(text.as_bytes())).last().unwrap();
        assert_eq!(last.unwrap_err().code, "unreadable");
    }
}

#[test]
fn encodings() {
    for (format, text) in SAMPLES {
        let whole = entries(format, text);
        let utf16: Vec<u8> = format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(format, utf16.as_slice()).collect::<Vec<_>>(), whole);
        let windows = text.replace('\r', "").replace('\n', "\r\n");
        assert_eq!(entries(format, &format!("\u{FEFF}{windows}")), whole);
        assert_eq!(entries(format, &windows.replace('\n', "")), whole);
    }
}

/// A sample with some of its bytes changed.
fn damaged() -> impl Strategy<Value = (Format, Vec<u8>)> {
    let change = (
        any::<prop::sample::Index>(),
        0..4_u8,
        prop_oneof![any::<u8>(), prop::sample::select(b"{}[]\"@\\,\n<>&- #=".to_vec())],
    );
    (0..SAMPLES.len(), prop::collection::vec(change, 1..12)).prop_map(|(at, changes)| {
        let (format, text) = SAMPLES[at];
        let mut bytes = text.as_bytes().to_vec();
        for (index, what, byte) in changes {
            let at = index.index(bytes.len().max(1));
            match what {
                _ if bytes.is_empty() => bytes.push(byte),
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        (format, bytes)
    })
}

fn holds(format: Format, bytes: &[u8]) -> Result<(), TestCaseError> {
    let mut numbers = Vec::new();
    for item in read(format, bytes) {
        match item {
            Ok(entry) => {
                prop_assert!(Record::parse(&entry.record.to_value()).is_ok());
                prop_assert!(
                    !to_bibtex(&[("k", &entry.record)]).is_empty() && !to_ris(&[("k", &entry.record)]).is_empty()
                );
                numbers.push(entry.place.entry);
            }
            Err(refused) => numbers.push(refused.place.entry),
        }
    }
    numbers.sort_unstable();
    let count = numbers.len() as u64;
    prop_assert_eq!(numbers, (1..=count).collect::<Vec<_>>(), "each has its number");
    Ok(())
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in FORMATS {
            holds(format, &bytes)?;
        }
    }

    #[test]
    fn no_damage_makes_a_reader_panic((format, bytes) in damaged()) {
        holds(format, &bytes)?;
    }

    #[test]
    fn text_of_the_formats_signs_makes_no_reader_panic(
        text in "([@{}\\[\\]\"\\\\,:=#$^_~<>/&;a-cé\n\r -]|TY  - |ER  - |PMID- |@book\\{|<PubmedArticle>|</PubmedArticle>|\\\\emph|DA  - |PY  - |AU  - ){0,60}"
    ) {
        for format in FORMATS {
            holds(format, text.as_bytes())?;
        }
    }

    #[test]
    fn one_bad_entry_spoils_no_other(at in 0..5_usize, cut in any::<prop::sample::Index>()) {
        let format = FORMATS[at];
        let whole = wrapped(format, "a note").concat();
        let good = format!("{whole}\n");
        // JSON is cut within its line; what is left of a line that was cut is one entry all the same.
        let bad = whole.get(..1 + cut.index(whole.len() - 2)).unwrap_or_default();
        let text = format!("{good}{good}{bad}\n{good}");
        let titles = entries(format, &text).into_iter().filter_map(Result::ok);
        prop_assert!(titles.filter(|entry| entry.record.title() == Some("T")).count() >= 3, "{}", text);
    }
}
