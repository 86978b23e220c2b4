//! The Retraction Watch data set, as Crossref gives it away: CSV with a first line of column names.
//!
//! Its habits: a byte order mark, dates as an American spreadsheet writes them, `unavailable` and `0` for identifiers
//! that there are none of, reasons with plus signs between semicolons, here and there a byte of Windows-1252, line breaks
//! in its notes. <https://gitlab.com/crossref/retraction-watch-data>

use std::io::{Read, Seek, SeekFrom};

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::WINDOWS_1252;
use time::{Date, Month};

use super::{
    Broken, ForeignNotice, Item, MOST_ID, MOST_REASON, MOST_REASONS, Place, Refusal, Stopped, doi, one_line, pmid,
    shortened,
};
use crate::citing::record::PartialDate;
use crate::citing::retraction::Kind;

/// Columns that a file has to have; all others may be missing.
const NEEDED: [&str; 6] =
    ["Record ID", "RetractionDate", "OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature", "Reason"];
/// The reason that says that a warning is over, whatever the nature of the row.
const CLEARED: &str = "EOC Lifted";
/// Longer entries are not looked at to find out whether the last one is whole: no true one is.
const MOST_ENTRY: u64 = 4_000_000;

/// Reads the data set; `each` is told every row.
///
/// # Errors
/// [`Broken`] when the header or the end is not what it should be; what `each` refuses with.
pub fn retraction_watch<R: Read + Seek, E>(
    mut input: R,
    mut each: impl FnMut(Place, Item) -> Result<(), E>,
) -> Result<(), Stopped<E>> {
    // To the parser the second half of a line break of two characters is the beginning of the next line.
    let behind = u64::from(has_long_breaks(&mut input)?);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(input);
    let columns = Columns::of(reader.byte_headers().map_err(unreadable)?)?;
    let mut row = ByteRecord::new();
    // A row that lacks columns is cut off if it is the last one.
    let mut short: Option<Place> = None;
    let (mut entry, mut last) = (0, None);
    while reader.read_byte_record(&mut row).map_err(unreadable)? {
        if let Some(place) = short.take() {
            each(place, Item::Refused(columns.lacking())).map_err(Stopped::Refused)?;
        }
        entry += 1;
        let begins = row.position().map_or(0, csv::Position::byte);
        let place = Place { entry, line: row.position().map(|at| at.line() + behind) };
        last = Some((place, begins));
        if row.len() < columns.count {
            short = Some(place);
        } else {
            each(place, columns.item(&row)).map_err(Stopped::Refused)?;
        }
    }
    let Some((place, begins)) = last else { return Ok(()) };
    let line = place.line.unwrap_or_default();
    if short.is_some() || ends_in_quotes(reader.into_inner(), begins)? {
        return Err(Broken::Truncated(line).into());
    }
    Ok(())
}

fn unreadable<E>(error: csv::Error) -> Stopped<E> {
    let told = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Broken::Io(error).into(),
        _ => Broken::Io(std::io::Error::other(told)).into(),
    }
}

/// Whether the first line ends with a carriage return and a line feed.
fn has_long_breaks(input: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    let mut bytes = Vec::new();
    input.by_ref().take(64 * 1024).read_to_end(&mut bytes)?;
    input.seek(SeekFrom::Start(0))?;
    let end = bytes.iter().position(|byte| *byte == b'\n');
    Ok(end.is_some_and(|end| end.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'\r')))
}

/// Whether the entry that begins at this byte ends within a quoted field.
fn ends_in_quotes(mut input: impl Read + Seek, begins: u64) -> std::io::Result<bool> {
    input.seek(SeekFrom::Start(begins))?;
    let mut bytes = Vec::new();
    input.take(MOST_ENTRY + 1).read_to_end(&mut bytes)?;
    Ok(bytes.len() as u64 > MOST_ENTRY || is_open(&bytes))
}

fn is_open(bytes: &[u8]) -> bool {
    let (mut open, mut at_start) = (false, true);
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if open && bytes.peek() == Some(&b'"') => drop(bytes.next()),
            b'"' if open => open = false,
            b'"' if at_start => open = true,
            _ => {}
        }
        at_start = !open && matches!(byte, b',' | b'\n' | b'\r');
    }
    open
}

/// Where the columns are.
struct Columns {
    count: usize,
    id: usize,
    date: usize,
    doi: usize,
    pmid: usize,
    nature: usize,
    reason: usize,
    notice_doi: Option<usize>,
    notice_pmid: Option<usize>,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self, Broken> {
        let names: Vec<String> = header.iter().map(|name| text(name).trim().to_owned()).collect();
        let at = |name: &str| names.iter().position(|given| given.eq_ignore_ascii_case(name));
        match NEEDED.map(at) {
            [Some(id), Some(date), Some(doi), Some(pmid), Some(nature), Some(reason)] => Ok(Self {
                count: names.len(),
                id,
                date,
                doi,
                pmid,
                nature,
                reason,
                notice_doi: at("RetractionDOI"),
                notice_pmid: at("RetractionPubMedID"),
            }),
            found => {
                let missing: Vec<&str> =
                    NEEDED.iter().zip(found).filter(|(_, at)| at.is_none()).map(|(name, _)| *name).collect();
                Err(Broken::Header(missing.join(", ")))
            }
        }
    }

