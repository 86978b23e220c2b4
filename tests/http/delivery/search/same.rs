//! Both databases find the same, in the same order.

use std::sync::{Arc, Mutex};

use ibid::accounts::Role;
use serde_json::json;

use super::{found, publish};
use crate::support::{Site, on_postgres, on_sqlite};

const WORDS: [&str; 12] =
    ["scar", "scars", "pore", "pores", "needle", "needling", "micro-needle", "skin", "the", "of", "Übung", "3.5"];

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    fn query(&mut self) -> String {
        let mut atoms = Vec::new();
        for _ in 0..=self.below(3) {
            let count = 1 + self.below(3);
            let words = self.words(count);
            let one = self.words(1);
            atoms.push(match self.below(6) {
                0 => format!("\"{words}\""),
                1 => ["sca*", "por*", "nee*", "the*", "übu*", "\"the sca\"*"][self.below(6)].to_owned(),
                2 => format!("{one} -\"{words}\""),
                3 => format!("{one} OR {words}"),
                _ => one,
            });
        }
        atoms.join(" ")
    }
}

/// Queries and what they find.
type Answers = Vec<(String, Vec<String>)>;

async fn ask(site: Site, answers: Arc<Mutex<Answers>>) {
    let editor = site.signed_in(Role::Editor).await;
    let mut numbers = Numbers(7);
    for article in 0..25 {
        let language = ["en", "de", "pl"][numbers.below(3)];
        let sections: Vec<_> = (0..=numbers.below(3))
            .map(|_| {
                let words = 1 + numbers.below(8);
                json!({"heading": numbers.words(1), "body": numbers.words(words)})
            })
            .collect();
        let title = format!("{} {article}", numbers.words(2));
        publish(&editor, &json!({"title": title, "language": language, "sections": sections})).await;
    }
    for _ in 0..150 {
        let query = numbers.query();
        // Slugs are made of titles, which are the same in each run.
        let met = found(&site, &query).await;
        answers.lock().expect("no test panics with it").push((query, met));
    }
}

#[test]
fn both_databases_find_the_same_in_the_same_order() {
    let (sqlite, postgres) = (Arc::default(), Arc::default());
    on_sqlite(|site| ask(site, Arc::clone(&sqlite)));
    on_postgres(|site| ask(site, Arc::clone(&postgres)));
    let sqlite = sqlite.lock().expect("no test has panicked with it").clone();
    let postgres = postgres.lock().expect("no test has panicked with it").clone();
    let some = sqlite.iter().filter(|(_, met)| !met.is_empty() && met.len() < 25).count();
    assert!(some > 50, "{some} queries tell articles apart");
    // Without a PostgreSQL nothing is asked of it.
    if !postgres.is_empty() {
        for (one, other) in sqlite.iter().zip(&postgres) {
            assert_eq!(one, other);
        }
    }
}
