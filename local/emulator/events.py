"""The default event bus, which AWS services put events on.

Private to MiniStack 1.5.33: in `eventbridge` `_invoke_target`, `_put_events`, `_rule_arn`; in `sns`
`topic_policy_allows`.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

log = logging.getLogger(__name__)

PRINCIPAL = "events.amazonaws.com"


class EventBus:
    """The default bus of one account and region."""

    def __init__(self, eventbridge: Any, sns: Any, scope: Callable[[], AbstractContextManager[Any]]) -> None:
        """`scope` enters a call of the account over TLS: policies look at both."""
        self._eventbridge = eventbridge
        self._scope = scope
        eventbridge._invoke_target = _obedient(eventbridge._invoke_target, eventbridge, sns)  # noqa: SLF001

    def put(self, source: str, detail_type: str, detail: Mapping[str, Any], resources: Sequence[str] = ()) -> None:
        """Put an event of an AWS service (`aws.glue`), which PutEvents refuses to everyone else.

        Call it on the event loop: rules and queues are changed there.
        """
        entry = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "Resources": list(resources),
        }
        with self._scope():
            self._eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001


def _obedient(original: Callable[..., None], eventbridge: Any, sns: Any) -> Callable[..., None]:
    """Ask the topic's policy, which MiniStack asks for S3's notifications only.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """

    def invoke(target: Mapping[str, Any], event: Any, rule: Mapping[str, Any], view: Any = None) -> None:
        topic = str(target.get("Arn", ""))
        arn = eventbridge._rule_arn(rule["Name"], rule.get("EventBusName", "default"))  # noqa: SLF001
        if ":sns:" in topic and not sns.topic_policy_allows(topic, PRINCIPAL, arn, eventbridge.get_account_id()):
            log.warning("the rule %s was not told: the policy of %s does not let %s publish", arn, topic, PRINCIPAL)
            return
        original(target, event, rule, view)

    return invoke
