//! Deployments that ECS gives up for a reason of their own, and certificates that do not come (facts, composition
//! section 10; Express section 1.4).

use super::script::{CertificateFault, Effect, Script};

const fn deployment(name: &'static str, help: &'static str, reason: &'static str) -> Script {
    Script::both(name, help, Effect::Deployment { reason })
}

const fn certificate(name: &'static str, help: &'static str, fault: CertificateFault) -> Script {
    Script { name, help, express: Effect::None, plain: Effect::Certificate(fault) }
}

/// The table.
pub(super) static DEPLOYMENTS: [Script; 10] = [
    deployment(
        "listener-rule-split",
        "the listener rule serves both target groups",
        "Service deployment rolled back because of invalid networking configuration. productionListenerRule should have \
         exactly one target group serving traffic but found 2 target groups which are serving traffic.",
    ),
    deployment(
        "listener-rule-changed",
        "somebody changed the listener rule",
        "Service deployment rolled back because of invalid networking configuration. The target groups are not \
         associated with either productionListenerRule or testListenerRule.",
    ),
    deployment(
        "lifecycle-hook-failed",
        "a lifecycle hook fails",
        "Service deployment rolled back because lifecycle hook(s) failed: \
         arn:aws:lambda:{region}:{account}:function:check returned FAILED in PRE_SCALE_UP.",
    ),
    deployment(
        "deployment-stopped",
        "somebody stops the deployment",
        "Service deployment rolled back because of a StopServiceDeployment request.",
    ),
    Script::both("deployment-superseded", "a newer deployment takes its place", Effect::Superseded),
    deployment(
        "no-rollback-candidate",
        "the first deployment fails, and AWS does not say why",
        "Service deployment failed.",
    ),
    Script {
        name: "infrastructure-role-denied",
        help: "the infrastructure role lacks a permission",
        express: Effect::Provisioning {
            reason: "User: {infrastructure_role} is not authorized to perform: elasticloadbalancing:CreateLoadBalancer on \
                     resource: * because no identity-based policy allows the elasticloadbalancing:CreateLoadBalancer action",
        },
        plain: Effect::Shift {
            reason: "Service deployment rolled back because ECS was unable to manage the ELB resources due to missing \
                     permissions on ECS Infrastructure Role.",
        },
    },
    certificate(
        "caa-forbids-certificate",
        "a CAA record forbids the certificate",
        CertificateFault::Failed("CAA_ERROR"),
    ),
    certificate(
        "domain-not-allowed",
        "ACM does not accept the domain",
        CertificateFault::Failed("DOMAIN_NOT_ALLOWED"),
    ),
    certificate(
        "certificate-not-validated",
        "ACM never sees the proof of the host name",
        CertificateFault::NotProved,
    ),
];
