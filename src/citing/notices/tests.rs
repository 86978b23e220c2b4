use std::io::Cursor;

use proptest::prelude::*;
use serde_json::json;

use super::*;

const HEADER: &str = "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,\
    RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,\
    Paywalled,Notes";

/// A row with these date, DOI, PMID, nature, reasons and notes.
fn row(id: u32, date: &str, doi: &str, pmid: &str, nature: &str, reason: &str, notes: &str) -> String {
    format!(
        "{id},T,S,I,J,P,C,A;B,,Article;,{date},10.1000/notice.{id},0,1/1/2015 0:00,{doi},{pmid},{nature},{reason},No,{notes}"
    )
}

fn read(file: impl Into<Vec<u8>>) -> Result<Vec<(Place, Item)>, Broken> {
    let mut items = Vec::new();
    let done: Result<(), Stopped<Infallible>> = retraction_watch(Cursor::new(file.into()), |place, item| {
        items.push((place, item));
        Ok(())
    });
    done.map(|()| items).map_err(Broken::from)
}

fn read_json(file: &str) -> Result<Vec<(Place, Item)>, Broken> {
    let mut items = Vec::new();
    let done: Result<(), Stopped<Infallible>> = crossref(file.as_bytes(), |place, item| {
        items.push((place, item));
        Ok(())
    });
    done.map(|()| items).map_err(Broken::from)
}

fn notice(item: &Item) -> &ForeignNotice {
    match item {
        Item::Notice(notice) => notice,
        other => panic!("{other:?}"),
    }
}

