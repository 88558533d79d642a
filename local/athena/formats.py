"""Small languages inside SQL's strings: date formats, printf, JSON paths, replacements. Pure."""

import re
from collections.abc import Callable

from local.athena.errors import QueryFailed

# https://trino.io/docs/current/functions/datetime.html#mysql-date-functions
_MYSQL = {
    "%a": "%a", "%b": "%b", "%c": "%-m", "%d": "%d", "%e": "%-d", "%f": "%f", "%H": "%H", "%h": "%I", "%I": "%I",
    "%i": "%M", "%j": "%j", "%k": "%-H", "%l": "%-I", "%M": "%B", "%m": "%m", "%p": "%p", "%r": "%I:%M:%S %p",
    "%S": "%S", "%s": "%S", "%T": "%H:%M:%S", "%v": "%V", "%W": "%A", "%x": "%G", "%Y": "%Y", "%y": "%y", "%%": "%%",
}  # fmt: skip
_MYSQL_REFUSED = frozenset({"%D", "%U", "%u", "%V", "%w", "%X"})

# https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html
_JODA: tuple[tuple[str, str], ...] = (
    ("yyyy", "%Y"), ("YYYY", "%Y"), ("yy", "%y"), ("y", "%Y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"),
    ("M", "%-m"), ("dd", "%d"), ("d", "%-d"), ("DDD", "%j"), ("EEEE", "%A"), ("EEE", "%a"), ("EE", "%a"), ("E", "%a"),
    ("e", "%u"), ("HH", "%H"), ("H", "%-H"),
    ("hh", "%I"), ("h", "%-I"), ("mm", "%M"), ("m", "%-M"), ("ss", "%S"), ("s", "%-S"),
    ("SSSSSS", "%f"), ("SSS", "%g"), ("a", "%p"), ("xxxx", "%G"), ("ww", "%V"),
)  # fmt: skip
_JODA_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")


def mysql_format(pattern: str) -> str:
    """Return the strftime form of `date_format`'s pattern; raises QueryFailed for what Trino refuses too."""

    def one(match: re.Match[str]) -> str:
        token = match[0]
        if token in _MYSQL_REFUSED:
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"{token} not currently supported in the date format string")
        return _MYSQL.get(token, token[1:])

    return re.sub(r"%.", one, pattern, flags=re.DOTALL)


def joda_format(pattern: str) -> str:
    """Return the strftime form of `format_datetime`'s pattern; raises QueryFailed for letters not covered."""
    return "".join(_joda_token(match) for match in _JODA_TOKEN.finditer(pattern))


def _joda_token(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1].replace("''", "'").replace("%", "%%") or "'"
    if match[2] is None:
        return match[0].replace("%", "%%")
    known = dict(_JODA)
    if match[0] not in known:
        raise QueryFailed("NOT_SUPPORTED", f"{match[0]!r} in a Joda date format is not supported by this engine")
    return known[match[0]]


def json_path(path: str) -> str:
    """Return the engine's form of `$.a['b'][0]`; raises QueryFailed for wildcards and filters."""
    if not path.startswith("$") or re.search(r"\*|\?|@|\.\.", path):
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"Invalid JSON path: '{path}'")
    return re.sub(r"""\[(['"])(.*?)\1\]""", lambda match: f'."{match[2]}"', path)


def replacement(text: str) -> str:
    r"""Return the engine's form of a regular expression's replacement: `$1` is `\1`."""
    escaped = text.replace("\\$", "\0").replace("\\\\", "\\").replace("\\", "\\\\")
    return re.sub(r"\$(\d)", r"\\\1", escaped).replace("\0", "$")


_SPECIFIER = re.compile(r"%(?P<flags>[-#+ 0,(]*)(?P<width>\d+)?(?P<precision>\.\d+)?(?P<kind>[a-zA-Z%])")


def printf_kinds(pattern: str) -> tuple[str, list[str]]:
    """Return a printf pattern and what each argument must be: `text`, `whole` or `real`; raises QueryFailed."""
    kinds: list[str] = []

    def one(match: re.Match[str]) -> str:
        kind = match["kind"]
        if kind in "%n":
            return "%%" if kind == "%" else "\n"
        wanted = {"s": "text", "S": "text", "b": "text", "d": "whole", "x": "whole", "f": "real", "e": "real"}
        if kind not in wanted:
            raise QueryFailed("NOT_SUPPORTED", f"{match[0]!r} in a format string is not supported by this engine")
        kinds.append(wanted[kind])
        return match[0][:-1] + ("s" if wanted[kind] == "text" else kind)

    return _SPECIFIER.sub(one, pattern), kinds


LITERALS: dict[str, tuple[int, Callable[[str], str]]] = {
    "date_format": (1, mysql_format),
    "date_parse": (1, mysql_format),
    "format_datetime": (1, joda_format),
    "parse_datetime": (1, joda_format),
    "json_extract": (1, json_path),
    "json_extract_scalar": (1, json_path),
    "json_size": (1, json_path),
    "regexp_replace": (2, replacement),
}
"""Functions with an argument in another language: which argument, and its translation."""
