"""Metric math as the User Guide defines it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
Series are written as the Guide writes them: `[30, -, 0]`, where `-` is a missing value.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.alarms.math import evaluate
from local.alarms.series import Frame, Series
from local.alarms.syntax import MAXIMUM_DEPTH, MathError, parse

MINUTE = 60
NOON = 1_795_435_200  # Monday 2026-11-23T12:00:00Z


def series(text: str, name: str = "") -> Series:
    cells = [cell.strip() for cell in text.strip("[]").split(",") if cell.strip()]
    known = {NOON + MINUTE * index: float(cell) for index, cell in enumerate(cells) if cell != "-"}
    return Series(known, name, MINUTE)


def shown(value: Series | list[Series] | float, periods: int) -> str | list[str]:
    if isinstance(value, list):
        return [str(shown(each, periods)) for each in value]
    assert isinstance(value, Series)
    return ", ".join(f"{value.values[at]:g}" if at in value.values else "-" for at in frame(periods).moments)


def frame(periods: int) -> Frame:
    return Frame(NOON, NOON + periods * MINUTE, MINUTE)


def result(expression: str, periods: int = 5, /, **metrics: str) -> str | list[str]:
    known = {name: series(text, name) for name, text in metrics.items()}
    return shown(evaluate(expression, frame(periods), known, {}), periods)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(metric1 < metric2)", "0, 0, 1, 0"),
        ("(metric1 >= 30)", "1, 0, 0, 0"),
        ("(metric1 > 15 AND metric2 > 15)", "1, 0, 0, 0"),
        ("metric1 > 15 && metric2 > 15", "1, 0, 0, 0"),
        ("metric1 > 15 OR metric2 > 15", "1, 1, 1, 0"),
        ("metric1 == 0 || metric2 != 20", "0, 0, 1, 1"),
    ],
)
def test_comparisons_and_logic(expression, expected):
    """The Guide's own example, "Comparison and logical operators"."""
    assert result(expression, 4, metric1="[30, 20, 0, 0]", metric2="[20, -, 20, -]") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(metric1, metric2, metric3)", "30, 0, 20, -, -"),
        ("IF(metric1, 5, metric3)", "5, 5, 20, -, -"),
        ("IF(metric1, metric2, 5)", "30, 0, 5, 5, -"),
        ("IF(metric1, metric2)", "30, 0, -, -, -"),
        ("IF(1, metric2, metric3)", "30, -, 0, 0, 30"),
        ("IF(0, metric2, metric3)", "0, 0, 20, -, 20"),
        ("IF(0, metric2)", "-, -, -, -, -"),
        ("IF(metric2 < 10, 1, 2)", "2, -, 1, 1, 2"),
    ],
)
def test_choices(expression, expected):
    """The tables of "Using IF expressions"."""
    known = {"metric1": "[1, 1, 0, 0, -]", "metric2": "[30, -, 0, 0, 30]", "metric3": "[0, 0, 20, -, 20]"}
    assert result(expression, **known) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 + m2", "5, 2, 10, -, 8"),
        ("m1 - m2", "-1, 2, 10, -, -8"),
        ("m1 / m2", "0.666667, -, -, -, 0"),
        ("-m1 ^ 2", "-4, -4, -100, -, -"),
        ("(-m1) ^ 2", "4, 4, 100, -, -"),
        ("2 + 3 * m1", "8, 8, 32, -, -"),
        ("m1 / PERIOD(m1) * 60", "2, 2, 10, -, -"),
        ("m1 * 1e3", "2000, 2000, 10000, -, -"),
        ("10 - 4 - m1", "4, 4, -4, -, -"),
        ("FILL(m1, 0)", "2, 2, 10, 0, 0"),
        ("FILL(m1, m2)", "2, 2, 10, -, 8"),
        ("FILL(m2, REPEAT)", "3, 3, 3, 3, 8"),
        ("FILL(m2, LINEAR)", "3, 4.25, 5.5, 6.75, 8"),
        ("FILL(m1, LINEAR)", "2, 2, 10, -, -"),
        ("FILL(m1, MIN(m1))", "2, 2, 10, 2, 2"),
        ("m1 - AVG(m2)", "-3.5, -3.5, 4.5, -, -"),
        ("m1 * SUM(m2) + MAX(m2) - MIN(m2) + DATAPOINT_COUNT(m2)", "29, 29, 117, -, -"),
        ("m1 / STDDEV(m2)", "0.8, 0.8, 4, -, -"),
        ("SUM([m1, m2])", "5, 2, 10, -, 8"),
        ("AVG([m1, m2])", "2.5, 1, 5, -, 4"),
        ("MAX([m1, m2])", "3, 2, 10, -, 8"),
        ("MIN(METRICS())", "2, 2, 10, -, 8"),
        ('SUM(METRICS("2"))', "3, -, -, -, 8"),
        ("RATE(m1) * 60", "-, 0, 8, -, -"),
        ("DIFF(m2)", "-, -, -, -, 5"),
        ("DIFF_TIME(m2)", "-, -, -, -, 240"),
        ("ABS(m1 - m2)", "1, 2, 10, -, 8"),
        ("CEIL(m1 / 4)", "1, 1, 3, -, -"),
        ("FLOOR(m1 / 4)", "0, 0, 2, -, -"),
        ("LOG10(m1 * 5)", "1, 1, 1.69897, -, -"),
        ("LOG(m1 - 2)", "-, -, 2.07944, -, -"),
        ("RUNNING_SUM(m1)", "2, 4, 14, -, -"),
        ("TIME_SERIES(MAX(m1))", "10, 10, 10, 10, 10"),
        ("m1 / METRIC_COUNT(METRICS())", "1, 1, 5, -, -"),
        ("FIRST(SORT(METRICS(), AVG, DESC))", "3, -, -, -, 8"),
        ("LAST([m1, m2])", "3, -, -, -, 8"),
        ("MINUTE(m1)", "0, 1, 2, 3, 4"),
        ("IF(DAY(m1) < 6 AND HOUR(m1) == 12, m1)", "2, 2, 10, 0, 0"),
        ("YEAR(m1) - MONTH(m1) * 100 - DATE(m1)", "903, 903, 903, 903, 903"),
        ("EPOCH(m1) - 1795435200", "0, 60, 120, 180, 240"),
    ],
)  # fmt: skip
def test_functions(expression, expected):
    numbers = [f"{float(cell):g}" if cell != "-" else cell for cell in expected.split(", ")]
    assert result(expression, m1="[2, 2, 10, -, -]", m2="[3, -, -, -, 8]") == ", ".join(numbers)


