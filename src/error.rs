//! The one list of everything that can go wrong for a caller: stable code, status, title and meaning.
//! The contract's problem responses and the pages under `/docs/problems/` are made from it.

use serde_json::{Map, Value};

use crate::http::fault::Fault;

macro_rules! codes {
    ($($variant:ident = $status:literal $code:literal, $title:literal, $meaning:literal;)+) => {
        /// A stable error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $meaning] $variant),+ }

        impl Code {
            /// Every code, in the order of the list.
            pub const ALL: &[Code] = &[$(Code::$variant),+];

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }

            /// The word clients compare with.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $code),+ } }

            /// The same for every occurrence (RFC 9457, `title`).
            pub fn title(self) -> &'static str { match self { $(Self::$variant => $title),+ } }

            /// What happened and what a client can do about it.
            pub fn meaning(self) -> &'static str { match self { $(Self::$variant => $meaning),+ } }

            /// The code of that name.
            pub fn parse(code: &str) -> Option<Self> { match code { $($code => Some(Self::$variant),)+ _ => None } }
        }
    };
}

codes! {
    InvalidParameter = 400 "invalid_parameter", "A parameter is wrong",
        "A query parameter is unknown, given twice or has a value that it cannot have. `errors` names each of them.";
    InvalidHeader = 400 "invalid_header", "A header is wrong",
        "A request header that ibid acts on cannot be read.";
    InvalidJson = 400 "invalid_json", "The body is not JSON",
        "The body is not well-formed JSON in UTF-8, names a member twice or nests too deeply. The detail says where.";
    MalformedRequest = 400 "malformed_request", "The request cannot be read",
        "The request is not well-formed HTTP or its address cannot be decoded.";
    Unauthenticated = 401 "unauthenticated", "Sign in first",
        "The operation needs an access token, and the request has none, or one that is expired, revoked, forged or of another kind.";
    InvalidCredentials = 401 "invalid_credentials", "E-mail or password is wrong",
        "No active editor has this e-mail address and password. Which of the two is wrong is not told.";
    InvalidRefreshToken = 401 "invalid_refresh_token", "The refresh token is not valid",
        "The refresh token is unknown, expired, revoked or was used before. A token that is used twice ends its whole session.";
    Forbidden = 403 "forbidden", "Your role may not do this",
        "The editor is signed in, but the operation is reserved to other roles.";
    NotFound = 404 "not_found", "There is nothing here",
        "No such address, or a thing that is not there (any more) or that the caller may not know of.";
    StudyNotFoundAtSources = 404 "study_not_found_at_sources", "No source knows the study",
        "None of the services that were asked knows a study with this DOI or PMID. The detail names them.";
    LanguageNotPublished = 404 "language_not_published", "The article is not there in this language",
        "Neither the article nor a translation of it is published in a language that `language` names. The detail tells in which there is one; `*` at the end takes any.";
    MethodNotAllowed = 405 "method_not_allowed", "The address does not know this method",
        "The address exists but not with this method. `Allow` lists the methods it has.";
    NotAcceptable = 406 "not_acceptable", "None of the asked formats can be given",
        "The resource has no representation in any format that `Accept` names.";
    SlugTaken = 409 "slug_taken", "The slug is taken",
        "Another article has this slug. Choose another one.";
    RedirectTaken = 409 "redirect_taken", "The path has a redirect",
        "Another redirect is of this path, perhaps written otherwise: encoded, or with a slash at its end.";
    LanguageTaken = 409 "language_taken", "The language is taken",
        "Another translation of the article is in this language, and each language stands once among translations.";
    AnchorTaken = 409 "anchor_taken", "The anchor is taken",
        "Another section of the article has this anchor.";
    KeyTaken = 409 "key_taken", "The key is taken",
        "Another study has this key. `existing` is its id.";
    StudyExists = 409 "study_exists", "The study is in the library already",
        "Another study has the same DOI, PMID or PMCID. `existing` is its id.";
    StudyCited = 409 "study_cited", "The study is cited",
        "Articles cite the study, so it cannot be deleted. `articles` lists them; some may be in the trash.";
    StudyGone = 409 "study_gone", "A study is gone",
        "The revision cites studies that were deleted since, so it cannot be brought back. Nothing was changed. `errors` names each of them by the key that it had.";
    AlreadyCited = 409 "already_cited", "The article cites the study already",
        "An article has one citation for each study, however many markers it has.";
    CitationMarked = 409 "citation_marked", "The text cites the study",
        "The citation cannot be removed while markers of its study stand in the text. Remove the markers first.";
    CitationClaimed = 409 "citation_claimed", "A claim names the study",
        "The citation cannot be removed while a claim of the article names its study. Change the claim first.";
    ArticlePublished = 409 "article_published", "The article is published",
        "A published article cannot be deleted. Unpublish it first.";
    NotPublished = 409 "not_published", "The article is not published",
        "There is no publication to take down.";
    CommentsClosed = 409 "comments_closed", "Comments are closed",
        "The article takes no comments.";
    EmailTaken = 409 "email_taken", "The e-mail address is taken",
        "Another editor has this e-mail address.";
    NoticeImported = 409 "notice_imported", "The notice comes from elsewhere",
        "Only notices that editors gave can be deleted. One of another source goes when its source tells it no more.";
    StudyWithoutDoi = 409 "study_without_doi", "The study has no DOI",
        "Crossref knows studies by their DOI, and this one has none.";
    StyleBundled = 409 "style_bundled", "The style is bundled",
        "A citation style of this name, or with this other name, comes with ibid. It cannot be replaced or deleted; upload yours under another name.";
    StyleInUse = 409 "style_in_use", "The style is in use",
        "Articles, publications or the site's settings name the citation style, so it cannot be deleted. The detail counts them.";
    LookupOff = 409 "lookup_off", "The look-up is switched off",
        "The addresses of the services that could know the study are empty in the settings (`[lookup]`).";
    IdempotencyInFlight = 409 "idempotency_in_flight", "The same request is being carried out",
        "A request with this `Idempotency-Key` is being carried out, or was begun by a server that stopped in the middle. Send the same again after `Retry-After`.";
    IdempotencyAnswerLost = 409 "idempotency_answer_lost", "It is done, and the answer is not there any more",
        "The request with this `Idempotency-Key` was carried out, at least in part, and its answer could not be kept: the server stopped in between, failed later on, or the answer was too large. It is not carried out again; read what it was about to see what came of it.";
    VersionConflict = 412 "version_conflict", "It was changed in the meantime",
        "`If-Match` names another version than the current one, which the `ETag` header tells, and `current_version` where versions have numbers. Of an article, `changes` is the address of what has changed since. Read it again and redo the change.";
    BodyTooLarge = 413 "body_too_large", "The body is too large",
        "The body exceeds the configured limit.";
    UnsupportedMediaType = 415 "unsupported_media_type", "The body has the wrong media type",
        "`Content-Type` names a format that the operation does not read.";
    ValidationFailed = 422 "validation_failed", "The body says something that cannot be",
        "The JSON is well-formed, but values in it are missing, unknown or wrong. `errors` names all of them with a pointer each.";
    DanglingMarker = 422 "dangling_marker", "A marker cites an unknown study",
        "The article cannot be published while markers in its text name studies that are not in the library. `errors` names the section, the key and the place of each.";
    CheckFailed = 422 "check_failed", "The evidence check found errors",
        "The article cannot be published while the evidence check finds errors in it. `errors` names the rule, the place and the fingerprint of each: mend them, or acknowledge them with a reason.";
    UnknownStyle = 422 "unknown_style", "There is no such citation style",
        "No citation style of this name is bundled or uploaded. The detail names the one that was probably meant.";
    NothingToPublish = 422 "nothing_to_publish", "The article has no text",
        "An article needs at least one section with text to be published.";
    InvalidNotices = 422 "invalid_notices", "The file has no notices that can be read",
        "The file is not what it should be as a whole: not the data set that was expected, cut off, or no JSON. Nothing was changed.";
    IdempotencyKeyReused = 422 "idempotency_key_reused", "The key belongs to another request",
        "The `Idempotency-Key` came with another request before: another address, body, media type or `If-Match`. Choose a new key for a new request.";
    BatchFailed = 422 "batch_failed", "An operation of the batch failed",
        "Nothing of the batch is kept. `operation` tells which operation failed, and its own problem whole; `errors` names what is wrong with it, with pointers into the batch.";
    PreconditionRequired = 428 "precondition_required", "If-Match is missing",
        "Changes of a versioned resource need `If-Match` with the ETag of the version they were made from, so that nobody's work is overwritten.";
    RateLimited = 429 "rate_limited", "Too many requests",
        "The client exceeds its rate. `Retry-After` tells how many seconds to wait.";
    HeadersTooLarge = 431 "headers_too_large", "The headers are too large",
        "The request's headers exceed what the server reads.";
    Internal = 500 "internal", "Something went wrong on our side",
        "The server met a fault of its own. The request id in `instance` finds it in the log.";
    LookupFailed = 502 "lookup_failed", "The look-up failed",
        "The service that knows the study cannot be reached, answers with an error or with what cannot be read. Nothing was changed; try again later.";
    Busy = 503 "busy", "The server is busy",
        "More passwords are waiting to be checked than the server takes. `Retry-After` tells how many seconds to wait.";
    BatchTooLong = 503 "batch_too_long", "The batch took too long",
        "The operations of the batch took longer than they may together. Nothing of them is kept. Send fewer at once, or the same again after `Retry-After`.";
    TooManyStreams = 503 "too_many_streams", "Too many streams are open",
        "As many clients follow the events as the server lets. `Retry-After` tells how many seconds to wait.";
    DatabaseUnavailable = 503 "database_unavailable", "The database is away",
        "The database cannot be reached. `Retry-After` tells how many seconds to wait.";
    DatabaseBusy = 503 "database_busy", "The database is busy",
        "Too much work is waiting for the database. `Retry-After` tells how many seconds to wait.";
    LookupLimited = 503 "lookup_limited", "The look-up has to wait",
        "The service that knows the study takes no more requests for now, or too many look-ups are waiting. `Retry-After` tells how many seconds to wait.";
    LookupTimeout = 504 "lookup_timeout", "The look-up took too long",
        "The service that knows the study did not answer in time. Nothing was changed; try again later.";
}

