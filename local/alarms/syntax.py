"""The syntax of CloudWatch's metric math: text in, tree out.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

MAXIMUM_LENGTH = 2048
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"""

MAXIMUM_DEPTH = 64
"""Of brackets within brackets; ours, so that no text can exhaust the stack."""


class MathError(ValueError):
    """The expression cannot be read or evaluated; `str()` says what, and where (in characters, from 0)."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """The Id of a metric or of another expression: it begins with a lower-case letter."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Word:
    """An argument such as REPEAT or DESC."""

    word: str
    at: int


@dataclass(frozen=True, slots=True)
class Array:
    items: tuple["Node", ...]
    at: int


@dataclass(frozen=True, slots=True)
class Negation:
    operand: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Operation:
    operator: str
    left: "Node"
    right: "Node"
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Node", ...]
    at: int


Node = Number | Text | Name | Word | Array | Negation | Operation | Call

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<name>[a-z][A-Za-z0-9_]*)
    | (?P<word>[A-Z][A-Z0-9_]*\b)
    | "(?P<text>[^"]*)" | '(?P<quoted>[^']*)'
    | (?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^<>(),\[\]])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)

_ALIASES = {"AND": "&&", "OR": "||"}
_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"||"}),
    frozenset({"&&"}),
    frozenset({"==", "!=", "<", ">", "<=", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "/"}),
)
"""Binary operators, those that bind least first. All of them associate to the left."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str
    at: int


_LEAVES: dict[str, Callable[[_Token], Node]] = {
    "number": lambda token: Number(float(token.value)),
    "text": lambda token: Text(token.value),
    "name": lambda token: Name(token.value, token.at),
}


def parse(text: str) -> Node:
    """Return the tree of an expression; raises MathError."""
    if len(text) > MAXIMUM_LENGTH:
        raise MathError(f"the expression has {len(text)} characters, more than {MAXIMUM_LENGTH}")
    if text.lstrip().upper().startswith("SELECT "):
        raise MathError("Metrics Insights queries are not modelled here")
    return _Parser(text).whole()


def names(node: Node) -> Iterator[str]:
    """Yield every Id that the tree refers to."""
    match node:
        case Name(name):
            yield name
        case Array(items) | Call(_, items):
            for item in items:
                yield from names(item)
        case Negation(operand):
            yield from names(operand)
        case Operation(_, left, right):
            yield from names(left)
            yield from names(right)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._binary(0)
        if self._next.kind != "end":
            self._fail("an operator or the end")
        return node

    @property
    def _next(self) -> _Token:
        return self._tokens[self._position]

    def _take(self) -> _Token:
        token = self._next
        self._position += 1
        return token

    def _expect(self, sign: str) -> None:
        if self._next.kind != "sign" or self._next.value != sign:
            self._fail(f"'{sign}'")
        self._take()

    def _fail(self, expected: str) -> NoReturn:
        shown = self._next.value or "<EOF>"
        raise MathError(f"Unsupported token '{shown}' at char {self._next.at}, must be: {expected}")

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._negation()
        node = self._binary(level + 1)
        while self._next.kind == "sign" and self._next.value in _LEVELS[level]:
            token = self._take()
            node = Operation(token.value, node, self._binary(level + 1), token.at)
        return node

    def _negation(self) -> Node:
        if self._next.kind == "sign" and self._next.value == "-":
            at = self._take().at
            with _Nesting(self):
                return Negation(self._negation(), at)
        return self._power()

    def _power(self) -> Node:
        base = self._operand()
        if self._next.kind == "sign" and self._next.value == "^":
            at = self._take().at
            with _Nesting(self):
                return Operation("^", base, self._negation(), at)
        return base

    def _operand(self) -> Node:
        token = self._next
        if token.kind == "sign" and token.value == "(":
            return self._bracketed()
        if token.kind == "sign" and token.value == "[":
            self._take()
            return Array(self._items("]"), token.at)
        if token.kind == "word":
            return self._word()
        if (leaf := _LEAVES.get(token.kind)) is None:
            self._fail("a number, an Id, a function, '(' or '['")
        return leaf(self._take())

    def _bracketed(self) -> Node:
        self._take()
        with _Nesting(self):
            inner = self._binary(0)
        self._expect(")")
        return inner

    def _word(self) -> Node:
        token = self._take()
        if self._next.kind == "sign" and self._next.value == "(":
            self._take()
            return Call(token.value, self._items(")"), token.at)
        return Word(token.value, token.at)

    def _items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        with _Nesting(self):
            while self._next.value != closing or self._next.kind != "sign":
                if items:
                    self._expect(",")
                items.append(self._binary(0))
        self._expect(closing)
        return tuple(items)


class _Nesting:
    """Counts the depth of what is being read."""

    def __init__(self, parser: _Parser) -> None:
        self._parser = parser

    def __enter__(self) -> None:
        self._parser._depth += 1  # noqa: SLF001 - the parser's own counter
        if self._parser._depth > MAXIMUM_DEPTH:  # noqa: SLF001 - the same
            raise MathError(f"the expression is nested deeper than {MAXIMUM_DEPTH} levels")

    def __exit__(self, *_: object) -> None:
        self._parser._depth -= 1  # noqa: SLF001 - the same


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            rest = text[position:]
            at = position + len(rest) - len(rest.lstrip())
            raise MathError(f"Unsupported token '{text[at]}' at char {at}")
        kind = found.lastgroup or ""
        value = found[kind]
        at = found.start(kind)
        position = found.end()
        if kind == "word" and value in _ALIASES:
            kind, value = "sign", _ALIASES[value]
        yield _Token("text" if kind == "quoted" else kind, value, at)
        if kind == "end":
            return
