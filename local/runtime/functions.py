"""Which code, settings and role an invocation runs with, as the control plane has them."""

import contextlib
import hashlib
import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.clients import ClientError, Clients
from local.errors import AwsError


@dataclass(frozen=True, slots=True)
class Function:
    """One version of a function, ready to run."""

    name: str
    arn: str
    """As invoked: with the qualifier, if one was given."""
    version: str
    handler: str
    role: str
    timeout: float
    memory_mb: int
    log_group: str
    log_format: str
    """`Text` or `JSON` (LoggingConfig)."""
    variables: dict[str, str]
    code: Path
    revision: str
    """Changes with anything that a running environment would have to be replaced for."""


_SETTINGS = ("CodeSha256", "Version", "Handler", "Role", "Timeout", "MemorySize")


class Functions:
    """Looks functions up through the public API and unpacks their code once per hash."""

    def __init__(self, clients: Clients, folder: Path) -> None:
        self._clients = clients
        self._folder = folder

    def find(self, name: str, qualifier: str | None) -> Function:
        """Return the function; raises AwsError ResourceNotFoundException. Blocks."""
        arguments = {"FunctionName": name} | ({"Qualifier": qualifier} if qualifier else {})
        try:
            answer = self._clients.own("lambda").get_function(**arguments)
        except ClientError as error:
            details = error.response["Error"]
            raise AwsError(
                details["Code"], details["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            ) from None
        return self._function(answer["Configuration"], answer["Code"].get("Location", ""), qualifier)

    def _function(self, configuration: dict[str, Any], location: str, qualifier: str | None) -> Function:
        arn: str = configuration["FunctionArn"]
        bare = ":".join(arn.split(":")[:7])
        variables = configuration.get("Environment", {}).get("Variables", {})
        logging = configuration.get("LoggingConfig", {})
        settings = [*(configuration[name] for name in _SETTINGS), logging]
        return Function(
            name=configuration["FunctionName"],
            arn=f"{bare}:{qualifier}" if qualifier else bare,
            version=configuration["Version"],
            handler=configuration["Handler"],
            role=configuration["Role"],
            timeout=configuration["Timeout"],
            memory_mb=configuration["MemorySize"],
            log_group=_log_group(configuration),
            log_format=logging.get("LogFormat", "Text"),
            variables=variables | _log_settings(logging),
            code=self._unpacked(configuration["CodeSha256"], location),
            revision=hashlib.sha256(repr((settings, sorted(variables.items()))).encode()).hexdigest(),
        )

    def _unpacked(self, sha256: str, location: str) -> Path:
        """Return the folder with the code of this hash, downloading it the first time."""
        folder = self._folder / hashlib.sha256(sha256.encode()).hexdigest()[:32]
        if folder.is_dir():
            return folder
        archive = httpx.get(location, trust_env=False).raise_for_status().content
        with tempfile.TemporaryDirectory(dir=self._folder) as half:
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                opened.extractall(Path(half) / "code")  # zipfile keeps names inside the folder
            with contextlib.suppress(OSError):  # a second invocation at the same time was faster
                (Path(half) / "code").rename(folder)
        return folder


def _log_group(configuration: dict[str, Any]) -> str:
    named: str = configuration.get("LoggingConfig", {}).get("LogGroup", "")
    return named or f"/aws/lambda/{configuration['FunctionName']}"


def _log_settings(logging: dict[str, str]) -> dict[str, str]:
    """Return what the runtime client reads the format of its log lines from.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    if logging.get("LogFormat") != "JSON":
        return {}
    return {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": logging.get("ApplicationLogLevel", "INFO")}
