//! `/v1/styles` and `/v1/manage/styles`: the citation styles.

mod delete;
mod get;
mod list;
mod put;

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::http::operations::Operations;
use crate::ids::path_parameter;
use crate::library::styles::StyleName;

pub fn routes(config: &mut Operations<'_>) {
    config.service(list::list).service(get::get).service(get::file).service(put::put).service(delete::delete);
}

/// What a file of a style is.
const MEDIA_TYPE: &str = "application/vnd.citationstyles.style+xml";

/// How an address names a style.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct StylePath {
    name: String,
}

impl StylePath {
    /// `None` when nothing can have the name.
    fn read(&self) -> Option<StyleName> {
        StyleName::parse(&self.name).ok()
    }
}

impl IntoParams for StylePath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![path_parameter("name", "The name of the style.", "^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", 100, "vancouver")]
    }
}

/// A style in CSL, as XML.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, max_length = 1000000, pattern = r"^[\s\S]*$")]
pub struct StyleFile(#[expect(dead_code, reason = "only its schema is used")] String);
