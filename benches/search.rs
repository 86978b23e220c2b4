//! How long a search takes in a small site and in a larger one, in one run: `cargo bench --bench search`.
//!
//! `IBID_BENCH_ARTICLES=1000,10000` are the sizes, `IBID_BENCH_DATABASE=postgres://…` names an empty database (for one
//! size) instead of SQLite. Articles have about 300 words of a language in which, as in others, few words are in most
//! texts and most words in few. The queries ask for common words, rare ones, phrases and beginnings. Answers are not kept,
//! so that each is made.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_web::web;
use ibid::accounts::{self, EditorName, NewEditor, Role};
use ibid::app::{App, State};
use ibid::clock::Clock;
use ibid::config::Settings;
use ibid::db::Conn;
use ibid::db::day::Day;
use ibid::editorial::draft::{Birth, Draft};
use ibid::editorial::model::NewArticle;
use ibid::editorial::store as editorial;
use ibid::error::Problem;
use ibid::http::email::Email;
use ibid::http::etag::IfMatch;
use ibid::http::fault::Faults;
use ibid::ids::{ArticleRef, EditorId, FamilyId};
use ibid::library::store as library;
use ibid::publishing::{self, Policy};
use serde_json::{Value, json};

const WORDS: usize = 300;
const VOCABULARY: f64 = 20_000.0;
const ROUNDS: usize = 20;
/// How many articles one transaction publishes.
const BATCH: usize = 100;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The nth most common word is met about 1/n as often as the first.
    fn word(&mut self) -> String {
        word(VOCABULARY.powf(self.unit()) as usize)
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// The nth most common word.
fn word(n: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ke", "lo", "mi", "nu", "ra", "so", "te", "vi", "du", "fa", "go", "hi", "ju", "pe", "zo"];
    let (mut word, mut rest) = (String::new(), n * 7 + 300);
    while rest > 0 {
        word.push_str(SYLLABLES[rest % 16]);
        rest /= 16;
    }
    word
}

fn queries() -> Vec<(&'static str, String)> {
    vec![
        ("the most common word", word(1)),
        ("a common word", word(20)),
        ("a rarer word", word(500)),
        ("a rare word", word(15_000)),
        ("two common words", format!("{} {}", word(2), word(5))),
        ("a common and a rare word", format!("{} {}", word(1), word(9_000))),
        ("a phrase of common words", format!("\"{} {}\"", word(1), word(2))),
        ("a beginning", format!("{}*", word(700).chars().take(4).collect::<String>())),
        ("a word without another", format!("{} -{}", word(30), word(3))),
        ("one word or another", format!("{} OR {}", word(100), word(200))),
    ]
}

fn publish(
    conn: &mut Conn,
    owner: EditorId,
    policy: &Policy,
    now: ibid::db::types::Instant,
    articles: std::ops::Range<usize>,
) -> Result<(), Problem> {
    let admin = accounts::Editor { id: owner, role: Role::Admin, session: FamilyId::new() };
    for n in articles {
        let mut numbers = Numbers(n as u64 * 77 + 5);
        let new = json!({
            "title": format!("{} {n}", numbers.words(5)), "summary": numbers.words(20), "tags": [format!("Tag {}", n % 20)],
            "sections": [{"heading": numbers.words(3), "body": numbers.words(WORDS)}],
        });
        let new: NewArticle = deserr::deserialize(new).unwrap_or_else(|faults: Faults| panic!("{faults:?}"));
        let mut draft = Draft::new(&new, Birth { owner, language: "en", now });
        draft.replace(new, "en", &library::Names::default(), Day::of(now))?;
        let article = editorial::create(conn, draft)?.draft.article.id;
        publishing::publish(conn, &ArticleRef::Id(article), &admin, &IfMatch::Any, policy, now)?;
    }
    Ok(())
}

async fn fill(state: &State, articles: usize) {
    let (policy, now) = (Policy::of(state), state.clock.now());
    let editor = NewEditor {
        email: Email::parse("bench@example.org").expect("an address"),
        name: EditorName::parse("Bench").expect("a name"),
        role: Role::Admin,
        password_hash: "none".into(),
    };
    let owner = state.db.write(move |conn| accounts::store::insert(conn, &editor, now)).await.expect("an editor");
    for from in (0..articles).step_by(BATCH) {
        let policy = policy.clone();
        let batch = from..articles.min(from + BATCH);
        state.db.write(move |conn| publish(conn, owner, &policy, now, batch)).await.expect("they are published");
    }
}

async fn ask(client: &reqwest::Client, base: &str, query: &str) -> (Duration, Value) {
    let began = Instant::now();
    let parameters = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
    let answer = client.get(format!("{base}/v1/search?{parameters}")).send().await.expect("an answer");
    let page = answer.json().await.expect("JSON");
    (began.elapsed(), page)
}

async fn measure(articles: usize) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut settings = Settings::defaults().expect("the defaults");
    settings.data_dir = dir.path().to_owned();
    settings.cache.bytes = 0;
    settings.rate.delivery = 0;
    if let Ok(database) = std::env::var("IBID_BENCH_DATABASE") {
        settings.database.url = database.into();
    }
    let open = move || App::open(settings, Clock::default()).expect("the app opens");
    let state = web::Data::new(std::thread::spawn(open).join().expect("it opens"));
    let began = Instant::now();
    fill(&state, articles).await;
    println!("{articles} articles, published in {:.0} s", began.elapsed().as_secs_f64());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let server = ibid::server::serve(state, listener).expect("the server starts");
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let client = reqwest::Client::new();
    let mut all = Vec::new();
    for (what, query) in queries() {
        let (_, page) = ask(&client, &base, &query).await;
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(ask(&client, &base, &query).await.0);
        }
        times.sort();
        let scope = &page["scope"];
        println!(
            "  {:>7.1} ms  {what} ({} ranked, all: {})",
            ms(times[ROUNDS / 2]),
            scope["ranked"],
            scope["complete"]
        );
        all.extend(times);
    }
    all.sort();
    println!(
        "  {:>7.1} ms  half of all searches, {:.1} ms 99 of 100",
        ms(all[all.len() / 2]),
        ms(all[all.len() * 99 / 100])
    );
    handle.stop(false).await;
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn main() {
    let sizes = std::env::var("IBID_BENCH_ARTICLES").unwrap_or_else(|_| "1000,10000".into());
    for size in sizes.split(',').filter_map(|size| size.trim().parse().ok()) {
        actix_web::rt::System::new().block_on(measure(size));
    }
}
