//! The tokens of one `@word{…}`.

/// Most fields of an entry, or definitions at once.
const MOST_FIELDS: usize = 2_000;

/// What a piece is.
#[derive(Debug, PartialEq)]
pub(super) enum Item<'t> {
    Strings(Vec<(String, Vec<Chunk<'t>>)>),
    Entry { kind: String, key: Option<String>, fields: Vec<(String, Vec<Chunk<'t>>)>, notes: Vec<String> },
}

/// A part of a value; parts are joined by `#`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Chunk<'t> {
    Text(&'t str),
    Macro(&'t str),
}

/// What is wrong, and how many lines below the beginning.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub lines: u64,
    pub what: String,
}

/// The word behind the sign, in lower case.
pub(super) fn kind(text: &str) -> String {
    let word = text.trim_start_matches('@').trim_start();
    let word: String = word.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    word.to_ascii_lowercase()
}

/// The key of an entry that could not be read whole.
pub(super) fn key(text: &str) -> Option<String> {
    let body = text.split_once(['{', '('])?.1;
    let key = body.split([',', '=', '{', '}', '\n']).next()?.trim();
    let ended = body.trim_start().get(key.len()..)?.trim_start().starts_with([',', '}']);
    (ended && !key.is_empty() && key.len() <= 200).then(|| key.to_owned())
}

/// Reads a piece that was cut at its closing bracket.
pub(super) fn item(text: &str) -> Result<Item<'_>, Fault> {
    let kind = kind(text);
    let open = text.find(['{', '(']).ok_or_else(|| Fault { lines: 0, what: "there is no opening brace".to_owned() })?;
    let mut tokens = Tokens { text, at: open + 1, notes: Vec::new() };
    if kind == "string" {
        return Ok(Item::Strings(tokens.fields()?));
    }
    let key = tokens.key();
    let fields = tokens.fields()?;
    Ok(Item::Entry { kind, key, fields, notes: tokens.notes })
}

struct Tokens<'t> {
    text: &'t str,
    at: usize,
    notes: Vec<String>,
}

impl<'t> Tokens<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn fault(&self, what: impl Into<String>) -> Fault {
        let before = self.text.get(..self.at).unwrap_or_default();
        Fault { lines: before.bytes().map(|b| u64::from(b == b'\n')).sum(), what: what.into() }
    }

    /// White space, and comments from `%` to the end of the line.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('%') {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn take_while(&mut self, takes: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !takes(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// The key, unless the first word is a field's name already.
    fn key(&mut self) -> Option<String> {
        self.skip_blank();
        let begin = self.at;
        let key = self.take_while(|c| !matches!(c, ',' | '=' | '}' | '{' | '"' | '\n')).trim();
        match self.peek() {
            Some('=') => {
                self.at = begin;
                // `key field = …` with the comma forgotten.
                let mut words = key.split_whitespace();
                let (first, second, third) = (words.next()?, words.next(), words.next());
                if second.is_none() || third.is_some() {
                    self.notes.push("the entry has no key".to_owned());
                    return None;
                }
                self.at += first.len();
                self.notes.push("a comma is missing behind the key".to_owned());
                return Some(first.to_owned());
            }
            Some('\n') => {
                self.skip_blank();
                if self.peek().is_some_and(|c| !matches!(c, ',' | '}' | ')')) {
                    self.notes.push("a comma is missing behind the key".to_owned());
                }
            }
            _ => {}
        }
        let key = key.trim_end_matches(')').trim();
        (!key.is_empty()).then(|| key.to_owned())
    }

    fn fields(&mut self) -> Result<Vec<(String, Vec<Chunk<'t>>)>, Fault> {
        let mut fields = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => return Err(self.fault("the entry is not closed")),
                Some(',') => self.at += 1,
                Some('}' | ')') => return Ok(fields),
                Some(_) if fields.len() >= MOST_FIELDS => {
                    return Err(self.fault(format!("an entry has at most {MOST_FIELDS} fields")));
                }
                Some(_) => fields.push(self.field()?),
            }
        }
    }

    fn field(&mut self) -> Result<(String, Vec<Chunk<'t>>), Fault> {
        let name = self.take_while(|c| !c.is_whitespace() && !"={}(),\"#%".contains(c));
        self.skip_blank();
        match self.peek() {
            Some(c) if name.is_empty() => return Err(self.fault(format!("{c:?} where a field's name is expected"))),
            Some('=') => self.at += 1,
            _ => {
                let shown: String = name.chars().take(40).collect();
                return Err(self.fault(format!("an equals sign is expected behind {shown:?}")));
            }
        }
        let value = self.value()?;
        self.skip_blank();
        if self.peek().is_some_and(|c| !matches!(c, ',' | '}' | ')')) && self.notes.len() < 20 {
            self.notes.push(format!("a comma is missing behind the field {}", name.to_lowercase()));
        }
        Ok((name.to_lowercase(), value))
    }

    fn value(&mut self) -> Result<Vec<Chunk<'t>>, Fault> {
        let mut chunks = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                Some('{') => chunks.push(Chunk::Text(self.braced()?)),
                Some('"') => chunks.push(Chunk::Text(self.quoted()?)),
                Some(_) => {
                    let word = self.take_while(|c| !c.is_whitespace() && !"={}(),\"#".contains(c));
                    match word.bytes().all(|b| b.is_ascii_digit()) {
                        // `field = ,` is an empty value.
                        true => chunks.push(Chunk::Text(word)),
                        false => chunks.push(Chunk::Macro(word)),
                    }
                }
                None => return Err(self.fault("a value is expected")),
            }
            self.skip_blank();
            if self.peek() != Some('#') {
                return Ok(chunks);
            }
            self.at += 1;
        }
    }

    fn braced(&mut self) -> Result<&'t str, Fault> {
        self.delimited(|c, depth| c == '}' && depth == 0, "the brace is not closed")
    }

    fn quoted(&mut self) -> Result<&'t str, Fault> {
        self.delimited(|c, depth| c == '"' && depth == 0, "the quotation mark is not closed")
    }

    fn delimited(&mut self, ends: impl Fn(char, usize) -> bool, fault: &str) -> Result<&'t str, Fault> {
        let begin = self.at + 1;
        let (mut depth, mut escaped) = (0_usize, false);
        for (i, c) in self.text.get(begin..).unwrap_or_default().char_indices() {
            if std::mem::take(&mut escaped) {
                continue;
            }
            if ends(c, depth) {
                self.at = begin + i + 1;
                return Ok(self.text.get(begin..begin + i).unwrap_or_default());
            }
            match c {
                '\\' => escaped = true,
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Err(self.fault(fault))
    }
}
