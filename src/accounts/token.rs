//! Access tokens: short-lived JWTs signed with EdDSA. Whoever signs something else does it with [`sign`], under another type.

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::key::SigningKey;
use super::permission::Role;
use crate::config::Auth;
use crate::db::types::Instant;
use crate::error::Problem;
use crate::ids::{EditorId, FamilyId};

/// How far other clocks may be off, in seconds.
const LEEWAY: i64 = 5;
/// The type of an access token (RFC 9068).
const ACCESS: &str = "at+jwt";

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The editor.
    pub sub: EditorId,
    /// The role when the token was made; what counts is the present one.
    pub role: Role,
    pub jti: uuid::Uuid,
    /// The session: the family of refresh tokens it came with.
    pub sid: FamilyId,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

/// Makes a token for an editor. Its type is `at+jwt` (RFC 9068).
pub fn issue(
    key: &SigningKey,
    settings: &Auth,
    now: Instant,
    editor: EditorId,
    role: Role,
    session: FamilyId,
) -> Result<String, Problem> {
    let claims = Claims {
        iss: settings.issuer.clone(),
        aud: settings.audience.clone(),
        sub: editor,
        role,
        jti: uuid::Uuid::now_v7(),
        sid: session,
        iat: now.unix(),
        nbf: now.unix(),
        exp: now.unix() + i64::from(settings.access_token_seconds),
    };
    sign(key, ACCESS, &claims)
}

/// Signs claims as a token of that type (RFC 8725, section 3.11: no kind of token is taken for another).
///
/// # Errors
/// `internal` when they cannot be made into JSON.
pub fn sign(key: &SigningKey, kind: &str, claims: &impl Serialize) -> Result<String, Problem> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(kind.to_owned());
    header.kid = Some(key.id.clone());
    jsonwebtoken::encode(&header, claims, &key.encoding).map_err(Problem::internal)
}

/// What a token of that type says, if it is ours and for this audience. Its times are the caller's to check.
pub fn open<C: DeserializeOwned + Clone>(
    key: &SigningKey,
    kind: &str,
    issuer: &str,
    audience: &str,
    token: &str,
) -> Option<C> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.kid.as_deref() != Some(&key.id) || header.typ.as_deref() != Some(kind) {
        return None;
    }
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Against our own clock, by the caller.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    Some(jsonwebtoken::decode(token, &key.decoding, &validation).ok()?.claims)
}

/// What the token says, if it is ours, of this kind and valid now.
pub fn verify(key: &SigningKey, settings: &Auth, now: Instant, token: &str) -> Option<Claims> {
    let claims: Claims = open(key, ACCESS, &settings.issuer, &settings.audience, token)?;
    let now = now.unix();
    (claims.nbf <= now + LEEWAY && now < claims.exp).then_some(claims)
}
