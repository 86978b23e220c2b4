//! An entry of a file as a new study, and what else there is to tell of it.

use super::answer::{ImportedEntry, cut};
use crate::citing::exchange::Entry;
use crate::library::lookup::{DroppedField, new_study};
use crate::library::model::{Key, NewStudy};

/// A study that an entry offers.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Without a key.
    pub new: NewStudy,
    /// The key that the file gives it, if it can be a study's.
    pub key: Option<Key>,
}

/// The study that the entry offers, and what is to be told of it whatever becomes of it.
pub fn offered(entry: Entry) -> (ImportedEntry, Box<Offered>) {
    let mut told = ImportedEntry::at(entry.place, entry.key.as_deref());
    told.notes = notes(&entry);
    let key = entry.key.as_deref().and_then(|given| match Key::parse(given) {
        Ok(key) => Some(key),
        Err(_) => {
            told.notes.push(format!("The key {} cannot be a study's.", cut(given, 100)));
            None
        }
    });
    let (new, dropped) = new_study(entry, None);
    told.dropped = dropped.into_iter().map(DroppedField::from).collect();
    (told, Box::new(Offered { new, key }))
}

/// What was mended, and what the file says has become of the study: the library goes by notices.
fn notes(entry: &Entry) -> Vec<String> {
    let mut notes = entry.notes.clone();
    if entry.evidence.notice {
        notes.push("It is a notice about another study.".to_owned());
    }
    if entry.evidence.retracted {
        notes.push("The file says that the study was retracted; the library goes by notices.".to_owned());
    }
    let corrections = entry.evidence.corrections.iter();
    notes.extend(corrections.map(|word| format!("{}: {}", word.kind, cut(&word.source, 500))));
    notes
}
