//! Title case that leaves names alone: `PLoS`, `bioRxiv` and `RNA` stay as they are.

/// Words that stay small inside an English title (CSL 1.0.2, appendix on title case).
const SMALL: [&str; 34] = [
    "a",
    "according",
    "across",
    "afore",
    "after",
    "an",
    "and",
    "as",
    "at",
    "but",
    "by",
    "de",
    "down",
    "for",
    "from",
    "in",
    "into",
    "la",
    "of",
    "off",
    "on",
    "onto",
    "or",
    "out",
    "over",
    "so",
    "the",
    "till",
    "to",
    "up",
    "via",
    "vs",
    "with",
    "yet",
];

/// Puts an English title in title case.
pub(super) fn title(text: &str) -> String {
    let last = text.split(' ').count().saturating_sub(1);
    let mut opens = true;
    let words = text.split(' ').enumerate().map(|(i, word)| {
        let cased = if !opens && i != last && SMALL.contains(&word) { word.to_owned() } else { capital(word) };
        opens = word.ends_with([':', '.', '?', '!', '—']);
        cased
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The word with its first letter large, unless it has large letters of its own; parts of compounds alike.
fn capital(word: &str) -> String {
    if word.chars().any(char::is_uppercase) || word.contains(['/', '@', '.']) && !word.ends_with('.') {
        return word.to_owned();
    }
    let parts = word.split('-').enumerate().map(|(i, part)| match i > 0 && SMALL.contains(&part) {
        true => part.to_owned(),
        false => first_large(part),
    });
    parts.collect::<Vec<_>>().join("-")
}

fn first_large(word: &str) -> String {
    let Some(at) = word.find(char::is_alphanumeric) else { return word.to_owned() };
    let (before, rest) = word.split_at_checked(at).unwrap_or((word, ""));
    let mut chars = rest.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{before}{first}{}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn names_keep_their_letters() {
        assert_eq!(title("a study of PLoS and bioRxiv in the lab"), "A Study of PLoS and bioRxiv in the Lab");
        assert_eq!(title("acne: an up-to-date view"), "Acne: An Up-to-Date View");
        assert_eq!(title("“quoted” (words) é"), "“Quoted” (Words) É");
        assert_eq!(title(""), "");
    }
}
