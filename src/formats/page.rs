//! An article as a page that can be read by itself: it loads nothing, runs nothing and needs no stylesheet of others.

use super::fragment::{self, Keep, escape};
use super::json_ld;
use super::site::Site;
use super::{Person, Whole, standing};
use crate::db::day::Day;
use crate::db::types::Instant;
use crate::text::references::{ReferenceEntry, Words, render, without_label};

const STYLE: &str = include_str!("page.css");

/// The other formats of the article, for programs.
const OTHERS: [(&str, &str); 4] = [
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("md", "text/markdown"),
    ("xml", "application/jats+xml"),
];

/// Writes the article.
pub fn write(whole: &Whole, site: &Site<'_>) -> String {
    let head = &whole.head;
    let mut html = format!("<!doctype html>\n<html lang=\"{}\">\n", escape(&head.language));
    html.push_str(&metadata(whole, site));
    html.push_str("<body>\n<main>\n<article>\n");
    html.push_str(&top(whole, site));
    let base = url::Url::parse(&site.article(head)).ok();
    for section in &whole.sections {
        html.push_str(&format!("<section id=\"{}\">\n", escape(&section.anchor)));
        if let Some(heading) = &section.heading {
            let level = section.level.clamp(2, 6);
            html.push_str(&format!("<h{level}>{}</h{level}>\n", escape(heading)));
        }
        let mut body = fragment::read(section.html().trim_end());
        if let Some(base) = &base {
            fragment::with_base(&mut body, base, Keep::Places);
        }
        html.push_str(&fragment::write(&body));
        html.push_str("\n</section>\n");
    }
    html.push_str(&references(whole));
    html.push_str(&format!(
        "</article>\n</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n",
        link(&site.home(), site.name)
    ));
    html
}

fn link(address: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(address), escape(text))
}

fn metadata(whole: &Whole, site: &Site<'_>) -> String {
    let head = &whole.head;
    let mut html = String::from("<head>\n<meta charset=\"utf-8\">\n");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    html.push_str(&format!("<title>{} – {}</title>\n", escape(&head.title), escape(site.name)));
    if let Some(summary) = &head.summary {
        html.push_str(&format!("<meta name=\"description\" content=\"{}\">\n", escape(summary)));
    }
    for author in &head.authors {
        html.push_str(&format!("<meta name=\"author\" content=\"{}\">\n", escape(&author.name)));
    }
    html.push_str(&format!("<link rel=\"canonical\" href=\"{}\">\n", escape(&site.article(head))));
    for (language, address) in whole.alternates(site) {
        let (language, address) = (escape(language), escape(&address));
        html.push_str(&format!("<link rel=\"alternate\" hreflang=\"{language}\" href=\"{address}\">\n"));
    }
    for (suffix, media_type) in OTHERS {
        let address = escape(&site.article_file(&head.slug, suffix));
        html.push_str(&format!("<link rel=\"alternate\" type=\"{media_type}\" href=\"{address}\">\n"));
    }
    let feed = escape(&site.at("/feeds/articles.atom"));
    let title = escape(site.name);
    html.push_str(&format!(
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"{title}\" href=\"{feed}\">\n"
    ));
    let document = json_ld::in_script(&json_ld::write(whole, None, site));
    html.push_str(&format!(
        "<style>\n{STYLE}</style>\n<script type=\"application/ld+json\">{document}</script>\n</head>\n"
    ));
    html
}

