//! The floors of CONTRIBUTING.md: imports go down only, and a draft has no path to the public.

use std::path::{Path, PathBuf};

/// From the ground up; what stands on one line may import each other.
const FLOORS: &[&[&str]] = &[
    &["error", "clock", "config", "language", "http", "db"],
    &["citing", "text"],
    &["ids"],
    &["library"],
    // What is published, how it is named and logged: both wings know it, and it knows neither.
    &["publishing::document", "publishing::name", "publishing::log"],
    // `app` holds the keys and the hasher of `accounts` and the answers of `delivery::cache`, and is what both run on.
    &["accounts", "app", "delivery::cache"],
    &["comments", "batch"],
    &["formats"],
    &["editorial", "delivery"],
    &["publishing"],
    // A working copy as the public would read it: of both wings.
    &["preview"],
    &["routes"],
    &["server", "openapi", "ops", "telemetry", "cli"],
];

/// Macros that stand at the root of the crate, whatever file they are written in.
const MACROS: &[&str] = &["on", "words", "sort_keys", "typed_id", "checked_text", "formed_text"];

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&name))
}

/// The most exact name that has a floor: of the room, or of one file of it.
fn floor_of_path(room: &str, file: &str) -> usize {
    floor(&format!("{room}::{file}")).or_else(|| floor(room)).unwrap_or_else(|| panic!("{room} is on no floor"))
}

/// Room and floor of a file of `src`.
fn place(file: &Path) -> (String, usize) {
    let steps: Vec<&str> = file.iter().map(|step| step.to_str().unwrap().trim_end_matches(".rs")).collect();
    let within = steps.get(1).copied().unwrap_or_default();
    let floor = if within == "routes" { floor("routes").unwrap() } else { floor_of_path(steps[0], within) };
    (steps[0].to_owned(), floor)
}

/// Every `crate::a::b` of a text without its tests and comments, as `(a, b)`; of `crate::{a, b::c}` each.
fn imports(source: &str) -> Vec<(String, String)> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|l| [l, "\n"]).collect();
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let path = |text: &str| {
        let first = word(text.trim_start());
        let second = text.trim_start()[first.len()..].strip_prefix("::").map(word).unwrap_or_default();
        (first, second)
    };
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => found.extend(list.split('}').next().unwrap_or_default().split(',').map(path)),
            None => found.push(path(rest)),
        }
    }
    found.retain(|(first, _)| !first.is_empty());
    found
}

fn sources(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            into.push(path);
        }
    }
}

#[test]
fn imports_go_down_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 100, "the sources are found");
    let mut wrong = Vec::new();
    for path in files {
        let name = path.strip_prefix(&src).unwrap();
        if ["lib.rs", "main.rs"].iter().any(|root| name == Path::new(root)) {
            continue;
        }
        let (room, here) = place(name);
        let source = std::fs::read_to_string(&path).unwrap();
        if ["citing", "text", "formats"].contains(&room.as_str())
            && ["actix", "diesel"].iter().any(|crate_| source.contains(crate_))
        {
            wrong.push(format!("{} is pure and names actix or diesel", name.display()));
        }
        for (to, file) in imports(&source) {
            if to == room || MACROS.contains(&to.as_str()) {
                continue;
            }
            let there = floor_of_path(&to, &file);
            let sideways =
                [("delivery", "editorial"), ("editorial", "delivery")].contains(&(room.as_str(), to.as_str()));
            let into_the_other_wing = room == "delivery" && to == "publishing" && there == floor("publishing").unwrap();
            if there > here || sideways || into_the_other_wing {
                wrong.push(format!("{} imports crate::{to}::{file}", name.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_import_is_seen() {
    let source = "use crate::a::b::C;\nuse crate::{d, e::f};\n// crate::no::no\nfn x() { crate::g::h() }\n#[cfg(test)]\nuse crate::z;";
    let seen: Vec<String> = imports(source).into_iter().map(|(a, b)| format!("{a}.{b}")).collect();
    assert_eq!(seen, ["a.b", "d.", "e.f", "g.h"]);
}
