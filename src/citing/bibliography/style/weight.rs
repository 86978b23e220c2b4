//! How much work a style is: macros that call each other can stand for far more elements than the file has.

use std::collections::HashMap;

use super::StyleFault;
use super::xml::Element;

/// Elements that the engine may have to look at for one entry.
const MOST_WORK: u64 = 2_000_000;
/// Bytes of literal text that one entry may print.
const MOST_TEXT: u64 = 1_000_000;
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

/// Checks the macros of a style: each that is called is there, none calls itself, and together they are not too much work.
///
/// # Errors
/// Everything that is wrong.
pub(super) fn check(root: &Element) -> Result<Weight, Vec<StyleFault>> {
    let macros: HashMap<&str, &Element> =
        root.all("macro").filter_map(|element| Some((element.attribute("name")?, element))).collect();
    let mut scale = Scale { macros, known: HashMap::new(), faults: Vec::new() };
    let total =
        ["citation", "bibliography"].iter().flat_map(|name| root.all(name)).fold(Weight::default(), |sum, part| {
            let part = scale.element(part);
            sum.beside(part)
        });
    for element in root.all("macro") {
        scale.call(element.attribute("name").unwrap_or_default(), element.line);
    }
    if scale.faults.is_empty() && (total.print > MOST_WORK || total.text > MOST_TEXT || total.deep > MOST_DEEP) {
        let detail = "the macros of this style call each other too often or too deeply".to_owned();
        scale.faults.push(StyleFault { code: "style_too_heavy", detail, line: None });
    }
    if scale.faults.is_empty() { Ok(total) } else { Err(scale.faults) }
}

struct Scale<'e> {
    macros: HashMap<&'e str, &'e Element>,
    /// Weights found; `None` while one is being found.
    known: HashMap<&'e str, Option<Weight>>,
    faults: Vec<StyleFault>,
}

impl<'e> Scale<'e> {
    fn element(&mut self, element: &'e Element) -> Weight {
        let mut sum = Weight { look: 1, print: 1, text: 0, deep: 0 };
        for child in &element.children {
            let child = self.element(child);
            sum = sum.beside(child);
        }
        if let Some(called) = element.attribute("macro") {
            let called = self.call(called, element.line);
            sum = sum.beside(called);
        }
        let looks_first = matches!(element.name.as_str(), "group" | "text" | "names" | "date");
        Weight {
            print: sum.print.saturating_add(if looks_first { sum.look } else { 0 }),
            text: sum.text.saturating_add(u64::try_from(element.literal).unwrap_or(u64::MAX)),
            deep: sum.deep.saturating_add(1),
            ..sum
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
    fn beside(self, other: Self) -> Self {
        Self {
            look: self.look.saturating_add(other.look),
            print: self.print.saturating_add(other.print),
            text: self.text.saturating_add(other.text),
            deep: self.deep.max(other.deep),
        }
    }
}
