//! Measures what the provider costs: its size, its start, its memory. `scripts/footprint` runs it.
#![expect(clippy::print_stdout, reason = "the measurements are this program's answer")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use terraform_provider_express::clock::{Clock as _, SystemClock};
use terraform_provider_express::protocol::client::{Child, Client, ClientCertificate, core_command};
use tokio::process::Command;

/// Starts to take the median of.
const RUNS_DEFAULT: usize = 21;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let binary = PathBuf::from(arguments.next().ok_or("usage: footprint BINARY [RUNS]")?);
    let runs = arguments.next().map(|runs| runs.parse()).transpose()?.unwrap_or(RUNS_DEFAULT).max(1);

    let hundredths = std::fs::metadata(&binary)?.len() / 10_000;
    println!("binary                        {}.{:02} MB", hundredths / 100, hundredths % 100);
    let mut starts = Vec::with_capacity(runs);
    let mut memories = Vec::with_capacity(runs);
    for _ in 0..runs {
        let (start, memory_kilobytes) = measure(&binary).await?;
        starts.push(start);
        memories.push(memory_kilobytes);
    }
    starts.sort_unstable();
    memories.sort_unstable();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let (median, least) = (milliseconds(starts[runs / 2]), milliseconds(starts[0]));
    println!("exec to handshake             {median:.1} ms (median of {runs}, least {least:.1})");
    println!("memory after the schema (RSS) {} kB (median of {runs})", memories[runs / 2]);
    Ok(())
}

/// Starts the plugin once, with mutual TLS as core does: the time to its handshake line, and its memory in
/// kilobytes after `GetProviderSchema`.
async fn measure(binary: &Path) -> Result<(Duration, u64), Box<dyn Error>> {
    let certificate = ClientCertificate::generate()?;
    let mut command = core_command(binary);
    command.env("PLUGIN_CLIENT_CERT", certificate.pem());
    let began = SystemClock.now();
    let child = Child::spawn(command).await?;
    let start = SystemClock.now().duration_since(began)?;

    let client = Client::connect(&child.handshake_line, Some(&certificate)).await?;
    let process_id = child.process.id().ok_or("the plugin has ended")?;
    let output = Command::new("ps").args(["-o", "rss=", "-p", &process_id.to_string()]).output().await?;
    let memory_kilobytes = String::from_utf8(output.stdout)?.trim().parse()?;
    client.shutdown().await?;
    child.wait().await?;
    Ok((start, memory_kilobytes))
}
