"""The template as it would be deployed: no rule and no linter finds anything, in any environment."""

import pytest

from tests.template.linting import lint_findings
from tests.template.rules import ENVIRONMENTS, findings
from tests.template.stack import TEMPLATE, load, parse, samconfig_parameters

TEXT = TEMPLATE.read_text(encoding="utf-8")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_rule_finds_anything(environment):
    assert findings(TEXT, (environment,)) == []


def test_cfn_lint_finds_nothing_in_the_template_and_in_what_sam_makes_of_it():
    assert lint_findings(TEXT) == []


@pytest.mark.parametrize("environment", ["default", "production", "local"])
def test_freshness_alarm_leaves_time_for_both_buffers(environment):
    parameters = load(TEXT, samconfig_parameters(environment)).parameters
    buffers = int(parameters["BufferIntervalSeconds"]) + int(parameters["TransformBufferIntervalSeconds"])
    assert int(parameters["FreshnessAlarmSeconds"]) >= 2 * buffers + 60


def test_every_condition_decides_something():
    everything = load(TEXT, ENVIRONMENTS["everything"]).resources
    default = load(TEXT, {}).resources
    assert set(default) < set(everything)
    assert len(everything) == len(load(TEXT, {}).transformed["Resources"])


def test_without_retention_the_tables_begin_at_the_first_partition():
    stack = load(TEXT, {"DataRetentionDays": "0", "FirstPartition": "2026-11-05-07"})
    ranges = [
        stack.properties("SignupsTable")["TableInput"]["Parameters"]["projection.dt.range"],
        stack.properties("DailyTable")["TableInput"]["Parameters"]["projection.day.range"],
    ]
    assert ranges == ["2026-11-05-07,NOW", "2026-11-05,NOW"]
    assert "signups/" not in [
        each.get("Prefix") for each in stack.properties("LakeBucket")["LifecycleConfiguration"]["Rules"]
    ]


def test_crawler_runs_on_demand_when_its_schedule_is_none():
    assert "Schedule" not in load(TEXT, {"CrawlerSchedule": "none"}).properties("SignupsCrawler")


def test_outputs_tell_what_programs_need():
    names = "DeliveryStreamName LakeBucketName DatabaseName TableName WorkGroupName CrawlerName TransformFunctionName"
    roles = "AnalystRoleArn OperatorRoleArn ProducerTaskRoleArn"
    others = "LogGroupName AlarmTopicArn DashboardName"
    assert parse(TEXT)["Outputs"].keys() >= {*names.split(), *roles.split(), *others.split()}
