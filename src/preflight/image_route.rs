//! Tasks have a way to what they need before they start: the registry, the log, their secrets.

use super::Finding;
use super::looks::Looks;
use super::subject::NetworkUse;
use crate::aws::ec2::{Subnet, SubnetKind};
use crate::service::{EcrImage, SecretReference};

/// What a VPC needs endpoints of for images of ECR, if nothing leads out of it.
const FOR_ECR_IMAGES: [&str; 4] = ["ecr.api", "ecr.dkr", "s3", "logs"];

/// Looks at the routes of the tasks' subnets, and at the VPC's endpoints where there are none.
pub(super) async fn check(looks: &Looks, network: &NetworkUse, subnets: &[Subnet]) -> Option<Finding> {
    let closed: Vec<_> = subnets.iter().filter(|subnet| !leads_out(network, subnet)).collect();
    let first = closed.first()?;
    let names: Vec<_> = closed.iter().map(|subnet| format!("`{}`", subnet.id)).collect();
    let why = if first.kind == SubnetKind::Public {
        format!("Tasks in {} get no public address, and there is no other way out.", names.join(", "))
    } else {
        format!("No route of {} leads out of the VPC.", names.join(", "))
    };
    let outside = network.pulls.iter().find(|image| EcrImage::parse(image).is_none());
    if let Some(image) = outside {
        let detail = format!("{why} No endpoint of a VPC leads to the registry of `{image}`.");
        return Some(told(network, detail, first));
    }
    let endpoints = looks.find_vpc_endpoints(&first.vpc_id).await.found()?;
    let missing: Vec<_> =
        needed_endpoints(network).into_iter().filter(|service| !has(&endpoints, service)).collect();
    if missing.is_empty() {
        return None;
    }
    let detail = format!("{why} `{}` has no endpoint of {}.", first.vpc_id, missing.join(", "));
    Some(told(network, detail, first))
}

fn leads_out(network: &NetworkUse, subnet: &Subnet) -> bool {
    match subnet.kind {
        SubnetKind::Public => network.assigns_public_ip,
        SubnetKind::Private => subnet.has_way_out,
    }
}

fn needed_endpoints(network: &NetworkUse) -> Vec<&'static str> {
    let mut needed = if network.pulls.is_empty() { vec!["logs"] } else { FOR_ECR_IMAGES.to_vec() };
    let reads = |wanted: fn(&SecretReference) -> bool| network.secrets.iter().any(wanted);
    if reads(|reference| matches!(reference, SecretReference::Secret { .. })) {
        needed.push("secretsmanager");
    }
    if reads(|reference| matches!(reference, SecretReference::Parameter { .. })) {
        needed.push("ssm");
    }
    needed
}

/// `com.amazonaws.<region>.<service>`, in China with `cn.` before it.
fn has(endpoints: &[String], service: &str) -> bool {
    endpoints.iter().any(|name| name.strip_suffix(service).is_some_and(|region| region.ends_with('.')))
}

fn told(network: &NetworkUse, detail: String, closed: &Subnet) -> Finding {
    let finding = Finding::estimate(&network.path, "Tasks may have no way to pull their image", detail);
    if closed.kind == SubnetKind::Public {
        return finding.hint("set `assign_public_ip = true`, or name private subnets with a NAT gateway");
    }
    finding.hint(
        "add a route to a NAT gateway, or VPC endpoints of ecr.api, ecr.dkr, s3 and logs for images of ECR",
    )
}
