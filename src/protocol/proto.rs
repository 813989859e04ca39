//! The generated wire types, server traits and clients.

#![expect(
    unused_qualifications,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated from proto/, where the documentation is"
)]

/// `tfplugin6.Provider`.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// go-plugin's services.
pub mod plugin {
    tonic::include_proto!("plugin");
}
