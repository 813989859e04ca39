//! `PlanResourceChange`.

use super::guard::guarded;
use super::replacement_mark;
use super::{ClientCapabilities, ResourceEntry, Server, unknown_resource_type};
use crate::framework::core_rules::plan_violations;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::plan::{changed_paths, plan_change, replaced_paths};
use crate::framework::resource::{Plan, Private};
use crate::framework::schema::without_write_only;
use crate::framework::{Context, Diagnostic, Path, Value};

/// A change to plan.
#[derive(Debug, Clone)]
pub struct PlanResourceChangeRequest {
    /// The Terraform type.
    pub type_name: String,
    /// The state before; null for a create.
    pub prior_state: Value,
    /// What core proposes; null for a destroy.
    pub proposed_new_state: Value,
    /// What the user wrote.
    pub config: Value,
    /// Opaque bytes from the state.
    pub prior_private: Private,
    /// The identity from the state.
    pub prior_identity: Option<Value>,
    /// What core can take.
    pub capabilities: ClientCapabilities,
}

/// The planned change.
#[derive(Debug, Clone)]
pub struct PlanResourceChangeResponse {
    /// The state after; null for a destroy.
    pub planned_state: Value,
    /// Attributes whose change forces a replacement.
    pub requires_replace: Vec<Path>,
    /// Opaque bytes for apply.
    pub planned_private: Private,
    /// The identity after; `None`: not known.
    pub planned_identity: Option<Value>,
    /// What the user is told.
    pub diagnostics: Diagnostics,
    /// What the instance is called, for the summaries of warnings.
    pub subject: Option<String>,
}

impl Server {
    /// Plans a change of a resource: by its schema, then by its own plan, then checked against core's rules.
    ///
    /// Core's proposal only says whether this is a destroy; the plan is worked out from configuration and
    /// state, which is what the proposal is made of.
    pub async fn plan_resource_change(
        &self,
        request: PlanResourceChangeRequest,
    ) -> PlanResourceChangeResponse {
        let mut response = PlanResourceChangeResponse {
            planned_state: request.proposed_new_state.clone(),
            requires_replace: Vec::new(),
            planned_private: request.prior_private.clone(),
            // Core hands the create of a replacement the identity of the object that goes (facts, cores).
            planned_identity: request.prior_identity.filter(|_| !request.prior_state.is_null()),
            diagnostics: Diagnostics::none(),
            subject: None,
        };
        let Some(entry) = self.resource(&request.type_name) else {
            response.diagnostics = unknown_resource_type(&request.type_name);
            return response;
        };
        let cx = self.context(request.capabilities);
        if request.proposed_new_state.is_null() {
            let destroy = entry.resource.plan_destroy(&cx, &request.prior_state);
            response.diagnostics = match guarded(&request.type_name, "destroy plan", destroy).await {
                Ok(diagnostics) => diagnostics,
                Err(panicked) => panicked.into(),
            };
            return response;
        }
        let planned = plan_change(&entry.members, &request.config, &request.prior_state);
        let (private, is_create_half) = replacement_mark::take(request.prior_private);
        let mut plan = Plan {
            requires_replace: replaced_paths(&entry.members, &request.prior_state, &planned),
            replaces_live: is_create_half || !request.prior_state.is_null(),
            config: request.config,
            prior: Some(request.prior_state).filter(|prior| !prior.is_null()),
            planned,
            private,
        };
        response.diagnostics = entry.plan(&cx, &mut plan).await;
        response.subject = entry.resource.subject(&plan.planned);
        if plan.prior.is_some() && self.is_applying(request.capabilities) {
            response.diagnostics.extend(late_replacement(&plan.requires_replace));
        }
        response.planned_state = plan.planned;
        response.requires_replace = plan.requires_replace;
        let is_marked = plan.prior.is_some() && plan.replaces_live;
        response.planned_private = if is_marked { replacement_mark::put(plan.private) } else { plan.private };
        response
    }
}

/// A replacement that shows only while it is applied. Core would refuse it in words that blame the provider; of a change
/// that was planned as a replacement, it asks for the new object only, without a prior state.
fn late_replacement(requires_replace: &[Path]) -> Option<Diagnostic> {
    let first = requires_replace.first()?;
    let detail = format!(
        "`{first}` became known only during this apply, and what it is now cannot be changed in place: it takes a \
         replacement, which the plan did not show and nobody has agreed to. Nothing was changed here."
    );
    Some(
        Diagnostic::error("The change needs a replacement that was not planned", detail)
            .hint("plan and apply once more: the value is known then, and the plan shows the replacement")
            .at(first.clone()),
    )
}

impl ResourceEntry {
    /// Lets the resource adjust the plan, then holds the result to core's rules.
    async fn plan(&self, cx: &Context, plan: &mut Plan<Value>) -> Diagnostics {
        let by_schema = (plan.planned.clone(), plan.requires_replace.clone());
        let hook = guarded(self.resource.type_name(), "plan", self.resource.plan(cx, plan)).await;
        let mut diagnostics = hook.unwrap_or_else(Diagnostics::from);
        if diagnostics.has_errors() {
            return diagnostics;
        }
        plan.planned = without_write_only(&self.members, std::mem::replace(&mut plan.planned, Value::Null));
        if let Err(error) = self.r#type.check(&plan.planned) {
            diagnostics.push(self.defect("plan", &format!("The plan does not fit the schema: {error}.")));
            return diagnostics;
        }
        self.add_replaced_paths(plan, &by_schema.0, &by_schema.1);
        let prior = plan.prior.as_ref().unwrap_or(&Value::Null);
        diagnostics.extend(self.check_plan(&plan.config, prior, &plan.planned));
        diagnostics
    }

    /// Adds what the schema says of changes that the resource's own plan made; keeps only paths that change.
    fn add_replaced_paths(&self, plan: &mut Plan<Value>, planned_before: &Value, replaced_before: &[Path]) {
        let Some(prior) = &plan.prior else {
            plan.requires_replace.clear();
            return;
        };
        if plan.planned != *planned_before {
            let replaced = replaced_paths(&self.members, prior, &plan.planned);
            plan.requires_replace.extend(replaced.into_iter().filter(|path| !replaced_before.contains(path)));
        }
        plan.requires_replace =
            changed_paths(std::mem::take(&mut plan.requires_replace), prior, &plan.planned);
    }

    /// Says once, in our words, what core would otherwise reject in its own.
    fn check_plan(&self, config: &Value, prior: &Value, planned: &Value) -> Option<Diagnostic> {
        let violations = plan_violations(&self.members, prior, config, planned);
        let first = violations.first()?.path.clone();
        let lines: Vec<String> =
            violations.iter().map(|violation| format!("{}: {}", violation.path, violation.problem)).collect();
        let detail = format!("The plan breaks Terraform's rules at {}.", lines.join("; at "));
        Some(self.defect("plan", &detail).at(first))
    }
}
