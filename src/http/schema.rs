//! Pieces of JSON Schema for types whose form is checked by hand.

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use super::text::{Lines, MANY_LINES, ONE_LINE};

/// A UUID in its hyphenated form.
pub fn uuid(_of: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .min_length(Some(36))
        .max_length(Some(36))
        .examples([json!("01939f3e-7d2c-7c4a-9b58-2f1d6a0c9e11")])
        .into()
}

/// A checked text.
pub fn text(least: usize, most: usize, lines: Lines) -> RefOr<Schema> {
    let pattern = match lines {
        Lines::One if least > 0 => ONE_LINE,
        Lines::One => r"^[^\x00-\x1F\x7F]*$",
        Lines::Many => MANY_LINES,
    };
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length((least > 0).then_some(least))
        .max_length(Some(most))
        .pattern(Some(pattern))
        .into()
}

/// A text of a given form.
pub fn formed(pattern: &str, most: usize) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(most)).pattern(Some(pattern)).into()
}

/// One of a closed list of words.
pub fn words(words: &'static [&'static str], description: &str) -> RefOr<Schema> {
    let description = description.trim();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description((!description.is_empty()).then_some(description))
        .enum_values(Some(words.iter().copied()))
        .into()
}
