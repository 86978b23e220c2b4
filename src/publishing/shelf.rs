//! What renderings draw on: the studies as the library has them now, the styles, and entries formatted before. Everything
//! is loaded and read once, however many publications are rendered.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::document::PublishedStudy;
use crate::citing::bibliography::{self, Entry, Style};
use crate::citing::record::Record;
use crate::db::Conn;
use crate::error::Problem;
use crate::ids::StudyId;
use crate::library::store as library;
use crate::library::{Completeness, Study, styles};

/// How many names or ids one statement takes; SQLite knows at most 32,766 bound values.
const MOST_BOUND: usize = 5_000;
/// How many studies are kept before the shelf is cleared: what a very large batch may hold in memory.
const MOST_STUDIES: usize = 20_000;
/// How many formatted entries are kept before they are forgotten.
const MOST_ENTRIES: usize = 50_000;

/// A study on the shelf.
pub struct Shelved {
    pub study: PublishedStudy,
    pub record: Record,
}

/// Names an entry that looks the same wherever it stands, but for its number: the style, the language, the study.
type EntryKey = (String, String, StudyId);

/// The shelf.
#[derive(Default)]
pub struct Shelf {
    by_key: HashMap<String, Rc<Shelved>>,
    styles: HashMap<String, Option<Style>>,
    entries: RefCell<HashMap<EntryKey, Vec<Entry>>>,
}

impl Shelf {
    /// Puts on the shelf what these keys and styles name and is not there yet.
    ///
    /// # Errors
    /// `internal` when what is stored of a study is no record.
    pub fn stock(&mut self, conn: &mut Conn, keys: BTreeSet<&str>, styles: BTreeSet<&str>) -> Result<(), Problem> {
        if self.by_key.len() > MOST_STUDIES {
            self.by_key.clear();
            self.entries.borrow_mut().clear();
        }
        let missing: Vec<&str> = keys.into_iter().filter(|key| !self.by_key.contains_key(*key)).collect();
        for keys in missing.chunks(MOST_BOUND) {
            self.stock_studies(conn, keys)?;
        }
        for name in styles {
            if !self.styles.contains_key(name) {
                let style = styles::style(conn, name)?.ok();
                if style.is_none() {
                    tracing::warn!(style = name, "a publication is in a citation style that is no longer there");
                }
                self.styles.insert(name.to_owned(), style);
            }
        }
        Ok(())
    }

    fn stock_studies(&mut self, conn: &mut Conn, keys: &[&str]) -> Result<(), Problem> {
        let names = library::resolve(conn, &keys.iter().map(|key| (*key).to_owned()).collect())?;
        let found: Vec<(&str, StudyId)> = keys.iter().filter_map(|key| Some((*key, names.get(key)?.id))).collect();
        let ids: BTreeSet<StudyId> = found.iter().map(|(_, id)| *id).collect();
        let studies = library::by_ids(conn, &ids.into_iter().collect::<Vec<_>>())?;
        let mut shelved: HashMap<StudyId, Rc<Shelved>> = HashMap::new();
        for (id, study) in &studies {
            let record = study.record()?;
            shelved.insert(*id, Rc::new(Shelved { study: published(study, &record)?, record }));
        }
        let placed = found.into_iter().filter_map(|(key, id)| Some((key.to_owned(), Rc::clone(shelved.get(&id)?))));
        self.by_key.extend(placed);
        Ok(())
    }

    /// Has those of these studies that the keys name, or once named, stand here as they were, instead of as the library has
    /// them now. For one publication: entries are formatted once for each study.
    pub fn freeze(&mut self, keys: &[&str], studies: &[PublishedStudy]) {
        for key in keys {
            let present = self.by_key.get(*key).map(|shelved| shelved.study.id);
            let named = studies.iter().find(|study| study.key == *key);
            let was = named.or_else(|| studies.iter().find(|study| Some(study.id) == present));
            if let Some(study) = was {
                let shelved = Shelved { record: study.record(), study: study.clone() };
                self.by_key.insert((*key).to_owned(), Rc::new(shelved));
            }
        }
    }

    /// A shelf with these studies under these keys, and all bundled styles.
    #[cfg(test)]
    pub fn of(studies: impl IntoIterator<Item = (String, Rc<Shelved>)>) -> Self {
        let styles = bibliography::bundled().map(|info| (info.name.clone(), Style::parse(&info.name).ok()));
        Self { by_key: studies.into_iter().collect(), styles: styles.collect(), entries: RefCell::default() }
    }

    /// The study that has, or had, this key.
    pub fn get(&self, key: &str) -> Option<&Shelved> {
        self.by_key.get(key).map(Rc::as_ref)
    }

    /// The style of that name; the default where there is none any more, so that a publication can be rendered whatever
    /// became of its style.
    pub fn style(&self, name: &str) -> Style {
        self.styles.get(name).cloned().flatten().unwrap_or_else(Style::vancouver)
    }

    /// The entries of a bibliography in the order in which the style prints them. In styles with numbers an entry does not
    /// depend on the others: it is formatted once for all publications, whatever number it has in each.
    pub fn entries(&self, style: &Style, language: &str, cited: &[(u32, &Shelved)]) -> Vec<Entry> {
        if !style.is_numeric() {
            return bibliography::format(style, Some(language), &records(cited));
        }
        let mut known = self.entries.borrow_mut();
        if known.len() > MOST_ENTRIES {
            known.clear();
        }
        let entry = |(number, shelved): &(u32, &Shelved)| {
            let alone = || bibliography::format(style, Some(language), &records(&[(*number, *shelved)]));
            let key = (style.hash().to_owned(), language.to_owned(), shelved.study.id);
            let formatted = known.entry(key).or_insert_with(alone);
            let renumbered = |entry: &Entry| match entry.number == *number {
                true => Some(entry.clone()),
                false => bibliography::renumbered(style, entry, *number),
            };
            let entries: Option<Vec<Entry>> = formatted.iter().map(renumbered).collect();
            entries.unwrap_or_else(alone)
        };
        cited.iter().flat_map(entry).collect()
    }
}

/// Numbered records, as formatting takes them.
pub fn records<'r>(cited: &[(u32, &'r Shelved)]) -> Vec<(u32, &'r Record)> {
    cited.iter().map(|(number, shelved)| (*number, &shelved.record)).collect()
}

/// A study as the public reads it.
fn published(study: &Study, record: &Record) -> Result<PublishedStudy, Problem> {
    let funding = serde_json::from_value(study.funding.0.clone());
    Ok(PublishedStudy {
        id: study.id,
        key: study.key.clone(),
        title: record.title().map(str::to_owned),
        year: study.year,
        doi: study.doi.clone(),
        pmid: study.pmid.clone(),
        pmcid: study.pmcid.clone(),
        isbn: study.isbn.clone(),
        design: study.design,
        review: study.review,
        sample_size: study.sample_size,
        follow_up: study.follow_up.clone(),
        funding: funding.map_err(|error| Problem::internal(format!("study {}: {error}", study.id)))?,
        conflicts_of_interest: study.conflicts_of_interest.clone(),
        open_access_url: study.open_access_url.clone(),
        retraction: study.retraction()?,
        completeness: Completeness::of(record),
        csl: study.csl(),
    })
}
