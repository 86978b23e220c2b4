//! The demo site: `ibid serve --demo` fills an empty database with it and leaves one that is not empty alone.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deserr::Deserr;
use diesel::prelude::*;

use super::told;
use crate::accounts::{self, EditorName, Password, Role};
use crate::app::App;
use crate::comments::{self, NewComment, Status};
use crate::db::Conn;
use crate::db::day::Day;
use crate::db::schema::{articles, editors, studies};
use crate::db::types::Instant;
use crate::editorial::draft::{Birth, Draft};
use crate::editorial::model::NewArticle;
use crate::editorial::store as editorial;
use crate::error::Problem;
use crate::http::email::Email;
use crate::http::etag::IfMatch;
use crate::http::fault::Faults;
use crate::ids::{ArticleRef, CommentId, EditorId, FamilyId};
use crate::library::NewStudy;
use crate::library::store as library;
use crate::on;
use crate::publishing::{self, Policy};

const SITE: &str = include_str!("../../demo/site.json");
const EMAIL: &str = "editor@example.org";
/// Gives the demo editor's password; a random one is made otherwise.
const PASSWORD_VARIABLE: &str = "IBID_DEMO_PASSWORD";

/// What the demo site consists of, in the same words as requests.
#[derive(Debug, Clone, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Site {
    studies: Vec<NewStudy>,
    article: NewArticle,
    comments: Vec<Remark>,
}

#[derive(Debug, Clone, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
struct Remark {
    status: Status,
    /// Which of the comments before it replies to, from 0.
    #[deserr(default)]
    reply_to: Option<usize>,
    comment: NewComment,
}

/// What to tell the person who started it.
pub struct Demo {
    pub email: &'static str,
    /// Null when it was given at an earlier start and is not known here.
    pub password: Option<String>,
    /// The slug of the demo article; null when the database had content of its own.
    pub article: Option<String>,
}

/// Fills the database, as far as it is empty.
///
/// # Errors
/// When the database refuses, or the password cannot be kept in the data directory.
pub async fn load(app: &App) -> anyhow::Result<Demo> {
    let site = site()?;
    let slug = site.article.slug.as_ref().map(|slug| slug.as_str().to_owned());
    let (editor, password) = editor(app).await?;
    let now = app.clock.now();
    let (language, policy) = (app.settings.site.language.clone(), Policy::of(app));
    let filled = app.db.write(move |conn| fill(conn, site, editor, &language, &policy, now)).await.map_err(told)?;
    let article = slug.filter(|_| filled);
    Ok(Demo { email: EMAIL, password, article })
}

fn site() -> anyhow::Result<Site> {
    let value: serde_json::Value = serde_json::from_str(SITE).context("the demo site")?;
    deserr::deserialize(value).map_err(|faults: Faults| anyhow::anyhow!("the demo site: {:?}", faults.0))
}

/// The demo editor, an admin, and the password if it is known.
async fn editor(app: &App) -> anyhow::Result<(EditorId, Option<String>)> {
    let email = Email::parse(EMAIL).map_err(|reason| anyhow::anyhow!(reason.detail))?;
    let key = email.key();
    let there = app.db.read(move |conn| Ok(editor_of(conn, &key)?)).await.map_err(told)?;
    let file = app.settings.data_dir.join("demo-password");
    if let Some(id) = there {
        return Ok((id, std::fs::read_to_string(file).ok().map(|password| password.trim_end().to_owned())));
    }
    let password = match std::env::var(PASSWORD_VARIABLE) {
        Ok(given) => given,
        Err(_) => URL_SAFE_NO_PAD.encode(rand::random::<[u8; 12]>()),
    };
    let checked =
        Password::parse(&password).map_err(|reason| anyhow::anyhow!("{PASSWORD_VARIABLE}: {}", reason.detail))?;
    let unwritable = || format!("data_dir: cannot write {}", file.display());
    if file.exists() {
        // Of a demo editor in another database.
        std::fs::remove_file(&file).with_context(unwritable)?;
    }
    accounts::write_private(&file, format!("{password}\n").as_bytes()).with_context(unwritable)?;
    let name = EditorName::parse("Demo Editor").map_err(|reason| anyhow::anyhow!(reason.detail))?;
    let password_hash = app.hasher.hash(checked).await.map_err(told)?;
    let new = accounts::NewEditor { email, name, role: Role::Admin, password_hash };
    let now = app.clock.now();
    let id = app.db.write(move |conn| accounts::store::insert(conn, &new, now)).await.map_err(told)?;
    Ok((id, Some(password)))
}

fn editor_of(conn: &mut Conn, key: &str) -> QueryResult<Option<EditorId>> {
    on!(conn, c => editors::table.filter(editors::email_key.eq(key)).select(editors::id).first(c).optional())
}

/// Puts everything in, unless something is there; answers whether the demo article is there now.
fn fill(
    conn: &mut Conn,
    site: Site,
    owner: EditorId,
    language: &str,
    policy: &Policy,
    now: Instant,
) -> Result<bool, Problem> {
    let slug = site.article.slug.as_ref().map(|slug| slug.as_str().to_owned()).unwrap_or_default();
    if !is_empty(conn)? {
        let there: i64 = on!(conn, c => articles::table.filter(articles::slug.eq(&slug)).count().get_result(c))?;
        return Ok(there > 0);
    }
    for study in site.studies {
        library::create(conn, study, now)?;
    }
    let mut draft = Draft::new(&site.article, Birth { owner, language, now });
    draft.replace(site.article, language, &library::Names::default(), Day::of(now))?;
    let article = editorial::create(conn, draft)?.draft.article.id;
    let admin = accounts::Editor { id: owner, role: Role::Admin, session: FamilyId::new() };
    publishing::publish(conn, &ArticleRef::Id(article), &admin, &IfMatch::Any, policy, now)?;
    let mut kept: Vec<CommentId> = Vec::new();
    let mut ago = 60 * site.comments.len() as i64;
    for remark in site.comments {
        let parent_id = remark.reply_to.and_then(|index| kept.get(index).copied());
        let comment = NewComment { parent_id, ..remark.comment };
        // One after the other, as readers write.
        kept.push(comments::bring_in(conn, article, &comment, remark.status, now.plus_seconds(-ago))?);
        ago -= 60;
    }
    Ok(true)
}

fn is_empty(conn: &mut Conn) -> QueryResult<bool> {
    let articles: i64 = on!(conn, c => articles::table.count().get_result(c))?;
    let studies: i64 = on!(conn, c => studies::table.count().get_result(c))?;
    Ok(articles + studies == 0)
}
