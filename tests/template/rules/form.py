"""What makes the template usable by others: described parameters, no names that collide, logs that end."""

from collections.abc import Iterator

from tests.template.stack import Stack

FIXED_NAMES = {
    "AlarmName", "BucketName", "ClusterName", "DBName", "FunctionName", "GroupName", "ManagedPolicyName", "RoleName",
    "ServiceName", "TopicName",
}  # fmt: skip
NAMED_BY_STACK = "signups"


def is_ascii(stack: Stack) -> Iterator[str]:
    for number, line in enumerate(stack.text.splitlines(), start=1):
        if not line.isascii():
            yield f"line {number} is not ASCII: CloudFormation stores question marks"


def parameters_explain_themselves(stack: Stack) -> Iterator[str]:
    interface = stack.source["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    if sorted(grouped) != sorted(stack.source["Parameters"]):
        yield "every parameter must stand in exactly one group of the interface"
    for name, parameter in stack.source["Parameters"].items():
        if not parameter.get("Description") or not parameter.get("ConstraintDescription"):
            yield f"{name}: needs a Description and a ConstraintDescription"
        limits = {"AllowedPattern", "AllowedValues"} if parameter["Type"] == "String" else {"MinValue", "AllowedValues"}
        if not limits & parameter.keys():
            yield f"{name}: needs a pattern, a list of values or limits"
        if "Default" not in parameter:
            yield f"{name}: needs a default, so that a first deployment asks nothing"


def outputs_are_described(stack: Stack) -> Iterator[str]:
    for name, output in stack.source["Outputs"].items():
        if not output.get("Description"):
            yield f"{name}: needs a description"


def nothing_collides_with_a_second_stack(stack: Stack) -> Iterator[str]:
    for name, resource in stack.source["Resources"].items():
        if fixed := FIXED_NAMES & resource.get("Properties", {}).keys():
            yield f"{name}: {sorted(fixed)} would collide with a second stack; let CloudFormation choose"


def logs_end(stack: Stack) -> Iterator[str]:
    for name, resource in stack.of_type("AWS::Logs::LogGroup").items():
        if "RetentionInDays" not in resource["Properties"]:
            yield f"{name}: logs must expire"
        if resource.get("DeletionPolicy") != "Delete" or resource.get("UpdateReplacePolicy") != "Delete":
            yield f"{name}: say what becomes of it (DeletionPolicy, UpdateReplacePolicy)"


def skipped_checks_have_a_reason(stack: Stack) -> Iterator[str]:
    for name, resource in stack.source["Resources"].items():
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            if len(skip.get("comment", "")) < 20:
                yield f"{name}: say why {skip['id']} is skipped"


RULES = [
    is_ascii,
    parameters_explain_themselves,
    outputs_are_described,
    nothing_collides_with_a_second_stack,
    logs_end,
    skipped_checks_have_a_reason,
]
