//! `POST /v1/manage/studies/import`

use std::io::{self, Read};

use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, post, web};
use deserr::Deserr;
use futures_util::StreamExt;
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::publications_follow;
use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::exchange::Format;
use crate::db::Conn;
use crate::db::types::Instant;
use crate::error::{Code, Problem};
use crate::http::answer::{Answer, Caching};
use crate::http::fault::{Faults, shortened};
use crate::http::query::{Flag, Query};
use crate::library::examples;
use crate::library::import::{Counts, Import, ImportedEntry, Item, Kept, MOST_ENTRIES, OnDuplicate, lots as lots_of};
use crate::publishing;

/// A file of studies, in the format that its media type names.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 67108864, pattern = r"^[\s\S]*$")]
pub struct StudiesFile(#[expect(dead_code, reason = "only its schema is used")] String);

crate::words! {
    /// A format that studies are read from.
    ImportFormat {
        /// CSL-JSON: a list, an object with `items`, or one record a line.
        CslJson = "csl_json",
        /// BibTeX or BibLaTeX.
        Bibtex = "bibtex",
        /// RIS.
        Ris = "ris",
        /// PubMed's tagged format.
        Nbib = "nbib",
        /// PubMed's XML.
        PubmedXml = "pubmed_xml",
    }
}

impl From<ImportFormat> for Format {
    fn from(format: ImportFormat) -> Self {
        match format {
            ImportFormat::CslJson => Self::CslJson,
            ImportFormat::Bibtex => Self::Bibtex,
            ImportFormat::Ris => Self::Ris,
            ImportFormat::Nbib => Self::Nbib,
            ImportFormat::PubmedXml => Self::PubmedXml,
        }
    }
}

#[derive(Debug, Deserr, IntoParams)]
#[deserr(error = Faults, deny_unknown_fields)]
#[into_params(parameter_in = Query, style = Form)]
pub struct Parameters {
    /// The format of the file; else its beginning and `Content-Type` tell.
    #[param(inline)]
    #[deserr(default)]
    format: Option<ImportFormat>,
    /// What to do with an entry whose study is in the library; `merge` unless given.
    #[param(inline)]
    #[deserr(default)]
    on_duplicate: Option<OnDuplicate>,
    /// Whether only to tell what would come of it.
    #[param(value_type = Option<bool>, default = false)]
    #[deserr(default)]
    dry_run: Option<Flag>,
}

/// What came of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Imported {
    /// Nothing was written.
    pub dry_run: bool,
    /// The format that was read.
    pub format: ImportFormat,
    pub counts: Counts,
    /// The file has more entries than are read at once; those after the last that is told here were not.
    pub more: bool,
    /// The entries in the order in which they were read.
    #[schema(max_items = 100000)]
    pub entries: Vec<ImportedEntry>,
}

/// Import studies
///
/// Reads CSL-JSON, BibTeX, RIS and PubMed's formats, entry by entry. Each becomes a study, fills what a study with its DOI,
/// PMID or PMCID lacks, or is refused with its place and the reason; none spoils another, and nothing that is there is
/// overwritten. Importing the same file again creates nothing. An upload that breaks off leaves what was read before.
#[utoipa::path(
    operation_id = "manage_studies_import",
    tag = "library",
    params(Parameters),
    request_body(content(
        (StudiesFile = "application/x-bibtex", example = "@article{majid2009, title = {Microneedling therapy}, doi = {10.4103/0974-2077.53096}}"),
        (StudiesFile = "application/x-research-info-systems", example = "TY  - JOUR\nTI  - Microneedling therapy\nER  - \n"),
        (StudiesFile = "application/vnd.citationstyles.csl+json", example = "[{\"type\": \"book\", \"title\": \"Dermatology\"}]"),
        (StudiesFile = "application/json", example = "[{\"type\": \"book\", \"title\": \"Dermatology\"}]"),
        (StudiesFile = "application/nbib", example = "PMID- 20300368\nTI  - Microneedling therapy\n"),
        (StudiesFile = "application/xml", example = "<PubmedArticleSet></PubmedArticleSet>"),
        (StudiesFile = "text/plain", example = "PMID- 20300368\nTI  - Microneedling therapy\n"),
    ), description = "The file, as it is."),
    responses((status = 200, description = "What became of each entry.", body = Imported, example = json!(examples::imported()))),
    security(("bearer" = [])),
)]
#[post("/v1/manage/studies/import")]
pub(super) async fn take_in(
    _: Permitted<op::StudiesImport>,
    request: HttpRequest,
    state: State,
    query: Query<Parameters>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let media_type = media_type(&request)?;
    let mut upload = Upload::of(&request, payload, state.settings.limits.import_bytes)?;
    let beginning = upload.beginning().await?;
    let format = query.format.map(Format::from).or_else(|| Format::detect(None, Some(&media_type), &beginning));
    let format = format.ok_or_else(|| unsupported("The format of the body cannot be told; say it with `format`."))?;
    let dry_run = query.dry_run.unwrap_or_default().0;
    let import = Import::new(format, query.on_duplicate.unwrap_or(OnDuplicate::Merge), dry_run);
    let (chunks, input) = Input::after(beginning);
    let (lots, written) = mpsc::channel(1);
    let reader = tokio::task::spawn_blocking(move || {
        for lot in lots_of(format, input) {
            if lots.blocking_send(lot).is_err() {
                return;
            }
        }
    });
    let (uploaded, kept) = tokio::join!(upload.feed(chunks), write(&state, import, written));
    reader.await.map_err(|error| Problem::internal(format!("the reader failed: {error}")))?;
    let (import, entries) = kept?;
    uploaded?;
    let more = entries.len() >= MOST_ENTRIES;
    let answer = Imported { dry_run, format: named(format), counts: import.counts, more, entries };
    Ok(Answer::json(Caching::Private, &answer)?.to(&request))
}

