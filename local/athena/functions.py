"""Which of Trino's functions this engine answers, and how.

A function is one of three things: a macro of `functions.sql` (chosen by the types of its arguments), a template below
(where DuckDB wants constants, lambdas or aggregates spelled out), or not registered, and then refused.
https://trino.io/docs/current/functions/list.html
"""

import re
from functools import cache
from importlib.resources import files

SQL = files("local.athena").joinpath("functions.sql").read_text()

TEMPLATES: dict[str, dict[int, str]] = {
    # conditional
    "coalesce": {-1: "coalesce($*)"},
    "nullif": {2: "nullif($1, $2)"},
    "try": {1: "try($1)"},
    "greatest": {-1: "CASE WHEN len(list_filter([$*], lambda _x: _x IS NULL)) = 0 THEN greatest($*) END"},
    "least": {-1: "CASE WHEN len(list_filter([$*], lambda _x: _x IS NULL)) = 0 THEN least($*) END"},
    # date and time
    **{
        name: {1: f"{duckdb}(trino._local($1))"}
        for name, duckdb in {
            "year": "year",
            "quarter": "quarter",
            "month": "month",
            "week": "week",
            "week_of_year": "week",
            "day": "day",
            "day_of_month": "day",
            "day_of_week": "isodow",
            "dow": "isodow",
            "day_of_year": "dayofyear",
            "doy": "dayofyear",
            "year_of_week": "isoyear",
            "yow": "isoyear",
        }.items()
    },
    "last_day_of_month": {1: "last_day(CAST(trino._local($1) AS DATE))"},
    "timezone_hour": {1: "trino._offset($1) // 3600"},
    "timezone_minute": {1: "(trino._offset($1) // 60) % 60"},
    # The formats are rewritten by the dialect: they must be literals.
    "date_format": {2: "strftime(trino._local($1), $2)"},
    "format_datetime": {2: "strftime(trino._local($1), $2)"},
    "date_parse": {2: "strptime($1, $2)"},
    "parse_datetime": {2: "timezone('UTC', strptime($1, $2))"},
    # string
    "concat": {-1: "($1 || $…)"},
    "concat_ws": {-1: "concat_ws($*)"},
    "format": {-1: "printf($*)"},
    "strpos": {
        2: "strpos($1, $2)",
        3: "CASE WHEN len(string_split($1, $2)) <= $3 THEN 0"
        " ELSE length(array_to_string(list_slice(string_split($1, $2), 1, $3), $2)) + 1 END",
    },
    # array and map
    "cardinality": {1: "CAST(cardinality($1) AS BIGINT)"},
    "element_at": {2: "trino._at($1, $2)"},
    "array_join": {
        2: "array_to_string(list_transform(list_filter($1, lambda _x: _x IS NOT NULL),"
        " lambda _x: trino._to_varchar(_x)), $2)",
        3: "array_to_string(list_transform($1, lambda _x: coalesce(trino._to_varchar(_x), $3)), $2)",
    },
    "row": {-1: "row($*)"},
    "transform": {2: "list_transform($1, $2)"},
    "filter": {2: "list_filter($1, $2)"},
    "any_match": {2: "(len(list_filter($1, $2)) > 0)"},
    "all_match": {2: "(len(list_filter($1, $2)) = len($1))"},
    "none_match": {2: "(len(list_filter($1, $2)) = 0)"},
    "find_first": {2: "list_filter($1, $2)[1]"},
    "zip": {-1: "list_zip($*)"},
    "map_concat": {-1: "map_concat($*)"},
    "map": {0: "map {}", 2: "map($1, $2)"},
    # window
    **{name: {0: f"{name}()"} for name in ("row_number", "rank", "dense_rank", "percent_rank", "cume_dist")},
    "ntile": {1: "ntile($1)"},
    "lag": {1: "lag($1)", 2: "lag($1, $2)", 3: "lag($1, $2, $3)"},
    "lead": {1: "lead($1)", 2: "lead($1, $2)", 3: "lead($1, $2, $3)"},
    "first_value": {1: "first_value($1)"},
    "last_value": {1: "last_value($1)"},
    "nth_value": {2: "nth_value($1, $2)"},
}
"""By name and number of arguments; -1 is any number. `$1` is an argument, `$*` all of them, `$…` the rest by ||."""

