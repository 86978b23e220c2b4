//! The bundled styles by name: the archive of the engine, described in `bundled.tsv`.
//!
//! The name is the last part of the CSL id, save that NLM citation-sequence has the name everybody knows. The table exists
//! so that a list of the styles costs nothing; a test compares it with the archive.

use std::collections::HashMap;
use std::sync::LazyLock;

use hayagriva::archive::ArchivedStyle;

use super::{Licence, Style, StyleClass, StyleInfo};

/// One line for each style: name, aliases (`,`), id, title, short title, class, default locale, `bibliography` or nothing, hash.
const TABLE: &str = include_str!("bundled.tsv");

static STYLES: LazyLock<Vec<Style>> = LazyLock::new(|| {
    let mut styles: Vec<Style> = TABLE.lines().filter_map(style).collect();
    styles.sort_by(|a, b| a.name().cmp(b.name()));
    styles
});

static BY_NAME: LazyLock<HashMap<&str, &Style>> = LazyLock::new(|| {
    let names = |style: &'static Style| {
        let info = style.info();
        let others = info.aliases.iter().map(String::as_str);
        others.chain([info.name.as_str()]).map(move |name| (name, style))
    };
    STYLES.iter().flat_map(names).collect()
});

/// All bundled styles, in alphabetical order of their names.
pub(super) fn all() -> &'static [Style] {
    &STYLES
}

/// The style of a name or an alias.
pub(super) fn named(name: &str) -> Option<&'static Style> {
    BY_NAME.get(name).copied()
}

/// All names and aliases.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BY_NAME.keys().copied()
}

/// The style of a CSL id; `http` and `https` are the same.
pub(super) fn with_id(id: &str) -> Option<&'static Style> {
    let plain = |id: &str| id.trim().trim_start_matches("https://").trim_start_matches("http://").to_owned();
    let wanted = plain(id);
    STYLES.iter().find(|style| plain(&style.info().id) == wanted)
}

/// The name or alias nearest to one that does not exist.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    const FURTHEST: usize = 100;
    let lower: String = name.chars().take(FURTHEST).flat_map(char::to_lowercase).collect();
    let scored = BY_NAME.keys().map(|known| (strsim::jaro_winkler(&lower, known), *known));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    best.filter(|best| best.0 > 0.8).map(|best| best.1)
}

/// The default style, should the table lack it, which a test excludes.
pub(super) fn fallback() -> Style {
    let info = StyleInfo {
        name: "vancouver".to_owned(),
        aliases: Vec::new(),
        title: "NLM/Vancouver".to_owned(),
        short_title: None,
        id: ArchivedStyle::NlmCitationSequence.csl_id().to_owned(),
        class: StyleClass::Numeric,
        licence: licence(),
        default_locale: None,
        has_bibliography: true,
        hash: String::new(),
        parent: None,
    };
    Style::archived(info, ArchivedStyle::NlmCitationSequence)
}

fn style(line: &str) -> Option<Style> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let info = StyleInfo {
        name: cell()?.to_owned(),
        aliases: cell()?.split(',').filter_map(some).collect(),
        id: cell()?.to_owned(),
        title: cell()?.to_owned(),
        short_title: some(cell()?),
        class: class(cell()?)?,
        licence: licence(),
        default_locale: some(cell()?),
        has_bibliography: cell()? == "bibliography",
        hash: cell()?.to_owned(),
        parent: None,
    };
    let archived = ArchivedStyle::by_id(&info.id)?;
    Some(Style::archived(info, archived))
}

fn class(name: &str) -> Option<StyleClass> {
    Some(match name {
        "numeric" => StyleClass::Numeric,
        "author_date" => StyleClass::AuthorDate,
        "author" => StyleClass::Author,
        "label" => StyleClass::Label,
        "note" => StyleClass::Note,
        _ => return None,
    })
}

