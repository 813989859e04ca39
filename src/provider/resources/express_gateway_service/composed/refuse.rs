//! Why the managed engine cannot take an argument, and what can. The schema has the reasons.

use crate::framework::schema::Lack;
use crate::framework::{Diagnostic, Path};
use crate::provider::resources::express_gateway_service::model::ServiceModel;
use crate::provider::resources::express_gateway_service::removal::lacking;

/// One error for each argument in the configuration that the managed engine does not have.
pub(in crate::provider::resources::express_gateway_service) fn refuse(
    config: &ServiceModel,
) -> Vec<Diagnostic> {
    lacking(config).iter().map(|(path, lack)| explain(path, lack)).collect()
}

fn explain(path: &Path, lack: &Lack) -> Diagnostic {
    let diagnostic = Diagnostic::error(format!("`{path}` needs the composed engine"), lack.reason)
        .at(path.clone())
        .hint(format!("set `engine = \"composed\"`, which replaces an existing service, or remove `{path}`"));
    match lack.way {
        Some(way) => diagnostic.hint(format!("to stay with the managed engine, {way}")),
        None => diagnostic,
    }
}
