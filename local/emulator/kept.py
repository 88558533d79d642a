"""Resources of one kind, where MiniStack keeps them."""

from typing import Any


class Kept:
    """Resources by name; CloudFormation writes to the same place."""

    def __init__(self, scoped: Any, account: str, region: str) -> None:
        """Wrap one of MiniStack's dictionaries that are parted by account and region."""
        self._scoped = scoped
        self._scope = (account, region)

    def names(self) -> list[str]:
        return [name for account, region, name in list(self._scoped._data) if (account, region) == self._scope]  # noqa: SLF001 - it lists only the scope of the current request

    def get(self, name: str) -> dict[str, Any] | None:
        return self._scoped.get_scoped(*self._scope, name)  # type: ignore[no-any-return]  # MiniStack is untyped

    def put(self, name: str, resource: dict[str, Any]) -> None:
        self._scoped.set_scoped(*self._scope, name, resource)

    def delete(self, name: str) -> None:
        self._scoped.pop_scoped(*self._scope, name, None)
