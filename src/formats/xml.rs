//! An XML document in the making: what is opened is closed, and everything is escaped.

/// A document.
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
    /// The last tag is open and may still be made an empty one.
    bare: bool,
}

impl Xml {
    pub fn new() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), open: Vec::new(), bare: false }
    }

    /// What stands before the first element.
    pub fn prolog(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.finish_tag();
        self.text.push('<');
        self.text.push_str(name);
        for (attribute, value) in attributes {
            self.text.push(' ');
            self.text.push_str(attribute);
            self.text.push_str("=\"");
            escape(value, &mut self.text);
            self.text.push('"');
        }
        self.open.push(name);
        self.bare = true;
    }

    pub fn close(&mut self) {
        let Some(name) = self.open.pop() else { return };
        if std::mem::take(&mut self.bare) {
            self.text.push_str("/>");
        } else {
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push('>');
        }
    }

    pub fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.finish_tag();
            escape(text, &mut self.text);
        }
    }

    /// A line end, where it means nothing.
    pub fn line(&mut self) {
        self.finish_tag();
        self.text.push('\n');
    }

    /// An element with text in it, on a line of its own.
    pub fn leaf(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.inline(name, attributes, text);
        self.line();
    }

    /// An element with text in it.
    pub fn inline(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close();
    }

    /// Closes the element and ends the line.
    pub fn close_line(&mut self) {
        self.close();
        self.line();
    }

    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text
    }

    fn finish_tag(&mut self) {
        if std::mem::take(&mut self.bare) {
            self.text.push('>');
        }
    }
}

/// Escapes text for content and attributes; characters that XML 1.0 does not have are left out.
fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            // Readers of XML would make it a line feed.
            '\r' => into.push_str("&#13;"),
            '\t' | '\n' => into.push(c),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_it_is_given_it_is_well_formed() {
        let every: String = (0..=0x1_0000).filter_map(char::from_u32).collect();
        let mut xml = Xml::new();
        xml.open("a", &[("b", &every)]);
        xml.inline("c", &[], "");
        xml.leaf("d", &[], &every);
        xml.text("]]>");
        let text = xml.finish();
        let document = roxmltree::Document::parse(&text).unwrap();
        let read = document.descendants().find(|node| node.has_tag_name("d")).unwrap().text().unwrap();
        assert_eq!(read.chars().count(), every.chars().count() - 29 - 2);
        assert!(text.contains("<c/>") && text.ends_with("]]&gt;</a>\n"));
    }
}
