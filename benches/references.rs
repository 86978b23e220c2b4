//! The references of one article with 50 citations in a numeric style, beside citeproc-js with the same records and the
//! same style, in one run: `cargo bench --bench references`. Both begin with the records in memory and the style parsed;
//! ibid keeps nothing from one round to the next. `beside/mod.rs` says what the other side needs.

mod beside;

use std::time::{Duration, Instant};

use ibid::citing::bibliography::{Style, format};
use ibid::citing::record::Record;
use serde_json::Value;

use self::beside::{citeproc_rounds, median, record};

const REFERENCES: usize = 50;
const ROUNDS: usize = 101;

fn ibid_rounds(records: &[Value]) -> Vec<Duration> {
    let records: Vec<Record> = records.iter().map(|record| Record::parse(record).expect("a record")).collect();
    let style = Style::vancouver();
    let entries: Vec<(u32, &Record)> = (1..).zip(&records).collect();
    let round = |_| {
        let began = Instant::now();
        assert_eq!(std::hint::black_box(format(&style, None, &entries)).len(), REFERENCES);
        began.elapsed()
    };
    (0..ROUNDS).map(round).collect()
}

fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let records: Vec<Value> = (0..REFERENCES).map(record).collect();
    println!("{REFERENCES} references in NLM/Vancouver, {ROUNDS} rounds");
    let ours = median(ibid_rounds(&records));
    println!("ibid: {:.2} ms (median)", ours * 1e3);
    let list = vec![(0..REFERENCES).collect()];
    match citeproc_rounds(dir.path(), &records, &list, ROUNDS).map(median) {
        Some(theirs) => {
            println!("citeproc-js: {:.2} ms (median)", theirs * 1e3);
            println!("ratio: citeproc-js takes {:.1} times as long", theirs / ours);
        }
        None => println!("citeproc-js was not run: see benches/beside/mod.rs"),
    }
}
