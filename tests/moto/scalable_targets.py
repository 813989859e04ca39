"""What moto's Application Auto Scaling lacks: tags of scalable targets, and that their bounds hold at once.

The bounds are those of the sandbox's ECS, whose service follows them: it gets the same target.
"""

import json

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

# By account and region, then by ARN.
tags = {}


def install(sandbox):
    """Teaches moto the three operations on tags, and hands registrations on to `sandbox`, which makes clients."""
    make, forget = (
        ApplicationAutoScalingResponse.register_scalable_target,
        ApplicationAutoScalingResponse.deregister_scalable_target,
    )

    def of(response):
        return tags.setdefault((response.current_account, response.region), {})

    def named(response):
        return {member: response._get_param(member) for member in ["ServiceNamespace", "ResourceId", "ScalableDimension"]}

    def known(response):
        namespace, resource, dimension = named(response).values()
        backend = response.applicationautoscaling_backend
        found = backend.describe_scalable_targets(namespace, [resource], dimension)
        return found[0].arn if found else None

    def register_scalable_target(response):
        given = response._get_param("Tags")
        if given and known(response):
            # terraform-aws-rds-aurora PR 420, 2023-12-22.
            raise AWSValidationException(
                "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
                "use the TagResource API."
            )
        answer = make(response)
        bounds = {member: response._get_int_param(member) for member in ["MinCapacity", "MaxCapacity"]}
        sandbox("application-autoscaling").register_scalable_target(**named(response), **bounds)
        of(response).setdefault(json.loads(answer)["ScalableTargetARN"], dict(given or {}))
        return answer

    def deregister_scalable_target(response):
        of(response).pop(known(response), None)
        answer = forget(response)
        sandbox("application-autoscaling").deregister_scalable_target(**named(response))
        return answer

    def list_tags_for_resource(response):
        return json.dumps({"Tags": of(response).get(response._get_param("ResourceARN"), {})})

    def tag_resource(response):
        of(response).setdefault(response._get_param("ResourceARN"), {}).update(response._get_param("Tags"))
        return "{}"

    def untag_resource(response):
        present = of(response).get(response._get_param("ResourceARN"), {})
        for key in response._get_param("TagKeys"):
            present.pop(key, None)
        return "{}"

    operations = [
        register_scalable_target, deregister_scalable_target, list_tags_for_resource, tag_resource, untag_resource,
    ]  # fmt: skip
    for operation in operations:
        setattr(ApplicationAutoScalingResponse, operation.__name__, operation)
