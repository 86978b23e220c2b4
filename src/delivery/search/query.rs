//! The language that readers search in: words, `"phrases"`, `beginnings*`, `-without` and `OR`. Pure: a text in, what is
//! to match out.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::http::fault::{Faults, Reason, text};
use crate::text::search::{MOST_WORDS, fold, is_single, words};

/// The most characters of a query.
const MOST_CHARACTERS: usize = 500;
/// The fewest characters of a word's beginning.
const LEAST_BEGINNING: usize = 3;

/// What a text must have, and what not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expression {
    /// Of each group one.
    pub all: Vec<Vec<Atom>>,
    /// None of these.
    pub none: Vec<Atom>,
}

/// A word, or several that stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// As they were written; at least one.
    pub words: Vec<Asked>,
    pub form: Form,
}

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub written: String,
    pub exact: String,
}

/// In which form the words are to stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In any with the same stem.
    Stem,
    /// As they are.
    Exact,
    /// As they are, the last one perhaps going on.
    Beginning,
}

impl Expression {
    /// Reads a query. Every text is one, if it has a word to search for and is not too long.
    ///
    /// # Errors
    /// `too_long`, `too_many_words`, `beginning_too_short`, `nothing_to_search_for`.
    pub fn parse(query: &str) -> Result<Self, Reason> {
        let length = query.chars().count();
        if length > MOST_CHARACTERS {
            let detail = format!("At most {MOST_CHARACTERS} characters, this has {length}.");
            return Err(Reason::new("too_long", detail));
        }
        let mut expression = Self::default();
        let mut either = false;
        let mut rest = query;
        while let Some((piece, after)) = Piece::next(rest) {
            rest = after;
            if piece.is_or() {
                either = true;
                continue;
            }
            let Some(atom) = piece.atom()? else { continue };
            if piece.unwanted {
                expression.none.push(atom);
                continue;
            }
            match expression.all.last_mut().filter(|_| either) {
                Some(group) => group.push(atom),
                None => expression.all.push(vec![atom]),
            }
            either = false;
        }
        let count: usize = expression.atoms().chain(&expression.none).map(|atom| atom.words.len()).sum();
        if count > MOST_WORDS {
            return Err(Reason::new("too_many_words", format!("At most {MOST_WORDS} words, these are {count}.")));
        }
        if expression.all.is_empty() {
            let detail = match expression.none.as_slice() {
                [] => "There is no word in it to search for.",
                _ => "It says only what is not wanted; a word to search for is needed too.",
            };
            return Err(Reason::new("nothing_to_search_for", detail));
        }
        Ok(expression)
    }

    /// Everything that is wanted.
    pub fn atoms(&self) -> impl Iterator<Item = &Atom> {
        self.all.iter().flatten()
    }
}

/// What stands between blanks, or in quotation marks.
struct Piece<'q> {
    text: &'q str,
    unwanted: bool,
    quoted: bool,
    open_ended: bool,
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

impl<'q> Piece<'q> {
    fn next(query: &'q str) -> Option<(Self, &'q str)> {
        let begun = query.trim_start();
        let bare = begun.trim_start_matches('-');
        let first = bare.chars().next()?;
        // A hyphen before a blank is one of a text, not a minus.
        let unwanted = bare.len() < begun.len() && !first.is_whitespace();
        let quoted = is_quote(first);
        let inside = if quoted { bare.get(first.len_utf8()..).unwrap_or_default() } else { bare };
        let ends = |c: char| is_quote(c) || (!quoted && c.is_whitespace());
        let end = inside.find(ends).unwrap_or(inside.len());
        let (text, after) = inside.split_at(end);
        // Without a closing mark the quotation goes to the end.
        let after = if quoted { after.trim_start_matches(is_quote) } else { after };
        let (open_ended, after) = match after.strip_prefix('*').filter(|_| quoted) {
            Some(after) => (true, after),
            None => (!quoted && text.ends_with('*'), after),
        };
        Some((Self { text, unwanted, quoted, open_ended }, after))
    }

    fn is_or(&self) -> bool {
        self.text == "OR" && !self.quoted && !self.unwanted
    }