    fn lacking(&self) -> Refusal {
        let detail = format!("The row has fewer than the {} columns of the first line.", self.count);
        Refusal { id: None, code: "wrong_columns", detail }
    }

    fn item(&self, row: &ByteRecord) -> Item {
        let field = |at: usize| row.get(at).map(text).unwrap_or_default();
        let id = one_line(&field(self.id), MOST_ID);
        let refused =
            |code, detail| Item::Refused(Refusal { id: Some(id.clone()).filter(|id| !id.is_empty()), code, detail });
        if row.len() > self.count {
            return refused(
                "wrong_columns",
                format!("The row has more than the {} columns of the first line.", self.count),
            );
        }
        if id.is_empty() {
            return refused("no_record_id", "The row has no Record ID.".to_owned());
        }
        let reasons = reasons(&field(self.reason));
        let Some(kind) = kind(&field(self.nature), &reasons) else {
            let detail = format!("{:?} is no nature of a notice.", shortened(field(self.nature).trim()));
            return refused("unknown_nature", detail);
        };
        let day = match day(&field(self.date)) {
            Ok(day) => day,
            Err(detail) => return refused("invalid_date", detail),
        };
        let (doi, pmid) = match (doi(&field(self.doi)), pmid(&field(self.pmid))) {
            // One of them is enough to know the study by.
            (Ok(doi), Ok(pmid)) => (doi, pmid),
            (Ok(Some(doi)), Err(_)) => (Some(doi), None),
            (Err(_), Ok(Some(pmid))) => (None, Some(pmid)),
            (Err(detail), _) | (_, Err(detail)) => return refused("invalid_identifier", detail),
        };
        if doi.is_none() && pmid.is_none() {
            return Item::Unidentified;
        }
        let optional = |at: Option<usize>| at.map(field).unwrap_or_default();
        Item::Notice(ForeignNotice {
            source_id: id,
            kind,
            doi,
            pmid,
            day,
            reasons,
            notice_doi: super::doi(&optional(self.notice_doi)).ok().flatten(),
            notice_pmid: super::pmid(&optional(self.notice_pmid)).ok().flatten(),
        })
    }
}

/// UTF-8, or what is not as Windows-1252.
fn text(field: &[u8]) -> String {
    match std::str::from_utf8(field) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(field).0.into_owned(),
    }
}

fn kind(nature: &str, reasons: &[String]) -> Option<Kind> {
    let kind = match nature.trim().to_lowercase().as_str() {
        "retraction" => Kind::Retraction,
        "expression of concern" => Kind::ExpressionOfConcern,
        "correction" => Kind::Correction,
        "reinstatement" => Kind::Reinstatement,
        _ => return None,
    };
    let cleared = kind != Kind::Retraction && reasons.iter().any(|reason| reason.eq_ignore_ascii_case(CLEARED));
    Some(if cleared { Kind::Reinstatement } else { kind })
}

/// `+Concerns/Issues About Data;+Error in Analyses;`
fn reasons(field: &str) -> Vec<String> {
    let each = field.split(';').map(|reason| one_line(reason.trim().trim_start_matches('+'), MOST_REASON));
    each.filter(|reason| !reason.is_empty()).take(MOST_REASONS).collect()
}

/// `1/31/2020 0:00`, `2020-01-31` or `2020-01-31T00:00:00Z`; `None` where there is none.
fn day(field: &str) -> Result<Option<PartialDate>, String> {
    let given = field.trim().split([' ', 'T']).next().unwrap_or_default();
    if given.is_empty() || given.bytes().all(|b| matches!(b, b'0' | b'/' | b'-')) {
        return Ok(None);
    }
    let parts: Vec<&str> = given.split(['/', '-']).collect();
    let read = match (given.contains('/'), parts.as_slice()) {
        (true, [month, day, year]) => whole_day(year, month, day),
        (false, [year, month, day]) => whole_day(year, month, day),
        _ => None,
    };
    read.map(Some).ok_or_else(|| format!("{:?} is no day such as 1/31/2020 or 2020-01-31.", shortened(given)))
}

fn whole_day(year: &str, month: &str, day: &str) -> Option<PartialDate> {
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let (year, month, day): (i16, u8, u8) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Date::from_calendar_date(i32::from(year), Month::try_from(month).ok()?, day).ok()?;
    (year > 0).then_some(PartialDate { year, month: Some(month), day: Some(day) })
}
