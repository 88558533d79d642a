"""What is known of a query while it is translated: its moment, and the kinds of its operands. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlglot import exp

from local.athena.types import Type

TIMESTAMPS = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPNTZ)
_ZONED_CALLS = frozenset({"at_timezone", "with_timezone", "from_iso8601_timestamp", "from_unixtime"})
_TEMPORAL_MACROS = frozenset({
    "_to_date", "_to_timestamp", "_to_timestamptz", "_plus", "_minus", "date", "date_trunc", "date_add", "at_timezone",
    "from_unixtime", "from_iso8601_timestamp", "from_iso8601_date",
})  # fmt: skip
_MAP_CALLS = frozenset(
    {"map", "map_from_entries", "map_concat", "_map_of", "_multimap_of", "histogram", "split_to_map"}
)
_ARRAY_CALLS = frozenset({"split", "sequence", "regexp_extract_all", "regexp_split", "array_distinct", "array_sort",
                          "map_keys", "map_values", "slice", "list_transform", "list_filter", "list"})  # fmt: skip


@dataclass
class Knowledge:
    """`columns` are the types of the query's tables' columns, by name."""

    moment: datetime
    columns: Mapping[str, Type] = field(default_factory=dict)
    zoned: bool = False
    """Whether a timestamp in a zone other than UTC can occur, so that comparisons must look at instants."""

    def temporal(self, node: exp.Expr) -> bool:
        """Tell whether a translated operand is known to be a date or a time."""
        if isinstance(node, exp.Paren):
            return self.temporal(node.this)
        if isinstance(node, exp.Cast):
            return node.args["to"].this in (exp.DataType.Type.DATE, exp.DataType.Type.TIME, *TIMESTAMPS)
        if isinstance(node, exp.Column):
            kind = self.columns.get(node.name.lower())
            return kind is not None and kind.name.startswith(("date", "time"))
        return isinstance(node, exp.Dot) and node.expression.name in _TEMPORAL_MACROS

    def is_map(self, node: exp.Expr) -> bool:
        """Tell whether an operand is known to be a map."""
        if isinstance(node, exp.Column):
            kind = self.columns.get(node.name.lower())
            return kind is not None and kind.name == "map"
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        name = node.expression.name if isinstance(node, exp.Dot) else name
        return isinstance(node, exp.Map | exp.ToMap) or name in _MAP_CALLS

    def is_array(self, node: exp.Expr) -> bool:
        """Tell whether an operand is known to be an array."""
        if isinstance(node, exp.Column):
            kind = self.columns.get(node.name.lower())
            return kind is not None and kind.name == "array"
        name = node.expression.name if isinstance(node, exp.Dot) else node.name.lower()
        return isinstance(node, exp.Array) or (isinstance(node, exp.Anonymous | exp.Dot) and name in _ARRAY_CALLS)


def has_zones(tree: exp.Expr) -> bool:
    if tree.find(exp.AtTimeZone) is not None:
        return True
    if any(node.name.lower() in _ZONED_CALLS for node in tree.find_all(exp.Anonymous)):
        return True
    return any(zone_of(node) for node in tree.find_all(exp.Cast))


def zone_of(node: exp.Expr) -> str:
    """Return the zone that a TIMESTAMP literal names, if it does."""
    if not (isinstance(node.this, exp.Literal) and node.this.is_string and node.args["to"].this in TIMESTAMPS):
        return ""
    parts = node.this.name.strip().split(" ")
    if len(parts) > 2:  # noqa: PLR2004 - date, time and a zone
        return parts[2]
    time = parts[1] if len(parts) > 1 else ""
    signs = [time.rfind(sign) for sign in "+-" if sign in time]
    return time[signs[0] :] if signs else ""
