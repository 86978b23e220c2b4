//! Precision and recall of the claim rules on labelled sentences; the figures are in `docs/evidence-check.md`.

use super::claims::{Weight, claim};

struct Figures {
    precision: f64,
    recall: f64,
    wrong: Vec<String>,
}

/// A sentence counts as found if the rules make it a claim (a warning), not a hint.
fn figures(file: &str) -> Figures {
    let (mut right, mut found, mut labelled) = (0_u32, 0_u32, 0_u32);
    let mut wrong = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.splitn(3, '\t');
        let is_claim = fields.next() == Some("1");
        let sentence = fields.nth(1).expect("label, kind, sentence");
        let met = claim(sentence);
        let predicted = met.as_ref().is_some_and(|claim| claim.weight == Weight::Claim);
        labelled += u32::from(is_claim);
        found += u32::from(predicted);
        right += u32::from(is_claim && predicted);
        if is_claim != predicted {
            wrong.push(format!("{} {sentence} {:?}", u8::from(is_claim), met.map(|claim| claim.families)));
        }
    }
    let ratio = |of: u32| f64::from(right) / f64::from(of.max(1));
    Figures { precision: ratio(found), recall: ratio(labelled), wrong }
}

fn holds(name: &str, file: &str, (precision, recall): (f64, f64)) {
    let figures = figures(file);
    println!("{name}: precision {:.3}, recall {:.3}", figures.precision, figures.recall);
    let wrong = figures.wrong.join("\n");
    assert!(figures.precision >= precision && figures.recall >= recall, "{name}: {wrong}");
}

#[test]
fn development() {
    holds("development", include_str!("labelled/development.tsv"), (0.95, 0.65));
}

#[test]
fn held_out() {
    holds("held out", include_str!("labelled/held_out.tsv"), (0.95, 0.65));
}

#[test]
fn third() {
    holds("third", include_str!("labelled/third.tsv"), (0.95, 0.65));
}

#[test]
fn fourth() {
    holds("fourth", include_str!("labelled/fourth.tsv"), (0.95, 0.65));
}

#[test]
fn fifth() {
    holds("fifth", include_str!("labelled/fifth.tsv"), (0.95, 0.65));
}

#[test]
fn sixth() {
    holds("sixth", include_str!("labelled/sixth.tsv"), (0.97, 0.90));
}

#[test]
fn seventh() {
    holds("seventh", include_str!("labelled/seventh.tsv"), (0.97, 0.85));
}

#[test]
fn eighth() {
    holds("eighth", include_str!("labelled/eighth.tsv"), (0.97, 0.90));
}

#[test]
fn ninth() {
    holds("ninth", include_str!("labelled/ninth.tsv"), (0.97, 0.90));
}

#[test]
fn tenth() {
    holds("tenth", include_str!("labelled/tenth.tsv"), (0.97, 0.90));
}

#[test]
fn eleventh() {
    holds("eleventh", include_str!("labelled/eleventh.tsv"), (0.97, 0.90));
}

#[test]
fn twelfth() {
    holds("twelfth", include_str!("labelled/twelfth.tsv"), (0.97, 0.90));
}

#[test]
fn thirteenth() {
    holds("thirteenth", include_str!("labelled/thirteenth.tsv"), (0.97, 0.80));
}
