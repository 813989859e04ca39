//! The operations whose calls the matrix is derived from.

use serde_json::{Value as Json, json};
use terraform_provider_express::framework::Diagnostics;

use crate::support::workspace::{Action, Workspace, three_inputs, with};

/// An operation of a user on one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    Configure,
    CreateNamed,
    CreateUnnamed,
    UpdateImage,
    UpdateTagsAndScaling,
    Replace,
    Delete,
    Refresh,
    Import,
    ComposedCreate,
    ComposedUpdateImage,
    ComposedRename,
    ComposedMove,
    ComposedDelete,
    ComposedRefresh,
    ComposedImport,
}

impl Scenario {
    pub(super) const ALL: [Self; 9] = [
        Self::Configure,
        Self::CreateNamed,
        Self::CreateUnnamed,
        Self::UpdateImage,
        Self::UpdateTagsAndScaling,
        Self::Replace,
        Self::Delete,
        Self::Refresh,
        Self::Import,
    ];

    /// The same for services of the composed engine.
    pub(super) const COMPOSED: [Self; 7] = [
        Self::ComposedCreate,
        Self::ComposedUpdateImage,
        Self::ComposedRename,
        Self::ComposedMove,
        Self::ComposedDelete,
        Self::ComposedRefresh,
        Self::ComposedImport,
    ];

    /// The workspace before the operation.
    pub(super) async fn before(self) -> Workspace {
        // What a plan can do without has tests of its own (`it::preflight`).
        let mut workspace = Workspace::with_provider(json!({ "preflight": "off" })).await;
        if !self.is_create() {
            let config = if self.is_composed() { composed() } else { named() };
            workspace.applied("app", &config).await;
        }
        if self.is_import() {
            workspace.forget("app");
        }
        workspace
    }

    /// The operation.
    pub(super) async fn act(self, workspace: &mut Workspace) -> Diagnostics {
        match self {
            Self::Configure => workspace.configure().await,
            Self::Delete | Self::ComposedDelete => workspace.destroy("app").await,
            Self::Refresh | Self::ComposedRefresh => workspace.refresh("app").await,
            Self::Import | Self::ComposedImport => workspace.import("app", "default/api").await,
            _ => workspace.apply("app", &self.desired()).await.diagnostics,
        }
    }

    /// What is configured when the operation runs.
    pub(super) fn desired(self) -> Json {
        let tagged = with(&named(), "tags", json!({ "team": "payments" }));
        match self {
            Self::CreateUnnamed => three_inputs(),
            Self::UpdateImage => {
                with(&named(), "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }))
            }
            Self::UpdateTagsAndScaling => with(&tagged, "scaling_target", json!({ "max_task_count": 7 })),
            Self::Replace => with(
                &named(),
                "infrastructure_role_arn",
                "arn:aws:iam::123456789012:role/other-infrastructure",
            ),
            Self::ComposedUpdateImage => {
                with(&composed(), "primary_container", json!({ "image": "public.ecr.aws/nginx/nginx:1.29" }))
            }
            Self::ComposedRename => {
                let domain = json!({ "hosted_zone": "example.com", "hostname": "www.example.com" });
                with(&composed(), "domain", domain)
            }
            Self::ComposedMove => with(&composed(), "load_balancer", json!({ "pool": "team" })),
            _ if self.is_composed() => composed(),
            _ => named(),
        }
    }

    /// Whether the operation makes a service, so that without a state there is none when the provider is killed.
    pub(super) fn is_create(self) -> bool {
        matches!(self, Self::CreateNamed | Self::CreateUnnamed | Self::ComposedCreate)
    }

    /// Whether the service is of the composed engine.
    pub(super) fn is_composed(self) -> bool {
        Self::COMPOSED.contains(&self)
    }

    /// Whether the operation takes a service into the state.
    pub(super) fn is_import(self) -> bool {
        matches!(self, Self::Import | Self::ComposedImport)
    }

    /// Whether nothing may be left afterwards.
    pub(super) fn is_delete(self) -> bool {
        matches!(self, Self::Delete | Self::ComposedDelete)
    }

    /// Brings a workspace in which the operation was disturbed to its end, as a user would: does it again, does
    /// what a hint says, and does it again.
    pub(super) async fn heal(self, workspace: &mut Workspace) -> Result<(), String> {
        if self.is_delete() {
            return insist(&workspace.destroy("app").await);
        }
        if self.is_import() && workspace.state("app").is_none() {
            // What is imported may be gone: then the apply below makes it.
            let _ = workspace.import("app", "default/api").await;
        }
        let applied = workspace.apply("app", &self.desired()).await;
        if let Some(arn) = find_import_hint(&applied.diagnostics) {
            insist(&workspace.import("app", &arn).await)?;
            insist(&workspace.apply("app", &self.desired()).await.diagnostics)?;
        } else {
            insist(&applied.diagnostics)?;
        }
        let (action, diagnostics) = workspace.plan("app", &self.desired()).await;
        insist(&diagnostics)?;
        if action == Action::Nothing { Ok(()) } else { Err(format!("the next plan is {action:?}")) }
    }
}

fn named() -> Json {
    with(&three_inputs(), "service_name", "api")
}

/// The same, assembled by the provider, on a domain.
/// Nothing is baked: minutes of waiting are polls alone, of which the matrix takes the first and the last.
fn composed() -> Json {
    let config = with(&named(), "engine", "composed");
    let config = with(
        &config,
        "deployment_configuration",
        json!({ "bake_time_minutes": 0, "canary_bake_time_minutes": 0 }),
    );
    with(&config, "domain", json!({ "hosted_zone": "example.com" }))
}

/// The import command that an error recommends.
fn find_import_hint(diagnostics: &Diagnostics) -> Option<String> {
    let hints = diagnostics.iter().flat_map(|diagnostic| &diagnostic.hints);
    hints
        .filter_map(|hint| hint.split_once("terraform import <address> "))
        .map(|(_, arn)| arn.to_owned())
        .next()
}

fn insist(diagnostics: &Diagnostics) -> Result<(), String> {
    if diagnostics.has_errors() { Err(format!("doing it again: {}", say(diagnostics))) } else { Ok(()) }
}

/// The messages in one line.
pub(super) fn say(diagnostics: &Diagnostics) -> String {
    let messages = diagnostics.iter().map(|said| format!("{} ({})", said.summary, said.render_detail()));
    messages.collect::<Vec<_>>().join("; ").replace('\n', " ")
}
