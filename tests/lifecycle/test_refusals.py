"""What cannot be deployed is refused in one line that says why."""

import pytest

UNASSUMABLE = "Principal: {Service: states.amazonaws.com}"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("BufferIntervalSeconds", 301, "must be 0 to 300 seconds (more would land after the crawl at minute 10)."),
        ("ProducerDesiredCount", 1, "ProducerDesiredCount must be 0 when ProducerImageUri is empty."),
    ],
)
def test_a_parameter_out_of_range_is_refused_in_its_own_words(account, name, value, reason):
    line = account.refusal(**{name: value})
    assert name in line
    assert reason in line


def test_a_deployment_without_capabilities_names_the_one_it_needs(account, variant):
    configuration = variant.folder / "samconfig.toml"
    lines = configuration.read_text().splitlines(keepends=True)
    configuration.write_text("".join(line for line in lines if not line.startswith("capabilities")))
    assert "Requires capabilities : [CAPABILITY_IAM]" in account.refusal(folder=variant.folder)


def test_a_role_that_firehose_cannot_assume_is_named(account, variant):
    variant.change("template.yaml", "Principal: {Service: firehose.amazonaws.com}", UNASSUMABLE)
    line = account.refusal(stack="refused", folder=variant.folder, StreamName="refused", DatabaseName="refused")
    assert "DeliveryStream: Firehose is unable to assume role arn:aws:iam::000000000000:role/refused-" in line


def test_a_template_that_is_no_yaml_is_refused(account, variant):
    (variant.folder / "template.yaml").write_text("Resources: [")
    assert "Failed to parse template" in account.refusal(folder=variant.folder)
