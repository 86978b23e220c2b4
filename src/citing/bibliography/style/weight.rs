//! How much work a style is: macros that call each other can stand for far more elements than the file has.

use std::collections::HashMap;

use super::StyleFault;
use super::xml::Element;

/// Elements that the engine may have to look at for one entry.
const MOST_WORK: u64 = 200_000;
/// Bytes of literal text that one entry may print.
const MOST_TEXT: u64 = 250_000;
/// Bytes of one term, its attributes included.
const MOST_TERM: u64 = 500;
/// How deeply elements may be nested, each macro's in the place of its call.
const MOST_DEEP: u64 = 150;

/// What it takes to print an element once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Elements looked at to see whether something will be printed.
    look: u64,
    /// Elements looked at to print it, those for seeing whether included.
    print: u64,
    text: u64,
    deep: u64,
}

/// Checks the macros and terms of a style: each macro that is called is there, none calls itself, and together they are not
/// too much work.
///
/// # Errors
/// Everything that is wrong.
pub(super) fn check(root: &Element) -> Result<Weight, Vec<StyleFault>> {
    let terms = Terms::of(root)?;
    let mut scale = Scale { macros: macros(root)?, terms, known: HashMap::new(), faults: Vec::new() };
    let total =
        ["citation", "bibliography"].iter().flat_map(|name| root.all(name)).fold(Weight::default(), |sum, part| {
            let part = scale.element(part);
            sum.beside(part)
        });
    for element in root.all("macro") {
        scale.call(element.attribute("name").unwrap_or_default(), element.line);
    }
    if scale.faults.is_empty() && (total.print > MOST_WORK || total.text > MOST_TEXT || total.deep > MOST_DEEP) {
        let detail = "the macros of this style call each other too often or too deeply";
        scale.faults.push(StyleFault::new("style_too_heavy", detail));
    }
    if scale.faults.is_empty() { Ok(total) } else { Err(scale.faults) }
}

/// The macros by name. A name given twice could mean one thing here and another to the engine.
fn macros(root: &Element) -> Result<HashMap<&str, &Element>, Vec<StyleFault>> {
    let mut macros = HashMap::new();
    for element in root.all("macro") {
        for name in element.values("name") {
            if macros.insert(name, element).is_some() {
                let fault = StyleFault::new("style_macro_twice", format!("there are two macros {name:?}"));
                return Err(vec![StyleFault { line: Some(element.line), ..fault }]);
            }
        }
    }
    Ok(macros)
}

/// What is known of a style's own terms: each that is printed is looked for among all.
struct Terms {
    count: u64,
    longest: u64,
}

impl Terms {
    fn of(root: &Element) -> Result<Self, Vec<StyleFault>> {
        let mut terms = Self { count: 0, longest: 0 };
        root.all("locale").for_each(|locale| terms.add(locale));
        if terms.longest > MOST_TERM {
            let detail = format!("a term of a style's locale has at most {MOST_TERM} bytes");
            return Err(vec![StyleFault::new("style_too_long", detail)]);
        }
        Ok(terms)
    }

    fn add(&mut self, element: &Element) {
        self.count = self.count.saturating_add(1);
        if matches!(element.name.as_str(), "term" | "single" | "multiple") {
            self.longest = self.longest.max(wide(element.text.saturating_add(element.literal)));
        }
        element.children.iter().for_each(|child| self.add(child));
    }
}

struct Scale<'e> {
    macros: HashMap<&'e str, &'e Element>,
    terms: Terms,
    /// Weights found; `None` while one is being found.
    known: HashMap<&'e str, Option<Weight>>,
    faults: Vec<StyleFault>,
}

impl<'e> Scale<'e> {
    fn element(&mut self, element: &'e Element) -> Weight {
        let mut sum = self.own(element);
        let mut chosen = Weight::default();
        for child in &element.children {
            let child = self.element(child);
            if element.name == "choose" {
                chosen = chosen.or(child);
            } else {
                sum = sum.beside(child);
            }
        }
        sum = sum.beside(chosen);
        for called in element.values("macro") {
            let called = self.call(called, element.line);
            sum = sum.beside(called);
        }
        let looks_first = matches!(element.name.as_str(), "group" | "text" | "names" | "date");
        Weight {
            print: sum.print.saturating_add(if looks_first { sum.look } else { 0 }),
            deep: sum.deep.saturating_add(1),
            ..sum
        }
    }

    /// The weight of an element without its children: what it says, and what must be gone through to find what it names.
    fn own(&self, element: &Element) -> Weight {
        const AT_ONCE: u64 = 100;
        let speaks = element.attribute("term").is_some()
            || matches!(element.name.as_str(), "label" | "number" | "date" | "date-part" | "name" | "names" | "et-al");
        let macros = if element.attribute("macro").is_some() { wide(self.macros.len()) } else { 0 };
        let terms = if speaks { self.terms.count } else { 0 };
        // Each branch of a choice may have to be looked at.
        let branches = if element.name == "choose" { wide(element.children.len()) } else { 0 };
        let literal = wide(element.literal);
        let work = 1 + branches + (macros + terms + literal) / AT_ONCE;
        // A delimiter stands between all children; a condition is not printed.
        let times = if element.name.ends_with("if") { 0 } else { wide(element.children.len()).max(1) };
        Weight {
            look: work,
            print: work,
            text: literal.saturating_mul(times).saturating_add(if speaks { self.terms.longest } else { 0 }),
            deep: 0,
        }
    }

    fn call(&mut self, name: &str, line: u32) -> Weight {
        let Some((name, element)) = self.macros.get_key_value(name).map(|(name, element)| (*name, *element)) else {
            return self.fault("style_macro_unknown", format!("there is no macro {name:?}"), line);
        };
        match self.known.get(name) {
            Some(Some(weight)) => *weight,
            Some(None) => self.fault("style_macro_recursive", format!("the macro {name:?} calls itself"), line),
            None => {
                self.known.insert(name, None);
                let weight = self.element(element);
                self.known.insert(name, Some(weight));
                weight
            }
        }
    }

    fn fault(&mut self, code: &'static str, detail: String, line: u32) -> Weight {
        const MOST_FAULTS: usize = 20;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(StyleFault { code, detail, line: Some(line) });
        }
        Weight::default()
    }
}

impl Weight {
    /// The greater of two of which one is printed.
    fn or(self, other: Self) -> Self {
        Self {
            look: self.look.max(other.look),
            print: self.print.max(other.print),
            text: self.text.max(other.text),
            deep: self.deep.max(other.deep),
        }
    }

    fn beside(self, other: Self) -> Self {
        Self {
            look: self.look.saturating_add(other.look),
            print: self.print.saturating_add(other.print),
            text: self.text.saturating_add(other.text),
            deep: self.deep.max(other.deep),
        }
    }
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