fn named(format: Format) -> ImportFormat {
    match format {
        Format::CslJson => ImportFormat::CslJson,
        Format::Bibtex => ImportFormat::Bibtex,
        Format::Ris => ImportFormat::Ris,
        Format::Nbib => ImportFormat::Nbib,
        Format::PubmedXml => ImportFormat::PubmedXml,
    }
}

/// Writes lot after lot.
async fn write(
    state: &State,
    mut import: Import,
    mut lots: mpsc::Receiver<Vec<Item>>,
) -> Result<(Import, Vec<ImportedEntry>), Problem> {
    let mut entries = Vec::new();
    while let Some(lot) = lots.recv().await {
        let now = state.clock.now();
        let dry = import.is_dry();
        let work = move |conn: &mut Conn| {
            let kept = keep(conn, &mut import, lot, now)?;
            Ok((import, kept))
        };
        let (back, kept) = if dry { state.db.read(work).await? } else { state.db.write(work).await? };
        import = back;
        entries.extend(kept.entries);
    }
    Ok((import, entries))
}

/// Takes one lot of an import in, and lets publications follow the studies that changed.
///
/// # Errors
/// What the database refuses as a whole; nothing of the lot is kept then.
pub(crate) fn keep(conn: &mut Conn, import: &mut Import, lot: Vec<Item>, now: Instant) -> Result<Kept, Problem> {
    if !import.is_dry() {
        publishing::store::lock(conn)?;
    }
    let kept = import.keep(conn, lot, now)?;
    if !import.is_dry() {
        publications_follow(conn, &kept.changed, now)?;
    }
    Ok(kept)
}

/// The media type of the body, if files of it are read here.
fn media_type(request: &HttpRequest) -> Result<String, Problem> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "text/plain" || Format::of_media_type(&essence).is_some() {
        return Ok(essence);
    }
    match essence.as_str() {
        "" => Err(unsupported("Content-Type is missing.")),
        other => Err(unsupported(&format!("{} is not read here.", shortened(other)))),
    }
}

fn unsupported(detail: &str) -> Problem {
    let accepted =
        [Format::CslJson, Format::Bibtex, Format::Ris, Format::Nbib, Format::PubmedXml].map(Format::media_type);
    Problem::new(Code::UnsupportedMediaType, detail)
        .with_header("Accept-Post", format!("{}, application/json, text/plain", accepted.join(", ")))
}

/// A body on its way in, bounded.
struct Upload {
    payload: web::Payload,
    left: usize,
    most: usize,
}

/// How much of a file tells its format.
const TELLING: usize = 4096;

impl Upload {
    fn of(request: &HttpRequest, payload: web::Payload, most: usize) -> Result<Self, Problem> {
        let announced =
            request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let upload = Self { payload, left: most, most };
        match announced.is_some_and(|bytes| bytes > most as u64) {
            true => Err(upload.too_large()),
            false => Ok(upload),
        }
    }

    fn too_large(&self) -> Problem {
        Problem::new(Code::BodyTooLarge, format!("The body may have {} bytes at most.", self.most))
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(chunk) = self.payload.next().await else { return Ok(None) };
        let broken = |_| Problem::new(Code::MalformedRequest, "The body could not be read to its end.");
        let chunk = chunk.map_err(broken)?;
        self.left = self.left.checked_sub(chunk.len()).ok_or_else(|| self.too_large())?;
        Ok(Some(chunk))
    }

    /// Enough of the body to tell its format.
    async fn beginning(&mut self) -> Result<Vec<u8>, Problem> {
        let mut beginning = Vec::new();
        while beginning.len() < TELLING
            && let Some(chunk) = self.chunk().await?
        {
            beginning.extend_from_slice(&chunk);
        }
        Ok(beginning)
    }

    /// Hands the rest of the body over; a body that breaks off is told to the reader too.
    async fn feed(mut self, chunks: mpsc::Sender<io::Result<Bytes>>) -> Result<(), Problem> {
        loop {
            match self.chunk().await {
                Ok(None) => return Ok(()),
                // A reader that has stopped has read enough.
                Ok(Some(chunk)) => drop(chunks.send(Ok(chunk)).await),
                Err(problem) => {
                    let told = io::Error::other(problem.detail().to_owned());
                    drop(chunks.send(Err(told)).await);
                    return Err(problem);
                }
            }
        }
    }
}

/// The body as a reader on a thread of its own gets it.
struct Input {
    present: Bytes,
    more: mpsc::Receiver<io::Result<Bytes>>,
}

impl Input {
    fn after(beginning: Vec<u8>) -> (mpsc::Sender<io::Result<Bytes>>, Self) {
        let (chunks, more) = mpsc::channel(4);
        (chunks, Self { present: beginning.into(), more })
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.present.is_empty() {
            match self.more.blocking_recv() {
                Some(chunk) => self.present = chunk?,
                None => return Ok(0),
            }
        }
        let length = into.len().min(self.present.len());
        let chunk = self.present.split_to(length);
        into.get_mut(..length).unwrap_or_default().copy_from_slice(&chunk);
        Ok(length)
    }
}