/// What went wrong: the content of a problem document (RFC 9457), and for the log what caused it.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    detail: String,
    errors: Vec<Fault>,
    members: Map<String, Value>,
    headers: Vec<(&'static str, String)>,
    cause: Option<String>,
}

impl Problem {
    /// `detail`: what happened this time, for a person to read.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// A thing that is not there: `what` as in "no such article".
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("No such {what}."))
    }

    /// A change that was made from another version than the current one of `what`, as in "the study".
    pub fn version_conflict(what: &str, current: i32) -> Self {
        Self::new(Code::VersionConflict, format!("The {what} is at version {current}."))
            .with_member("current_version", current)
            .with_header("ETag", format!("\"{current}\""))
    }

    /// A fault of ours. `cause` goes to the log only.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::Internal, "The request could not be completed.").caused_by(cause)
    }

    /// The database cannot be reached. `cause` goes to the log only.
    pub fn unavailable(cause: &impl std::fmt::Display) -> Self {
        Self::new(Code::DatabaseUnavailable, "The database cannot be reached at the moment.")
            .with_header("Retry-After", "2")
            .caused_by(cause)
    }

    /// Too much waits for the database.
    pub fn busy() -> Self {
        Self::new(Code::DatabaseBusy, "Too many requests are waiting for the database.").with_header("Retry-After", "1")
    }

    /// All that is wrong with a body.
    pub fn validation(errors: Vec<Fault>) -> Self {
        let detail = match errors.as_slice() {
            [only] => only.sentence(),
            many => format!("{} values are wrong.", many.len()),
        };
        Self::new(Code::ValidationFailed, detail).with_errors(errors)
    }

    /// The faults that make up the problem.
    pub fn with_errors(mut self, errors: Vec<Fault>) -> Self {
        self.0.errors = errors;
        self
    }

    /// An extension member of the document.
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// A header of the answer.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    pub fn errors(&self) -> &[Fault] {
        &self.0.errors
    }

    pub fn members(&self) -> &Map<String, Value> {
        &self.0.members
    }

    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.0.headers
    }

    /// What the operator should know and the caller should not.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.as_str(), self.0.detail)
    }
}

impl std::error::Error for Problem {}

/// A query that failed for a reason no store gave a meaning to.
impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        match &error {
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) | Error::BrokenTransactionManager => {
                Self::unavailable(&error)
            }
            // PostgreSQL undid one of several that waited for each other: nothing is kept, and the next try succeeds.
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::busy().caused_by(error),
            Error::DatabaseError(_, info)
                if ["database is locked", "deadlock detected"].iter().any(|fault| info.message().contains(fault)) =>
            {
                Self::busy().caused_by(error)
            }
            Error::DatabaseError(_, info)
                if [
                    "disk is full",
                    "disk I/O error",
                    "readonly database",
                    "unable to open database file",
                    // The driver's, and PostgreSQL's when it stops or another of its processes has died.
                    "connection closed",
                    "error communicating with the server",
                    "terminating connection",
                    "the database system is",
                    "No space left on device",
                    "read-only transaction",
                ]
                .iter()
                .any(|fault| info.message().contains(fault)) =>
            {
                Self::unavailable(&error)
            }
            _ => Self::internal(error),
        }
    }
}
