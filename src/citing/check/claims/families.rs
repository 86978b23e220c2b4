//! The families of expressions that make a claim.

use std::sync::LazyLock;

use super::words::{AnyOf, any_of, lines, list};

/// A family that a sentence has met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Met {
    pub name: &'static str,
    pub strength: Strength,
    pub of_research: bool,
}

/// What a family counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// Makes a claim.
    Strong,
    /// Makes a hint; two of them a claim.
    Weak,
    /// Like a weak one beside another family, nothing alone.
    Aid,
}

impl Met {
    /// A study that found something.
    pub const FINDING: Self = Self { name: "finding", strength: Strength::Strong, of_research: true };
    /// Something acts on a condition.
    pub const EFFECT: Self = Self { name: "effect", strength: Strength::Strong, of_research: false };
    /// As textbooks explain it, or in passing.
    pub const MILD_EFFECT: Self = Self { name: "effect", strength: Strength::Weak, of_research: false };
}

/// Families that speak of research as such; advice and anecdotes do not excuse these.
const OF_RESEARCH: &[&str] = &["named_study", "evidence"];

static FAMILIES: LazyLock<Vec<(Met, AnyOf)>> = LazyLock::new(|| {
    let mut families: Vec<(Met, Vec<&str>)> = Vec::new();
    for line in lines(list!("families")) {
        match heading(line) {
            Some(family) => families.push((family, Vec::new())),
            None => families.last_mut().into_iter().for_each(|(_, patterns)| patterns.push(line)),
        }
    }
    families.into_iter().filter_map(|(family, patterns)| Some((family, any_of(patterns.into_iter())?))).collect()
});

/// `[name strong]`, `[name weak]` or `[name aid]`.
fn heading(line: &'static str) -> Option<Met> {
    let (name, strength) = line.strip_prefix('[')?.strip_suffix(']')?.split_once(' ')?;
    let strength = match strength {
        "strong" => Strength::Strong,
        "weak" => Strength::Weak,
        "aid" => Strength::Aid,
        _ => return None,
    };
    Some(Met { name, strength, of_research: OF_RESEARCH.contains(&name) })
}

/// The families that a plain text meets, in the order of the file.
pub(super) fn met(text: &str) -> Vec<Met> {
    FAMILIES.iter().filter(|(_, pattern)| pattern.is_match(text)).map(|(family, _)| *family).collect()
}

/// What a family means, for people.
pub(super) fn meaning(name: &str) -> &'static str {
    match name {
        "finding" => "it says what research found",
        "named_study" => "it speaks of a study",
        "evidence" => "it speaks of evidence",
        "proven" => "it says that something was shown or proven",
        "statistics" => "it gives figures",
        "burden" => "it says how common or grave something is",
        "association" => "it links something with a risk",
        "authority" => "it speaks for an authority or experts",
        "patients" => "it says what most patients experience",
        "groups" => "it compares groups of people",
        "efficacy" => "it compares what works",
        "comparison" => "it compares effects",
        "known" => "it says that something is known",
        "dose" => "it gives a dose or a duration",
        "effect" => "it claims an effect on health",
        _ => "it makes a claim",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_can_be_read_and_has_a_meaning() {
        let named = lines(list!("families")).filter_map(heading).count();
        assert_eq!(FAMILIES.len(), named);
        for (family, _) in FAMILIES.iter() {
            assert_ne!(meaning(family.name), "it makes a claim", "{}", family.name);
        }
    }
}