fn top(whole: &Whole, site: &Site<'_>) -> String {
    let head = &whole.head;
    let mut html = format!("<header>\n<p class=\"site\">{}</p>\n<h1>{}</h1>\n", escape(site.name), escape(&head.title));
    if let Some(subtitle) = &head.subtitle {
        html.push_str(&format!("<p class=\"subtitle\" role=\"doc-subtitle\">{}</p>\n", escape(subtitle)));
    }
    if let Some(summary) = &head.summary {
        html.push_str(&format!("<p class=\"summary\">{}</p>\n", escape(summary)));
    }
    if !head.authors.is_empty() {
        html.push_str(&format!("<p class=\"byline\">{}</p>\n", people(head.authors.iter().map(Person::from))));
    }
    if let Some(review) = &head.reviewed {
        let by = people(review.by.iter().map(Person::from));
        html.push_str(&format!("<p class=\"reviewed\">Reviewed by {by} on {}", whole_day(review.at)));
        if let Some(due) = review.next_due {
            html.push_str(&format!(" · next review due by {}", whole_day(due)));
        }
        html.push_str("</p>\n");
    }
    html.push_str(&format!("<p class=\"facts\">{}", day(head.published_at)));
    if head.updated_at.get().date() > head.published_at.get().date() {
        html.push_str(&format!(" · updated {}", day(head.updated_at)));
    }
    html.push_str(&format!(" · {} min</p>\n", head.reading_minutes));
    if !head.tags.is_empty() {
        let tags: String = head.tags.iter().map(|tag| format!("<li>{}</li>", escape(&tag.name))).collect();
        html.push_str(&format!("<ul class=\"tags\">{tags}</ul>\n"));
    }
    html.push_str("</header>\n");
    html
}

/// With their credentials, which have commas in them: between people stands something else.
fn people<'p>(people: impl Iterator<Item = Person<'p>>) -> String {
    people.map(person).collect::<Vec<_>>().join(" · ")
}

fn person(person: Person<'_>) -> String {
    let name = match person.orcid_address() {
        Some(address) => link(&address, person.name),
        None => escape(person.name),
    };
    match person.credentials {
        Some(credentials) => format!("{name}, {}", escape(credentials)),
        None => name,
    }
}

/// The day of a moment.
fn day(at: Instant) -> String {
    format!("<time datetime=\"{}\">{}</time>", escape(&at.to_rfc3339()), Day::of(at))
}

fn whole_day(day: Day) -> String {
    format!("<time datetime=\"{day}\">{day}</time>")
}

fn references(whole: &Whole) -> String {
    let listed = whole.as_listed();
    let texts: Vec<String> = listed
        .iter()
        .map(|citation| {
            let html = without_label(&citation.formatted.html, &citation.formatted.label);
            match standing(&citation.study) {
                Some(says) => format!("{html} <strong>{says}.</strong>"),
                None => html.to_owned(),
            }
        })
        .collect();
    let entries: Vec<ReferenceEntry<'_>> = listed
        .iter()
        .zip(&texts)
        .map(|(citation, html)| ReferenceEntry {
            number: citation.number,
            html,
            places: citation.places.iter().map(String::as_str).collect(),
        })
        .collect();
    let list = render(&entries, whole.numbers, &Words::ENGLISH);
    if list.is_empty() {
        return list;
    }
    format!("<h2 id=\"references\">{}</h2>\n{list}", Words::ENGLISH.references)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::sample;

    #[test]
    fn a_page_is_whole_and_says_everything() {
        let mut whole = sample::whole();
        sample::retract(&mut whole, 1);
        let html = write(&whole, &sample::site());
        for part in [
            "<html lang=\"en\">",
            "<title>Needles &amp; &lt;pores&gt; – The Site</title>",
            "<link rel=\"canonical\" href=\"https://www.example.org/needles\">",
            "<meta name=\"description\" content=\"What &quot;two&quot; studies say.\">",
            "<p class=\"byline\"><a href=\"https://orcid.org/0000-0002-1825-0097\">Ada Example</a>, MD</p>",
            "<p class=\"reviewed\">Reviewed by <a href=\"https://orcid.org/0000-0002-1694-233X\">Grace &lt;Example&gt;</a>, MD &amp; PhD \
             · Alan Example on <time datetime=\"2024-06-20\">2024-06-20</time> · next review due by \
             <time datetime=\"2025-06-20\">2025-06-20</time></p>",
            "<section id=\"lead\">",
            "<h2>What was found</h2>",
            "<a href=\"https://www.example.org/more\">",
            "<a class=\"citation\" href=\"#ref-1\"",
            "<li id=\"ref-1\">",
            "<strong>Retracted.</strong>",
            "class=\"citation-back\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        let script =
            html.split("<script type=\"application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
        let linked: serde_json::Value = serde_json::from_str(script).unwrap();
        assert_eq!(linked["name"], "Needles & <pores>");
        assert_eq!(html.matches("<script").count(), 1);
        whole.head.reviewed = None;
        assert!(!write(&whole, &sample::site()).contains("Reviewed"));
    }
}
