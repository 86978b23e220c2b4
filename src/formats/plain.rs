//! HTML as plain text, blocks apart by line ends.

use super::fragment::{self, Node, is_block};

/// The plain text of HTML.
pub(super) fn of(html: &str) -> String {
    let mut text = String::new();
    push(&fragment::read(html), &mut text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn push(nodes: &[Node], into: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => into.push_str(text),
            Node::Element(element) if element.name == "br" => into.push('\n'),
            Node::Element(element) => {
                let apart = is_block(&element.name) || matches!(element.name.as_str(), "li" | "tr");
                if apart {
                    into.push('\n');
                }
                push(&element.children, into);
                if apart {
                    into.push('\n');
                } else if matches!(element.name.as_str(), "td" | "th") {
                    into.push('\t');
                }
            }
        }
    }
}
