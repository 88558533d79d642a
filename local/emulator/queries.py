"""Named queries, listed as Athena lists them: of one workgroup, page by page.

https://docs.aws.amazon.com/athena/latest/APIReference/API_ListNamedQueries.html
Private to MiniStack 1.5.33: in `athena` `_named_queries`, and `_list_named_queries`, which its request handler looks up
by name.
"""

from typing import Any

_MOST = 50


def mend(athena: Any) -> None:
    """Obey MaxResults and NextToken; no workgroup means `primary`."""

    def list_named_queries(asked: dict[str, Any]) -> Any:
        token, most = str(asked.get("NextToken") or "0"), int(asked.get("MaxResults") or _MOST)
        if not token.isdigit() or not 0 < most <= _MOST:
            wrong = f"NextToken {token}" if not token.isdigit() else f"MaxResults {most}; it must be 0 to {_MOST}"
            return athena.error_response_json("InvalidRequestException", f"Invalid {wrong}", 400)
        group = asked.get("WorkGroup") or "primary"
        found = [name for name, query in athena._named_queries.items() if query.get("WorkGroup", "primary") == group]  # noqa: SLF001
        start, end = int(token), int(token) + most
        more = {"NextToken": str(end)} if end < len(found) else {}
        return athena.json_response({"NamedQueryIds": found[start:end], **more})

    athena._list_named_queries = list_named_queries  # noqa: SLF001
