//! `POST /v1/manage/notices/import`

use std::fs;
use std::io::{Read, Seek, Write};

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, post, web};
use deserr::Deserr;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching};
use crate::http::fault::{Faults, shortened};
use crate::http::query::{Flag, Query};
use crate::library::notices::{self, File, Imported};
use crate::library::{NoticeSource, examples};
use crate::publishing;

/// The media types that are read, and whose files they are.
const READ: [(&str, NoticeSource); 4] = [
    ("text/csv", NoticeSource::RetractionWatch),
    ("application/json", NoticeSource::Crossref),
    ("application/jsonl", NoticeSource::Crossref),
    ("application/x-ndjson", NoticeSource::Crossref),
];

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Whether only to tell what would come of it.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    dry_run: Option<Flag>,
}

/// A file of notices, as it is.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 2147483647, pattern = r"^[\s\S]*$")]
pub struct NoticesFile(#[expect(dead_code, reason = "only its schema is used")] String);

/// Import notices
///
/// The Retraction Watch data set (CSV), which takes the place of the one before, or notices of Crossref (works with
/// `update-to`: a list, an answer of its API, or one work a line), which are added to those before. All of the file comes
/// in at once or, when it is broken as a whole, nothing; an entry that cannot be read is told with its place and spoils no
/// other. The same file again changes nothing. Studies that the notices are about get the status that follows, and the
/// publications that cite them are rendered anew.
#[utoipa::path(
    operation_id = "manage_notices_import",
    tag = "notices",
    params(Parameters),
    request_body(content(
        (NoticesFile = "text/csv", example = "Record ID,RetractionDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason\n\
            1,2/6/2010 0:00,10.1016/S0140-6736(97)11096-0,9500320,Retraction,+Misconduct by Author;\n"),
        (NoticesFile = "application/json", example = "[{\"DOI\": \"10.5555/ibid.notice\", \"update-to\": [{\"DOI\": \
            \"10.5555/ibid.study\", \"type\": \"retraction\", \"updated\": {\"date-parts\": [[2024, 5, 1]]}}]}]"),
        (NoticesFile = "application/jsonl", example = "{\"DOI\": \"10.5555/ibid.notice\", \"update-to\": []}\n"),
        (NoticesFile = "application/x-ndjson", example = "{\"DOI\": \"10.5555/ibid.notice\", \"update-to\": []}\n"),
    ), description = "The file."),
    responses((status = 200, description = "What came of it.", body = Imported, example = json!(examples::imported_notices()))),
    security(("bearer" = [])),
    extensions(("x-problems" = json!(["invalid_notices"]))),
)]
#[post("/v1/manage/notices/import")]
pub(super) async fn import(
    _: Permitted<op::NoticesImport>,
    request: HttpRequest,
    state: State,
    query: Query<Parameters>,
    mut payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let source = source(&request)?;
    let dry_run = query.0.dry_run.unwrap_or_default().0;
    let mut upload = Upload::new(&state, source)?;
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|_| Problem::new(Code::MalformedRequest, "The body could not be read to its end."))?;
        upload = web::block(move || upload.add(&chunk).map(|()| upload)).await.map_err(Problem::internal)??;
    }
    let surveyed = web::block(move || {
        let mut file = upload.finish();
        notices::survey(&mut file).map(|()| file)
    });
    let mut file = surveyed.await.map_err(Problem::internal)??;
    let now = state.clock.now();
    let imported = state.db.write(move |conn| take_in(conn, &mut file, dry_run, now)).await?;
    Ok(Answer::json(Caching::Private, &imported)?.to(&request))
}

/// Imports a file in one transaction; publications and the log follow. With `dry_run` all of it is undone.
///
/// # Errors
/// `invalid_notices`, and those of the database.
pub fn take_in<R: Read + Seek>(
    conn: &mut Conn,
    file: &mut File<R>,
    dry_run: bool,
    now: Instant,
) -> Result<Imported, Problem> {
    let mut work = |conn: &mut Conn| {
        publishing::store::lock(conn)?;
        let (mut imported, changes) = notices::import(conn, file, now)?;
        imported.dry_run = dry_run;
        if !dry_run {
            publishing::retractions::follow(conn, &changes, now)?;
        }
        Ok(imported)
    };
    if dry_run { conn.tried(work) } else { work(conn) }
}

fn source(request: &HttpRequest) -> Result<NoticeSource, Problem> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let found = READ.iter().find(|(media_type, _)| media_type.eq_ignore_ascii_case(essence));
    found.map(|(_, source)| *source).ok_or_else(|| {
        let detail = match essence {
            "" => "Content-Type is missing; send text/csv or application/json.".to_owned(),
            other => format!("{} is not read here; send text/csv or application/json.", shortened(other)),
        };
        let accepted = READ.map(|(media_type, _)| media_type).join(", ");
        Problem::new(Code::UnsupportedMediaType, detail).with_header("Accept-Post", accepted)
    })
}

/// A file on its way in: put aside in the data directory, without a name, so that it goes with the process.
pub struct Upload {
    source: NoticeSource,
    content: fs::File,
    hash: Sha256,
    length: usize,
    most: usize,
}

impl Upload {
    fn new(state: &State, source: NoticeSource) -> Result<Self, Problem> {
        let content = tempfile::tempfile_in(&state.settings.data_dir).map_err(|error| Problem::unavailable(&error))?;
        Ok(Self { source, content, hash: Sha256::new(), length: 0, most: state.settings.limits.notices_bytes })
    }

    fn add(&mut self, chunk: &[u8]) -> Result<(), Problem> {
        self.length += chunk.len();
        if self.length > self.most {
            return Err(Problem::new(Code::BodyTooLarge, format!("The body may have {} bytes at most.", self.most)));
        }
        self.hash.update(chunk);
        self.content.write_all(chunk).map_err(|error| Problem::unavailable(&error))
    }

    fn finish(self) -> File<fs::File> {
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        File { source: self.source, content: self.content, sha256 }
    }
}
