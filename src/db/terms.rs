//! On what terms a request writes: said once, around all that it does, and kept by every write in it. One that forgot to ask
//! whether it is only tried would be the worst of faults, so none has to ask.

use std::sync::Arc;

use super::Conn;
use super::session::Session;
use crate::error::Problem;

/// What is written with each transaction of a request.
pub type Mark = Arc<dyn Fn(&mut Conn) -> Result<(), Problem> + Send + Sync>;

/// How a request's writes are done.
#[derive(Clone)]
pub enum Terms {
    /// Each is undone, whatever it comes to: a dry run.
    Tried,
    /// In each, this is written first; it stands exactly when the rest does. Where it refuses, nothing is written.
    Marked(Mark),
    /// All of them, and what is read, in one transaction that is open already.
    Within(Session),
}

tokio::task_local! {
    static TERMS: Terms;
}

impl Terms {
    /// Does `request` on these terms. What it has others do, as tasks of their own, is done on none.
    pub async fn around<F: Future>(self, request: F) -> F::Output {
        TERMS.scope(self, request).await
    }

    /// The transaction that the request this is called in works in, if it has one for all that it does.
    pub(super) fn session() -> Option<Session> {
        match TERMS.try_with(Self::clone) {
            Ok(Self::Within(session)) => Some(session),
            _ => None,
        }
    }

    /// `work` on the terms of the request that this is called in.
    pub(super) fn hold<T, W>(work: W) -> impl FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static
    where
        W: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        let terms = TERMS.try_with(Self::clone).ok();
        move |conn: &mut Conn| match terms {
            None | Some(Self::Within(_)) => work(conn),
            Some(Self::Tried) => conn.tried(work),
            Some(Self::Marked(mark)) => {
                mark(conn)?;
                work(conn)
            }
        }
    }
}
