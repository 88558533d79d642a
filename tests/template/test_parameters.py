"""A parameter out of range is refused before anything is created, with its own words."""

import re

import pytest

from tests.template.stack import TEMPLATE, parse
from tests.template.values import BAD, GOOD

PARAMETERS = parse(TEMPLATE.read_text(encoding="utf-8"))["Parameters"]


def accepts(name, value):
    """Tell whether CloudFormation would take the value, by its User Guide, parameters-section-structure."""
    parameter = PARAMETERS[name]
    if "AllowedValues" in parameter:
        return value in [str(each) for each in parameter["AllowedValues"]]
    if parameter["Type"] == "Number":
        return parameter["MinValue"] <= float(value) <= parameter["MaxValue"]
    return re.fullmatch(parameter["AllowedPattern"], value) is not None


@pytest.mark.parametrize("name", PARAMETERS)
def test_default_is_accepted(name):
    assert accepts(name, str(PARAMETERS[name]["Default"]))


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_good_values_are_accepted(name, value):
    assert accepts(name, value)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_values_are_refused(name, value):
    assert not accepts(name, value)
