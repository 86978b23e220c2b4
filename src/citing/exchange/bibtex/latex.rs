//! LaTeX in a field's value to Unicode, with CSL's markup (`<i>`, `<sup>`) where a variable may have it.

use unicode_normalization::char::compose;

/// Most commands in a row of which each is the argument of the one before.
const MOST_NESTED: usize = 16;

/// Whether emphasis and raised letters are kept as CSL's markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    Kept,
    Left,
}

/// The text, and the commands that were not understood.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Decoded {
    pub text: String,
    pub unknown: Vec<String>,
}

pub(super) fn decode(latex: &str, markup: Markup) -> Decoded {
    let mut dollars = 0_usize;
    let mut escaped = false;
    for c in latex.chars() {
        dollars += usize::from(c == '$' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    let mut decoder = Decoder {
        rest: latex,
        out: String::with_capacity(latex.len()),
        groups: Vec::new(),
        accent: None,
        math: false,
        dollars,
        markup,
        unknown: Vec::new(),
        nested: 0,
    };
    decoder.run();
    Decoded { text: decoder.out, unknown: decoder.unknown }
}

/// What is not prose: addresses and identifiers. Braces go, escaped characters stay.
pub(super) fn verbatim(latex: &str) -> String {
    let bare = latex.trim();
    let bare = ["\\url{", "\\href{", "\\path{", "\\nolinkurl{"]
        .iter()
        .find_map(|command| bare.strip_prefix(command)?.split('}').next())
        .unwrap_or(bare);
    let mut text = String::with_capacity(bare.len());
    let mut rest = bare;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '{' | '}' => {}
            '\\' => {
                if let Some((spelled, sign)) = [
                    ("textasciitilde", '~'),
                    ("textunderscore", '_'),
                    ("textless", '<'),
                    ("textgreater", '>'),
                    ("textbackslash", '\\'),
                    ("textasciicircum", '^'),
                ]
                .into_iter()
                .find(|(name, _)| rest.starts_with(name))
                {
                    rest = rest.get(spelled.len()..).unwrap_or_default().trim_start_matches([' ', '{']);
                    text.push(sign);
                } else if !rest.starts_with(['_', '%', '&', '#', '$', '~', '{', '}', '^', '-']) {
                    text.push(c);
                } else if let Some(sign) = rest.chars().next() {
                    rest = rest.get(sign.len_utf8()..).unwrap_or_default();
                    text.push(sign);
                }
            }
            _ => text.push(c),
        }
    }
    text
}

/// A group that is open: what closes its markup, and whether it came from a command that shows nothing.
#[derive(Debug, Default)]
struct Group {
    close: String,
    /// Length of the output before a group whose content is left out.
    hidden_from: Option<usize>,
    /// A second argument follows, which is the one shown.
    then_shown: bool,
}

struct Decoder<'l> {
    rest: &'l str,
    out: String,
    groups: Vec<Group>,
    accent: Option<char>,
    math: bool,
    dollars: usize,
    markup: Markup,
    unknown: Vec<String>,
    /// How many commands wait for the one that is read as their argument.
    nested: usize,
}

impl<'l> Decoder<'l> {
    fn run(&mut self) {
        while let Some(c) = self.take() {
            match c {
                '\\' => self.command(),
                '{' => self.groups.push(Group::default()),
                '}' => self.close(),
                '$' => self.dollar(),
                '^' if self.math => self.script("sup"),
                '_' if self.math => self.script("sub"),
                '~' => self.emit('\u{A0}'),
                '-' if self.follows("--") => self.emit('—'),
                '-' if self.follows("-") => self.emit('–'),
                '`' if self.follows("`") => self.emit('“'),
                '\'' if self.follows("'") => self.emit('”'),
                c => self.emit(c),
            }
        }
        while !self.groups.is_empty() {
            self.close();
        }
    }

    fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    /// Takes these characters if they come next.
    fn follows(&mut self, next: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(next) else { return false };
        self.rest = rest;
        true
    }

    fn emit(&mut self, c: char) {
        let Some(accent) = self.accent.take() else { return self.out.push(c) };
        let base = match c {
            'ı' => 'i',
            'ȷ' => 'j',
            c => c,
        };
        match compose(base, accent) {
            Some(whole) => self.out.push(whole),
            None => self.out.extend([base, accent]),
        }
    }

    fn emit_all(&mut self, text: &str) {
        text.chars().for_each(|c| self.emit(c));
    }

