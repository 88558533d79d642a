"""The template as CloudFormation would see it: transformed by SAM, conditions decided, functions evaluated.

What is known only after a deployment stands in angle brackets: `<LakeBucket>` for a `Ref`, `<LakeBucket.Arn>` for a
`GetAtt`.
"""

import logging
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import intrinsics_multi_constructor

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "signups",
}
EVERYTHING = {
    "AlarmEmail": "alarms@example.com",
    "AnalystPrincipalArn": "arn:aws:iam::111122223333:role/analysts",
    "ExpectTraffic": "true",
    "KmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "OperatorPrincipalArn": "arn:aws:iam::111122223333:role/operators",
    "ProducerDesiredCount": "1",
    "ProducerImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/signups/producer@sha256:" + 64 * "0",
    "ProducerMaxCount": "4",
    "ProducerPrincipalArn": "arn:aws:iam::111122223333:role/workflow",
}
"""Parameters under which every condition of the template holds."""

# It warns at every object that its usage metrics, which nobody collects here, were not published.
logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)
_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]+)\}")
_ABSENT = object()


@dataclass(frozen=True)
class Stack:
    """One deployment: `resources` are resolved, `source` is the template as written, `text` its characters."""

    text: str
    source: dict[str, Any]
    transformed: dict[str, Any]
    parameters: dict[str, str]
    resources: dict[str, dict[str, Any]]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the resources of a CloudFormation type, by logical id."""
        return {name: each for name, each in self.resources.items() if each["Type"] == kind}

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Return the properties of a resource; none if it is absent."""
        return self.resources.get(logical_id, {}).get("Properties", {})  # type: ignore[no-any-return]  # parsed YAML


def samconfig_parameters(environment: str) -> dict[str, str]:
    """Return the parameter overrides of an environment of `samconfig.toml`."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    overrides = config[environment]["deploy"]["parameters"].get("parameter_overrides", [])
    return dict(each.split("=", 1) for each in overrides)


def load(text: str, overrides: dict[str, str]) -> Stack:
    """Return the stack that the template's text makes with these parameters.

    Raises whatever a template that SAM cannot transform or that refers to nothing raises: a mistake found.
    """
    source, transformed = _parsed(text)
    parameters = {name: str(each.get("Default", "")) for name, each in source["Parameters"].items()} | overrides
    resolver = _Resolver(transformed, parameters)
    return Stack(text, source, transformed, parameters, dict(resolver.resources()))


class _Loader(yaml.CSafeLoader):
    """SAM's own way with `!Ref` and the like, at the speed of the C library."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def parse(text: str) -> dict[str, Any]:
    """Return the template's text as a document, functions in their long form."""
    document: dict[str, Any] = yaml.load(text, _Loader)  # noqa: S506 - the loader is a safe one
    return document


@lru_cache(maxsize=2)
def _parsed(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    source = parse(text)
    return source, transform(source)


def transform(source: dict[str, Any]) -> dict[str, Any]:
    """Return what `Transform: AWS::Serverless-2016-10-31` makes of the template."""
    packaged = deepcopy(source)
    for resource in packaged["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    session = boto3.session.Session(region_name=PSEUDO["AWS::Region"])
    translated: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(packaged, parameter_values={})
    return translated


class _Resolver:
    def __init__(self, template: dict[str, Any], parameters: dict[str, str]) -> None:
        self._template = template
        self._values = PSEUDO | parameters

    def resources(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, resource in self._template["Resources"].items():
            if "Condition" not in resource or self._condition(resource["Condition"]):
                yield name, self.value(resource)

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [each for each in map(self.value, node) if each is not _ABSENT]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(key, argument)] = node.items()
            if key == "Ref" or key.startswith("Fn::"):
                return self._function(key, argument)
        resolved = {key: self.value(each) for key, each in node.items()}
        return {key: each for key, each in resolved.items() if each is not _ABSENT}

    def _function(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                result = self._ref(argument)
            case "Fn::If":
                condition, then, otherwise = argument
                result = self.value(then if self._condition(condition) else otherwise)
            case "Fn::Sub":
                result = self._sub(argument)
            case "Fn::GetAtt":
                result = self._attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
            case "Fn::GetAZs":
                result = ["us-east-1a", "us-east-1b"]
            case "Fn::Select":
                index, items = self.value(argument)
                result = items[int(index)]
            case "Fn::Split":
                separator, text = self.value(argument)
                result = text.split(separator)
            case _:
                raise ValueError(f"{name} is not evaluated here: add it")
        return result

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _ABSENT
        if name in self._values:
            return self._values[name]
        return f"<{self._existing(name)}>"

    def _attribute(self, name: str, attribute: str) -> str:
        return f"<{self._existing(name)}.{attribute}>"

    def _existing(self, name: str) -> str:
        if name not in self._template["Resources"]:
            raise ValueError(f"{name} is neither a parameter nor a resource")
        return name

    def _sub(self, argument: Any) -> str:
        text, names = (argument, {}) if isinstance(argument, str) else argument
        own = {name: str(self.value(each)) for name, each in names.items()}

        def substitute(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return own[name]
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._ref(name))

        return _SUBSTITUTION.sub(substitute, text)

    def _condition(self, expression: Any) -> bool:
        if isinstance(expression, str):
            return self._condition(self._template["Conditions"][expression])
        [(name, argument)] = expression.items()
        if name == "Condition":
            return self._condition(argument)
        if name == "Fn::Equals":
            left, right = self.value(argument)
            return str(left) == str(right)
        outcomes = [self._condition(each) for each in argument]
        return {"Fn::Not": not outcomes[0], "Fn::And": all(outcomes), "Fn::Or": any(outcomes)}[str(name)]
