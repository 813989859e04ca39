//! What a developer gives to Terraform so that it uses a running provider (protocol section 1.5).

use serde_json::json;

use crate::protocol::handshake::PROTOCOL_VERSION;
use crate::protocol::listener::Address;

/// This provider on both registries. A core takes the address of its own and ignores the other.
const PROVIDER_ADDRESSES: [&str; 2] =
    ["registry.terraform.io/express-gateway/express", "registry.opentofu.org/express-gateway/express"];

/// The text for a person: what to export, and how to end it.
pub(crate) fn instructions(address: &Address, process_id: u32) -> String {
    format!(
        "The provider is running. Let Terraform or OpenTofu use it with:\n\n\
         \texport TF_REATTACH_PROVIDERS='{}'\n\n\
         End it with Ctrl-C.\n",
        variable(address, process_id)
    )
}

/// The value of `TF_REATTACH_PROVIDERS`. `Test` makes core leave the process alone at the end of a run.
fn variable(address: &Address, process_id: u32) -> String {
    let reattach = json!({
        "Protocol": "grpc",
        "ProtocolVersion": PROTOCOL_VERSION,
        "Pid": process_id,
        "Test": true,
        "Addr": { "Network": address.network(), "String": address.to_string() },
    });
    let providers: serde_json::Map<_, _> =
        PROVIDER_ADDRESSES.iter().map(|provider| ((*provider).to_owned(), reattach.clone())).collect();
    serde_json::Value::Object(providers).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_has_what_core_reads() {
        let address = Address::Unix("/tmp/plugin1".into());
        let providers: serde_json::Value = serde_json::from_str(&variable(&address, 42)).expect("JSON");
        let reattach = &providers["registry.terraform.io/express-gateway/express"];
        assert_eq!(reattach["ProtocolVersion"], 6);
        assert_eq!(reattach["Pid"], 42);
        assert_eq!(reattach["Addr"], json!({ "Network": "unix", "String": "/tmp/plugin1" }));
        assert_eq!(*reattach, providers["registry.opentofu.org/express-gateway/express"]);
    }

    #[test]
    fn the_instructions_are_one_shell_word() {
        let text = instructions(&Address::Unix("/tmp/plugin1".into()), 42);
        assert!(text.contains("TF_REATTACH_PROVIDERS='{"));
        assert_eq!(text.matches('\'').count(), 2);
    }
}
