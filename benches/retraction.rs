//! Rendering 1,000 publications anew after one retraction, through the application and its database, beside citeproc-js
//! that only formats the same 1,000 bibliographies, in one run: `cargo bench --bench retraction`.
//!
//! ibid's side is everything: it reads the publications and the 500 studies that they cite, renders text and references,
//! compares, writes what changed and the change log, and commits to SQLite (`synchronous=FULL`). The other side begins
//! with the records in memory and the style parsed; `beside/mod.rs` says what it needs.

mod beside;

use std::time::{Duration, Instant};

use actix_web::web;
use ibid::accounts::{self, EditorName, NewEditor, Role};
use ibid::app::{App, State};
use ibid::clock::Clock;
use ibid::config::Settings;
use ibid::db::Conn;
use ibid::db::day::Day;
use ibid::db::schema::studies;
use ibid::editorial::draft::{Birth, Draft};
use ibid::editorial::model::NewArticle;
use ibid::editorial::store as editorial;
use ibid::error::Problem;
use ibid::http::email::Email;
use ibid::http::etag::IfMatch;
use ibid::http::fault::Faults;
use ibid::ids::{ArticleRef, EditorId, FamilyId, StudyId};
use ibid::library::{NewStudy, store as library};
use ibid::on;
use ibid::publishing::{self, Policy};
use serde_json::{Value, json};

use self::beside::{citeproc_rounds, median, record};

const REFERENCES: usize = 50;
const STUDIES: usize = 500;
const ROUNDS: usize = 3;

/// 1,000, unless `IBID_BENCH_ARTICLES` says another number.
fn articles() -> usize {
    std::env::var("IBID_BENCH_ARTICLES").ok().and_then(|number| number.parse().ok()).unwrap_or(1_000)
}

/// The studies that an article cites, in the order of their markers; all articles cite the first study somewhere.
fn cited(article: usize) -> Vec<usize> {
    let mut cited: Vec<usize> =
        (0..REFERENCES - 1).map(|place| 1 + (article * 31 + place * 7) % (STUDIES - 1)).collect();
    cited.insert(article % REFERENCES, 0);
    cited
}

fn body(article: usize) -> String {
    let sentences = cited(article).into_iter().enumerate().map(|(place, study)| {
        let end = if place % 5 == 4 { "\n\n" } else { " " };
        format!("Sentence {place} of the *article* says what was measured and in whom [@s{study}].{end}")
    });
    sentences.collect()
}

fn read<T: deserr::Deserr<Faults>>(value: Value) -> T {
    deserr::deserialize(value).unwrap_or_else(|faults: Faults| panic!("{faults:?}"))
}

fn fill(conn: &mut Conn, owner: EditorId, policy: &Policy, now: ibid::db::types::Instant) -> Result<StudyId, Problem> {
    let mut first = None;
    for n in 0..STUDIES {
        let new: NewStudy = read(json!({"key": format!("s{n}"), "csl": record(n), "design": "randomized_trial"}));
        first.get_or_insert(library::create(conn, new, now)?.id);
    }
    let admin = accounts::Editor { id: owner, role: Role::Admin, session: FamilyId::new() };
    for n in 0..articles() {
        let new: NewArticle = read(json!({"title": format!("Article {n}"), "sections": [{"body": body(n)}]}));
        let mut draft = Draft::new(&new, Birth { owner, language: "en", now });
        draft.replace(new, "en", &library::Names::default(), Day::of(now))?;
        let article = editorial::create(conn, draft)?.draft.article.id;
        publishing::publish(conn, &ArticleRef::Id(article), &admin, &IfMatch::Any, policy, now)?;
    }
    first.ok_or_else(|| Problem::internal("no study"))
}

/// What a notice changes of a study; every round another reason, so that every publication changes.
fn retract(conn: &mut Conn, study: StudyId, round: usize, now: ibid::db::types::Instant) -> Result<(), Problem> {
    use diesel::prelude::*;
    let notice = json!({
        "status": "retracted", "date": "2021-03-15", "reasons": [format!("Concerns, as of round {round}")],
        "notice_doi": null, "notice_pmid": null, "source": "editor", "disputed": false,
    });
    publishing::store::lock(conn)?;
    on!(conn, c => diesel::update(studies::table.find(study))
        .set((
            studies::retraction.eq(Some(ibid::library::RetractionStatus::Retracted)),
            studies::retraction_notice.eq(Some(ibid::db::types::Json(notice))),
        ))
        .execute(c))?;
    publishing::studies_changed(conn, &[study], now)
}

async fn ibid_rounds(state: &State) -> Vec<Duration> {
    let (policy, now) = (Policy::of(state), state.clock.now());
    let editor = NewEditor {
        email: Email::parse("bench@example.org").expect("an address"),
        name: EditorName::parse("Bench").expect("a name"),
        role: Role::Admin,
        password_hash: "none".into(),
    };
    let write = move |conn: &mut Conn| {
        let owner = accounts::store::insert(conn, &editor, now)?;
        fill(conn, owner, &policy, now)
    };
    let study = state.db.write(write).await.expect("the site is filled");
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        let (began, now) = (Instant::now(), state.clock.now());
        state.db.write(move |conn| retract(conn, study, round, now)).await.expect("it is retracted");
        rounds.push(began.elapsed());
    }
    rounds
}

fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut settings = Settings::defaults().expect("the defaults");
    settings.data_dir = dir.path().to_owned();
    let state = web::Data::new(App::open(settings, Clock::default()).expect("the app opens"));
    println!("{} publications of {REFERENCES} references each, {STUDIES} studies, {ROUNDS} rounds", articles());
    let ours = median(actix_web::rt::System::new().block_on(ibid_rounds(&state)));
    println!("ibid, rendered anew and committed: {ours:.2} s (median)");
    let records: Vec<Value> = (0..STUDIES).map(record).collect();
    let lists: Vec<Vec<usize>> = (0..articles()).map(cited).collect();
    match citeproc_rounds(dir.path(), &records, &lists, ROUNDS).map(median) {
        Some(theirs) => {
            println!("citeproc-js, bibliographies only: {theirs:.2} s (median)");
            println!("ratio: citeproc-js takes {:.1} times as long", theirs / ours);
        }
        None => println!("citeproc-js was not run: see benches/beside/mod.rs"),
    }
}
