//! How long things take in simulated time: the one table.
//!
//! Together the durations give what users report (facts, Express section 5): a first create about four
//! minutes to `SUCCESSFUL`, an update about ten, a delete one and a half to `INACTIVE`.

use std::time::Duration;

use super::ecs::managed_resource::ManagedResourceKind;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// From the create call of a service of the customer's own until `DescribeServices` shows it.
pub(crate) const SERVICE_VISIBLE: Duration = seconds(3);
/// From the create call until Application Auto Scaling knows the service.
pub(crate) const SERVICE_KNOWN_TO_SCALING: Duration = seconds(5);
/// From the definition of an alarm until it has a state.
pub(crate) const ALARM_EVALUATED: Duration = seconds(120);
/// From the API call until its deployment can be listed (`PENDING`).
pub(crate) const DEPLOYMENT_APPEARS: Duration = seconds(5);
/// A deployment's step from `PENDING` to `IN_PROGRESS`.
pub(crate) const DEPLOYMENT_STARTS: Duration = seconds(3);
/// Lifecycle stages that only pass through (`PRE_SCALE_UP`, `POST_SCALE_UP`, test traffic, ...).
pub(crate) const SHORT_STAGE: Duration = seconds(3);
/// `RECONCILE_SERVICE`: tearing down the target of a superseded deployment.
pub(crate) const RECONCILE: Duration = seconds(10);
/// `CLEAN_UP`: old tasks drain and stop.
pub(crate) const CLEAN_UP: Duration = seconds(45);
/// A rollback's traffic shift and stopping of the new tasks.
pub(crate) const ROLLBACK: Duration = seconds(45);
/// From a request to stop a deployment until the rollback starts.
pub(crate) const ROLLBACK_STARTS: Duration = seconds(3);
/// Canary traffic until an alarm that will fire has fired: two of three one-minute datapoints.
pub(crate) const ALARM_FIRES: Duration = seconds(130);

/// Task state `PROVISIONING`: the network interface is made.
pub(crate) const TASK_PROVISIONING: Duration = seconds(10);
/// Task state `PENDING`: image and secrets are pulled.
pub(crate) const TASK_PENDING: Duration = seconds(20);
/// A container that crashes does so this long after its start.
pub(crate) const TASK_CRASHES: Duration = seconds(10);
/// Five health checks at 30 seconds.
pub(crate) const TARGET_HEALTHY: Duration = seconds(150);
/// Two failed health checks at 30 seconds.
pub(crate) const TARGET_UNHEALTHY: Duration = seconds(60);
/// From `draining` target to `STOPPED` task, without open connections.
pub(crate) const TASK_STOPS: Duration = seconds(40);
/// How often ECS tries again to place a task that cannot be placed.
pub(crate) const PLACEMENT_RETRIES: Duration = seconds(60);
/// Pause before a failed task is replaced.
pub(crate) const TASK_REPLACED: Duration = seconds(10);
/// A stopped task can be described this long.
pub(crate) const TASK_FORGOTTEN: Duration = seconds(3600);

/// From the delete call until the tasks have drained and the infrastructure starts to go.
pub(crate) const DELETE_DRAINS: Duration = seconds(50);
/// From then until the service is `INACTIVE`.
pub(crate) const DELETE_REMOVES: Duration = seconds(35);
/// How often a delete that is stuck tries again.
pub(crate) const DELETE_RETRIES: Duration = seconds(60);
/// How long a load balancer outlives its last service.
pub(crate) const LOAD_BALANCER_REMOVED: Duration = seconds(45);

/// The scenario `slow` multiplies every duration of a service by this.
pub(crate) const SLOW_FACTOR: u32 = 4;

/// When each managed resource of an Express service starts to be made and when it is `ACTIVE`, with a new
/// load balancer. With a load balancer that is there already, only the certificate holds up the rule.
pub(crate) const PROVISIONING: [(ManagedResourceKind, Duration, Duration); 12] = [
    (ManagedResourceKind::LogGroup, seconds(1), seconds(3)),
    (ManagedResourceKind::ServiceSecurityGroup, seconds(1), seconds(2)),
    (ManagedResourceKind::LoadBalancerSecurityGroup, seconds(1), seconds(4)),
    (ManagedResourceKind::TargetGroup, seconds(3), seconds(6)),
    (ManagedResourceKind::AlternateTargetGroup, seconds(3), seconds(6)),
    (ManagedResourceKind::LoadBalancer, seconds(5), seconds(75)),
    (ManagedResourceKind::Certificate, seconds(5), seconds(45)),
    (ManagedResourceKind::ScalableTarget, seconds(10), seconds(12)),
    (ManagedResourceKind::ScalingPolicy, seconds(13), seconds(15)),
    (ManagedResourceKind::MetricAlarm, seconds(15), seconds(18)),
    (ManagedResourceKind::Listener, seconds(76), seconds(79)),
    (ManagedResourceKind::Rule, seconds(80), seconds(83)),
];
/// From the request for a load balancer until it is active.
pub(crate) const LOAD_BALANCER_ACTIVE: Duration = seconds(70);
/// From the request for a certificate until it is issued.
pub(crate) const CERTIFICATE_ISSUED: Duration = seconds(40);
/// From the create call until the certificate can be attached.
pub(crate) const CERTIFICATE_READY: Duration = seconds(46);
/// From the create call until a shared resource that exists already is found.
pub(crate) const SHARED_RESOURCE_FOUND: Duration = seconds(2);
/// How often a step tries again that waits for another resource or for a role.
pub(crate) const PROVISIONING_RETRIES: Duration = seconds(10);

/// How long a target group counts as in use after its last rule went.
pub(crate) const TARGET_GROUP_RELEASED: Duration = seconds(5);
/// How long a certificate counts as in use after its last listener gave it up.
pub(crate) const CERTIFICATE_RELEASED: Duration = seconds(30);
/// How long the network interfaces of a deleted load balancer stay.
pub(crate) const LOAD_BALANCER_INTERFACES_RELEASED: Duration = seconds(60);
/// From the request for a certificate until ACM says which records prove its names.
pub(crate) const VALIDATION_RECORD_SAID: Duration = seconds(10);
/// From the validation records' being there until the certificate is issued.
pub(crate) const VALIDATION: Duration = seconds(60);
/// A request with the token of an earlier one answers with the earlier certificate this long.
pub(crate) const CERTIFICATE_TOKEN_KNOWN: Duration = seconds(3600);
/// A certificate whose names are not proved is given up after this time.
pub(crate) const VALIDATION_TIMES_OUT: Duration = seconds(72 * 3600);
/// From a change of records until every name server answers with it.
pub(crate) const CHANGE_IN_SYNC: Duration = seconds(30);
