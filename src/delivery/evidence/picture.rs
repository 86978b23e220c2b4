//! The picture as SVG: no script, nothing from elsewhere, everything escaped, and all that it shows said in words.

use std::fmt::Write;

use super::layout::{self, Layout, Mark, WIDTH};

/// What has become of the study that a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    #[default]
    Good,
    Retracted,
    Concern,
}

/// One mark and what it says to those who do not see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Symbol {
    pub mark: Mark,
    pub standing: Standing,
    pub words: String,
}

/// What a picture shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub language: String,
    pub title: String,
    pub description: String,
    /// The names of the rows, from the top.
    pub rows: Vec<String>,
    pub symbols: Vec<Symbol>,
    /// What the area of a mark is: `participants`, or `studies` when marks are groups.
    pub unit: &'static str,
}

const STYLE: &str = "\
.b{fill:#fff}.t{fill:#1b1f24}.q{fill:#57606a}.g{stroke:#d0d7de}.r{fill:#f6f8fa}\
.d{fill:#1f5a96;stroke:#fff}.h{fill:none;stroke:#1f5a96}.n{fill:#fff}.x{stroke:#b3261e}.c{stroke:#8a5a00}\
.e{fill:#fbe9e7;stroke:#b3261e}.w{fill:#fff4d6;stroke:#8a5a00}\
@media (prefers-color-scheme:dark){.b{fill:#0d1117}.t{fill:#e6edf3}.q{fill:#9aa4af}.g{stroke:#30363d}.r{fill:#161b22}\
.d{fill:#7db7f2;stroke:#0d1117}.h{stroke:#7db7f2}.n{fill:#0d1117}.x{stroke:#ff9a8f}.c{stroke:#f2c14e}\
.e{fill:#3a1714;stroke:#ff9a8f}.w{fill:#33270a;stroke:#f2c14e}}";

/// Draws the picture.
pub fn svg(chart: &Chart) -> String {
    let marks: Vec<Mark> = chart.symbols.iter().map(|symbol| symbol.mark.clone()).collect();
    let placed = layout::layout(&marks, chart.rows.len());
    let sizes = if placed.most > 0 { 32.0 } else { 0.0 };
    let height = placed.bottom + 44.0 + sizes + if kinds(chart).is_empty() { 0.0 } else { 28.0 };
    let mut drawing = Drawing { out: String::with_capacity(4096 + 400 * chart.symbols.len()) };
    drawing.open(chart, height);
    drawing.frame(chart, &placed);
    for (symbol, dot) in chart.symbols.iter().zip(&placed.dots) {
        drawing.symbol(symbol, *dot);
    }
    if !chart.symbols.is_empty() {
        drawing.legend(chart, &placed);
    }
    drawing.out.push_str("</svg>\n");
    drawing.out
}

struct Drawing {
    out: String,
}

