//! `/v1/manage/articles/{article}/check` and `…/acknowledgements`: the evidence check, and answering for what it finds.

use actix_web::{HttpRequest, HttpResponse, delete, post, web};
use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::accounts::{Permitted, op};
use crate::app::State;
use crate::citing::check::{Rule, Rules};
use crate::db::Conn;
use crate::db::types::Instant;
use crate::editorial::store::{self as editorial, Scope};
use crate::error::Problem;
use crate::http::answer::{Answer, Caching, no_content};
use crate::http::body::Body;
use crate::http::fault::{Fault, Faults};
use crate::http::query::{NoParameters, Query};
use crate::ids::{AcknowledgementId, ArticleId, ArticleRef, EditorId, path_parameter};
use crate::publishing::acknowledgement::{self, Acknowledgement, MOST};
use crate::publishing::check::{
    ArticleFinding, Checked, FindingCounts, Fingerprint, RuleName, check as evidence_check,
};
use crate::publishing::{Policy, examples};

use super::MOST_FINDINGS;

/// What the evidence check says of a working copy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArticleCheck {
    pub article: ArticleId,
    /// The version of the working copy that was checked.
    #[schema(minimum = 1, maximum = 2147483647, example = 4)]
    pub version: i32,
    /// In the order of the text; what concerns no place in it comes last. Of more than 5,000 the first.
    #[schema(max_items = 5000)]
    pub findings: Vec<ArticleFinding>,
    /// Of all findings.
    pub counts: FindingCounts,
    /// Everything that editors have answered for in this article, the oldest first.
    #[schema(max_items = 5000)]
    pub acknowledgements: Vec<AcknowledgementView>,
}

/// An editor's answer for a finding.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Acknowledgement)]
pub struct AcknowledgementView {
    pub id: AcknowledgementId,
    #[schema(value_type = RuleName)]
    pub rule: String,
    #[schema(value_type = Fingerprint)]
    pub fingerprint: String,
    #[schema(value_type = AcknowledgementReason)]
    pub reason: String,
    /// Null when the account is gone.
    pub by: Option<EditorId>,
    #[schema(value_type = String, format = DateTime, max_length = 35, example = "2024-06-24T08:00:00Z")]
    pub at: Instant,
    /// Whether the check finds it now; what was rewritten or mended is found no longer.
    pub current: bool,
}

impl AcknowledgementView {
    fn new(it: Acknowledgement, current: bool) -> Self {
        let Acknowledgement { id, rule, fingerprint, reason, by, at, .. } = it;
        Self { id, rule, fingerprint, reason, by, at, current }
    }
}

crate::checked_text! {
    /// Why a finding may stand.
    AcknowledgementReason(1 ..= 2000, One),
}

/// What an editor answers for.
#[derive(Debug, Clone, Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
pub struct NewAcknowledgement {
    /// As the check gives it.
    pub fingerprint: Fingerprint,
    pub reason: AcknowledgementReason,
}

/// Checks the working copy as it is.
fn checked(
    conn: &mut Conn,
    article: &ArticleRef,
    scope: Scope,
    rules: &Rules,
) -> Result<(ArticleId, i32, Checked), Problem> {
    let draft = editorial::draft(conn, article, scope)?;
    let settled = editorial::settled(conn, draft)?;
    let (id, version) = (settled.draft.article.id, settled.draft.article.version);
    let answered = acknowledgement::all(conn, id)?;
    Ok((id, version, evidence_check(conn, &settled, rules, answered)?))
}

/// Check the evidence of an article
///
/// What a careful editor would mark in the working copy: markers that name no study, retracted studies, records that no
/// reader could look up, sentences that claim evidence and cite none (in English), conclusions without support, headings that
/// skip a level, and more; each finding with its place, a help text and a fingerprint. Nothing is changed. Publishing runs
/// the same check: errors stop it unless they are acknowledged.
#[utoipa::path(
    operation_id = "manage_articles_check",
    tag = "working copies",
    params(ArticleRef),
    responses((status = 200, description = "The findings. The ETag is the article's version.", body = ArticleCheck, example = json!(examples::check()))),
    security(("bearer" = [])),
)]
#[post("/v1/manage/articles/{article}/check")]
pub async fn check_article(
    who: Permitted<op::ArticlesCheck>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (article, scope) = (article.into_inner(), Scope::of(&who.editor));
    let rules = Policy::of(&state).rules;
    let read = move |conn: &mut Conn| checked(conn, &article, scope, &rules);
    let (article, version, checked) = state.db.read(read).await?;
    let counts = checked.counts();
    let findings = checked.findings.iter().take(MOST_FINDINGS).cloned().collect();
    let acknowledgements = checked.acknowledgements().map(|(it, current)| AcknowledgementView::new(it, current));
    let answer = ArticleCheck { article, version, findings, counts, acknowledgements: acknowledgements.collect() };
    Ok(Answer::json(Caching::Private, &answer)?.version(version).to(&request))
}

