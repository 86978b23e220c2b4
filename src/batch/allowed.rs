//! Which operations may stand in a batch.

use actix_web::dev::ResourceDef;
use serde_json::Value;

use super::model::OperationMethod;

/// Their ids. Not here: what asks others (look-ups), what takes files, what waits for its time, and what goes on after its
/// answer.
const IDS: &[&str] = &[
    "manage_articles_create",
    "manage_articles_patch",
    "manage_articles_replace",
    "manage_articles_delete",
    "manage_articles_publish",
    "manage_articles_unpublish",
    "manage_acknowledgements_create",
    "manage_acknowledgements_delete",
    "manage_sections_create",
    "manage_sections_patch",
    "manage_sections_delete",
    "manage_sections_order",
    "manage_citations_create",
    "manage_citations_patch",
    "manage_citations_delete",
    "manage_citations_order",
    "manage_studies_create",
    "manage_studies_patch",
    "manage_studies_delete",
];

/// Where they are.
pub struct Allowed(Vec<Place>);

struct Place {
    id: &'static str,
    method: OperationMethod,
    path: ResourceDef,
    parameters: usize,
}

impl Allowed {
    /// As the contract has it.
    ///
    /// # Errors
    /// When the contract has no operation of one of the ids.
    pub fn of(contract: &Value) -> anyhow::Result<Self> {
        let place = |id: &&'static str| {
            let found = place(contract, id);
            found.ok_or_else(|| anyhow::anyhow!("{id} may stand in a batch, and there is no such operation"))
        };
        Ok(Self(IDS.iter().map(place).collect::<Result<_, _>>()?))
    }

    /// The id of the operation there, if it may stand in a batch; where a fixed address could also be taken for one with a
    /// parameter, of the fixed one.
    pub fn find(&self, method: OperationMethod, path: &str) -> Option<&'static str> {
        let there = self.0.iter().filter(|place| place.method == method && place.path.is_match(path));
        there.min_by_key(|place| place.parameters).map(|place| place.id)
    }
}

fn place(contract: &Value, id: &'static str) -> Option<Place> {
    let mut paths = contract["paths"].as_object()?.iter();
    paths.find_map(|(path, item)| {
        let mut operations = item.as_object()?.iter();
        let (method, _) = operations.find(|(_, operation)| operation["operationId"] == id)?;
        let method = OperationMethod::parse(&method.to_ascii_uppercase())?;
        Some(Place { id, method, path: ResourceDef::new(path.as_str()), parameters: path.matches('{').count() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_stand_in_a_batch_is_found_by_its_address() {
        let allowed = Allowed::of(&crate::openapi::document().unwrap()).unwrap();
        for (method, path, id) in [
            (OperationMethod::Post, "/v1/manage/articles", Some("manage_articles_create")),
            (OperationMethod::Patch, "/v1/manage/articles/{a.id}", Some("manage_articles_patch")),
            (OperationMethod::Put, "/v1/manage/articles/x/sections/order", Some("manage_sections_order")),
            (OperationMethod::Put, "/v1/manage/articles/x/sections/{a.id}", None),
            (OperationMethod::Post, "/v1/manage/studies/import", None),
            (OperationMethod::Post, "/v1/manage/studies/lookup", None),
            (OperationMethod::Post, "/v1/manage/batch", None),
            (OperationMethod::Post, "/v1/manage/articles/", None),
            (OperationMethod::Delete, "/v1/manage/comments/x", None),
        ] {
            assert_eq!(allowed.find(method, path), id, "{path}");
        }
    }
}