impl Drawing {
    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = self.out.write_fmt(element);
        self.out.push('\n');
    }

    fn open(&mut self, chart: &Chart, height: f64) {
        let language = escape(&chart.language);
        self.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" lang=\"{language}\" \
             role=\"graphics-document document\" aria-roledescription=\"chart\" aria-labelledby=\"title\" \
             aria-describedby=\"description\" \
             font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif\" font-size=\"13\">"
        ));
        self.add(format_args!("<title id=\"title\">{}</title>", escape(&chart.title)));
        self.add(format_args!("<desc id=\"description\">{}</desc>", escape(&chart.description)));
        self.add(format_args!("<style>{STYLE}</style>"));
        self.add(format_args!("<rect class=\"b\" width=\"{WIDTH}\" height=\"{height:.0}\" rx=\"8\"/>"));
        let title = shortened(&chart.title, 52);
        self.add(format_args!(
            "<text class=\"t\" x=\"16\" y=\"26\" font-size=\"15\" font-weight=\"600\" aria-hidden=\"true\">{}</text>",
            escape(&title)
        ));
    }

    fn frame(&mut self, chart: &Chart, placed: &Layout) {
        self.add(format_args!("<g aria-hidden=\"true\">"));
        for (index, (name, row)) in chart.rows.iter().zip(&placed.rows).enumerate() {
            if index % 2 == 0 {
                self.add(format_args!(
                    "<rect class=\"r\" x=\"8\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                    row.top,
                    WIDTH - 16.0,
                    row.height
                ));
            }
            self.add(format_args!(
                "<text class=\"t\" x=\"16\" y=\"{:.1}\">{}</text>",
                row.top + row.height / 2.0 + 4.5,
                escape(&shortened(name, 18))
            ));
        }
        let first = placed.rows.first().map_or(placed.bottom, |row| row.top);
        for (year, x) in &placed.ticks {
            self.add(format_args!(
                "<path class=\"g\" d=\"M{x:.1} {first:.1}V{:.1}\"/><text class=\"q\" x=\"{x:.1}\" y=\"{:.1}\" font-size=\"12\" text-anchor=\"middle\">{}</text>",
                placed.bottom + 5.0,
                placed.bottom + 20.0,
                year_words(*year)
            ));
        }
        if let Some(x) = placed.undated.filter(|_| !chart.symbols.is_empty()) {
            self.add(format_args!(
                "<text class=\"q\" x=\"{x:.1}\" y=\"{:.1}\" font-size=\"12\" text-anchor=\"middle\">no year</text>",
                placed.bottom + 20.0
            ));
        }
        self.add(format_args!("</g>"));
    }

    fn symbol(&mut self, symbol: &Symbol, dot: layout::Dot) {
        let words = escape(&symbol.words);
        self.add(format_args!(
            "<g role=\"graphics-symbol img\" aria-roledescription=\"study\" aria-label=\"{words}\"><title>{words}</title>"
        ));
        self.shape(symbol.mark.size.is_some(), symbol.standing, dot.x, dot.y, dot.radius);
        let label = escape(&symbol.mark.label);
        let y = dot.y + 4.0;
        match dot.inside {
            true => self.add(format_args!(
                "<text class=\"n\" x=\"{:.1}\" y=\"{y:.1}\" font-size=\"12\" text-anchor=\"middle\">{label}</text>",
                dot.x
            )),
            false => self.add(format_args!(
                "<text class=\"t\" x=\"{:.1}\" y=\"{y:.1}\" font-size=\"12\">{label}</text>",
                dot.x + dot.radius + 3.0
            )),
        }
        self.add(format_args!("</g>"));
    }

    /// Retracted: struck through; under concern: a broken edge. Never told by colour alone.
    fn shape(&mut self, sized: bool, standing: Standing, x: f64, y: f64, r: f64) {
        let circle = |class: &str, more: &str| {
            format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\"{more}/>")
        };
        let shape = match (standing, sized) {
            (Standing::Good, true) => circle("d", " stroke-width=\"1.5\""),
            (Standing::Good, false) => circle("h", " stroke-width=\"1.8\" stroke-dasharray=\"2.5 2\""),
            (Standing::Concern, _) => circle("w", " stroke-width=\"2\" stroke-dasharray=\"5 2.5\""),
            (Standing::Retracted, _) => {
                let a = r * 0.94;
                format!(
                    "{}<path class=\"x\" stroke-width=\"1.6\" d=\"M{:.1} {:.1}L{:.1} {:.1}M{:.1} {:.1}L{:.1} {:.1}\"/>",
                    circle("e", " stroke-width=\"2\""),
                    x - a * 0.72,
                    y - a * 0.72,
                    x + a * 0.72,
                    y + a * 0.72,
                    x - a * 0.72,
                    y + a * 0.72,
                    x + a * 0.72,
                    y - a * 0.72
                )
            }
        };
        self.add(format_args!("{shape}"));
    }

    fn legend(&mut self, chart: &Chart, placed: &Layout) {
        self.add(format_args!("<g aria-hidden=\"true\">"));
        let y = placed.bottom + 54.0;
        let mut x = 16.0;
        for size in legend_sizes(placed.most) {
            let r = layout::radius(Some(size), placed.most);
            self.shape(true, Standing::Good, x + r, y, r);
            x += 2.0 * r + 5.0;
            let words = thousands(size);
            self.words(x, y, &words);
            x += 7.2 * words.chars().count() as f64 + 12.0;
        }
        if placed.most > 0 {
            self.words(x - 7.0, y, chart.unit);
        }
        let mut x = 16.0;
        let y = if placed.most > 0 { y + 32.0 } else { y };
        for (sized, standing, words) in kinds(chart) {
            self.shape(sized, standing, x + 6.0, y, layout::UNKNOWN_RADIUS);
            self.words(x + 17.0, y, words);
            x += 17.0 + 7.0 * words.len() as f64 + 14.0;
        }
        self.add(format_args!("</g>"));
    }

    fn words(&mut self, x: f64, y: f64, words: &str) {
        self.add(format_args!(
            "<text class=\"q\" x=\"{x:.1}\" y=\"{:.1}\" font-size=\"12\">{}</text>",
            y + 4.0,
            escape(words)
        ));
    }
}

