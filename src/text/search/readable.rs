//! The plain text of a section's HTML, without the markers of its citations.

/// Elements that end a line.
const BLOCKS: &[&str] = &[
    "p",
    "li",
    "ul",
    "ol",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "br",
    "hr",
];

/// What a reader reads of sanitised HTML, one line for each block. Citations leave no trace: the words before and after
/// one stand beside each other.
pub fn readable(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    // Within a citation: its element, and how many of the same name are open.
    let mut cited: Option<(&str, usize)> = None;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        if cited.is_none() {
            push_words(&mut text, before);
        }
        let Some(end) = tag.find('>') else { return finish(text) };
        let inside = tag.get(1..end).unwrap_or_default();
        rest = tag.get(end + 1..).unwrap_or_default();
        let (closing, inside) = match inside.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, inside),
        };
        let name = inside.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        cited = match cited {
            Some((element, depth)) if element == name => match (closing, depth) {
                (true, 1) => None,
                (true, _) => Some((element, depth - 1)),
                (false, _) => Some((element, depth + 1)),
            },
            None if !closing && is_citation(inside) => Some((name, 1)),
            other => other,
        };
        if cited.is_none() && BLOCKS.contains(&name) {
            end_line(&mut text);
        }
    }
    push_words(&mut text, rest);
    finish(text)
}

fn is_citation(tag: &str) -> bool {
    tag.contains("class=\"citation\"") || tag.contains("class=\"citation-group\"")
}

fn end_line(text: &mut String) {
    text.truncate(text.trim_end_matches(' ').len());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn finish(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    text
}

/// Adds text with its blanks made one and its character references read.
fn push_words(text: &mut String, escaped: &str) {
    let mut rest = escaped;
    while let Some(first) = rest.chars().next() {
        let (c, length) = match first {
            '&' => reference(rest).unwrap_or(('&', 1)),
            c => (c, c.len_utf8()),
        };
        rest = rest.get(length..).unwrap_or_default();
        if c.is_whitespace() {
            if !text.is_empty() && !text.ends_with([' ', '\n']) {
                text.push(' ');
            }
            continue;
        }
        // A citation stood between the word and the stop after it.
        if matches!(c, '.' | ',' | ';' | ':' | '!' | '?') && text.ends_with(' ') {
            text.pop();
        }
        text.push(c);
    }
}

/// The character that a reference at the beginning stands for, and the length of the reference.
fn reference(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(12).position(|b| b == b';')?;
    let c = match text.get(1..end)? {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "nbsp" => ' ',
        name => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_reader_reads() {
        let html = "<p>Pores <em>shrink</em> <a class=\"citation\" href=\"#ref-1\" id=\"c-1\">[1]</a>.</p>\n\
                    <ul>\n<li>A &amp; B &lt;x&gt;&nbsp;C</li>\n<li>Two <span class=\"citation-group\">[<a class=\"citation\" \
                    href=\"#ref-1\">1</a>,<span class=\"csl-x\">2</span>]</span> three&#39;s</li>\n</ul>\n";
        assert_eq!(readable(html), "Pores shrink.\nA & B <x> C\nTwo three's");
        assert_eq!(readable("a & b &bogus; &#xZZ; <b"), "a & b &bogus; &#xZZ;");
        assert_eq!(readable(""), "");
    }

    #[test]
    fn never_fails_on_what_is_no_html() {
        for odd in
            ["<", "&", "&#", "<a class=\"citation\">", "é<", "&é;", "<span class=\"citation-group\"><span>x</span>"]
        {
            readable(odd);
        }
    }
}
