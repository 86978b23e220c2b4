//! The HTML of a publication as a tree. It reads what sanitising writes, which is HTML of a regular kind: attributes in
//! double quotes, everything closed but `br`, `hr` and `img`, four entities.

/// What stands in HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Text(String),
    Element(Element),
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
}

/// What is nested deeper loses its tags, not its text. Sanitised bodies are not that deep.
const DEEPEST: usize = 120;

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn has_class(&self, class: &str) -> bool {
        self.attribute("class").is_some_and(|classes| classes.split_ascii_whitespace().any(|own| own == class))
    }

    /// The elements in it of this name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        elements(&self.children).filter(move |element| element.name == name)
    }
}

/// The elements among nodes.
pub fn elements(nodes: &[Node]) -> impl Iterator<Item = &Element> {
    nodes.iter().filter_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    })
}

/// Whether an element stands apart from the lines of text around it.
pub fn is_block(name: &str) -> bool {
    matches!(name, "blockquote" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "ol" | "p" | "pre" | "table" | "ul")
}

/// The level of a heading.
pub fn heading_level(name: &str) -> Option<usize> {
    let digit = name.strip_prefix('h')?;
    digit.parse().ok().filter(|level| (1..=6).contains(level))
}

fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img")
}

/// Reads a fragment of HTML.
pub fn read(html: &str) -> Vec<Node> {
    let mut reader = Reader { open: Vec::new(), done: Vec::new() };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, from) = rest.split_at(at);
        reader.text(text);
        match tag(from) {
            Some((Tag::Open(element), after)) => {
                reader.open(element);
                rest = after;
            }
            Some((Tag::Close(name), after)) => {
                reader.close(name);
                rest = after;
            }
            None => {
                reader.text("<");
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    reader.text(rest);
    reader.finish()
}

enum Tag<'h> {
    Open(Element),
    Close(&'h str),
}

/// The tag that the text begins with, and what follows it.
fn tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let inside = text.strip_prefix('<')?;
    if let Some(closing) = inside.strip_prefix('/') {
        let (name, after) = closing.split_once('>')?;
        return Some((Tag::Close(name.trim_end()), after));
    }
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, mut rest) = inside.split_at_checked(end).filter(|(name, _)| !name.is_empty())?;
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>').or_else(|| rest.strip_prefix("/>")) {
            return Some((Tag::Open(element), after));
        }
        let (attribute, value) = rest.split_once("=\"")?;
        if !attribute.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        let (value, after) = value.split_once('"')?;
        element.attributes.push((attribute.to_owned(), decoded(value)));
        rest = after;
    }
}

struct Reader {
    open: Vec<Element>,
    done: Vec<Node>,
}

impl Reader {
    fn place(&mut self) -> &mut Vec<Node> {
        match self.open.last_mut() {
            Some(element) => &mut element.children,
            None => &mut self.done,
        }
    }

    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = decoded(text);
        let place = self.place();
        match place.last_mut() {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => place.push(Node::Text(text)),
        }
    }

    fn open(&mut self, element: Element) {
        if is_void(&element.name) {
            self.place().push(Node::Element(element));
        } else if self.open.len() < DEEPEST {
            self.open.push(element);
        }
    }

    fn close(&mut self, name: &str) {
        if !self.open.iter().any(|element| element.name == name) {
            return;
        }
        while let Some(element) = self.open.pop() {
            let found = element.name == name;
            self.place().push(Node::Element(element));
            if found {
                return;
            }
        }
    }

    fn finish(mut self) -> Vec<Node> {
        while let Some(element) = self.open.pop() {
            self.place().push(Node::Element(element));
        }
        self.done
    }
}