    fn close(&mut self) {
        self.accent = None;
        let Some(group) = self.groups.pop() else { return };
        if let Some(from) = group.hidden_from {
            self.out.truncate(from);
        }
        self.out.push_str(&group.close);
        if group.then_shown {
            let rest = self.rest.trim_start();
            if let Some(rest) = rest.strip_prefix('{') {
                self.rest = rest;
                self.groups.push(Group::default());
            }
        }
    }

    /// A dollar that nothing closes is one.
    fn dollar(&mut self) {
        self.dollars = self.dollars.saturating_sub(1);
        if !self.math && self.dollars == 0 {
            return self.emit('$');
        }
        self.math = !self.math;
    }

    /// What a raised or lowered group or character is written as.
    fn script(&mut self, tag: &str) {
        self.open_tag(tag, &format!("</{tag}>"));
    }

    /// Begins markup around the next group, or the next character or command.
    fn open_tag(&mut self, tag: &str, close: &str) {
        let kept = self.markup == Markup::Kept;
        if kept {
            self.out.push('<');
            self.out.push_str(tag);
            self.out.push('>');
        }
        self.begin_argument(if kept { close } else { "" });
    }

    fn begin_argument(&mut self, close: &str) {
        self.rest = self.rest.trim_start();
        if self.follows("{") {
            self.groups.push(Group { close: close.to_owned(), ..Group::default() });
            return;
        }
        match self.take() {
            Some('\\') if self.nested < MOST_NESTED => {
                self.nested += 1;
                self.command();
                self.nested -= 1;
            }
            Some(c @ ('}' | '$')) => {
                self.out.push_str(close);
                if c == '}' {
                    self.close()
                } else {
                    self.dollar()
                }
                return;
            }
            Some(c) => self.emit(c),
            None => {}
        }
        self.out.push_str(close);
    }

