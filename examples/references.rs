//! Formats records as ibid does, to be compared with another formatter (`.ci/oracle`).
//!
//! `references export DIR` writes the bundled styles and locales as XML.
//! `references format STYLE RECORDS.json` prints a JSON list: each record as the only entry of a list, `null` for a record
//! that ibid refuses. `STYLE` is the name of a bundled style or a `.csl` file.

use std::error::Error;
use std::fs;
use std::path::Path;

use citationberg::LocaleFile;
use hayagriva::archive::{self, ArchivedStyle};
use ibid::citing::bibliography::{self, Style};
use ibid::citing::record::Record;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["export", directory] => export(Path::new(directory)),
        ["format", style, records] => format(style, records),
        _ => Err("usage: references export DIR | references format STYLE RECORDS.json".into()),
    }
}

fn export(directory: &Path) -> Result<(), Box<dyn Error>> {
    let (styles, locales) = (directory.join("styles"), directory.join("locales"));
    fs::create_dir_all(&styles)?;
    fs::create_dir_all(&locales)?;
    for style in ArchivedStyle::all() {
        let name = style.csl_id().rsplit('/').next().unwrap_or_default().to_owned();
        // The serialiser leaves the namespace out, writes a term otherwise than CSL does, and says `false` where citeproc-js
        // takes any word for yes.
        let xml = style.get().to_xml()?.replacen("<style", "<style xmlns=\"http://purl.org/net/xbiblio/csl\"", 1);
        let xml = xml.replace("<et-al term=\"et al\"", "<et-al term=\"et-al\"");
        let xml = xml.replace(" quotes=\"false\"", "").replace(" strip-periods=\"false\"", "");
        fs::write(styles.join(format!("{name}.csl")), xml)?;
    }
    for locale in archive::locales() {
        let Ok(file) = LocaleFile::try_from(locale) else { continue };
        // The root is written as that of a style.
        let xml = file.to_xml()?.replacen("<style", "<locale xmlns=\"http://purl.org/net/xbiblio/csl\"", 1);
        let end = xml.strip_suffix("</style>").unwrap_or(&xml);
        fs::write(locales.join(format!("locales-{}.xml", file.lang)), format!("{end}</locale>"))?;
    }
    Ok(())
}

fn format(style: &str, records: &str) -> Result<(), Box<dyn Error>> {
    let records: Vec<Value> = serde_json::from_str(&fs::read_to_string(records)?)?;
    let style = match Path::new(style).extension() {
        Some(_) => Style::upload(&fs::read_to_string(style)?).map_err(|faults| format!("{faults:?}"))?,
        None => Style::parse(style)?,
    };
    let entries = records.iter().map(|value| {
        let record = Record::parse(value).ok()?;
        bibliography::format(&style, None, &[(1, &record)]).pop().map(|entry| entry.text)
    });
    println!("{}", serde_json::to_string(&entries.collect::<Vec<_>>())?);
    Ok(())
}
