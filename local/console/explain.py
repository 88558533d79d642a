"""An error as one sentence for a person."""

from botocore.exceptions import BotoCoreError, NoCredentialsError

from local.clients import ClientError
from local.console.screen import safe


def why(error: BaseException) -> str:
    """Return what was wrong and, where it is known, what to do."""
    if isinstance(error, NoCredentialsError):
        return "AWS credentials were not found: `aws configure` or `aws sso login` sets them."
    if isinstance(error, ClientError):
        found = error.response["Error"]
        return safe(f"{error.operation_name}: {found.get('Message') or found.get('Code')}", 500)
    if isinstance(error, BotoCoreError):
        return safe(f"AWS could not be asked: {error}", 500)
    return safe(error or type(error).__name__, 500)
