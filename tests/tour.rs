//! The README's tour, executed as it stands against the demo site; only the port is a free one.

mod walk;

const README: &str = include_str!("../README.md");

#[test]
fn the_tour_works_as_it_stands() {
    walk::walk(README, &[], 9);
}
