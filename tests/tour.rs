//! The README's tour and the guides to evidence and to asking, as they stand.

mod walk;

const README: &str = include_str!("../README.md");
const CHECKABLE: &str = include_str!("../docs/from-vague-to-checkable.md");
const READING: &str = include_str!("../docs/reading-evidence.md");
const ASKING: &str = include_str!("../docs/asking.md");
const FOLLOWING: &str = include_str!("../docs/following.md");
const SEARCHING: &str = include_str!("../docs/searching.md");
const EVIDENCE: &str = include_str!("../docs/publishing-evidence.md");
const LANGUAGES: &str = include_str!("../docs/languages.md");
const FORMATS: &str = include_str!("../docs/formats.md");
const SAFE_WRITES: &str = include_str!("../docs/safe-writes.md");
const EDITING: &str = include_str!("../docs/editing.md");

#[test]
fn the_tour_works_as_it_stands() {
    walk::walk(README, &[], 9);
}

#[test]
fn the_guide_to_evidence_works_as_it_stands() {
    walk::walk(EVIDENCE, &[], 14);
}

#[test]
fn the_guide_to_reading_works_as_it_stands() {
    walk::walk(READING, &[], 18);
}

#[test]
fn the_guide_to_asking_works_as_it_stands() {
    walk::walk(ASKING, &[], 25);
}

#[test]
fn the_guide_to_following_works_as_it_stands() {
    walk::walk(FOLLOWING, &[], 18);
}

#[test]
fn the_guide_to_searching_works_as_it_stands() {
    walk::walk(SEARCHING, &[], 15);
}

#[test]
fn the_guide_to_languages_works_as_it_stands() {
    walk::walk(LANGUAGES, &[], 25);
}

#[test]
fn the_guide_to_formats_works_as_it_stands() {
    walk::walk(FORMATS, &[], 19);
}

#[test]
fn the_guide_to_safe_writes_works_as_it_stands() {
    walk::walk(SAFE_WRITES, &[], 11);
}

#[test]
fn the_guide_to_editing_works_as_it_stands() {
    walk::walk(EDITING, &[], 38);
}

#[test]
fn a_vague_page_becomes_one_whose_evidence_can_be_checked() {
    walk::walk(CHECKABLE, &[], 15);
}