AGGREGATES: dict[str, dict[int, tuple[str, str]]] = {
    **{
        name: {1: (f"{duckdb}($1)", "$0")}
        for name, duckdb in {
            "any_value": "any_value",
            "arbitrary": "any_value",
            "approx_distinct": "approx_count_distinct",
            "array_agg": "list",
            "avg": "avg",
            "bitwise_and_agg": "bit_and",
            "bitwise_or_agg": "bit_or",
            "bool_and": "bool_and",
            "bool_or": "bool_or",
            "every": "bool_and",
            "kurtosis": "kurtosis",
            "max": "max",
            "min": "min",
            "stddev": "stddev_samp",
            "stddev_pop": "stddev_pop",
            "stddev_samp": "stddev_samp",
            "sum": "sum",
            "var_pop": "var_pop",
            "var_samp": "var_samp",
            "variance": "var_samp",
        }.items()
    },
    **{
        name: {2: (f"{name}($1, $2)", "$0")}
        for name in ("corr", "covar_pop", "covar_samp", "regr_intercept", "regr_slope")
    },
    "count": {0: ("count(*)", "$0"), 1: ("count($1)", "$0")},
    "count_if": {1: ("count_if($1)", "CAST($0 AS BIGINT)")},
    "geometric_mean": {1: ("avg(ln($1))", "exp($0)")},
    "histogram": {1: ("histogram($1)", "$0")},
    "map_agg": {2: ("list(struct_pack(k := $1, v := $2))", "trino._map_of($0)")},
    "multimap_agg": {2: ("list(struct_pack(k := $1, v := $2))", "trino._multimap_of($0)")},
    "map_union": {1: ("list($1)", "trino._union_of(list_filter($0, lambda _x: _x IS NOT NULL))")},
    "skewness": {1: ("list($1)", "trino._skewness_of(list_filter($0, lambda _x: _x IS NOT NULL))")},
    "max": {1: ("max($1)", "$0"), 2: ("max($1, $2)", "$0")},
    "min": {1: ("min($1)", "$0"), 2: ("min($1, $2)", "$0")},
    "max_by": {2: ("arg_max_null($1, $2)", "$0"), 3: ("arg_max($1, $2, $3)", "$0")},
    "min_by": {2: ("arg_min_null($1, $2)", "$0"), 3: ("arg_min($1, $2, $3)", "$0")},
}
"""The aggregate proper, which takes FILTER and OVER, and what is made of its result, `$0`."""

SPECIAL = frozenset(
    {
        "approx_percentile",
        "reduce",
        "zip_with",
        "transform_keys",
        "transform_values",
        "map_filter",
        "map_zip_with",
        "if",
        "now",
        "current_timestamp",
        "localtimestamp",
        "current_time",
        "localtime",
        "grouping",
    }
)
"""Rewritten by the dialect, node by node."""


@cache
def macros() -> frozenset[str]:
    """Names that `functions.sql` defines for users."""
    return frozenset(name for name in re.findall(r"CREATE MACRO trino\.(\w+)", SQL) if not name.startswith("_"))


@cache
def statements() -> tuple[str, ...]:
    """Return the statements of `functions.sql`, one by one."""
    bare = re.sub(r"^--.*\n", "", SQL, flags=re.MULTILINE)
    return tuple(part.strip() for part in bare.split(";\n") if part.strip())


@cache
def registered() -> frozenset[str]:
    """Return every function that is answered; any other is refused as not registered."""
    return macros() | TEMPLATES.keys() | AGGREGATES.keys() | SPECIAL
