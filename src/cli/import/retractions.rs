//! `ibid import retractions`: notices of what has become of studies.

use std::fs;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::cli::{Common, told};
use crate::clock::Clock;
use crate::library::NoticeSource;
use crate::library::notices::{self, File, Imported};
use crate::library::routes::take_in_notices;

/// Entries that cannot be read are told on standard error with their place; what came of each file on standard output.
#[derive(Debug, Args)]
pub struct Retractions {
    #[command(flatten)]
    common: Common,
    /// The files: CSV is the Retraction Watch data set, JSON is works of Crossref.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only tell what would come of it.
    #[arg(long)]
    dry_run: bool,
}

impl Retractions {
    pub fn run(self) -> anyhow::Result<()> {
        let app = App::open(self.common.settings()?, Clock::default())?;
        let system = actix_web::rt::System::new();
        for path in &self.files {
            let imported = system.block_on(take_in(&app, path, self.dry_run))?;
            for refused in &imported.refusals {
                let place =
                    refused.line.map_or_else(|| format!("entry {}", refused.entry), |line| format!("line {line}"));
                let id = refused.id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
                eprintln!("{}: {place}{id}: {}", path.display(), refused.detail);
            }
            println!("{}: {}", path.display(), summary(&imported));
        }
        Ok(())
    }
}

async fn take_in(app: &App, path: &Path, dry_run: bool) -> anyhow::Result<Imported> {
    let name = path.display().to_string();
    let unreadable = || format!("{name} cannot be read");
    let mut content = fs::File::open(path).with_context(unreadable)?;
    let length = content.metadata().with_context(unreadable)?.len();
    if length > app.settings.limits.notices_bytes as u64 {
        bail!("{name} has {length} bytes, more than limits.notices_bytes");
    }
    let source = source(path, &mut content).with_context(unreadable)?;
    let bar = progress(length);
    let mut content = bar.wrap_read(content);
    bar.set_message("reading");
    let sha256 = hash(&mut content).with_context(unreadable)?;
    let mut file = File { source, content, sha256 };
    bar.set_message("checking");
    notices::survey(&mut file).map_err(told).with_context(|| name.clone())?;
    bar.set_message("importing");
    let now = app.clock.now();
    let imported = app.db.write(move |conn| take_in_notices(conn, &mut file, dry_run, now)).await;
    bar.finish_and_clear();
    imported.map_err(told).with_context(|| name.clone())
}

/// Drawn where standard error is a terminal.
fn progress(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    match ProgressStyle::with_template("{msg:10} {wide_bar} {bytes} of {total_bytes}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Whose file it is: as its name says, or as it begins.
fn source(path: &Path, content: &mut fs::File) -> io::Result<NoticeSource> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "csv" => return Ok(NoticeSource::RetractionWatch),
        "json" | "jsonl" | "ndjson" => return Ok(NoticeSource::Crossref),
        _ => {}
    }
    let mut beginning = Vec::new();
    content.take(1_024).read_to_end(&mut beginning)?;
    content.rewind()?;
    let first = beginning.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(if matches!(first, Some(b'{' | b'[')) { NoticeSource::Crossref } else { NoticeSource::RetractionWatch })
}

fn hash(content: &mut impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match content.read(&mut chunk)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            read => hash.update(chunk.get(..read).unwrap_or_default()),
        }
    }
}

fn summary(imported: &Imported) -> String {
    if imported.unchanged {
        return format!("the file that was imported last, with {} notices; nothing changed", imported.entries);
    }
    let Imported { entries, added, changed, removed, unidentified, other, refused, studies_changed, .. } = imported;
    let would = if imported.dry_run { " (dry run: nothing was written)" } else { "" };
    format!(
        "{entries} notices: {added} new, {changed} changed, {removed} gone; {refused} entries refused, {unidentified} without \
         DOI and PMID, {other} of other kinds; {studies_changed} studies have another status{would}"
    )
}
