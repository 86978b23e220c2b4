//! Fills the database of a data directory with generated articles, published as editors' are, for `benches/delivery`:
//! `fill DATA_DIR HOW_MANY [brief]`. Articles that are there already count. About 10 kB each as JSON with sections and
//! citations: four sections, four citations of 2,000 studies, one to three of 200 tags, one of 500 authors. Brief ones
//! have two sections and two citations. Their words are as common as words are: the second is met half as often as the
//! first, the thousandth a thousandth as often.

use std::path::Path;

use actix_web::web;
use anyhow::Context;
use diesel::prelude::*;
use ibid::accounts::{self, EditorName, NewEditor, Role};
use ibid::app::{App, State};
use ibid::clock::Clock;
use ibid::config::Settings;
use ibid::db::Conn;
use ibid::db::day::Day;
use ibid::db::schema::{articles, editors};
use ibid::editorial::draft::{Birth, Draft};
use ibid::editorial::model::NewArticle;
use ibid::editorial::store as editorial;
use ibid::error::Problem;
use ibid::http::email::Email;
use ibid::http::etag::IfMatch;
use ibid::http::fault::Faults;
use ibid::ids::{ArticleRef, EditorId, FamilyId};
use ibid::library::{NewStudy, store as library};
use ibid::on;
use ibid::publishing::{self, Policy};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

const STUDIES: usize = 2_000;
const TAGS: usize = 200;
const AUTHORS: usize = 500;
/// How many articles one transaction makes: in a large one SQLite spends more on each savepoint than on the articles.
const BATCH: usize = 20;

const WORDS: &[&str] = &[
    "skin", "sleep", "vitamin", "pressure", "exercise", "heart", "diet", "sugar", "muscle", "memory", "pain", "stress",
    "light", "water", "growth", "repair", "balance", "breath", "training", "recovery", "season", "evening", "morning",
    "measure", "amount", "habit", "change", "effect", "support", "reason", "moment", "surface", "texture", "barrier",
];

const SYLLABLES: &[&str] = &[
    "ba", "cor", "da", "fel", "gi", "hum", "ka", "lin", "mo", "na", "pre", "qui", "ros", "sa", "tem", "vu", "xi",
    "yol", "ze", "dra",
];

/// How many words there are.
const VOCABULARY: f64 = 20_000.0;

/// How much there is of an article.
#[derive(Clone, Copy)]
enum Kind {
    Full,
    Brief,
}

impl Kind {
    fn sections(self) -> usize {
        match self {
            Self::Full => 4,
            Self::Brief => 2,
        }
    }
}

/// Numbers that look drawn, the same every time.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap_or_default()
    }

    /// By Zipf's law: how often a word is met goes with one through its rank.
    fn word(&mut self) -> String {
        let drawn = self.below(1 << 20) as f64 / f64::from(1 << 20);
        word((VOCABULARY.ln() * drawn).exp() as usize - 1)
    }

    fn sentence(&mut self) -> String {
        let words: Vec<String> = (0..8 + self.below(10)).map(|_| self.word()).collect();
        format!("The {} of {}", self.word(), words.join(" "))
    }
}

/// The word of a rank: those that are listed, then made of syllables.
fn word(rank: usize) -> String {
    if let Some(word) = WORDS.get(rank) {
        return (*word).to_owned();
    }
    let (mut left, mut made) = (rank, String::new());
    while left > 0 || made.len() < 4 {
        made.push_str(SYLLABLES[left % SYLLABLES.len()]);
        left /= SYLLABLES.len();
    }
    made
}

fn study(n: usize) -> Value {
    let mut drawn = Drawn(n as u64 + 77);
    json!({"key": format!("s{n}"), "design": "randomized_trial", "sample_size": 20 + n % 400, "csl": {
        "type": "article-journal", "title": format!("{} in {} patients", drawn.sentence(), n + 20),
        "author": [{"family": format!("Family{}", n % 997), "given": "Ada M."}, {"family": "Other", "given": "B."}],
        "container-title": format!("Journal of {}", drawn.word()), "issued": {"date-parts": [[1990 + n % 35]]},
        "volume": (n % 60 + 1).to_string(), "page": format!("{}-{}", n + 100, n + 108),
        "DOI": format!("10.5555/fill.{n}"),
    }})
}

