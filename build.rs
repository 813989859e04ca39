//! Compiles the protocol's `.proto` files in Rust alone: no `protoc` is needed.

use std::error::Error;

const PROTO_FILES: [&str; 4] = [
    "proto/tfplugin6.proto",
    "proto/plugin/grpc_broker.proto",
    "proto/plugin/grpc_controller.proto",
    "proto/plugin/grpc_stdio.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    for file in PROTO_FILES {
        println!("cargo:rerun-if-changed={file}");
    }
    let descriptors = protox::compile(PROTO_FILES, ["proto"])?;
    // RPCs without a body of ours answer UNIMPLEMENTED (protocol section 1.4).
    tonic_prost_build::configure().generate_default_stubs(true).compile_fds(descriptors)?;
    Ok(())
}
