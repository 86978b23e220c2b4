//! The accounts door.

mod forged;
mod keys;
mod login;
mod me;
mod refresh;

use ibid::accounts::{self, EditorName, Password, Role};
use ibid::http::email::Email;
use ibid::ids::EditorId;
use ibid::on;
use serde_json::{Value, json};

use crate::support::{Reply, Site};

pub const EMAIL: &str = "Ada@Example.org";
pub const PASSWORD: &str = "correct horse battery";

/// An editor who can sign in with [`EMAIL`] and [`PASSWORD`].
async fn ada(site: &Site) -> EditorId {
    let email = Email::parse(EMAIL).expect("an address");
    let name = EditorName::parse("Ada Example").expect("a name");
    let password = Password::parse(PASSWORD).expect("a password");
    accounts::create_editor(&site.state, email, name, Role::Editor, password).await.expect("an editor")
}

async fn login(site: &Site, email: &str, password: &str) -> Reply {
    site.post("/v1/auth/login", &json!({"email": email, "password": password})).await
}

async fn refresh(site: &Site, token: &str) -> Reply {
    site.post("/v1/auth/refresh", &json!({"refresh_token": token})).await
}

/// The tokens of a new session of Ada's.
async fn tokens(site: &Site) -> Value {
    login(site, EMAIL, PASSWORD).await.expect(200)
}

fn text<'v>(tokens: &'v Value, name: &str) -> &'v str {
    tokens[name].as_str().expect("a text")
}

/// Whether the access token of these tokens opens anything.
async fn is_accepted(site: &Site, tokens: &Value) -> bool {
    match site.with_token(text(tokens, "access_token")).get("/v1/auth/me").await.status {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

async fn disable(site: &Site, id: EditorId) {
    use diesel::prelude::*;
    use ibid::db::schema::editors;
    let now = site.state.clock.now();
    let work = move |conn: &mut ibid::db::Conn| {
        Ok(on!(conn, c => diesel::update(editors::table.find(id)).set(editors::disabled_at.eq(now)).execute(c))?)
    };
    assert_eq!(site.state.db.write(work).await.expect("an update"), 1);
}

async fn count_tokens(site: &Site) -> i64 {
    use diesel::prelude::*;
    use ibid::db::schema::refresh_tokens;
    let count = |conn: &mut ibid::db::Conn| Ok(on!(conn, c => refresh_tokens::table.count().get_result(c))?);
    site.state.db.read(count).await.expect("a count")
}
