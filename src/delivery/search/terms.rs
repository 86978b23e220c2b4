//! What a query comes to in the tokens of the index, and in the words of each database.

use super::query::{Atom, Expression, Form};
use crate::text::search::{Stemming, exact_token};

/// Tokens that stand beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    tokens: Vec<String>,
    /// The last token may go on.
    open_ended: bool,
}

impl Term {
    /// One token.
    pub fn of(token: String) -> Self {
        Self { tokens: vec![token], open_ended: false }
    }
}

/// Of each clause one term, and none of the others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    all: Vec<Vec<Term>>,
    none: Vec<Term>,
}

impl Terms {
    /// What the expression means in texts whose words have these stemmings.
    pub fn of(expression: &Expression, stemmings: &[Stemming]) -> Self {
        let clause = |group: &Vec<Atom>| group.iter().flat_map(|atom| alternatives(atom, stemmings)).collect();
        Self {
            all: expression.all.iter().map(clause).collect(),
            none: expression.none.iter().flat_map(|atom| alternatives(atom, stemmings)).collect(),
        }
    }

    /// And one of these tokens.
    pub fn and(mut self, tokens: impl IntoIterator<Item = String>) -> Self {
        self.all.push(tokens.into_iter().map(Term::of).collect());
        self
    }

    /// And none of these tokens.
    pub fn without(mut self, tokens: impl IntoIterator<Item = String>) -> Self {
        self.none.extend(tokens.into_iter().map(Term::of));
        self
    }

    /// As FTS5 reads it.
    pub fn fts5(&self) -> String {
        let clause = |terms: &[Term]| format!("({})", terms.iter().map(fts5_term).collect::<Vec<_>>().join(" OR "));
        let all = self.all.iter().map(|terms| clause(terms)).collect::<Vec<_>>().join(" AND ");
        if self.none.is_empty() { all } else { format!("({all}) NOT {}", clause(&self.none)) }
    }

    /// As PostgreSQL reads it, of texts that are in one vector.
    pub fn tsquery(&self) -> String {
        let all = self.clauses().into_iter();
        all.chain(self.unwanted().map(|none| format!("!{none}"))).collect::<Vec<_>>().join(" & ")
    }

    /// What must match in some vector of a text, one by one.
    pub fn clauses(&self) -> Vec<String> {
        self.all.iter().map(|terms| tsquery_clause(terms)).collect()
    }

    /// What must match in no vector of a text.
    pub fn unwanted(&self) -> Option<String> {
        (!self.none.is_empty()).then(|| tsquery_clause(&self.none))
    }
}

/// The terms that an atom stands for: its exact form, and its stem in each language.
fn alternatives(atom: &Atom, stemmings: &[Stemming]) -> Vec<Term> {
    let exact = atom.words.iter().map(|word| exact_token(&word.exact)).collect();
    let exact = Term { tokens: exact, open_ended: atom.form == Form::Beginning };
    let stemmings = if atom.form == Form::Stem { stemmings } else { &[] };
    let stems = stemmings.iter().map(|stemming| Term {
        tokens: atom.words.iter().map(|word| stemming.token(&word.written)).collect(),
        open_ended: false,
    });
    std::iter::once(exact).chain(stems).collect()
}

fn fts5_term(term: &Term) -> String {
    let phrase = term.tokens.join(" ").replace('"', "\"\"");
    format!("\"{phrase}\"{}", if term.open_ended { " *" } else { "" })
}

fn tsquery_clause(terms: &[Term]) -> String {
    format!("({})", terms.iter().map(tsquery_term).collect::<Vec<_>>().join(" | "))
}

fn tsquery_term(term: &Term) -> String {
    let lexeme = |token: &String| format!("'{}'", token.replace('\\', "\\\\").replace('\'', "''"));
    let phrase = term.tokens.iter().map(lexeme).collect::<Vec<_>>().join(" <-> ");
    format!("({phrase}{})", if term.open_ended { ":*" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_are_asked_for_the_same() {
        let expression = Expression::parse("scars \"large por\"* OR follow-up -pores").unwrap();
        let terms =
            Terms::of(&expression, &[Stemming::of("en").unwrap()]).and(["tag:skin".to_owned(), "tag:b".to_owned()]);
        assert_eq!(
            terms.fts5(),
            "((\"x:scars\" OR \"en:scar\") AND (\"x:large x:por\" * OR \"x:follow x:up\" OR \"en:follow en:up\") AND \
             (\"tag:skin\" OR \"tag:b\")) NOT (\"x:pores\" OR \"en:pore\")"
        );
        assert_eq!(
            terms.tsquery(),
            "(('x:scars') | ('en:scar')) & (('x:large' <-> 'x:por':*) | ('x:follow' <-> 'x:up') | ('en:follow' <-> \
             'en:up')) & (('tag:skin') | ('tag:b')) & !(('x:pores') | ('en:pore'))"
        );
    }
}
