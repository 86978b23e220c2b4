//! The page that ibid was conceived for: entered as an editor would, published, read as a frontend would.

use ibid::accounts::Role;
use serde_json::{Value, json};

use crate::support::{Site, both};

const EMAIL: &str = "reader.7f3a@example.org";

/// The blocks of the page: what is between blank lines, list items taken one by one.
struct Page {
    date: String,
    sections: Vec<Section>,
}

struct Section {
    heading: Option<String>,
    blocks: Vec<String>,
}

impl Section {
    fn new(heading: Option<&str>) -> Self {
        Self { heading: heading.map(str::to_owned), blocks: Vec::new() }
    }

    /// As an editor would type it: the page's bullets are Markdown's, each listed study gets its marker.
    fn markdown(&self, keys: &mut impl Iterator<Item = String>) -> String {
        let block = |block: &String| match (block.strip_prefix("• "), block.split_once(". ")) {
            (Some(item), _) => format!("- {item}"),
            (None, Some((number, item))) if number.parse::<u32>().is_ok() => {
                let key = keys.next().expect("a study for each item");
                format!("{number}. {item} [@{key}]")
            }
            _ => block.clone(),
        };
        self.blocks.iter().map(block).collect::<Vec<_>>().join("\n\n")
    }

    fn items(&self) -> impl Iterator<Item = String> {
        self.blocks.iter().map(|block| {
            let numbered = block.split_once(". ").filter(|(number, _)| number.parse::<u32>().is_ok());
            let item = block.strip_prefix("• ").or(numbered.map(|(_, item)| item)).unwrap_or(block);
            plain(item)
        })
    }
}

fn page() -> Option<Page> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/samples/page-microneedling.txt");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("*** {path} is not there: the page is not tested ***");
        return None;
    };
    let (article, _form) = text.split_once("Leave a Reply").expect("the page ends with a form");
    let mut lines = article.lines();
    let date = lines.next().expect("a date").trim().to_owned();
    let mut sections = vec![Section::new(None)];
    let mut empty = 0;
    for line in lines {
        let line = line.trim();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        let listed = line.starts_with('•') || line.starts_with(|c: char| c.is_ascii_digit());
        let is_heading = !listed && line.len() < 80 && !line.ends_with('.');
        // The page sets its conclusion apart by more room and no heading.
        if is_heading || empty > 1 {
            sections.push(Section::new(is_heading.then_some(line)));
        }
        empty = 0;
        if !is_heading {
            sections.last_mut().expect("a section").blocks.push(line.to_owned());
        }
    }
    Some(Page { date, sections })
}

/// Text without markup, white space folded.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    let text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

both! {
    async fn is_entered_published_and_read_without_loss(site: Site) {
        let Some(page) = page() else { return };
        assert_eq!(page.date, "June 24, 2024");
        let headings: Vec<bool> = page.sections.iter().map(|section| section.heading.is_some()).collect();
        assert_eq!(headings, [false, true, true, false]);

        let editor = site.signed_in(Role::Editor).await;
        let mut keys = Vec::new();
        for journal in ["Journal of Cutaneous and Aesthetic Surgery", "Dermatologic Surgery"] {
            let study = json!({"csl": {"type": "article-journal", "container-title": journal}});
            let study = editor.post("/v1/manage/studies", &study).await.expect(201);
            assert_eq!(study["completeness"]["complete"], false);
            keys.push(study["key"].as_str().unwrap().to_owned());
        }
        let mut next_key = keys.iter().cloned();
        let sections: Vec<Value> = page.sections.iter()
            .map(|section| json!({"heading": section.heading, "body": section.markdown(&mut next_key)}))
            .collect();
        assert_eq!(next_key.next(), None, "both studies are cited");
        let made = editor.post("/v1/manage/articles", &json!({
            "title": "Microneedling and large pores", "published_at": "2024-06-24T00:00:00Z", "sections": sections,
        })).await;
        made.expect(201);
        let address = made.header("location");
        let summary = editor.request("POST", &format!("{address}/publish")).if_match(made.etag()).send().await.expect(200);
        let codes: Vec<&Value> = summary["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
        assert_eq!(codes, ["incomplete_study", "incomplete_study"]);

        let href = summary["href"].as_str().unwrap();
        let comment = site.post(&format!("{href}/comments"), &json!({
            "name": "A reader", "email": EMAIL, "body": "Which studies are these?"
        })).await.expect(201);
        assert_eq!(comment["status"], "held");
        let decide = format!("/v1/manage/comments/{}", comment["id"].as_str().unwrap());
        editor.request("PATCH", &decide).json(&json!({"status": "approved"})).send().await.expect(200);

        let public = site.get(&format!("{href}?include=sections,citations,comments")).await;
        let article = public.expect(200);
        assert_eq!(article["published_at"], "2024-06-24T00:00:00Z");
        let read = article["sections"].as_array().unwrap();
        assert_eq!(read.len(), page.sections.len());
        for (read, given) in read.iter().zip(&page.sections) {
            assert_eq!(read["heading"].as_str(), given.heading.as_deref());
            let text = plain(read["html"].as_str().unwrap());
            let mut rest = text.as_str();
            for item in given.items() {
                let at = rest.find(&item).unwrap_or_else(|| panic!("in order: {item}\nin: {rest}"));
                rest = &rest[at + item.len()..];
            }
        }
        let bullets = read[1]["html"].as_str().unwrap();
        assert_eq!((bullets.matches("<ul>").count(), bullets.matches("<li>").count()), (1, 2));
        let numbered = read[2]["html"].as_str().unwrap();
        assert_eq!((numbered.matches("<ol>").count(), numbered.matches("<li>").count()), (1, 2));
        let (first, second) = numbered.split_once("</li>").unwrap();
        assert!(first.contains("href=\"#ref-1\"") && second.contains("href=\"#ref-2\""), "{numbered}");

        let citations = article["citations"].as_array().unwrap();
        for (index, (citation, key)) in citations.iter().zip(&keys).enumerate() {
            assert_eq!(citation["number"], json!(index + 1));
            assert_eq!(citation["key"], json!(key));
            let study = &citation["study"];
            assert_eq!((&study["title"], &study["doi"], &study["year"]), (&Value::Null, &Value::Null, &Value::Null));
            assert_eq!(study["completeness"]["complete"], false);
            let missing = study["completeness"]["missing"].as_array().unwrap();
            assert!(missing.contains(&json!("title")) && missing.contains(&json!("identifier")), "{missing:?}");
        }
        assert_eq!(citations.len(), 2);
        assert_eq!(article["comments"]["count"], 1);
        let mut answers = vec![public.text()];
        for path in ["/comments", "/sections", "/citations", "/bibliography"] {
            answers.push(site.get(&format!("{href}{path}")).await.text());
        }
        answers.push(site.get("/v1/articles?include=comments").await.text());
        for answer in answers {
            assert!(!answer.contains(EMAIL) && !answer.contains("reader.7f3a"), "{answer}");
        }
    }
}
