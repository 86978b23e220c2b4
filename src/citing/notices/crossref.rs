//! Works of Crossref that say what became of others: `update-to` stands on the notice, `updated-by` on the study.
//! <https://www.crossref.org/documentation/crossmark/version-control-corrections-and-retractions/>

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Broken, ForeignNotice, Item, MOST_ID, MOST_REASON, Place, Refusal, Stopped, one_line, shortened};
use crate::citing::identifiers::Doi;
use crate::citing::record::PartialDate;
use crate::citing::retraction::Kind;

/// The most notices that one work may tell of.
const MOST_OF_WORK: usize = 1_000;

/// Reads works: a list, an answer of the API (`message.items`), a single work, or several of these after one another.
/// `each` is told every `update-to`; the entries are counted by works.
///
/// # Errors
/// [`Broken`] when it is no JSON to its end, or nothing in it is a work; what `each` refuses with.
pub fn crossref<R: Read, E>(input: R, mut each: impl FnMut(Place, Item) -> Result<(), E>) -> Result<(), Stopped<E>> {
    let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::new(input));
    let mut works = Works { each: &mut each, entry: 0, stopped: None };
    let mut seen = false;
    while json.end().is_err() {
        let read = In { works: &mut works, within: Within::Top }.deserialize(&mut json);
        if let Some(refused) = works.stopped.take() {
            return Err(Stopped::Refused(refused));
        }
        match read {
            Ok(found) => seen |= found,
            Err(error) if error.is_io() => return Err(Broken::Io(error.into()).into()),
            Err(error) => return Err(Broken::Json(error.to_string()).into()),
        }
    }
    if seen { Ok(()) } else { Err(Broken::NoWorks.into()) }
}

struct Works<'e, E> {
    each: &'e mut dyn FnMut(Place, Item) -> Result<(), E>,
    entry: u64,
    stopped: Option<E>,
}

impl<E> Works<'_, E> {
    /// False when no more is wanted.
    fn tell(&mut self, notice: &Value, update_to: &Value) -> bool {
        self.entry += 1;
        let place = Place { entry: self.entry, line: None };
        for item in updates(notice, update_to) {
            if let Err(refused) = (self.each)(place, item) {
                self.stopped = Some(refused);
                return false;
            }
        }
        true
    }
}

/// Where in the file a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// At the top: a list of works, an answer, or a work.
    Top,
    /// `message`.
    Message,
    /// `items`, or the list at the top.
    List,
}

struct In<'w, 'e, E> {
    works: &'w mut Works<'e, E>,
    within: Within,
}

/// Answers whether there was something that can hold works.
impl<'de, E> DeserializeSeed<'de> for In<'_, '_, E> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, E> Visitor<'de> for In<'_, '_, E> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("works of Crossref")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<bool, A::Error> {
        while access.next_element_seed(In { works: &mut *self.works, within: Within::List })?.is_some() {
            if self.works.stopped.is_some() {
                return Err(serde::de::Error::custom("no more is wanted"));
            }
        }
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<bool, A::Error> {
        let (mut doi, mut update_to, mut found) = (Value::Null, Value::Null, false);
        while let Some(name) = access.next_key::<String>()? {
            match (name.as_str(), self.within) {
                ("message", Within::Top) => {
                    found |= access.next_value_seed(In { works: &mut *self.works, within: Within::Message })?;
                }
                ("items", Within::Top | Within::Message) => {
                    found |= access.next_value_seed(In { works: &mut *self.works, within: Within::List })?;
                }
                ("DOI", _) => doi = access.next_value()?,
                ("update-to", _) => update_to = access.next_value()?,
                _ => drop(access.next_value::<IgnoredAny>()?),
            }
            if self.works.stopped.is_some() {
                return Err(serde::de::Error::custom("no more is wanted"));
            }
        }
        let is_work = self.within == Within::List || !doi.is_null() || !update_to.is_null();
        if is_work && !self.works.tell(&doi, &update_to) {
            return Err(serde::de::Error::custom("no more is wanted"));
        }
        Ok(found || is_work)
    }

    fn visit_unit<Error>(self) -> Result<bool, Error> {
        Ok(self.misplaced())
    }

    fn visit_bool<Error>(self, _: bool) -> Result<bool, Error> {
        Ok(self.misplaced())
    }

    fn visit_i64<Error>(self, _: i64) -> Result<bool, Error> {
        Ok(self.misplaced())
    }

    fn visit_u64<Error>(self, _: u64) -> Result<bool, Error> {
        Ok(self.misplaced())
    }

    fn visit_f64<Error>(self, _: f64) -> Result<bool, Error> {
        Ok(self.misplaced())
    }

    fn visit_str<Error>(self, _: &str) -> Result<bool, Error> {
        Ok(self.misplaced())
    }
}

