//! What the scenarios need: a command line, the installed provider, a sandbox, a working folder.

pub(crate) mod aws;
pub(crate) mod bring;
pub(crate) mod cli;
pub(crate) mod configuration;
pub(crate) mod feature;
pub(crate) mod https;
pub(crate) mod layout;
pub(crate) mod mirror;
pub(crate) mod process;
pub(crate) mod sandbox;
pub(crate) mod tmux;
pub(crate) mod workspace;

pub(crate) use cli::{any_cli, with_every_cli, with_every_cli_that_has};
pub(crate) use sandbox::SandboxProcess;
pub(crate) use workspace::Workspace;
