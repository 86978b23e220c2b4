//! Mends punctuation where parts of an entry meet: `?.`, ` ;`, `;:`, doubled blanks and stops.

use super::writer::{KEPT_BLANK, Run, STAYS};

/// How a language quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habit {
    /// The outer marks are single ones.
    pub single_first: bool,
    /// Full stops and commas stand before a closing mark.
    pub stops_inside: bool,
}

/// Cleans an entry; links are left as they are.
pub(super) fn clean(runs: Vec<Run>, habit: Habit) -> Vec<Run> {
    let mut kept: Vec<Run> = Vec::new();
    let mut last: Option<char> = None;
    let mut quotes = Quotes { open: Vec::new(), closed: false };
    let mut following = following(&runs).into_iter();
    let mut stays = false;
    for run in runs {
        let verbatim = run.link.is_some();
        let mut text = String::with_capacity(run.text.len());
        for c in run.text.chars() {
            let next = following.next().flatten();
            if !verbatim && c == ' ' && last.is_none_or(|l| l == ' ') {
                continue;
            }
            if c == STAYS {
                stays = true;
                continue;
            }
            if !verbatim && is_stop(c) && !std::mem::take(&mut stays) {
                drop_blank(&mut text, &mut kept, &mut last);
                match meeting(last, c) {
                    Meeting::Both => {}
                    Meeting::First => continue,
                    Meeting::Second => pop(&mut text, &mut kept),
                }
                if c == '.'
                    && quotes.closed
                    && last_but_marks(&text, &kept).is_some_and(|c| matches!(c, '.' | '?' | '!'))
                {
                    continue;
                }
                if habit.stops_inside && quotes.closed && matches!(c, '.' | ',') && put_inside(&mut text, &mut kept, c)
                {
                    continue;
                }
            }
            let c = if verbatim { c } else { quotes.turned(c, next) };
            text.push(if c == KEPT_BLANK { ' ' } else { c });
            last = Some(c);
        }
        kept.push(Run { text, ..run });
    }
    finish(kept)
}

/// What stands before the closing marks at the end.
fn last_but_marks(text: &str, kept: &[Run]) -> Option<char> {
    let mut chars = text.chars().rev().chain(kept.iter().rev().flat_map(|run| run.text.chars().rev()));
    chars.find(|c| !matches!(c, '’' | '”'))
}

/// Puts a stop before the closing mark at the end; `false` if none is there.
fn put_inside(text: &mut String, kept: &mut [Run], stop: char) -> bool {
    let text = match kept.last_mut().filter(|run| text.is_empty() && run.link.is_none()) {
        Some(run) => &mut run.text,
        None => text,
    };
    let Some(mark) = text.pop() else { return false };
    let mut marks = vec![mark];
    while let Some(inner) = text.chars().next_back().filter(|c| matches!(c, '’' | '”') && *c != mark) {
        text.pop();
        marks.push(inner);
    }
    match meeting(text.chars().next_back(), stop) {
        Meeting::First => {}
        Meeting::Both => text.push(stop),
        Meeting::Second => {
            text.pop();
            text.push(stop);
        }
    }
    text.extend(marks.into_iter().rev());
    true
}

/// For each character, the one after it.
fn following(runs: &[Run]) -> Vec<Option<char>> {
    let chars = || runs.iter().flat_map(|run| run.text.chars());
    chars().skip(1).map(Some).chain([None]).collect()
}

/// The quotations that are open: marks inside others are of the other kind.
struct Quotes {
    /// For each open quotation, whether its mark was a double one, and whether it is printed as one.
    open: Vec<(bool, bool)>,
    /// Whether the last character closed one.
    closed: bool,
}

impl Quotes {
    fn turned(&mut self, c: char, next: Option<char>) -> char {
        self.closed = false;
        match c {
            '“' | '‘' => {
                let double = self.open.last().map_or(c == '“', |(_, outer)| !outer);
                self.open.push((c == '“', double));
                if double { '“' } else { '‘' }
            }
            '”' | '’' => {
                let apostrophe = c == '’' && next.is_some_and(char::is_alphanumeric);
                match self.open.pop_if(|(double, _)| *double == (c == '”') && !apostrophe) {
                    None => c,
                    Some((_, double)) => {
                        self.closed = true;
                        if double { '”' } else { '’' }
                    }
                }
            }
            other => other,
        }
    }
}

/// Which of two stops that meet stays.
enum Meeting {
    Both,
    First,
    Second,
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':')
}

fn meeting(last: Option<char>, next: char) -> Meeting {
    match (last, next) {
        (None, _) => Meeting::First,
        (Some('?' | '!'), '.' | ':') | (Some(':' | ';'), '.') => Meeting::First,
        (Some('.'), '.') | (Some(','), ',') | (Some(';'), ';') | (Some(':'), ':') => Meeting::First,
        (Some(','), '.' | ';' | ':') | (Some(';'), ':') => Meeting::Second,
        _ => Meeting::Both,
    }
}

/// No blank stands before a stop.
fn drop_blank(text: &mut String, kept: &mut [Run], last: &mut Option<char>) {
    if *last == Some(' ') {
        pop(text, kept);
        *last = text.chars().next_back().or_else(|| kept.iter().rev().find_map(|run| run.text.chars().next_back()));
    }
}

fn pop(text: &mut String, kept: &mut [Run]) {
    if text.pop().is_none()
        && let Some(run) = kept.iter_mut().rev().find(|run| !run.text.is_empty())
        && run.link.is_none()
    {
        run.text.pop();
    }
}

fn finish(mut runs: Vec<Run>) -> Vec<Run> {
    while let Some(run) = runs.last_mut() {
        let end = run.text.trim_end().len();
        run.text.truncate(end);
        if !run.text.is_empty() {
            break;
        }
        runs.pop();
    }
    runs.retain(|run| !run.text.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(parts: &[&str]) -> String {
        let runs = parts.iter().map(|part| Run::plain(*part)).collect();
        clean(runs, Habit { single_first: false, stops_inside: true }).into_iter().map(|run| run.text).collect()
    }

    #[test]
    fn stops_that_meet() {
        assert_eq!(cleaned(&["Is it so?", ". J Foo"]), "Is it so? J Foo");
        assert_eq!(cleaned(&["2009 ", ";2"]), "2009;2");
        assert_eq!(cleaned(&["2009;", ":26"]), "2009:26");
        assert_eq!(cleaned(&["Foo..", " Bar. "]), "Foo. Bar.");
        assert_eq!(cleaned(&[". Foo"]), "Foo");
        assert_eq!(cleaned(&["a ", " b"]), "a b");
        assert_eq!(cleaned(&["et al.,", " x"]), "et al., x");
        assert_eq!(cleaned(&["The “war on cancer”", ". J Foo"]), "The “war on cancer.” J Foo");
        assert_eq!(cleaned(&["“What to expect.”", ". Foo"]), "“What to expect.” Foo");
        assert_eq!(cleaned(&["patients’", ". Foo"]), "patients’. Foo");
        assert_eq!(cleaned(&["“Is X “good”?”", " “y”"]), "“Is X ‘good’?” “y”");
    }
}
