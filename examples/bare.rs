//! What `benches/delivery` measures ibid against.
//!
//! - `bare serve FILE ADDR:PORT`: a bare actix-web handler that answers every request with the bytes of the file, one
//!   worker;
//! - `bare select DATABASE SLUG SECONDS`: a loop of point SELECTs of one publication through the same driver, each
//!   serialised once; prints how many a second.

use std::time::{Duration, Instant};

use anyhow::Context;
use diesel::prelude::*;
use ibid::db::schema::publications;
use serde_json::value::RawValue;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", file, address] => serve(std::fs::read(file).with_context(|| (*file).to_owned())?, address),
        ["select", database, slug, seconds] => {
            let rate = select(database, slug, Duration::from_secs(seconds.parse()?))?;
            println!("{rate:.0}");
            Ok(())
        }
        _ => anyhow::bail!("usage: bare serve FILE ADDR:PORT | bare select DATABASE SLUG SECONDS"),
    }
}

fn serve(body: Vec<u8>, address: &str) -> anyhow::Result<()> {
    let body = actix_web::web::Bytes::from(body);
    let app = move || {
        let body = body.clone();
        actix_web::App::new().default_service(actix_web::web::to(move || {
            let answer = actix_web::HttpResponse::Ok().content_type("application/json").body(body.clone());
            std::future::ready(answer)
        }))
    };
    let server = actix_web::HttpServer::new(app).workers(1).bind(address)?.run();
    Ok(actix_web::rt::System::new().block_on(server)?)
}

/// The article of a publication, as far as one row holds it.
#[derive(serde::Serialize)]
struct Article {
    #[serde(flatten)]
    head: serde_json::Map<String, serde_json::Value>,
    sections: Box<RawValue>,
    citations: Box<RawValue>,
}

fn select(database: &str, slug: &str, time: Duration) -> anyhow::Result<f64> {
    let mut conn = SqliteConnection::establish(database)?;
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < time {
        let (head, sections, citations): (String, String, String) = publications::table
            .filter(publications::slug.eq(slug))
            .select((publications::head, publications::sections, publications::citations))
            .first(&mut conn)?;
        let article = Article {
            head: serde_json::from_str(&head)?,
            sections: RawValue::from_string(sections)?,
            citations: RawValue::from_string(citations)?,
        };
        std::hint::black_box(serde_json::to_vec(&article)?);
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}
