//! Every query about the keys. An attempt that lost its claim writes nothing any more: each step names the attempt.

use diesel::prelude::*;

use super::Answered;
use crate::db::Conn;
use crate::db::schema::idempotency_keys as keys;
use crate::db::types::{Instant, Json};
use crate::error::Problem;
use crate::on;

crate::typed_id! {
    /// One try at a request, of possibly several.
    Attempt,
}

crate::words! {
    /// How far a request has come.
    State {
        /// Begun; nothing of it is written yet.
        Claimed = "claimed",
        /// Written, at least in part.
        Executed = "executed",
        /// Done, and its answer is here.
        Answered = "answered",
    }
}

/// How long an attempt is taken to be at work after its last sign of life, in seconds. It may take longer, and writes
/// nothing more once another one has taken over.
const LEASE: i64 = 120;

/// A request that is to be done once.
#[derive(Debug, Clone)]
pub struct Claim {
    /// A hash of who asks and the key.
    pub id: String,
    /// A hash of what is asked.
    pub fingerprint: String,
    pub attempt: Attempt,
}

/// What became of a claim.
pub enum Claimed {
    /// The attempt may begin.
    Granted,
    /// Another attempt is at work.
    InFlight,
    /// The key came with another request.
    Reused,
    /// It was done, and the answer is gone.
    Lost,
    /// It was done.
    Answered(Answered),
}

#[derive(Insertable)]
#[diesel(table_name = keys)]
struct NewRow<'c> {
    id: &'c str,
    fingerprint: &'c str,
    attempt: Attempt,
    state: State,
    lease_until: Instant,
    created_at: Instant,
    expires_at: Instant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = keys)]
struct Row {
    fingerprint: String,
    attempt: Attempt,
    state: State,
    lease_until: Instant,
    status: Option<i32>,
    headers: Option<Json>,
    body: Option<Vec<u8>>,
}

/// Claims a request, until `expires_at` at the latest.
///
/// # Errors
/// Those of the database.
pub fn claim(conn: &mut Conn, claim: &Claim, now: Instant, expires_at: Instant) -> Result<Claimed, Problem> {
    let id = claim.id.as_str();
    on!(conn, c => diesel::delete(keys::table.find(id).filter(keys::expires_at.le(now))).execute(c))?;
    let lease_until = now.plus_seconds(LEASE);
    let new = NewRow {
        id,
        fingerprint: &claim.fingerprint,
        attempt: claim.attempt,
        state: State::Claimed,
        lease_until,
        created_at: now,
        expires_at,
    };
    let inserted = on!(conn, c => diesel::insert_into(keys::table).values(&new).on_conflict_do_nothing().execute(c))?;
    if inserted == 1 {
        return Ok(Claimed::Granted);
    }
    let row: Option<Row> = on!(conn, c => keys::table.find(id).select(Row::as_select()).first(c).optional())?;
    // Another one let it go this very moment: who asks again gets it.
    let Some(row) = row else { return Ok(Claimed::InFlight) };
    if row.fingerprint != claim.fingerprint {
        return Ok(Claimed::Reused);
    }
    match row.state {
        State::Answered => {
            Ok(Answered::kept(row.status, row.headers, row.body).map_or(Claimed::Lost, Claimed::Answered))
        }
        _ if row.lease_until > now => Ok(Claimed::InFlight),
        State::Executed => Ok(Claimed::Lost),
        State::Claimed => {
            let theirs =
                keys::table.find(id).filter(keys::attempt.eq(row.attempt)).filter(keys::state.eq(State::Claimed));
            let ours = (keys::attempt.eq(claim.attempt), keys::lease_until.eq(lease_until));
            let taken = on!(conn, c => diesel::update(theirs).set(ours).execute(c))?;
            Ok(if taken == 1 { Claimed::Granted } else { Claimed::InFlight })
        }
    }
}

/// Says that the request is written, in the transaction that writes it; whether the attempt may still do so.
///
/// # Errors
/// Those of the database.
pub fn executed(conn: &mut Conn, claim: &Claim, now: Instant) -> Result<bool, Problem> {
    let ours = keys::table.find(claim.id.as_str()).filter(keys::attempt.eq(claim.attempt));
    let state = (keys::state.eq(State::Executed), keys::lease_until.eq(now.plus_seconds(LEASE)));
    Ok(on!(conn, c => diesel::update(ours).set(state).execute(c))? == 1)
}

/// Keeps the answer.
///
/// # Errors
/// Those of the database.
pub fn answered(conn: &mut Conn, claim: &Claim, answered: &Answered) -> Result<(), Problem> {
    let ours = keys::table.find(claim.id.as_str()).filter(keys::attempt.eq(claim.attempt));
    let answer = (
        keys::state.eq(State::Answered),
        keys::status.eq(i32::from(answered.status)),
        keys::headers.eq(Json(answered.headers())),
        keys::body.eq(answered.body.as_ref()),
    );
    on!(conn, c => diesel::update(ours).set(answer).execute(c))?;
    Ok(())
}

/// Lets a request go whose answer is not kept: it can be sent again, unless something of it is written.
///
/// # Errors
/// Those of the database.
pub fn released(conn: &mut Conn, claim: &Claim, now: Instant) -> Result<(), Problem> {
    let ours = || keys::table.find(claim.id.as_str()).filter(keys::attempt.eq(claim.attempt));
    let unwritten = ours().filter(keys::state.eq(State::Claimed));
    on!(conn, c => diesel::delete(unwritten).execute(c))?;
    on!(conn, c => diesel::update(ours()).set(keys::lease_until.eq(now)).execute(c))?;
    Ok(())
}

/// Forgets some of the requests whose time is over; how many.
///
/// # Errors
/// Those of the database.
pub fn forget(conn: &mut Conn, now: Instant, most: i64) -> Result<usize, Problem> {
    let over = keys::table.filter(keys::expires_at.le(now)).order(keys::expires_at).select(keys::id).limit(most);
    let ids: Vec<String> = on!(conn, c => over.load(c))?;
    Ok(on!(conn, c => diesel::delete(keys::table.filter(keys::id.eq_any(&ids))).execute(c))?)
}