impl<E> In<'_, '_, E> {
    /// What is no work where one should stand is refused by itself.
    fn misplaced(self) -> bool {
        if self.within == Within::List {
            self.works.tell(&Value::Null, &Value::Null);
        }
        false
    }
}

/// What a notice's `update-to` says of the studies that it is about.
pub fn updates(notice: &Value, update_to: &Value) -> Vec<Item> {
    let refused = |id: Option<&str>, code, detail: &str| {
        let id = id.map(|id| one_line(id, MOST_ID));
        vec![Item::Refused(Refusal { id, code, detail: detail.to_owned() })]
    };
    let given = notice.as_str();
    let Some(notice) = given.and_then(|doi| Doi::parse(doi).ok()) else {
        return refused(given, "invalid_identifier", "The work has no DOI.");
    };
    match update_to {
        Value::Null => vec![Item::Other],
        Value::Array(list) if list.len() <= MOST_OF_WORK => {
            list.iter().map(|update| item(update, Some(&notice), None)).collect()
        }
        _ => refused(given, "invalid_update", "update-to is not a list of up to 1000 updates."),
    }
}

/// What a study's own work says of it in `updated-by`, and what of it cannot be read.
pub fn of_work(study: &Doi, work: &Value) -> Vec<Item> {
    let list = work.get("updated-by").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().take(MOST_OF_WORK).map(|update| item(update, None, Some(study))).collect()
}

/// One update: its DOI is the study's on a notice and the notice's on a study.
fn item(update: &Value, notice: Option<&Doi>, study: Option<&Doi>) -> Item {
    let text = |member: &str| update.get(member).and_then(Value::as_str).unwrap_or_default();
    let refused = |code, detail| {
        let id = notice.map_or(text("DOI"), Doi::as_str);
        Item::Refused(Refusal { id: Some(one_line(id, MOST_ID)).filter(|id| !id.is_empty()), code, detail })
    };
    let Ok(other) = Doi::parse(text("DOI")) else {
        return refused("invalid_identifier", format!("{:?} is no DOI.", shortened(text("DOI"))));
    };
    let word = text("type").trim().to_lowercase().replace(['-', ' '], "_");
    let Some(kind) = kind(&word) else {
        return match OTHER_KINDS.contains(&word.as_str()) {
            true => Item::Other,
            false => refused("unknown_type", format!("{:?} is no type of update.", shortened(text("type")))),
        };
    };
    let (study, notice) = (study.unwrap_or(&other), notice.unwrap_or(&other));
    let label = one_line(text("label"), MOST_REASON);
    Item::Notice(ForeignNotice {
        source_id: format!("{}>{}>{word}", notice.as_str(), study.as_str()),
        kind,
        doi: Some(study.clone()),
        pmid: None,
        day: day(update.get("updated")),
        // Where the kind says less than the source does.
        reasons: if SPECIAL.contains(&word.as_str()) && !label.is_empty() { vec![label] } else { Vec::new() },
        notice_doi: Some(notice.clone()),
        notice_pmid: None,
    })
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "retraction" | "removal" | "withdrawal" | "partial_retraction" => Some(Kind::Retraction),
        "expression_of_concern" | "concern" => Some(Kind::ExpressionOfConcern),
        "correction" | "corrigendum" | "erratum" | "clarification" => Some(Kind::Correction),
        "reinstatement" => Some(Kind::Reinstatement),
        _ => None,
    }
}

/// Kinds of retraction that a reader should be told apart.
const SPECIAL: [&str; 3] = ["removal", "withdrawal", "partial_retraction"];
/// Updates that say nothing against a study.
const OTHER_KINDS: [&str; 6] = ["addendum", "new_version", "new_edition", "update", "revision", "interim"];

/// `{"date-parts": [[2020, 3, 1]]}`
fn day(updated: Option<&Value>) -> Option<PartialDate> {
    let parts = updated?.get("date-parts")?.get(0)?.as_array()?;
    let part = |at: usize| parts.get(at).and_then(Value::as_i64);
    let year = i16::try_from(part(0)?).ok().filter(|year| (1..=9999).contains(year))?;
    let month = part(1).and_then(|month| u8::try_from(month).ok()).filter(|month| (1..=12).contains(month));
    let length = month.and_then(|month| time::Month::try_from(month).ok()).map(|month| month.length(i32::from(year)));
    let day = part(2).and_then(|day| u8::try_from(day).ok());
    let day = day.zip(length).filter(|(day, length)| (1..=*length).contains(day)).map(|(day, _)| day);
    Some(PartialDate { year, month, day })
}
