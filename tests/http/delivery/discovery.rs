//! `GET /sitemap.xml`, `/robots.txt`, `/llms.txt`, `/v1/site`.

use ibid::delivery::sitemap::{part, whole};
use ibid::formats::site::Site as Named;
use ibid::ids::ArticleId;
use roxmltree::Document;
use serde_json::json;

use super::fixture::{Story, publish};
use crate::support::{Site, both};

const TEMPLATE: &str = "https://www.example.org/{language}/{slug}";

fn named() -> Named<'static> {
    Named::new("S", "", "en", "https://cms.example.org", TEMPLATE)
}

/// The root of a sitemap, its addresses, and their days.
fn read(text: &str) -> (String, Vec<String>, Vec<String>) {
    let document = Document::parse(text).expect("XML");
    let all = |name: &str| {
        let nodes = document.descendants().filter(|node| node.tag_name().name() == name);
        nodes.map(|node| node.text().expect("text").to_owned()).collect::<Vec<_>>()
    };
    (document.root_element().tag_name().name().to_owned(), all("loc"), all("lastmod"))
}

async fn split(site: &Site, most: usize) -> String {
    site.state.db.read(move |conn| whole(conn, &named(), most)).await.expect("a sitemap")
}

both! {
    async fn a_sitemap_has_every_article(site: Site) {
        let reply = site.get("/sitemap.xml").await;
        assert_eq!(reply.header("content-type"), "application/xml; charset=utf-8");
        assert_eq!(read(&reply.text()), ("urlset".into(), vec![], vec![]));
        publish(&site, [Story { language: "de", ..Story::new("a") }, Story::new("b")]).await;
        let (root, addresses, days) = read(&site.get("/sitemap.xml").await.text());
        let at = |slug| format!("http://{}/v1/articles/{slug}.html", site.state.settings.server.listen);
        assert_eq!((root.as_str(), addresses), ("urlset", vec![at("a"), at("b")]));
        assert_eq!(days, ["2024-06-25T09:30:00Z"; 2]);
        assert_eq!(read(&split(&site, 2).await).1, ["https://www.example.org/de/a", "https://www.example.org/en/b"]);
    }

    async fn a_long_sitemap_is_split(site: Site) {
        let updated = |number| if number == 4 { "2025-01-01T00:00:00Z" } else { "2024-06-25T09:30:00Z" };
        let stories = (0..7).map(|number| Story { updated_at: updated(number), ..Story::new(format!("s-{number}")) });
        let ids = publish(&site, stories).await;
        let (root, parts, changed) = read(&split(&site, 3).await);
        let part_at = |id: ArticleId| format!("https://cms.example.org/sitemaps/{id}.xml");
        assert_eq!((root.as_str(), parts), ("sitemapindex", vec![part_at(ids[0]), part_at(ids[3]), part_at(ids[6])]));
        assert_eq!(changed, ["2024-06-25T09:30:00Z", "2025-01-01T00:00:00Z", "2024-06-25T09:30:00Z"]);
        let mut slugs = Vec::new();
        for first in [ids[0], ids[3], ids[6]] {
            let text = site.state.db.read(move |conn| part(conn, &named(), first, 3)).await.expect("a part").expect("some");
            let (root, addresses, _) = read(&text);
            assert!(root == "urlset" && addresses.len() <= 3);
            slugs.extend(addresses.into_iter().filter_map(|address| address.rsplit('/').next().map(str::to_owned)));
        }
        assert_eq!(slugs, (0..7).map(|number| format!("s-{number}")).collect::<Vec<_>>());
        assert_eq!(read(&split(&site, 7).await).0, "urlset");
        assert_eq!(read(&site.get(&format!("/sitemaps/{}.xml", ids[5])).await.text()).1.len(), 2);
        for nothing in ["ffffffff-ffff-7fff-bfff-ffffffffffff", "1", "x"] {
            assert_eq!(site.get(&format!("/sitemaps/{nothing}.xml")).await.status, 404, "{nothing}");
        }
    }

    async fn robots_may_read_what_is_public(site: Site) {
        let reply = site.get("/robots.txt").await;
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        let sitemap = format!("Sitemap: http://{}/sitemap.xml\n", site.state.settings.server.listen);
        assert_eq!(reply.text(), format!("User-agent: *\nDisallow: /v1/manage/\nDisallow: /v1/auth/\nAllow: /\n\n{sitemap}"));
    }

    async fn language_models_are_told_what_there_is(site: Site) {
        publish(&site, [Story { title: "A [b] *c*".into(), ..Story::new("a") }, Story::new("b")]).await;
        let reply = site.get("/llms.txt").await;
        assert_eq!(reply.header("content-type"), "text/markdown; charset=utf-8");
        let text = reply.text();
        assert!(text.starts_with("# ibid\n"), "{text}");
        let address = format!("http://{}/v1/articles/a.md", site.state.settings.server.listen);
        assert!(text.contains(&format!("\n- [A \\[b\\] \\*c\\*]({address})\n")), "{text}");
        assert!(!text.contains("All 2 articles"), "{text}");
    }

    async fn a_site_says_what_it_has(site: Site) {
        assert_eq!(site.get("/v1/site").await.expect(200)["languages"], json!([]));
        publish(&site, ["en", "pt-BR", "de", "en"].into_iter().zip(["a", "b", "c", "d"]).map(|(language, slug)| Story { language, ..Story::new(slug) })).await;
        let view = site.get("/v1/site").await.expect(200);
        assert_eq!((&view["name"], &view["language"], &view["languages"]), (&json!("ibid"), &json!("en"), &json!(["de", "en", "pt-BR"])));
        let feed = view["links"]["atom"].as_str().expect("an address");
        let path = feed.strip_prefix(&format!("http://{}", site.state.settings.server.listen)).expect("of the site");
        assert_eq!(site.get(path).await.status, 200);
    }
}
