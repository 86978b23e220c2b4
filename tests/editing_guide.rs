//! The guide for editors, executed as it stands.

mod walk;

const GUIDE: &str = include_str!("../docs/editing.md");

#[test]
fn the_guide_works_as_it_stands() {
    walk::walk(GUIDE, &[], 7);
}
