//! Tasks that cannot start, or cannot be placed (facts, composition section 10).

use super::script::{Effect, Script};

const fn start(name: &'static str, help: &'static str, reason: &'static str) -> Script {
    Script::both(name, help, Effect::Start { reason })
}

const fn placement(name: &'static str, help: &'static str, event: &'static str) -> Script {
    Script::both(name, help, Effect::Placement { event })
}

/// The table.
pub(super) static STARTS: [Script; 23] = [
    start(
        "registry-rate-limit",
        "the registry refuses one pull too many",
        "CannotPullContainerError: inspect image has been retried 5 time(s): httpReadSeeker: failed open: unexpected \
         status code https://registry-1.docker.io/v2/{image}: 429 Too Many Requests - Server message: toomanyrequests: \
         You have reached your pull rate limit.",
    ),
    start(
        "image-too-large",
        "the image does not fit onto a task's disk",
        "CannotPullContainerError: pull command failed: failed to extract layer sha256:4f0b3c: write \
         /usr/lib/libtorch.so: no space left on device",
    ),
    start(
        "image-layers-unreachable",
        "there is no way to the bucket with the image's layers",
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: \
         failed to do request: Get \"https://prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com/\": dial tcp \
         52.218.1.1:443: i/o timeout",
    ),
    start(
        "ecr-pull-denied",
        "Amazon ECR refuses the image to the execution role",
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: User: \
         {execution_role} is not authorized to perform: ecr:BatchGetImage on resource: \
         arn:aws:ecr:{region}:{account}:repository/api because no identity-based policy allows the ecr:BatchGetImage \
         action",
    ),
    start(
        "registry-credentials-missing",
        "a private registry wants credentials",
        "CannotPullContainerError: inspect image has been retried 1 time(s): failed to resolve ref {image}: pull access \
         denied, repository does not exist or may require authorization: server message: insufficient_scope: \
         authorization failed",
    ),
    start(
        "image-name-invalid",
        "the image's name cannot be read",
        "CannotPullContainerError: failed to parse image reference \"{image}\": invalid reference format",
    ),
    start(
        "registry-unreachable",
        "there is no way to the registry",
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: failed \
         to do request: Head \"https://public.ecr.aws/v2/\": dial tcp 99.83.145.10:443: i/o timeout",
    ),
    start(
        "secret-key-missing",
        "a secret lacks the key that is asked for",
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
         retrieved secret from Secrets Manager did not contain json key password",
    ),
    start(
        "secrets-denied",
        "the execution role may not read a secret",
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
         unable to retrieve secret from asm: service call has been retried 1 time(s): AccessDeniedException: User: \
         {execution_role} is not authorized to perform: secretsmanager:GetSecretValue on resource: \
         arn:aws:secretsmanager:{region}:{account}:secret:db-AbCdEf because no identity-based policy allows the \
         secretsmanager:GetSecretValue action",
    ),
    start(
        "log-group-missing",
        "the log group does not exist",
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to \
         create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status \
         1",
    ),
    start(
        "logs-denied",
        "the execution role may not write logs",
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to \
         create Cloudwatch log stream: AccessDeniedException: User: {execution_role} is not authorized to perform: \
         logs:CreateLogStream on resource: arn:aws:logs:{region}:{account}:log-group:x : exit status 1",
    ),
    start(
        "logs-unreachable",
        "there is no way to CloudWatch Logs",
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to \
         create Cloudwatch log stream: RequestCanceled: request context canceled caused by: context deadline exceeded: \
         signal: killed",
    ),
    start(
        "log-driver-invalid",
        "the log driver does not take its options",
        "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: must specify a \
         value for log opt 'awslogs-region'",
    ),
    start(
        "secret-not-found",
        "a secret does not exist",
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
         unable to retrieve secret from asm: service call has been retried 1 time(s): ResourceNotFoundException: Secrets \
         Manager can\u{2019}t find the specified secret.",
    ),
    start(
        "secrets-unreachable",
        "there is no way to Secrets Manager",
        "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull secrets from AWS \
         Secrets Manager: There is a connection issue between the task and AWS Secrets Manager. Check your task network \
         configuration. RequestError: send request failed caused by: Post \
         \"https://secretsmanager.{region}.amazonaws.com/\": dial tcp 52.94.1.1:443: i/o timeout",
    ),
    start(
        "container-cannot-start",
        "the container's command is not in the image",
        "CannotStartContainerError: Error response from daemon: failed to create shim task: OCI runtime create failed: \
         runc create failed: unable to start container process: exec: \"./server\": stat ./server: no such file or \
         directory: unknown",
    ),
    start(
        "network-interface-timeout",
        "no network interface can be attached",
        "Timeout waiting for network interface provisioning to complete.",
    ),
    placement(
        "fargate-capacity",
        "Fargate has no capacity",
        "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a \
         different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer \
         Guide.",
    ),
    placement(
        "fargate-quota",
        "the quota of vCPUs is used up",
        "was unable to place a task. Reason: You\u{2019}ve reached the limit on the number of vCPUs you can run \
         concurrently.",
    ),
    placement(
        "new-account-limit",
        "the account is too new for such tasks",
        "was unable to place a task. Reason: The requested CPU configuration is above your limit.",
    ),
    placement(
        "zone-without-fargate",
        "a zone has no Fargate",
        "was unable to place a task. Reason: Internal error.",
    ),
    placement(
        "subnet-full",
        "a subnet has no free address",
        "was unable to place a task because no container instance met all of its requirements. Reason: \
         InsufficientFreeAddressesInSubnet: The subnet does not have enough free addresses to satisfy the request.",
    ),
    placement(
        "deployment-percentages",
        "the deployment's percentages allow nothing",
        "was unable to stop or start tasks during a deployment because of the service deployment configuration. Update \
         the minimumHealthyPercent or maximumPercent value and try again.",
    ),
];