    fn atom(&self) -> Result<Option<Atom>, Reason> {
        let asked = words(self.text).map(|at| {
            let written = self.text.get(at).unwrap_or_default().to_owned();
            Asked { exact: fold(&written), written }
        });
        let words: Vec<Asked> = asked.filter(|word| !word.exact.is_empty()).collect();
        let Some(last) = words.last() else { return Ok(None) };
        // A character that is a word does not go on.
        let open_ended = self.open_ended && !is_single(&last.exact);
        if open_ended && last.exact.chars().count() < LEAST_BEGINNING {
            let detail = format!("Before * at least {LEAST_BEGINNING} letters of a word are needed.");
            return Err(Reason::new("beginning_too_short", detail));
        }
        let form = match (open_ended, self.quoted) {
            (true, _) => Form::Beginning,
            (false, true) => Form::Exact,
            (false, false) => Form::Stem,
        };
        Ok(Some(Atom { words, form }))
    }
}

/// What a reader searches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery(pub Expression);

impl Deserr<Faults> for SearchQuery {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Self, Faults> {
        text(value, location, |text| Expression::parse(text).map(Self))
    }
}

impl PartialSchema for SearchQuery {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        // Which characters mean something is not for a pattern to say.
        text.max_length(Some(MOST_CHARACTERS)).pattern(Some(r"^[\s\S]*$")).into()
    }
}

impl ToSchema for SearchQuery {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The expression in a form that is easy to read: `s` stem, `x` exact, `b` beginning.
    fn read(query: &str) -> Result<String, &'static str> {
        let atom = |atom: &Atom| {
            let form = match atom.form {
                Form::Stem => 's',
                Form::Exact => 'x',
                Form::Beginning => 'b',
            };
            let words: Vec<&str> = atom.words.iter().map(|word| word.exact.as_str()).collect();
            format!("{form}:{}", words.join("+"))
        };
        let expression = Expression::parse(query).map_err(|reason| reason.code)?;
        let groups = expression.all.iter().map(|group| group.iter().map(atom).collect::<Vec<_>>().join("|"));
        let none = expression.none.iter().map(|unwanted| format!("-{}", atom(unwanted)));
        Ok(groups.chain(none).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn the_language() {
        for (query, expected) in [
            ("pores scars", "s:pores s:scars"),
            ("\"large pores\" scar", "x:large+pores s:scar"),
            ("“large pores”", "x:large+pores"),
            ("micro*", "b:micro"),
            ("\"large por\"*", "b:large+por"),
            ("scars -pores -\"deep scars\"", "s:scars -s:pores -x:deep+scars"),
            ("scars OR pores needle", "s:scars|s:pores s:needle"),
            ("a OR b OR \"c d\"", "s:a|s:b|x:c+d"),
            ("OR a OR", "s:a"),
            ("a or b", "s:a s:or s:b"),
            ("follow-up", "s:follow+up"),
            ("a - b", "s:a s:b"),
            ("--a b", "s:b -s:a"),
            ("a OR -b c", "s:a|s:c -s:b"),
            ("\"no end", "x:no+end"),
            ("a\"b c\"d", "s:a x:b+c s:d"),
            ("10.4103/0974-2077.53096", "s:10.4103+0974+2077.53096"),
            ("微针*", "s:微+针"),
            ("NEAR(a b) col:c ^d", "s:near+a s:b s:col+c s:d"),
            ("a & b | !c <-> (d)", "s:a s:b s:c s:d"),
            ("x' OR 1=1;", "s:x|s:1+1"),
        ] {
            assert_eq!(read(query).as_deref(), Ok(expected), "{query}");
        }
        for (query, code) in [
            ("", "nothing_to_search_for"),
            (" \t\u{a0}", "nothing_to_search_for"),
            ("-a", "nothing_to_search_for"),
            ("\"\" * - ^ OR", "nothing_to_search_for"),
            ("🎉", "nothing_to_search_for"),
            ("ab*", "beginning_too_short"),
            ("pores -a*", "beginning_too_short"),
            (&"a ".repeat(65), "too_many_words"),
            (&"a".repeat(501), "too_long"),
        ] {
            assert_eq!(read(query), Err(code), "{query}");
        }
    }

    proptest! {
        #[test]
        fn every_text_is_read(query in "\\PC{0,80}") {
            let _ = Expression::parse(&query);
        }

        #[test]
        fn what_is_read_has_words(query in "[-a-cOR\"“* 微.]{0,40}") {
            if let Ok(expression) = Expression::parse(&query) {
                prop_assert!(!expression.all.is_empty());
                for atom in expression.atoms().chain(&expression.none) {
                    prop_assert!(!atom.words.is_empty());
                    prop_assert!(atom.words.iter().all(|word| !word.exact.is_empty()));
                }
            }
        }
    }
}