fn article(n: usize, kind: Kind) -> Value {
    let mut drawn = Drawn(n as u64 * 2_654_435_761 + 1);
    let sections: Vec<Value> = (0..kind.sections())
        .map(|section| {
            let mut body = String::new();
            for paragraph in 0..2 {
                for _ in 0..3 {
                    body.push_str(&drawn.sentence());
                    body.push_str(". ");
                }
                if paragraph < 1 {
                    body.push_str(&format!("It was measured [@s{}]. ", drawn.below(STUDIES)));
                }
                body.push_str("\n\n");
            }
            let heading = (section > 0).then(|| format!("The {} of {}", drawn.word(), drawn.word()));
            json!({"heading": heading, "body": body})
        })
        .collect();
    let tags: Vec<Value> =
        (0..1 + drawn.below(3)).map(|at| json!(format!("Tag {}", (n * 7 + at * 31) % TAGS))).collect();
    let day = 1 + n % 28;
    json!({
        "title": format!("{} and {} {n}", drawn.word(), drawn.word()), "summary": drawn.sentence(),
        "tags": tags, "authors": [{"name": format!("Author {}", n % AUTHORS)}], "sections": sections,
        "published_at": format!("{}-{:02}-{day:02}T{:02}:{:02}:00Z", 2010 + n % 15, 1 + n % 12, n % 24, n % 60),
    })
}

fn read<T: deserr::Deserr<Faults>>(value: Value) -> T {
    deserr::deserialize(value).unwrap_or_else(|faults: Faults| panic!("a generated thing is not accepted: {faults:?}"))
}

fn begin(conn: &mut Conn, now: ibid::db::types::Instant) -> Result<(EditorId, usize), Problem> {
    let there: i64 = on!(conn, c => articles::table.count().get_result(c))?;
    let owner: Option<EditorId> = on!(conn, c => editors::table.select(editors::id).first(c).optional())?;
    if let Some(owner) = owner {
        return Ok((owner, usize::try_from(there).unwrap_or_default()));
    }
    let editor = NewEditor {
        email: Email::parse("fill@example.org").map_err(|reason| Problem::internal(reason.detail))?,
        name: EditorName::parse("Fill").map_err(|reason| Problem::internal(reason.detail))?,
        role: Role::Admin,
        password_hash: "nobody signs in with it".into(),
    };
    let owner = accounts::store::insert(conn, &editor, now)?;
    for n in 0..STUDIES {
        library::create(conn, read::<NewStudy>(study(n)), now)?;
    }
    Ok((owner, 0))
}

fn fill(
    conn: &mut Conn,
    owner: EditorId,
    which: std::ops::Range<usize>,
    kind: Kind,
    policy: &Policy,
    now: ibid::db::types::Instant,
) -> Result<(), Problem> {
    let admin = accounts::Editor { id: owner, role: Role::Admin, session: FamilyId::new() };
    for n in which {
        let new: NewArticle = read(article(n, kind));
        let mut draft = Draft::new(&new, Birth { owner, language: "en", now });
        draft.replace(new, "en", &library::Names::default(), Day::of(now))?;
        let article = editorial::create(conn, draft)?.draft.article.id;
        publishing::publish(conn, &ArticleRef::Id(article), &admin, &IfMatch::Any, policy, now)?;
    }
    Ok(())
}

async fn run(state: State, how_many: usize, kind: Kind) -> Result<(), Problem> {
    let now = state.clock.now();
    let (owner, there) = state.db.write(move |conn| begin(conn, now)).await?;
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} articles, {per_sec}, {eta} left");
    let bar = ProgressBar::new(how_many as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position(there as u64);
    for from in (there..how_many).step_by(BATCH) {
        let which = from..how_many.min(from + BATCH);
        let (policy, now, end) = (Policy::of(&state), state.clock.now(), which.end);
        state.db.write(move |conn| fill(conn, owner, which, kind, &policy, now)).await?;
        bar.set_position(end as u64);
    }
    bar.finish();
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(how_many)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: fill DATA_DIR HOW_MANY [brief]");
    };
    let kind = match arguments.next().as_deref() {
        None => Kind::Full,
        Some("brief") => Kind::Brief,
        Some(other) => anyhow::bail!("{other}: the kind is `brief` or left out"),
    };
    let mut settings = Settings::defaults()?;
    settings.data_dir = Path::new(&dir).to_owned();
    let state = web::Data::new(App::open(settings, Clock::default())?);
    let run = run(state, how_many.parse().context("how many articles")?, kind);
    let done = actix_web::rt::System::new().block_on(run);
    done.map_err(|problem| anyhow::anyhow!("{} {}", problem.code().as_str(), problem.cause().unwrap_or_default()))
}