/// Acknowledge a finding
///
/// The finding may stand, for the reason given: it no longer stops a publication, and the publication keeps the reason. It
/// holds for as long as the sentence, or the study, stays the same; acknowledged again, it gets the new reason. A marker that
/// names no study cannot be acknowledged: readers would see a question mark. The article's version stays.
#[utoipa::path(
    operation_id = "manage_acknowledgements_create",
    tag = "working copies",
    params(ArticleRef),
    request_body(content = NewAcknowledgement, description = "The finding and the reason.", example = json!({
        "fingerprint": "0d6f1bb0a92c7e35", "reason": "Cited as retracted, on purpose.",
    })),
    responses((status = 200, description = "The acknowledgement.", body = AcknowledgementView, example = json!(examples::acknowledgement()))),
    security(("bearer" = [])),
)]
#[post("/v1/manage/articles/{article}/acknowledgements")]
pub async fn acknowledge(
    who: Permitted<op::AcknowledgementsCreate>,
    request: HttpRequest,
    state: State,
    article: web::Path<ArticleRef>,
    _: Query<NoParameters>,
    body: Body<NewAcknowledgement>,
) -> Result<HttpResponse, Problem> {
    let (article, new, now) = (article.into_inner(), body.0, state.clock.now());
    let rules = Policy::of(&state).rules;
    let write = move |conn: &mut Conn| {
        let (article, _, checked) = checked(conn, &article, Scope::of(&who.editor), &rules)?;
        let rule = acknowledgeable(&checked, new.fingerprint.as_str())?;
        acknowledgement::keep(
            conn,
            &Acknowledgement {
                id: AcknowledgementId::new(),
                article,
                rule: rule.name().to_owned(),
                fingerprint: new.fingerprint.into_string(),
                reason: new.reason.as_str().to_owned(),
                by: Some(who.editor.id),
                at: now,
            },
        )
    };
    let kept = AcknowledgementView::new(state.db.write(write).await?, true);
    Ok(Answer::json(Caching::Private, &kept)?.to(&request))
}

/// The rule of a finding that an editor may answer for.
fn acknowledgeable(checked: &Checked, fingerprint: &str) -> Result<Rule, Problem> {
    let fault = |code, detail: &str| Err(Problem::validation(vec![Fault::at("/fingerprint", code, detail)]));
    match checked.find(fingerprint) {
        None => fault("unknown_finding", "The check finds nothing of this fingerprint in the article as it is now."),
        Some(found) if found.rule == Rule::DanglingMarker => fault(
            "not_acknowledgeable",
            "A marker that names no study has to be mended: readers would see a question mark.",
        ),
        Some(found) if found.acknowledged.is_none() && checked.answered() >= MOST => {
            fault("too_many", "An article has at most 5000 acknowledgements; take back those whose finding is gone.")
        }
        Some(found) => Ok(found.rule),
    }
}

/// How an address names an acknowledgement.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct AcknowledgementPath {
    article: ArticleRef,
    acknowledgement: String,
}

impl utoipa::IntoParams for AcknowledgementPath {
    fn into_params(within: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ArticleRef::into_params(within);
        let (about, example) = ("The acknowledgement's id.", "01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e60");
        parameters.push(path_parameter("acknowledgement", about, "^[A-Za-z0-9-]+$", 36, example));
        parameters
    }
}

/// Take an acknowledgement back
///
/// The finding counts again.
#[utoipa::path(
    operation_id = "manage_acknowledgements_delete",
    tag = "working copies",
    params(AcknowledgementPath),
    responses((status = 204, description = "It is gone.")),
    security(("bearer" = [])),
)]
#[delete("/v1/manage/articles/{article}/acknowledgements/{acknowledgement}")]
pub async fn take_back(
    who: Permitted<op::AcknowledgementsDelete>,
    state: State,
    path: web::Path<AcknowledgementPath>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let id = AcknowledgementId::parse(&path.acknowledgement).ok_or_else(|| Problem::not_found("acknowledgement"))?;
    let write = move |conn: &mut Conn| {
        let article = editorial::article(conn, &path.article, Scope::of(&who.editor))?;
        acknowledgement::remove(conn, article.id, id)
    };
    state.db.write(write).await?;
    Ok(no_content())
}
