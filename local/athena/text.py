"""Values as Athena writes them into a result: SQL expressions of the engine that make the text. Pure.

`2026-11-23 19:00:00.000`, `[a, b]`, `{k=v}` by key, `{x=1, y=2}`, `1.0E10`, `68 69`: as Athena was seen to answer
(aoyagikouhei/athena-local, 2026-09-14).
"""

from collections.abc import Callable

from local.athena.types import ZONED, Type, quoted


def rendered(value: str, kind: Type) -> str:
    """Return an expression of type VARCHAR, null where `value` is null."""
    if kind == ZONED or kind.name in ("timestamp", "timestamp with time zone", "date", "time"):
        return f"trino._to_varchar({value})"
    if kind.name in ("array", "map", "row"):
        return _composed(value, kind)
    if (written := _SCALARS.get(kind.name)) is not None:
        return written(value)
    return f"CAST({value} AS VARCHAR)"


def _composed(value: str, kind: Type) -> str:
    if kind.name == "array":
        return _list(value, kind.inner[0])
    if kind.name == "row":
        return _row(value, kind)
    pairs = f"{_part('_e.key', kind.inner[0])} || '=' || {_part('_e.value', kind.inner[1])}"
    return _joined(f"list_transform(list_sort(map_entries({value})), lambda _e: {pairs})", value, "{", "}")


def _binary(value: str) -> str:
    return f"rtrim(regexp_replace(lower(hex({value})), '(..)', '\\1 ', 'g'))"


def _part(value: str, kind: Type) -> str:
    return f"coalesce({rendered(value, kind)}, 'null')"


def _list(value: str, inner: Type) -> str:
    # The parameter's name grows with the depth, so that an inner lambda does not hide an outer one.
    name = f"_x{value.count('_x') + 1}"
    return _joined(f"list_transform({value}, lambda {name}: {_part(name, inner)})", value, "[", "]")


def _joined(texts: str, value: str, opening: str, closing: str) -> str:
    return f"CASE WHEN {value} IS NOT NULL THEN '{opening}' || array_to_string({texts}, ', ') || '{closing}' END"


def _row(value: str, kind: Type) -> str:
    if kind.labels:
        parts = [
            f"'{label}=' || {_part(f'({value}).{quoted(label)}', inner)}"
            for label, inner in zip(kind.labels, kind.inner, strict=True)
        ]
    else:
        parts = [_part(f"({value})[{index + 1}]", inner) for index, inner in enumerate(kind.inner)]
    joined = " || ', ' || ".join(parts)
    return f"CASE WHEN {value} IS NOT NULL THEN '{{' || {joined} || '}}' END"


def _floating(value: str) -> str:
    """Java's Double.toString: plain between 10^-3 and 10^7, with an exponent beyond."""
    number = f"CAST({value} AS DOUBLE)"
    return (
        f"CASE WHEN {value} IS NULL THEN NULL"
        f" WHEN {value} = 0 OR (abs({value}) >= 1e-3 AND abs({value}) < 1e7) THEN CAST({value} AS VARCHAR)"
        f" ELSE trino._scientific({number if 'FLOAT' in value else value}) END"
    )


def _interval(value: str) -> str:
    days = f"(epoch_ms({value}) // 86400000)"
    rest = f"(abs(epoch_ms({value})) % 86400000)"
    return (
        f"CASE WHEN {value} IS NULL THEN NULL"
        f" WHEN date_part('year', {value}) * 12 + date_part('month', {value}) <> 0"
        f" THEN (date_part('year', {value})) || '-' || (date_part('month', {value}))"
        f" ELSE CASE WHEN epoch_ms({value}) < 0 AND {days} = 0 THEN '-' ELSE '' END || {days} || ' ' ||"
        f" lpad(CAST({rest} // 3600000 AS VARCHAR), 2, '0') || ':' ||"
        f" lpad(CAST({rest} // 60000 % 60 AS VARCHAR), 2, '0') || ':' ||"
        f" lpad(CAST({rest} // 1000 % 60 AS VARCHAR), 2, '0') || '.' ||"
        f" lpad(CAST({rest} % 1000 AS VARCHAR), 3, '0') END"
    )


_SCALARS: dict[str, Callable[[str], str]] = {
    "double": _floating,
    "real": _floating,
    "varbinary": _binary,
    "interval day to second": _interval,
}