/// The text that a text with entities stands for.
fn decoded(text: &str) -> String {
    const ENTITIES: [(&str, &str); 6] =
        [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&#39;", "'")];
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        decoded.push_str(before);
        match ENTITIES.iter().find(|(entity, _)| from.starts_with(entity)) {
            Some((entity, means)) => {
                decoded.push_str(means);
                rest = from.get(entity.len()..).unwrap_or_default();
            }
            None => {
                decoded.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// Escapes text for HTML, attributes included.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(text, &mut escaped);
    escaped
}

fn push_escaped(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\u{a0}' => into.push_str("&nbsp;"),
            other => into.push(other),
        }
    }
}

/// Writes a fragment of HTML.
pub fn write(nodes: &[Node]) -> String {
    let mut html = String::new();
    push(nodes, &mut html);
    html
}

fn push(nodes: &[Node], into: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => push_escaped(text, into),
            Node::Element(element) => {
                into.push('<');
                into.push_str(&element.name);
                for (name, value) in &element.attributes {
                    into.push(' ');
                    into.push_str(name);
                    into.push_str("=\"");
                    push_escaped(value, into);
                    into.push('"');
                }
                into.push('>');
                if !is_void(&element.name) {
                    push(&element.children, into);
                    into.push_str("</");
                    into.push_str(&element.name);
                    into.push('>');
                }
            }
        }
    }
}

/// The plain text of nodes, as it stands in them.
pub fn text(nodes: &[Node]) -> String {
    let mut all = String::new();
    push_text(nodes, &mut all);
    all
}

fn push_text(nodes: &[Node], into: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => into.push_str(text),
            Node::Element(element) if element.name == "img" => {
                into.push_str(element.attribute("alt").unwrap_or_default());
            }
            Node::Element(element) if element.name == "br" => into.push('\n'),
            Node::Element(element) => push_text(&element.children, into),
        }
    }
}

/// Takes an attribute from all elements.
pub fn without(nodes: &mut [Node], attribute: &str) {
    for node in nodes {
        let Node::Element(element) = node else { continue };
        element.attributes.retain(|(name, _)| name != attribute);
        without(&mut element.children, attribute);
    }
}

/// Which addresses stay as they are when a fragment is shown elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Nothing,
    /// Those of places in the article, which comes along.
    Places,
}

/// Makes the addresses in it absolute: where the fragment is shown elsewhere than at `base`.
pub fn with_base(nodes: &mut [Node], base: &url::Url, keep: Keep) {
    for node in nodes {
        let Node::Element(element) = node else { continue };
        for (name, value) in &mut element.attributes {
            let stays = keep == Keep::Places && value.starts_with('#');
            if matches!(name.as_str(), "href" | "src")
                && !stays
                && url::Url::parse(value).is_err()
                && let Ok(absolute) = base.join(value)
            {
                *value = absolute.into();
            }
        }
        with_base(&mut element.children, base, keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for html in [
            "<p>a &amp; b &lt;c&gt; \"d\"&nbsp;<br><em>x<strong>y</strong></em></p>\n<hr>",
            "<ol start=\"3\"><li>a<ul><li>b</li></ul></li></ol>",
            "<p><a class=\"citation\" href=\"#ref-1\" title=\"&quot;&amp;\">[1]</a><img src=\"x\" alt=\"\"></p>",
            "<pre><code class=\"language-rust\">&lt;p&gt;\n  x\n</code></pre>",
        ] {
            assert_eq!(write(&read(html)), html.replace("\"d\"", "&quot;d&quot;"), "{html}");
        }
    }

    #[test]
    fn what_is_no_html_is_text() {
        assert_eq!(read("a < b &amp <"), [Node::Text("a < b &amp <".into())]);
        assert_eq!(text(&read("</p><p>a<b>b</p>c")), "abc");
        assert_eq!(text(&read("<p a=b>x")), "<p a=b>x");
    }

    #[test]
    fn no_depth_breaks_it() {
        let deep = "<em>".repeat(100_000) + "x" + &"</em>".repeat(100_000);
        assert_eq!(text(&read(&deep)), "x");
        assert_eq!(write(&read(&deep)).matches("<em>").count(), DEEPEST);
    }

    #[test]
    fn addresses_become_absolute() {
        let base = url::Url::parse("https://example.org/a/b").unwrap();
        let mut nodes = read(
            "<p><a href=\"#ref-1\">1</a><a href=\"/x\">2</a><a href=\"mailto:a@b.c\">3</a><img src=\"i.png\" alt=\"\"></p>",
        );
        with_base(&mut nodes, &base, Keep::Nothing);
        let html = write(&nodes);
        for address in
            ["https://example.org/a/b#ref-1", "https://example.org/x", "mailto:a@b.c", "https://example.org/a/i.png"]
        {
            assert!(html.contains(&format!("\"{address}\"")), "{html}");
        }
    }
}
