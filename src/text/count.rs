//! How long a text is.

/// Words that an adult reads in a minute of English prose (Brysbaert 2019 found 238 for non-fiction; rounded down).
pub const WORDS_PER_MINUTE: usize = 230;

/// Counts words: stretches between blanks (or dashes) that have a letter or a digit. In scripts written without
/// blanks each ideograph or kana counts as one, as word processors do.
pub fn words(text: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for c in text.chars() {
        if is_unspaced(c) {
            count += 1;
            inside = false;
        } else if c.is_whitespace() || c == '—' {
            inside = false;
        } else if !inside && c.is_alphanumeric() {
            count += 1;
            inside = true;
        }
    }
    count
}

/// Minutes to read so many words at [`WORDS_PER_MINUTE`]: rounded up, at least 1.
pub fn reading_minutes(words: usize) -> usize {
    words.div_ceil(WORDS_PER_MINUTE).max(1)
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(words(""), 0);
        assert_eq!(words(" -- ! "), 0);
        assert_eq!(words("An up-to-date review, isn't it? 37 patients."), 7);
        assert_eq!(words("one—two"), 2);
        assert_eq!(words("  “quoted” (text)"), 2);
        assert_eq!(words("微针 治疗 ok"), 5);
        assert_eq!(words("naïve Übung"), 2);
    }

    #[test]
    fn minutes() {
        assert_eq!(reading_minutes(0), 1);
        assert_eq!(reading_minutes(230), 1);
        assert_eq!(reading_minutes(231), 2);
        assert_eq!(reading_minutes(912), 4);
    }
}
