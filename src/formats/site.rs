//! What the site is called and where its things are: the addresses that formats give away.

use crate::publishing::document::Head;

/// The site, as the settings describe it.
#[derive(Debug, Clone)]
pub struct Site<'s> {
    pub name: &'s str,
    /// Empty when it has none.
    pub description: &'s str,
    pub language: &'s str,
    /// Where ibid is reached, without a slash at the end.
    base: &'s str,
    /// Where readers find an article, with `{slug}`, `{id}` and `{language}` to be filled in.
    article_address: Option<&'s str>,
}

impl<'s> Site<'s> {
    pub fn new(
        name: &'s str,
        description: &'s str,
        language: &'s str,
        base: &'s str,
        article_address: &'s str,
    ) -> Self {
        let article_address = Some(article_address).filter(|template| !template.is_empty());
        Self { name, description, language, base, article_address }
    }

    /// The page that the site begins with: where its articles are, else the documentation of the API.
    pub fn home(&self) -> String {
        let origin = self.article_address.and_then(|template| {
            let after = template.find("://")? + 3;
            let host = template.get(after..)?.split(['/', '?', '#']).next()?;
            Some(format!("{}{host}/", template.get(..after)?))
        });
        origin.filter(|origin| !origin.contains('{')).unwrap_or_else(|| self.at("/docs/"))
    }

    /// The address of a path of ibid.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Where readers find an article: on the site's own pages, or as the page that ibid makes of it.
    pub fn article(&self, head: &Head) -> String {
        self.article_named(&head.slug, &head.id.to_string(), &head.language)
    }

    /// The same, where only the names of the article are known.
    pub fn article_named(&self, slug: &str, id: &str, language: &str) -> String {
        match self.article_address {
            Some(template) => template.replace("{slug}", slug).replace("{id}", id).replace("{language}", language),
            None => self.article_file(slug, "html"),
        }
    }

    /// The address of an article in a format.
    pub fn article_file(&self, slug: &str, suffix: &str) -> String {
        self.at(&format!("/v1/articles/{slug}.{suffix}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_where_its_articles_are() {
        let home = |template| Site::new("S", "", "en", "https://cms.example.org", template).home();
        assert_eq!(home("https://www.example.org/{language}/{slug}?id={id}"), "https://www.example.org/");
        assert_eq!(home("https://www.example.org?a={slug}"), "https://www.example.org/");
        assert_eq!(home("https://{language}.example.org/{slug}"), "https://cms.example.org/docs/");
        assert_eq!(home(""), "https://cms.example.org/docs/");
    }

    #[test]
    fn articles_are_where_the_settings_say() {
        let of =
            |template| Site::new("S", "", "en", "https://cms.example.org", template).article_named("a-b", "7", "de");
        assert_eq!(of("https://www.example.org/{language}/{slug}?id={id}"), "https://www.example.org/de/a-b?id=7");
        assert_eq!(of(""), "https://cms.example.org/v1/articles/a-b.html");
    }
}