/// The kinds of marks that need a word: whether they have a size, how they stand, the word.
fn kinds(chart: &Chart) -> Vec<(bool, Standing, &'static str)> {
    let is = |standing| chart.symbols.iter().any(|symbol| symbol.standing == standing);
    let unsized_ = chart.symbols.iter().any(|s| s.mark.size.is_none() && s.standing == Standing::Good);
    let kinds = [
        (unsized_, false, Standing::Good, "sample size not stated"),
        (is(Standing::Retracted), true, Standing::Retracted, "retracted"),
        (is(Standing::Concern), true, Standing::Concern, "expression of concern"),
    ];
    kinds.into_iter().filter(|kind| kind.0).map(|(_, sized, standing, words)| (sized, standing, words)).collect()
}

/// Up to three round sizes: the largest and two smaller that can be told apart.
fn legend_sizes(most: u32) -> Vec<u32> {
    if most == 0 {
        return Vec::new();
    }
    let mut sizes = vec![rounded(most)];
    for part in [4, 16] {
        let size = rounded(most / part);
        if size > 0 && sizes.last().is_some_and(|last| size < *last) {
            sizes.push(size);
        }
    }
    sizes.reverse();
    sizes
}

/// The largest of 1, 2, 5, 10, 20, 50 … that is not more.
fn rounded(size: u32) -> u32 {
    let mut best = 0;
    let mut power: u32 = 1;
    loop {
        for step in [1, 2, 5] {
            match power.checked_mul(step) {
                Some(round) if round <= size => best = round,
                _ => return best,
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return best,
        }
    }
}

/// `12,400`.
pub fn thousands(n: u32) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A year; before the common era in words.
pub fn year_words(year: i32) -> String {
    if year < 0 { format!("{} BCE", year.unsigned_abs()) } else { year.to_string() }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// Text as XML 1.0 may hold it, escaped; characters that it may not hold become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn symbol(n: usize, year: Option<i32>, row: usize, size: Option<u32>, standing: Standing) -> Symbol {
        let mark = Mark { label: n.to_string(), year, row, size, beside: standing != Standing::Good };
        Symbol { mark, standing, words: format!("Study {n}") }
    }

    fn chart(symbols: Vec<Symbol>, rows: usize) -> Chart {
        Chart {
            language: "en".to_owned(),
            title: "Evidence of “A & B” <script>".to_owned(),
            description: "…".to_owned(),
            rows: (0..rows).map(|row| format!("Row {row}")).collect(),
            symbols,
            unit: "participants",
        }
    }

    #[test]
    fn sizes_of_the_legend_are_round() {
        assert_eq!(legend_sizes(0), Vec::<u32>::new());
        assert_eq!(legend_sizes(1), [1]);
        assert_eq!(legend_sizes(37), [2, 5, 20]);
        assert_eq!(legend_sizes(1845), [100, 200, 1000]);
        assert_eq!(legend_sizes(u32::MAX), [200_000_000, 1_000_000_000, 2_000_000_000]);
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn area_is_size() {
        let ratio = layout::radius(Some(400), 400) / layout::radius(Some(100), 400);
        assert!((ratio - 2.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn every_picture_is_well_formed_and_no_mark_covers_another(
            studies in proptest::collection::vec(
                (proptest::option::of(-9999i32..9999), 0usize..5, proptest::option::of(1u32..200_000), 0u8..3), 0..60),
            title in ".*",
            words in ".*",
        ) {
            let symbols: Vec<Symbol> = studies.iter().enumerate().map(|(n, (year, row, size, standing))| {
                let standing = [Standing::Good, Standing::Retracted, Standing::Concern][usize::from(*standing)];
                Symbol { words: words.clone(), ..symbol(n + 1, *year, *row, *size, standing) }
            }).collect();
            let chart = Chart { title, ..chart(symbols, 5) };
            let drawn = svg(&chart);
            let document = roxmltree::Document::parse(&drawn).unwrap();
            let labelled = document.descendants().filter(|n| n.attribute("role") == Some("graphics-symbol img")).count();
            prop_assert_eq!(labelled, studies.len());
            let marks: Vec<Mark> = chart.symbols.iter().map(|s| s.mark.clone()).collect();
            let placed = layout::layout(&marks, 5);
            for (i, a) in placed.dots.iter().enumerate() {
                prop_assert!(a.x.is_finite() && a.y.is_finite() && a.x >= layout::LEFT && a.x <= WIDTH);
                let row = placed.rows[marks[i].row];
                prop_assert!(a.y - a.radius >= row.top - 0.1 && a.y + a.radius <= row.top + row.height + 0.1);
                for b in &placed.dots[..i] {
                    let apart = (a.x - b.x).hypot(a.y - b.y);
                    prop_assert!(apart + 1e-6 >= a.radius + b.radius, "{a:?} {b:?}");
                }
            }
        }
    }
}
