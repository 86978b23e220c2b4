//! The other side of the benchmarks of references: citeproc-js, on the same input, in the same run.
//!
//! It is run when Node.js has `citeproc` (`npm ci --prefix .ci/oracle`) and these name files of the CSL project, which
//! `cargo run --example references -- export DIRECTORY` writes: `IBID_BENCH_STYLE`, the style of ibid's `vancouver`
//! (`styles/nlm-citation-sequence.csl`), and `IBID_BENCH_LOCALES`, the directory with `locales-en-US.xml`.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

/// A record like those of a biomedical article.
pub fn record(n: usize) -> Value {
    let authors: Vec<Value> = (0..=n % 7)
        .map(|author| json!({"family": format!("Family{}", (n * 7 + author) % 997), "given": format!("Given{author} M.")}))
        .collect();
    json!({
        "type": "article-journal",
        "title": format!("Effects of treatment {n} on the depth of scars: a randomized, controlled trial in {} patients", n + 20),
        "author": authors,
        "container-title": format!("Journal of Dermatology and Surgery {}", n % 40),
        "container-title-short": format!("J Dermatol Surg {}", n % 40),
        "issued": {"date-parts": [[1990 + n % 35, 1 + n % 12]]},
        "volume": (n % 60 + 1).to_string(), "issue": (n % 12 + 1).to_string(),
        "page": format!("{}-{}", n + 100, n + 108),
        "DOI": format!("10.5555/bench.{n}"), "PMID": (20_000_000 + n).to_string(),
    })
}

/// How long citeproc-js takes for the bibliographies of these lists of records, round by round, if it is here.
pub fn citeproc_rounds(dir: &Path, records: &[Value], lists: &[Vec<usize>], rounds: usize) -> Option<Vec<Duration>> {
    let (style, locales) = (std::env::var_os("IBID_BENCH_STYLE")?, std::env::var_os("IBID_BENCH_LOCALES")?);
    let input = dir.join("lists.json");
    std::fs::write(&input, json!({"records": records, "lists": lists, "rounds": rounds}).to_string()).ok()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/beside/citeproc.mjs");
    let done = std::process::Command::new("node").arg(script).arg(style).arg(locales).arg(&input).output().ok()?;
    if !done.status.success() {
        eprintln!("citeproc-js: {}", String::from_utf8_lossy(&done.stderr));
        return None;
    }
    let milliseconds: Vec<f64> = serde_json::from_slice(&done.stdout).ok()?;
    Some(milliseconds.into_iter().map(|ms| Duration::from_secs_f64(ms / 1_000.0)).collect())
}

/// In seconds.
pub fn median(mut rounds: Vec<Duration>) -> f64 {
    rounds.sort();
    rounds[rounds.len() / 2].as_secs_f64()
}