fn refusal(item: &Item) -> &'static str {
    match item {
        Item::Refused(refusal) => refusal.code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_of_the_data_set_is_a_notice() {
    let rows = [
        row(
            7,
            "1/31/2020 0:00",
            "10.1016/S0140-6736(97)11096-0",
            "9500320",
            "Retraction",
            "+Concerns/Issues About Data;+Misconduct by Author;",
            "\"two\nlines, \"\"quoted\"\"\"",
        ),
        row(8, "2020-02-01", "unavailable", "123", "Expression of concern", "", ""),
        row(9, "2020-02-01T00:00:00Z", "https://doi.org/10.5555/x", "0", "Correction", "+EOC Lifted;", ""),
        row(10, "", "Unavailable", "0", "Reinstatement", "", ""),
    ];
    let items = read(format!("\u{feff}{HEADER}\r\n{}\r\n", rows.join("\r\n"))).unwrap();
    assert_eq!(items[0].0, Place { entry: 1, line: Some(2) });
    let first = notice(&items[0].1);
    assert_eq!((first.source_id.as_str(), first.kind), ("7", Kind::Retraction));
    assert_eq!(first.doi.as_ref().unwrap().as_str(), "10.1016/s0140-6736(97)11096-0");
    assert_eq!(first.pmid.as_ref().unwrap().as_str(), "9500320");
    assert_eq!(first.day, Some(PartialDate { year: 2020, month: Some(1), day: Some(31) }));
    assert_eq!(first.reasons, ["Concerns/Issues About Data", "Misconduct by Author"]);
    assert_eq!(first.notice_doi.as_ref().unwrap().as_str(), "10.1000/notice.7");
    assert_eq!(first.notice_pmid, None);
    assert_eq!(items[1].0, Place { entry: 2, line: Some(4) });
    let second = notice(&items[1].1);
    assert_eq!((second.doi.as_ref(), second.kind), (None, Kind::ExpressionOfConcern));
    assert_eq!(notice(&items[2].1).kind, Kind::Reinstatement);
    assert_eq!(notice(&items[2].1).pmid, None);
    assert_eq!(items[3].1, Item::Unidentified);
}

#[test]
fn one_bad_row_spoils_no_other() {
    let rows = [
        row(1, "13/45/2020", "10.5555/a", "0", "Retraction", "", ""),
        row(2, "1/1/2020", "10.5555/b", "0", "Rumour", "", ""),
        "3,too,short".to_owned(),
        row(4, "1/1/2020", "not a doi", "x", "Retraction", "", ""),
        row(5, "1/1/2020", "not a doi", "55", "Retraction", "", ""),
        row(6, "1/1/2020", "10.5555/f", "0", "Retraction", "", "") + ",more",
        row(0, "1/1/2020", "10.5555/g", "0", "Retraction", "", "").replacen('0', "", 1),
        row(8, "1/1/2020", "10.5555/h", "0", "Retraction", "", ""),
    ];
    let items = read(format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    let codes: Vec<&str> = [0, 1, 2, 3, 5, 6].map(|at: usize| refusal(&items[at].1)).to_vec();
    assert_eq!(
        codes,
        ["invalid_date", "unknown_nature", "wrong_columns", "invalid_identifier", "wrong_columns", "no_record_id"]
    );
    assert_eq!(notice(&items[4].1).pmid.as_ref().unwrap().as_str(), "55");
    assert_eq!(notice(&items[7].1).source_id, "8");
    assert_eq!(items[7].0, Place { entry: 8, line: Some(9) });
}

#[test]
fn bytes_of_windows_1252_are_letters() {
    let mut file =
        format!("{HEADER}\n{}\n", row(1, "1/1/2020", "10.5555/a", "0", "Retraction", "+Fälschung;", "")).into_bytes();
    let at = file.windows(2).position(|pair| pair == "ä".as_bytes()).unwrap();
    file.splice(at..at + 2, [0xe4]);
    assert_eq!(notice(&read(file).unwrap()[0].1).reasons, ["Fälschung"]);
}

#[test]
fn a_file_that_is_cut_off_or_another_one_is_refused_whole() {
    let whole = format!(
        "{HEADER}\n{}\n{}",
        row(1, "1/1/2020", "10.5555/a", "0", "Retraction", "", "\"first note\""),
        row(2, "1/1/2020", "10.5555/b", "0", "Retraction", "", "\"a \"\"last\"\" note\"")
    );
    assert_eq!(read(whole.clone()).unwrap().len(), 2);
    for cut in [2, 10, 60, 100] {
        let cut = &whole[..whole.len() - cut];
        assert!(matches!(read(cut), Err(Broken::Truncated(3))), "{cut}");
    }
    let Err(Broken::Header(missing)) = read("a,b\n1,2\n") else { panic!() };
    assert!(missing.contains("Record ID") && missing.contains("RetractionNature"), "{missing}");
    assert!(matches!(read(""), Err(Broken::Header(_))));
    assert_eq!(read(format!("{HEADER}\n")).unwrap(), []);
    // An opened quote that swallows all that follows.
    let swallowed = whole.replacen("note\"", "note", 1).replacen("\"a \"\"last\"\" note\"", "a last note", 1);
    assert!(matches!(read(swallowed), Err(Broken::Truncated(2))));
}

#[test]
fn works_are_read_from_every_wrapping() {
    let work = json!({"title": ["Retraction: x"], "DOI": "10.5555/NOTICE", "update-to": [{
        "DOI": "10.5555/study", "type": "retraction", "label": "Retraction", "source": "publisher",
        "updated": {"date-parts": [[2020, 3, 1]], "date-time": "2020-03-01T00:00:00Z", "timestamp": 1}}]});
    let same = |file: String| {
        let items = read_json(&file).unwrap();
        assert_eq!(items.len(), 1, "{file}");
        let notice = notice(&items[0].1);
        assert_eq!(notice.source_id, "10.5555/notice>10.5555/study>retraction");
        assert_eq!(notice.doi.as_ref().unwrap().as_str(), "10.5555/study");
        assert_eq!(notice.notice_doi.as_ref().unwrap().as_str(), "10.5555/notice");
        assert_eq!(notice.day, Some(PartialDate { year: 2020, month: Some(3), day: Some(1) }));
        assert!(notice.reasons.is_empty());
    };
    same(json!([work]).to_string());
    same(json!({"items": [work]}).to_string());
    same(json!({"status": "ok", "message": {"total-results": 1, "items": [work]}}).to_string());
    same(json!({"status": "ok", "message": work}).to_string());
    same(format!("{work}\n"));
    assert_eq!(read_json(&format!("{work}\n{work}\n")).unwrap().len(), 2);
    assert_eq!(read_json("[]").unwrap(), []);
}

#[test]
fn what_is_no_update_is_refused_by_itself() {
    let update = |kind: &str| json!({"DOI": "10.5555/s", "type": kind, "label": "Partial retraction"});
    let works = json!([
        {"DOI": "10.5555/n1", "update-to": [update("partial_retraction"), update("new_version"), update("gossip"), {"type": "erratum"}, 3]},
        {"DOI": "10.5555/n2"},
        {"update-to": []},
        "a text",
        {"DOI": "10.5555/n3", "update-to": {}},
        {"DOI": "10.5555/n4", "update-to": [update("Expression of Concern")]},
    ]);
    let items = read_json(&works.to_string()).unwrap();
    assert_eq!(notice(&items[0].1).reasons, ["Partial retraction"]);
    assert_eq!(items[1].1, Item::Other);
    let codes = [2, 3, 4, 6, 7, 8].map(|at: usize| refusal(&items[at].1));
    assert_eq!(
        codes,
        [
            "unknown_type",
            "invalid_identifier",
            "invalid_identifier",
            "invalid_identifier",
            "invalid_identifier",
            "invalid_update"
        ]
    );
    assert_eq!(items[5].1, Item::Other);
    assert_eq!(notice(&items[9].1).kind, Kind::ExpressionOfConcern);
    assert_eq!(items[9].0.entry, 6);
}

#[test]
fn json_that_is_cut_off_or_has_no_works_is_refused_whole() {
    for file in [r#"[{"DOI": "10.5555/n", "update-to": [{"DOI""#, "[", "{\"items\": [", "[{}] x"] {
        assert!(matches!(read_json(file), Err(Broken::Json(_))), "{file}");
    }
    for file in ["", "{}", "3", "null", r#"{"message": {}}"#, r#""x""#] {
        assert!(matches!(read_json(file), Err(Broken::NoWorks)), "{file}");
    }
    assert!(matches!(read_json(&"[".repeat(100_000)), Err(Broken::Json(_))));
}

#[test]
fn a_work_says_what_became_of_it() {
    let study = Doi::parse("10.5555/study").unwrap();
    let work = json!({"DOI": "10.5555/study", "updated-by": [
        {"DOI": "10.5555/n", "type": "retraction", "source": "retraction-watch", "updated": {"date-parts": [[2021]]}}]});
    let items = of_work(&study, &work);
    let notice = notice(&items[0]);
    assert_eq!(notice.source_id, "10.5555/n>10.5555/study>retraction");
    assert_eq!(notice.day, Some(PartialDate { year: 2021, month: None, day: None }));
    assert_eq!(of_work(&study, &json!({})), []);
}

proptest! {
    #[test]
    fn nothing_makes_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), rows in "[a-z0-9,\"\n/ ]{0,200}") {
        let mut file = format!("{HEADER}\n{rows}").into_bytes();
        file.extend(&bytes);
        let _ = read(file);
        let _ = read(bytes.clone());
        let _ = read_json(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn every_cut_within_the_last_row_is_noticed(cut in 1_usize..90) {
        let last = row(2, "1/1/2020", "10.5555/b", "0", "Retraction", "+Error;", "\"a note\"");
        let whole = format!("{HEADER}\n{}\n{last}", row(1, "1/1/2020", "10.5555/a", "0", "Retraction", "", ""));
        // Without its note, whole, it is a row as good as any.
        prop_assume!(cut < last.len() && cut != "\"a note\"".len());
        prop_assert!(matches!(read(&whole.as_bytes()[..whole.len() - cut]), Err(Broken::Truncated(3))));
    }
}