    fn command(&mut self) {
        let rest = self.rest;
        let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if length == 0 {
            return self.sign();
        }
        let (name, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        self.rest = after.trim_start_matches([' ', '\t', '\n']);
        if let Some(accent) = letter_accent(name).filter(|_| !self.math) {
            self.accent = Some(accent);
        } else if let Some(text) = symbol(name) {
            self.emit_all(text);
        } else {
            self.styled(name);
        }
    }

    /// A command of one character that is no letter.
    fn sign(&mut self) {
        let Some(c) = self.take() else { return self.emit('\\') };
        match c {
            '\'' => self.accent('\u{301}'),
            '`' => self.accent('\u{300}'),
            '^' => self.accent('\u{302}'),
            '"' => self.accent('\u{308}'),
            '~' => self.accent('\u{303}'),
            '=' => self.accent('\u{304}'),
            '.' => self.accent('\u{307}'),
            ' ' | '\n' | '\t' | ',' | ';' | ':' => self.emit(' '),
            '\\' => self.emit(' '),
            '-' | '/' | '@' | '!' | '(' | ')' | '[' | ']' => {}
            c => self.emit(c),
        }
    }

    fn accent(&mut self, combining: char) {
        self.rest = self.rest.trim_start();
        self.accent = Some(combining);
    }

    fn styled(&mut self, name: &str) {
        match name {
            "emph" | "textit" | "textsl" | "mkbibemph" | "mkbibitalic" => self.open_tag("i", "</i>"),
            "textbf" | "mkbibbold" => self.open_tag("b", "</b>"),
            "textsuperscript" | "mkbibsuperscript" => self.open_tag("sup", "</sup>"),
            "textsubscript" | "mkbibsubscript" => self.open_tag("sub", "</sub>"),
            "textsc" => self.open_tag("span style=\"font-variant:small-caps;\"", "</span>"),
            "enquote" | "mkbibquote" => {
                self.emit('“');
                self.begin_argument("”");
            }
            "it" | "em" | "itshape" | "slshape" | "sl" => self.switch("i", "</i>"),
            "bf" | "bfseries" => self.switch("b", "</b>"),
            "sc" | "scshape" => self.switch("span style=\"font-variant:small-caps;\"", "</span>"),
            "rm" | "tt" | "sf" | "normalfont" | "upshape" | "relax" | "protect" | "textrm" | "texttt" | "textsf"
            | "textup" | "textmd" | "textnormal" | "mbox" | "hbox" | "text" | "mathrm" | "mathit" | "mathbf"
            | "mathsf" | "ensuremath" | "url" | "path" | "nolinkurl" | "bibstring" | "left" | "right" => {}
            "href" => self.hidden(true),
            "noopsort" | "vphantom" | "phantom" | "label" => self.hidden(false),
            unknown => {
                if self.unknown.len() < 20 && !self.unknown.iter().any(|known| known == unknown) {
                    self.unknown.push(unknown.to_owned());
                }
            }
        }
    }

    /// Markup to the end of the group that is open.
    fn switch(&mut self, tag: &str, close: &str) {
        if self.markup == Markup::Left {
            return;
        }
        let Some(group) = self.groups.last_mut() else { return };
        // Many switches in one group say no more than two.
        if group.close.len() > 40 {
            return;
        }
        group.close.insert_str(0, close);
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push('>');
    }

    fn hidden(&mut self, then_shown: bool) {
        if self.follows("{") {
            self.groups.push(Group { close: String::new(), hidden_from: Some(self.out.len()), then_shown });
        }
    }
}

fn letter_accent(name: &str) -> Option<char> {
    Some(match name {
        "c" => '\u{327}',
        "k" => '\u{328}',
        "v" => '\u{30C}',
        "u" => '\u{306}',
        "H" => '\u{30B}',
        "r" => '\u{30A}',
        "d" => '\u{323}',
        "b" => '\u{331}',
        _ => return None,
    })
}

fn symbol(name: &str) -> Option<&'static str> {
    SYMBOLS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[rustfmt::skip]
const SYMBOLS: [(&str, &str); 142] = [
    ("ss", "ß"), ("o", "ø"), ("O", "Ø"), ("l", "ł"), ("L", "Ł"), ("ae", "æ"), ("AE", "Æ"), ("oe", "œ"), ("OE", "Œ"),
    ("aa", "å"), ("AA", "Å"), ("i", "ı"), ("j", "ȷ"), ("dh", "ð"), ("DH", "Ð"), ("th", "þ"), ("TH", "Þ"), ("dj", "đ"),
    ("DJ", "Đ"), ("ng", "ŋ"), ("NG", "Ŋ"), ("SS", "ẞ"), ("textendash", "–"), ("textemdash", "—"),
    ("textquoteleft", "‘"), ("textquoteright", "’"), ("textquotedblleft", "“"), ("textquotedblright", "”"),
    ("textquotesingle", "'"), ("textquotedbl", "\""), ("quotesinglbase", "‚"), ("quotedblbase", "„"),
    ("guillemotleft", "«"), ("guillemotright", "»"), ("guilsinglleft", "‹"), ("guilsinglright", "›"), ("lq", "‘"),
    ("rq", "’"), ("ldots", "…"), ("dots", "…"), ("textellipsis", "…"), ("cdots", "⋯"), ("copyright", "©"),
    ("textcopyright", "©"), ("textregistered", "®"), ("texttrademark", "™"), ("textdegree", "°"), ("degree", "°"),
    ("pounds", "£"), ("textsterling", "£"), ("euro", "€"), ("texteuro", "€"), ("textyen", "¥"), ("S", "§"),
    ("textsection", "§"), ("P", "¶"), ("dag", "†"), ("ddag", "‡"), ("dagger", "†"), ("textbullet", "•"),
    ("textperiodcentered", "·"), ("textbackslash", "\\"), ("backslash", "\\"), ("textasciitilde", "~"),
    ("textasciicircum", "^"), ("textasciigrave", "`"), ("textless", "<"), ("textgreater", ">"), ("textbar", "|"),
    ("textunderscore", "_"), ("textdollar", "$"), ("textbraceleft", "{"), ("textbraceright", "}"),
    ("textexclamdown", "¡"), ("textquestiondown", "¿"), ("textordfeminine", "ª"), ("textordmasculine", "º"),
    ("textmu", "µ"), ("textonehalf", "½"), ("textonequarter", "¼"), ("textthreequarters", "¾"),
    ("textonesuperior", "¹"), ("texttwosuperior", "²"), ("textthreesuperior", "³"), ("LaTeX", "LaTeX"),
    ("TeX", "TeX"), ("BibTeX", "BibTeX"), ("slash", "/"), ("times", "×"), ("texttimes", "×"), ("pm", "±"),
    ("textpm", "±"), ("div", "÷"), ("leq", "≤"), ("le", "≤"), ("geq", "≥"), ("ge", "≥"), ("neq", "≠"), ("ne", "≠"),
    ("approx", "≈"), ("sim", "∼"), ("equiv", "≡"), ("cdot", "·"), ("ast", "∗"), ("infty", "∞"), ("prime", "′"),
    ("circ", "°"), ("rightarrow", "→"), ("to", "→"), ("leftarrow", "←"), ("leftrightarrow", "↔"), ("sum", "∑"),
    ("sqrt", "√"), ("partial", "∂"), ("alpha", "α"), ("beta", "β"), ("gamma", "γ"), ("delta", "δ"),
    ("epsilon", "ε"), ("varepsilon", "ε"), ("zeta", "ζ"), ("eta", "η"), ("theta", "θ"), ("iota", "ι"), ("kappa", "κ"),
    ("lambda", "λ"), ("mu", "μ"), ("nu", "ν"), ("xi", "ξ"), ("pi", "π"), ("rho", "ρ"), ("sigma", "σ"), ("tau", "τ"),
    ("upsilon", "υ"), ("phi", "φ"), ("varphi", "φ"), ("chi", "χ"), ("psi", "ψ"), ("omega", "ω"), ("Gamma", "Γ"),
    ("Delta", "Δ"), ("Omega", "Ω"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn text(latex: &str) -> String {
        decode(latex, Markup::Kept).text
    }

    #[test]
    fn accents_and_symbols() {
        for (latex, unicode) in [
            (r#"G{\"o}del, {\"{U}}ber, \"{\i}, na\"ive"#, "Gödel, Über, ï, naïve"),
            (r"\'{e}\'e\`a\^{o}\~n\=a\.z", "ééàôñāż"),
            (r"\c{c}\c cs\v{s}\H{o}\k{a}\u{g}\r{a}\d{a}", "ççsšőąğåạ"),
            (r#"{\ss} \o{} \L{}\'{o}d\'{z} \AA{}ngstr\"om"#, "ß ø Łódź Ångström"),
            (r"\alpha{} $\beta$-blocker, 5\,\% \& 3\_2 \#1", "α β-blocker, 5 % & 3_2 #1"),
            (r"a -- b --- c ``q'' d~e", "a – b — c “q” d\u{A0}e"),
            (r"\'{\relax e} \'{} x", "é  x"),
            (r"\textasciitilde{}x \textbackslash{}y \{z\}", r"~x \y {z}"),
            (r"-{}- '{}' `{}`", "-- '' ``"),
            (r"\v{Z}i\v{z}ek", "Žižek"),
        ] {
            assert_eq!(text(latex), unicode, "{latex}");
        }
    }

    #[test]
    fn markup_of_titles() {
        for (latex, marked, plain) in [
            (r"\emph{In vivo} x", "<i>In vivo</i> x", "In vivo x"),
            (r"{\it In vivo} x", "<i>In vivo</i> x", "In vivo x"),
            (r"CO$_2$ and $^{13}$C", "CO<sub>2</sub> and <sup>13</sup>C", "CO2 and 13C"),
            (r"\textsuperscript{a}\textbf{b}", "<sup>a</sup><b>b</b>", "ab"),
            (r"{DNA} in {\emph{E. coli}}", "DNA in <i>E. coli</i>", "DNA in E. coli"),
            (r"\enquote{x} costs $5", "“x” costs $5", "“x” costs $5"),
            (r"\href{https://x.example}{shown}\noopsort{9}", "shown", "shown"),
            (r"x_1^2 {un}}balanced{", "x_1^2 unbalanced", "x_1^2 unbalanced"),
        ] {
            assert_eq!(text(latex), marked, "{latex}");
            assert_eq!(decode(latex, Markup::Left).text, plain, "{latex}");
        }
        assert_eq!(decode(r"\foo{a} \bar \foo", Markup::Left).unknown, ["foo", "bar"]);
    }

    #[test]
    fn addresses_keep_their_signs() {
        assert_eq!(verbatim(r"\url{https://x.example/a\_b}"), "https://x.example/a_b");
        assert_eq!(verbatim(r"https://x.example/\~{}me?a=1\&b=2%20"), "https://x.example/~me?a=1&b=2%20");
        assert_eq!(
            verbatim(r"10.1002/(SICI)1097\textless{}1::AID\textgreater{}3.0.CO;2-2"),
            "10.1002/(SICI)1097<1::AID>3.0.CO;2-2"
        );
    }
}
