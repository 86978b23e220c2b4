//! The guide to the library, executed as it stands.

mod walk;

const GUIDE: &str = include_str!("../docs/library.md");

#[test]
fn the_guide_works_as_it_stands() {
    walk::walk(GUIDE, &[], 15);
}
