//! Rules about markers alone.

use std::collections::HashSet;

use super::document::{Document, Mark};
use super::finding::{At, Collector, Draft};
use super::rule::{Rule, Severity};
use crate::citing::fold_key;

pub(super) fn check(document: &Document, found: &mut Collector<'_>) {
    for (index, section) in document.sections.iter().enumerate() {
        for mark in section.marks() {
            dangling(index, mark, found);
            repeated(index, mark, found);
        }
        for warning in &section.warnings {
            found.add(Draft {
                rule: Rule::DoubtfulMarker,
                most: Severity::Error,
                at: At::body(index, warning.body.clone()),
                quote: &warning.code,
                detail: warning.detail.clone(),
                identity: &[&section.id, &warning.code, &warning.detail],
                studies: Vec::new(),
            });
        }
    }
}

fn dangling(section: usize, mark: &Mark, found: &mut Collector<'_>) {
    for item in mark.items.iter().filter(|item| item.study.is_none()) {
        found.add(Draft {
            rule: Rule::DanglingMarker,
            most: Severity::Error,
            at: At::body(section, item.body.clone()),
            quote: &format!("@{}", item.key),
            detail: format!("the library has no study {:?}", item.key),
            identity: &[&fold_key(&item.key)],
            studies: Vec::new(),
        });
    }
}

/// The same study at the same place twice in one marker; with two locators both are meant.
fn repeated(section: usize, mark: &Mark, found: &mut Collector<'_>) {
    let mut seen = HashSet::new();
    for item in &mark.items {
        let Some(study) = &item.study else { continue };
        if seen.insert((study, &item.locator)) {
            continue;
        }
        found.add(Draft {
            rule: Rule::SameStudyTwice,
            most: Severity::Error,
            at: At::body(section, item.body.clone()),
            quote: &format!("@{}", item.key),
            detail: format!("the marker cites {study} a second time"),
            identity: &[study],
            studies: vec![study.clone()],
        });
    }
}
