"""Asks the Lambda processor, as the stream's role, and asks again when that may help."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from local import metrics
from local.clients import RoleRefused
from local.firehose import transform
from local.firehose.plant import Plant, back_off
from local.firehose.records import Failure, Record, size_of
from local.firehose.retries import Attempts, Retries
from local.firehose.settings import Settings, Transform
from local.firehose.transform import Processed, WholeBatchFailed

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
_NOT_FOUND_IS_FINAL = frozenset({"ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class Answer:
    """The batch after the transform."""

    processed: Processed
    failures: list[Failure]


class Invoker:
    """Runs the transform of one plant's streams."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    async def run(self, settings: Settings, function: Transform, batch: Sequence[Record], retries: Retries) -> Answer:
        """Invoke at most NumberOfRetries + 1 times; records that fail come back as failures."""
        with retries.watch() as watched:
            return await self._run(settings, function, batch, watched)

    async def _run(self, settings: Settings, function: Transform, batch: Sequence[Record], watched: Attempts) -> Answer:
        attempts = 0
        while True:
            attempts += 1
            try:
                processed = await self._plant.thread(self._once, settings, function, batch)
            except WholeBatchFailed as refusal:
                await self._report(settings, function, refusal.code, refusal.message)
                if not refusal.again or attempts > function.retries:
                    everything = Processed(failed=[(each, refusal.code, refusal.message) for each in batch])
                    return self._answer(function, everything, attempts)
                watched.again(refusal.code, refusal.message)
                wait = back_off(attempts, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)
                await self._plant.clock.sleep(wait)
                continue
            self._count(settings, processed)
            await self._report_failed(settings, function, processed)
            return self._answer(function, processed, attempts)

    def _once(self, settings: Settings, function: Transform, batch: Sequence[Record]) -> Processed:
        payload = transform.event(settings, self._plant.region, self._plant.random.uuid(), batch)
        started = time.monotonic()
        succeeded = 0
        try:
            answer = self._invoke(function, payload)
            processed = transform.read(answer, batch)
            succeeded = 1
        finally:
            add = self._plant.metrics.add
            elapsed = (time.monotonic() - started) * 1000
            add(settings.name, "ExecuteProcessing.Duration", elapsed, metrics.MILLISECONDS)
            add(settings.name, "ExecuteProcessing.Success", succeeded, metrics.NONE)
        return processed

    def _invoke(self, function: Transform, payload: bytes) -> bytes:
        try:
            client = self._plant.client("lambda", function.role_arn)
            response = client.invoke(FunctionName=function.function_arn, Payload=payload)
            answer: bytes = response["Payload"].read()
        except RoleRefused:
            raise WholeBatchFailed(*transform.ROLE_REFUSED, again=True) from None
        except ClientError as refusal:
            code = refusal.response["Error"]["Code"]
            self._plant.refused(function.role_arn, code)
            code = "AccessDeniedException" if code == "AccessDenied" else code
            mapped = transform.REFUSALS.get(code, transform.SERVICE_FAILED)
            raise WholeBatchFailed(*mapped, again=code not in _NOT_FOUND_IS_FINAL) from None
        except ReadTimeoutError:
            raise WholeBatchFailed(*transform.TIMED_OUT, again=True) from None
        except BotoCoreError:
            raise WholeBatchFailed(*transform.SERVICE_FAILED, again=True) from None
        if response.get("FunctionError"):
            raise WholeBatchFailed("Lambda.FunctionError", transform.FUNCTION_ERROR, again=True)
        return answer

    def _answer(self, function: Transform, processed: Processed, attempts: int) -> Answer:
        ended = self._plant.now_ms()
        context = transform.error_context(function)
        failures = [
            Failure(record, code, message, attempts, ended, context) for record, code, message in processed.failed
        ]
        return Answer(processed, failures)

    def _count(self, settings: Settings, processed: Processed) -> None:
        if processed.ok:
            add = self._plant.metrics.add
            add(settings.name, "SucceedProcessing.Records", len(processed.ok))
            add(settings.name, "SucceedProcessing.Bytes", size_of(processed.ok), metrics.BYTES)

    async def _report_failed(self, settings: Settings, function: Transform, processed: Processed) -> None:
        for code, message in sorted({(code, message) for _, code, message in processed.failed}):
            await self._report(settings, function, code, message)

    async def _report(self, settings: Settings, function: Transform, code: str, message: str) -> None:
        report = self._plant.errors.report
        await self._plant.thread(report, settings, settings.target, code, message, function.function_arn)
