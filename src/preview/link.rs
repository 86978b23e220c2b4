//! The token that a link carries: a signed one, so that whoever asks with something else never gets to the database, and none of
//! what is kept there is a secret.

use serde::{Deserialize, Serialize};

use super::store::PreviewToken;
use crate::accounts::{SigningKey, token};
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::{ArticleId, PreviewTokenId};

/// The type of the token: it is taken for no other kind, and no other for it.
const KIND: &str = "preview+jwt";
const AUDIENCE: &str = "preview";

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The article.
    sub: ArticleId,
    /// The link.
    jti: PreviewTokenId,
    exp: i64,
}

/// What a token opens, unless it was revoked.
#[derive(Debug, Clone, Copy)]
pub struct Opened {
    pub id: PreviewTokenId,
    pub article: ArticleId,
}

/// The token of a link. The same each time, so that it can be shown again.
///
/// # Errors
/// `internal` when it cannot be signed.
pub fn token(key: &SigningKey, issuer: &str, link: &PreviewToken) -> Result<String, Problem> {
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: link.article_id,
        jti: link.id,
        exp: link.expires_at.unix(),
    };
    token::sign(key, KIND, &claims)
}

/// What the token opens, if it is ours and has not expired.
pub fn open(key: &SigningKey, issuer: &str, now: Instant, token: &str) -> Option<Opened> {
    let claims: Claims = token::open(key, KIND, issuer, AUDIENCE, token)?;
    // Whole seconds; the row knows the rest of the last one.
    (now.unix() <= claims.exp).then_some(Opened { id: claims.jti, article: claims.sub })
}