def test_what_an_array_gives_is_an_array():
    known = {"m1": "[2, 2, 10]", "m2": "[3, -, 8]", "none": "[-, -, -]"}
    assert result("METRICS() * 2", 3, **known) == ["4, 4, 20", "6, -, 16", "-, -, -"]
    assert result("100 / [m1, m2]", 3, **known) == ["50, 50, 10", "33.3333, -, 12.5"]
    assert result("REMOVE_EMPTY(METRICS())", 3, **known) == ["2, 2, 10", "3, -, 8"]
    assert result("SORT(METRICS(), SUM, ASC, 1)", 3, **known) == ["3, -, 8"]
    assert result("SLICE(METRICS(), 1)", 3, **known) == ["3, -, 8", "-, -, -"]
    assert result("SLICE(METRICS(), 0, 1)", 3, **known) == ["2, 2, 10"]
    assert result("FILL(METRICS(), 0)", 3, **known) == ["2, 2, 10", "3, 0, 8", "0, 0, 0"]


@pytest.mark.parametrize("name", ["in", "out", "is", "lambda", "if_", "not"])
def test_what_is_a_word_elsewhere_is_an_id_here(name):
    known = {name: "[5, -, 7]", "other": "[-, -, 1]"}
    assert result(f"IF(FILL({name},0)>0 AND FILL(other,0)==0,1,0)", 3, **known) == "1, 0, 0"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("m1 +", "Unsupported token '<EOF>' at char 4, must be: a number, an Id, a function, '(' or '['"),
        ("m1 m2", "Unsupported token 'm2' at char 3, must be: an operator or the end"),
        ("(m1", "Unsupported token '<EOF>' at char 3, must be: ')'"),
        ("SUM(m1 m2)", "Unsupported token 'm2' at char 7, must be: ','"),
        ("m1 % 2", "Unsupported token '%' at char 3"),
        ("   ?", "Unsupported token '?' at char 3"),
        ("", "Unsupported token '<EOF>' at char 0"),
        ("AVG + m1", "Unsupported token 'AVG' at char 0: functions need brackets"),
        ("NOT m1", "Unsupported token 'm1' at char 4, must be: an operator or the end"),
        ("MEDIAN(m1)", "Unsupported function 'MEDIAN' at char 0"),
        ("ANOMALY_DETECTION_BAND(m1)", "exists on AWS and is not modelled here"),
        ("SELECT AVG(x) FROM y", "Metrics Insights queries are not modelled here"),
        ("m3 * 2", "'m3' at char 0 is the Id of no metric and no expression"),
        ("AVG(m1)", "the result is a single number"),
        ("[m1, m2] + [m1]", "Unsupported operand types for + at char 9"),
        ("AVG(m1, m2)", "AVG at char 0 takes 1 arguments, not 2"),
        ("AVG(3)", "AVG at char 0 takes TS or Array[TS], not a number"),
        ("PERIOD(m1+m2) * m1", "PERIOD at char 0 takes the Id of a metric"),
        ("FILL(m1, NEAREST)", "FILL takes a number, a time series, REPEAT or LINEAR"),
        ("IF([m1], 1, 0)", "IF at char 0 takes time series and numbers, not arrays"),
        ("FIRST(m1)", "FIRST at char 0 takes an array of time series"),
        ("METRICS(m1)", "METRICS at char 0 takes a part of an Id in quotes"),
        ("SORT(METRICS(), MEDIAN, ASC)", "SORT at char 0 takes an array, AVG, MIN, MAX or SUM, and ASC or DESC"),
        ("'m1'", "the text 'm1' stands where a value is needed"),
        ("[1, 2]", "an array holds time series, not numbers"),
        ("m1" + " + m1" * 1000, "the expression has 5002 characters, more than 2048"),
        ("(" * 200 + "m1", f"nested deeper than {MAXIMUM_DEPTH} levels"),
        ("-" * 200 + "m1", f"nested deeper than {MAXIMUM_DEPTH} levels"),
    ],
)
def test_what_is_wrong_is_said_and_where(expression, said):
    with pytest.raises(MathError) as failure:
        result(expression, m1="[1]", m2="[2]")
    assert said in str(failure.value)


@given(st.text(alphabet='m12()[],+-*/^<>=&| ANDORFILSUM."e', max_size=40))
def test_no_text_gets_more_than_a_message(text):
    """Whatever is written, the answer is a value or a MathError."""
    try:
        parse(text)
        result(text, m1="[1, -, 3]", m2="[-, 2, 0]")
    except MathError:
        pass


VALUES = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=6)


@given(VALUES, VALUES)
def test_adding_what_was_subtracted_gives_the_same_values_back(left, right):
    def known(values):
        return Series({NOON + MINUTE * index: value for index, value in enumerate(values) if value is not None})

    metrics = {"a": known(left), "b": known(right)}
    value = evaluate("a - b + b", frame(6), metrics, {})
    assert isinstance(value, Series)
    assert all(value.values[at] == pytest.approx(expected, abs=1e-6) for at, expected in metrics["a"].values.items())
