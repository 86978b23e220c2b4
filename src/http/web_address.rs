//! Addresses of the web that become links: http or https, a host with a dot in it, no user name.

/// The rule as a regular expression, for API documents.
pub const PATTERN: &str = concat!(
    r"^https?://([^\x00-\x2C\x2E\x2F\x3A-\x40\x5B-\x60\x7B-\xA0\u202A-\u202E\u2066-\u2069]+\.)+",
    r"[A-Za-z][^\x00-\x2C\x2E\x2F\x3A-\x40\x5B-\x60\x7B-\xA0\u202A-\u202E\u2066-\u2069]*",
    r"(:[0-9]{1,5})?([/?#][^\x00-\x20\x22\x3C\x3E\x5C\x60\x7F\u202A-\u202E\u2066-\u2069]*)?$",
);

/// Whether it is one.
pub fn is(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let in_label = |c: char| c.is_ascii_alphanumeric() || c == '-' || (c > '\u{A0}' && !turns(c));
    let labels = || host.split('.');
    labels().count() > 1
        && labels().all(|label| !label.is_empty() && label.chars().all(in_label))
        // So that it cannot be read as an IPv4 address in one of its many forms.
        && labels().next_back().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()))
        && port.is_none_or(|port| (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit()))
        && !path.chars().any(|c| c <= ' ' || turns(c) || matches!(c, '"' | '<' | '>' | '\\' | '`' | '\x7F'))
}

/// Turns the direction of the text around it.
fn turns(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
