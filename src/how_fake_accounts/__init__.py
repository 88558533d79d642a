"""Fake Brazilian accounts that agree with themselves.

from how_fake_accounts import fake

fake.generate_accounts(10).head()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from how_fake_accounts.ready import fake as fake

__version__ = "2.0.0"


def __getattr__(name: str) -> Any:
    # Making a Faker takes a quarter of a second; the command and a producer, which need none, do not wait for it.
    if name == "fake":
        from how_fake_accounts.ready import fake  # noqa: PLC0415 - made when first asked for

        return fake
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