/// The licence of the archive's styles, as its NOTICE says.
fn licence() -> Licence {
    Licence {
        text: "Creative Commons Attribution-ShareAlike 3.0 Unported".to_owned(),
        url: Some("https://creativecommons.org/licenses/by-sa/3.0/".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use citationberg::Style as CslStyle;

    use super::*;

    /// Aliases that people know beside the archive's own.
    const KNOWN_AS: [(&str, &str); 9] = [
        ("american-medical-association", "ama"),
        ("harvard-cite-them-right", "harvard"),
        ("vancouver", "nlm"),
        ("vancouver", "icmje"),
        ("american-sociological-association", "asa"),
        ("american-chemical-society", "acs"),
        ("the-lancet", "lancet"),
        ("multidisciplinary-digital-publishing-institute", "mdpi"),
        ("cse-citation-sequence-brackets-8th-edition", "cse"),
    ];

    /// The line of a style as the archive has it.
    fn line(archived: ArchivedStyle) -> String {
        let style = archived.get();
        let CslStyle::Independent(csl) = &style else { panic!("{archived:?} only names another style") };
        let id = archived.csl_id();
        let last = id.rsplit('/').next().unwrap_or(id);
        let name = if last == "nlm-citation-sequence" { "vancouver" } else { last };
        let mut aliases: Vec<&str> = archived.names().to_vec();
        aliases.push(last);
        aliases.extend(KNOWN_AS.iter().filter(|(of, _)| *of == name).map(|(_, alias)| *alias));
        aliases.retain(|alias| *alias != name);
        aliases.sort_unstable();
        aliases.dedup();
        let class = serde_json::to_value(super::super::class(csl)).expect("a class is a word");
        [
            name,
            &aliases.join(","),
            id,
            &csl.info.title.value,
            csl.info.title_short.as_ref().map_or("", |title| title.value.as_str()),
            class.as_str().unwrap_or_default(),
            csl.default_locale.as_ref().map_or("", |locale| locale.0.as_str()),
            if csl.bibliography.is_some() { "bibliography" } else { "" },
            &super::super::upload::hash(serde_json::to_string(&style).expect("a style is JSON").as_bytes()),
        ]
        .join("\t")
    }

    #[test]
    fn the_table_is_the_archive() {
        let mut lines: Vec<String> = ArchivedStyle::all().iter().map(|archived| line(*archived)).collect();
        lines.sort();
        let want = lines.join("\n") + "\n";
        if let Ok(path) = std::env::var("IBID_WRITE_STYLES") {
            std::fs::write(path, &want).expect("the table can be written");
        }
        assert_eq!(
            TABLE, want,
            "run this test with IBID_WRITE_STYLES=<the table's path> after an update of the engine"
        );
        assert_eq!(all().len(), 80);
    }

    #[test]
    fn names_are_given_once() {
        let names = all().iter().flat_map(|style| style.info().aliases.iter().chain([&style.info().name]));
        assert_eq!(names.count(), BY_NAME.len());
        for name in BY_NAME.keys() {
            assert!(Style::parse(name).is_ok());
        }
    }

    #[test]
    fn names_that_people_know() {
        for (asked, name) in [
            ("vancouver", "vancouver"),
            ("nlm-citation-sequence", "vancouver"),
            ("ama", "american-medical-association"),
            ("apa", "apa"),
            ("american-psychological-association", "apa"),
            ("nature", "nature"),
            ("ieee", "ieee"),
            ("british-medical-journal", "bmj"),
            ("bmj", "bmj"),
            ("chicago-author-date", "chicago-author-date"),
            ("chicago-notes", "chicago-notes-bibliography"),
            ("harvard-cite-them-right", "harvard-cite-them-right"),
            ("mla", "modern-language-association"),
            ("elsevier-vancouver", "elsevier-vancouver"),
            ("springer-basic", "springer-basic-brackets"),
            ("plos", "plos"),
        ] {
            assert_eq!(Style::parse(asked).map(|style| style.name().to_owned()), Ok(name.to_owned()));
        }
        assert_eq!(Style::vancouver().name(), "vancouver");
        assert!(!Style::vancouver().hash().is_empty());
        for (wrong, near) in [("vancuver", Some("vancouver")), ("APA", Some("apa")), ("qqq", None), ("", None)] {
            assert_eq!(Style::parse(wrong).err().and_then(|e| e.nearest), near, "{wrong}");
        }
    }

    #[test]
    fn every_bundled_style_can_be_read() {
        for style in all() {
            let prepared = style.prepared().unwrap_or_else(|| panic!("{style:?} cannot be read"));
            assert_eq!(prepared.csl.bibliography.is_some(), style.info().has_bibliography);
            assert_eq!(with_id(&style.info().id), Some(style));
        }
    }
}
