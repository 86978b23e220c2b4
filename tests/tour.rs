//! The README's tour and the guide to evidence, as they stand.

mod walk;

const README: &str = include_str!("../README.md");
const EVIDENCE: &str = include_str!("../docs/publishing-evidence.md");

#[test]
fn the_tour_works_as_it_stands() {
    walk::walk(README, &[], 9);
}

#[test]
fn the_guide_to_evidence_works_as_it_stands() {
    walk::walk(EVIDENCE, &[], 9);
}
