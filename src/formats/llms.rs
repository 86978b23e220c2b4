//! `llms.txt` (<https://llmstxt.org>): the articles for language models, each with the address of its Markdown.

use super::markdown::line;
use super::site::Site;
use crate::publishing::document::Head;

/// The most articles that are named, the newest.
pub const MOST: i32 = 500;

/// Writes it; `total` is how many articles there are.
pub fn write(articles: &[Head], total: i64, site: &Site<'_>) -> String {
    let mut text = format!("# {}\n", line(site.name));
    if !site.description.is_empty() {
        text.push_str(&format!("\n> {}\n", line(site.description)));
    }
    text.push_str(
        "\nEvery article is Markdown with numbered citations and the references below; the same address with the end \
         `.json`, `.jsonld`, `.html` or `.xml` gives it as JSON, JSON-LD, HTML or JATS.\n",
    );
    text.push_str("\n## Articles\n\n");
    for head in articles {
        let address = site.article_file(&head.slug, "md");
        text.push_str(&format!("- [{}]({address})", line(&head.title).replace('[', "\\[").replace(']', "\\]")));
        if let Some(about) = head.summary.as_ref().or(head.subtitle.as_ref()) {
            text.push_str(&format!(": {}", line(about)));
        }
        text.push('\n');
    }
    if total > articles.len() as i64 {
        let (all, shown) = (site.at("/v1/articles"), articles.len());
        text.push_str(&format!("- [All {total} articles]({all}): the list above has the {shown} newest\n"));
    }
    text.push_str(&format!(
        "\n## API\n\n- [OpenAPI 3.1]({}): every operation, for programs\n- [Documentation]({}): the same to look at and to \
         try\n- [Articles]({}): filtered by tag, author, language, cited study and level of evidence\n- [Studies]({}): what \
         the articles cite, with design, retractions and the articles that cite each\n",
        site.at("/openapi.json"),
        site.at("/docs/"),
        site.at("/v1/articles"),
        site.at("/v1/studies"),
    ));
    text.push_str(&format!(
        "\n## Optional\n\n- [Feed]({}): the newest articles, whole\n- [Sitemap]({}): the addresses of all articles\n",
        site.at("/feeds/articles.json"),
        site.at("/sitemap.xml"),
    ));
    text
}
