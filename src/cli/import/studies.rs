//! `ibid import studies`: studies from files, without a server.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::App;
use crate::citing::exchange::Format;
use crate::cli::{Common, one_line, told};
use crate::clock::Clock;
use crate::db::Conn;
use crate::library::import::{self, Counts, ImportedEntry, MOST_ENTRIES, OnDuplicate, Outcome};
use crate::library::routes::{ImportFormat, keep_lot};

/// Entries that are refused are told on standard error with their place; what came of each file on standard output.
#[derive(Debug, Args)]
pub struct Studies {
    #[command(flatten)]
    common: Common,
    /// The files; - is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// csl_json, bibtex, ris, nbib or pubmed_xml; else the beginning and the name of each file tell.
    #[arg(long)]
    format: Option<String>,
    /// merge: fill what a study that is there lacks; skip: leave it.
    #[arg(long, default_value = "merge")]
    on_duplicate: String,
    /// Only tell what would come of it.
    #[arg(long)]
    dry_run: bool,
}

impl Studies {
    pub fn run(self) -> anyhow::Result<()> {
        let format =
            self.format.as_deref().map(|word| word_of("--format", word, ImportFormat::parse, ImportFormat::WORDS));
        let format = format.transpose()?.map(Format::from);
        let on_duplicate = word_of("--on-duplicate", &self.on_duplicate, OnDuplicate::parse, OnDuplicate::WORDS)?;
        let app = App::open(self.common.settings()?, Clock::default())?;
        let system = actix_web::rt::System::new();
        let (mut refused, mut cut_short) = (0, false);
        for path in &self.files {
            let mut source = Source::open(path)?;
            let format = format
                .or_else(|| source.format())
                .ok_or_else(|| anyhow!("{}: the format cannot be told; say it with --format", source.name))?;
            let import = import::Import::new(format, on_duplicate, self.dry_run);
            let counts = take_in(&app, &system, import, format, &mut source)?;
            println!("{}: {}", source.name, summary(counts, self.dry_run));
            refused += counts.refused;
            cut_short |= counts.all() >= MOST_ENTRIES as u64;
        }
        if cut_short {
            bail!("a file has more than {MOST_ENTRIES} entries; divide it");
        }
        if refused > 0 {
            bail!("{refused} {} refused", if refused == 1 { "entry was" } else { "entries were" });
        }
        Ok(())
    }
}

fn word_of<T>(option: &str, word: &str, parse: impl Fn(&str) -> Option<T>, known: &[&str]) -> anyhow::Result<T> {
    parse(word).ok_or_else(|| anyhow!("{option}: {word:?} is not one of {}", known.join(", ")))
}

/// Reads the file lot by lot and writes each.
fn take_in(
    app: &App,
    system: &actix_web::rt::SystemRunner,
    mut import: import::Import,
    format: Format,
    source: &mut Source,
) -> anyhow::Result<Counts> {
    let (name, bar) = (source.name.clone(), source.bar.clone());
    for lot in import::lots(format, source) {
        let now = app.clock.now();
        let dry = import.is_dry();
        let work = move |conn: &mut Conn| {
            let kept = keep_lot(conn, &mut import, lot, now)?;
            Ok((import, kept))
        };
        let done = system.block_on(async { if dry { app.db.read(work).await } else { app.db.write(work).await } });
        let (back, kept) = done.map_err(told)?;
        import = back;
        bar.set_message(format!("{} entries", import.counts.all()));
        for entry in kept.entries.iter().filter(|entry| entry.outcome == Outcome::Refused) {
            bar.suspend(|| eprintln!("{name}:{}", refusal(entry)));
        }
    }
    bar.finish_and_clear();
    Ok(import.counts)
}

/// Place and reason, on one line.
fn refusal(entry: &ImportedEntry) -> String {
    let key = entry.given_key.as_ref().map(|key| format!(" ({key})")).unwrap_or_default();
    let detail = entry.detail.as_deref().unwrap_or_default();
    let faults: String = entry.errors.iter().map(|fault| format!("; {}", fault.sentence())).collect();
    one_line(&format!("{}: entry {}{key}: {detail}{faults}", entry.line, entry.entry))
}

fn summary(counts: Counts, dry_run: bool) -> String {
    let Counts { created, merged, unchanged, refused } = counts;
    let entries = if counts.all() == 1 { "entry" } else { "entries" };
    let would = if dry_run { " (dry run: nothing was written)" } else { "" };
    format!(
        "{} {entries}: {created} created, {merged} merged, {unchanged} unchanged, {refused} refused{would}",
        counts.all()
    )
}

/// A file that is read, with a bar that shows how far.
struct Source {
    name: String,
    beginning: io::Cursor<Vec<u8>>,
    rest: Box<dyn Read>,
    bar: ProgressBar,
}

impl Source {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("{} cannot be read", path.display());
        let (name, mut rest, bar): (String, Box<dyn Read>, ProgressBar) = if path == Path::new("-") {
            ("standard input".to_owned(), Box::new(io::stdin().lock()), ProgressBar::new_spinner())
        } else {
            let file = File::open(path).with_context(unreadable)?;
            let length = file.metadata().with_context(unreadable)?.len();
            (path.display().to_string(), Box::new(BufReader::new(file)), ProgressBar::new(length))
        };
        let template = if bar.length().is_some() { "{bar:30} {percent:>3} % {msg}" } else { "{spinner} {msg}" };
        bar.set_style(ProgressStyle::with_template(template)?);
        let mut beginning = Vec::new();
        rest.by_ref().take(4096).read_to_end(&mut beginning).with_context(unreadable)?;
        Ok(Self { name, beginning: io::Cursor::new(beginning), rest, bar })
    }

    fn format(&self) -> Option<Format> {
        Format::detect(Some(&self.name), None, self.beginning.get_ref())
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match self.beginning.read(into)? {
            0 => self.rest.read(into)?,
            some => some,
        };
        self.bar.inc(read as u64);
        Ok(read)
    }
}
