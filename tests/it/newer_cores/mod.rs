//! What only newer cores ask for, with the messages that they send: queries, generated configurations, actions. The
//! installed command line may be too old for all of it, so the provider is asked over its socket.

mod actions;
mod listing;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};
use terraform_provider_express::aws::Environment;
use terraform_provider_express::clock::{SharedClock, VirtualClock};
use terraform_provider_express::framework::Value;
use terraform_provider_express::framework::core_rules::{plan_violations, proposed_new};
use terraform_provider_express::framework::server::{
    ClientCapabilities, ConfigureRequest, ImportResourceStateRequest, PlanResourceChangeRequest,
    ReadResourceRequest, Server,
};
use terraform_provider_express::protocol::client::{Client, InProcess};
use terraform_provider_express::provider::ExpressProvider;
use terraform_provider_express::sandbox::Sandbox;
use terraform_provider_express::sandbox::api::Service;

use crate::support::cloud::call;
use crate::support::workspace::expand;

const TYPE_NAME: &str = "express_gateway_service";
const CAPABILITIES: ClientCapabilities =
    ClientCapabilities { deferral_allowed: false, write_only_attributes_allowed: true };

/// The provider behind its socket, an account, and the account's time.
struct Plugin {
    sandbox: Sandbox,
    clock: VirtualClock,
    served: InProcess,
    /// Shapes as the provider has them.
    shapes: Server,
}

impl Plugin {
    async fn start() -> Self {
        let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_491_200));
        let shared: SharedClock = Arc::new(clock.clone());
        let sandbox = Sandbox::new(Arc::clone(&shared));
        let environment: Environment =
            [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "eu-west-1")]
                .into_iter()
                .collect();
        let provider = ExpressProvider::new(shared, Some(sandbox.http_client()), environment);
        let served = InProcess::start(Arc::new(provider)).await.expect("starts");
        let shapes = Server::new(Arc::new(ExpressProvider::of_process()));
        let config = expand(shapes.provider_type(), &json!({}));
        let request =
            ConfigureRequest { terraform_version: "1.14.0".to_owned(), config, capabilities: CAPABILITIES };
        let said = served.client.configure(request).await.expect("answers");
        assert!(said.is_empty(), "{said:?}");
        Self { sandbox, clock, served, shapes }
    }

    fn client(&self) -> &Client {
        &self.served.client
    }

    /// A service as the console or a script would make it. Answers its ARN.
    fn create_service(&self, input: Json) -> String {
        let mut request = json!({
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "infrastructureRoleArn": "arn:aws:iam::123456789012:role/infrastructure",
            "primaryContainer": { "image": "public.ecr.aws/nginx/nginx:1.28" },
        });
        let (Json::Object(request), Json::Object(input)) = (&mut request, input) else { panic!("objects") };
        request.extend(input);
        request.retain(|_, value| !value.is_null());
        let request = Json::Object(request.clone());
        let created = call(&self.sandbox, Service::Ecs, "CreateExpressGatewayService", request);
        created["service"]["serviceArn"].as_str().expect("an ARN").to_owned()
    }

    /// Imports by identity and reads, as core does.
    async fn import(&self, identity: &Value) -> Value {
        let request = ImportResourceStateRequest {
            type_name: TYPE_NAME.to_owned(),
            id: String::new(),
            identity: Some(identity.clone()),
            capabilities: CAPABILITIES,
        };
        let mut imported = self.client().import_resource_state(request).await.expect("answers");
        assert!(imported.diagnostics.is_empty(), "{:?}", imported.diagnostics);
        let imported = imported.imported_resources.pop().expect("one");
        let request = ReadResourceRequest {
            type_name: TYPE_NAME.to_owned(),
            current_state: imported.state,
            private: imported.private,
            current_identity: imported.identity,
            capabilities: CAPABILITIES,
        };
        let read = self.client().read_resource(request).await.expect("answers");
        assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
        read.new_state
    }

    /// Validates and plans a configuration for a state, as core does. Answers the planned state.
    async fn plan(&self, config: &Value, state: &Value) -> Value {
        let said = self.client().validate_resource_config(TYPE_NAME, config).await.expect("answers");
        assert!(!said.has_errors(), "{said:?}");
        let members = &self.shapes.resource(TYPE_NAME).expect("the resource exists").schema.attributes;
        let request = PlanResourceChangeRequest {
            type_name: TYPE_NAME.to_owned(),
            prior_state: state.clone(),
            proposed_new_state: proposed_new(members, state, config),
            config: config.clone(),
            prior_private: Vec::new(),
            prior_identity: None,
            capabilities: CAPABILITIES,
        };
        let planned = self.client().plan_resource_change(request).await.expect("answers");
        assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
        let violations = plan_violations(members, state, config, &planned.planned_state);
        assert!(violations.is_empty(), "core would refuse the plan: {violations:#?}");
        planned.planned_state
    }
}
