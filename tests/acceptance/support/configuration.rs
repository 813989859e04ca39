//! Pieces of configuration.

/// The role that tasks start with.
pub(crate) const EXECUTION_ROLE_ARN: &str = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole";
/// The role that ECS makes infrastructure with.
pub(crate) const INFRASTRUCTURE_ROLE_ARN: &str =
    "arn:aws:iam::123456789012:role/ecsInfrastructureRoleForExpressServices";
/// Image of services about whose image a test says nothing.
pub(crate) const IMAGE: &str = "public.ecr.aws/nginx/nginx:1.28";

/// A service `name` of the three inputs and `arguments`.
pub(crate) fn service(name: &str, arguments: &str) -> String {
    service_of_image(name, IMAGE, arguments)
}

/// The same with an image.
pub(crate) fn service_of_image(name: &str, image: &str, arguments: &str) -> String {
    let container = format!("primary_container = {{ image = {image:?} }}");
    service_of_container(name, &format!("{container}\n{arguments}"))
}

/// A service of the two roles and `arguments`, which have a container or a task definition.
pub(crate) fn service_of_container(name: &str, arguments: &str) -> String {
    format!(
        "resource \"express_gateway_service\" {name:?} {{\n\
         execution_role_arn      = {EXECUTION_ROLE_ARN:?}\n\
         infrastructure_role_arn = {INFRASTRUCTURE_ROLE_ARN:?}\n\
         {arguments}\n}}\n"
    )
}
