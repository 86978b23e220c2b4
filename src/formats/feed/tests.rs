use roxmltree::Document;
use serde_json::Value;

use super::*;
use crate::formats::sample;

fn feed() -> Feed {
    let (whole, nasty, site) = (sample::whole(), sample::nasty(), sample::site());
    let parent = sample::comment(None);
    let reply = Comment { parent_id: Some(parent.id), ..sample::comment(None) };
    Feed {
        title: "News & <more>".into(),
        description: String::new(),
        language: "en".into(),
        home: site.home(),
        address: site.at("/feeds/articles"),
        site: site.name.into(),
        entries: vec![
            Entry::of_article(&whole.head, &whole.sections, &site),
            Entry::of_article(&nasty.head, &nasty.sections, &site),
            Entry::of_comment(&reply, &whole.head, &site),
        ],
    }
}

fn text_of<'d>(document: &'d Document<'_>, name: &str) -> Vec<&'d str> {
    document.descendants().filter(|node| node.tag_name().name() == name).map(|node| node.text().unwrap_or("")).collect()
}

#[test]
fn atom_has_what_it_needs() {
    let text = String::from_utf8(feed().write(Format::Atom).unwrap()).unwrap();
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2005/Atom"));
    for name in ["id", "title", "updated", "author"] {
        assert_eq!(root.children().filter(|node| node.tag_name().name() == name).count(), 1, "{name}");
        for entry in root.children().filter(|node| node.tag_name().name() == "entry") {
            assert!(entry.children().any(|node| node.tag_name().name() == name), "{name} of an entry");
        }
    }
    assert_eq!(text_of(&document, "updated")[0], "2024-07-01T10:00:00Z");
    assert!(text_of(&document, "id")[1].starts_with("urn:uuid:0193"));
    let content = text_of(&document, "content")[0];
    assert!(content.contains("href=\"https://www.example.org/needles#ref-1\""), "{content}");
    assert!(content.contains("href=\"https://www.example.org/more\"") && content.contains("<h2>What was found</h2>"));
    assert!(!content.contains(" id="), "{content}");
    assert_eq!(text_of(&document, "in-reply-to").len(), 1);
}

#[test]
fn rss_has_what_it_needs() {
    let text = String::from_utf8(feed().write(Format::Rss).unwrap()).unwrap();
    let document = Document::parse(&text).unwrap();
    let channel = document.root_element().first_element_child().unwrap();
    for name in ["title", "link", "description", "lastBuildDate"] {
        let element = channel.children().find(|node| node.tag_name().name() == name).expect(name);
        assert!(!element.text().unwrap_or_default().is_empty(), "{name}");
    }
    assert_eq!(text_of(&document, "pubDate")[0], "Mon, 24 Jun 2024 00:00:00 GMT");
    assert_eq!((text_of(&document, "guid").len(), text_of(&document, "encoded").len()), (3, 3));
    let own = channel.children().find(|node| node.tag_name().namespace() == Some("http://www.w3.org/2005/Atom"));
    assert_eq!(own.unwrap().attribute("href"), Some("https://cms.example.org/feeds/articles.rss"));
}

#[test]
fn json_has_what_it_needs() {
    let document: Value = serde_json::from_slice(&feed().write(Format::Json).unwrap()).unwrap();
    assert_eq!(document["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(document["feed_url"], "https://cms.example.org/feeds/articles.json");
    let item = &document["items"][0];
    assert_eq!(
        (&item["url"], &item["tags"][0]),
        (&Value::from("https://www.example.org/needles"), &Value::from("Skin"))
    );
    assert_eq!(item["authors"][0]["url"], "https://orcid.org/0000-0002-1825-0097");
    assert!(document["items"][2].get("tags").is_none());
}

#[test]
fn an_empty_feed_is_one() {
    let empty = Feed { entries: Vec::new(), ..feed() };
    for format in [Format::Atom, Format::Rss] {
        let text = String::from_utf8(empty.write(format).unwrap()).unwrap();
        Document::parse(&text).unwrap();
        assert!(text.contains("1970"), "{text}");
    }
}
