"""The words of a statement that is not a query: enough of a scanner for Hive's DDL. Pure."""

import re
from dataclasses import dataclass

from local.athena.errors import MalformedQuery

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)
    |(?P<string>'(?:[^']|'')*')
    |(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
    |(?P<word>[^\W\d]\w*|\d+[^\W\d]\w*)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<mark><=|>=|<>|!=|.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """What a quoted token says, or the token itself."""
        if self.kind in ("string", "name"):
            quote = self.text[0]
            return self.text[1:-1].replace(quote * 2, quote)
        return self.text


class Words:
    """A cursor over a statement's tokens."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._tokens = [
            Token(match.lastgroup or "", match[0], match.start(), match.end())
            for match in _TOKEN.finditer(sql)
            if match.lastgroup != "space"
        ]
        while self._tokens and self._tokens[-1].text == ";":
            self._tokens.pop()
        self._position = 0

    def peek(self, ahead: int = 0) -> Token:
        index = self._position + ahead
        end = len(self.sql)
        return self._tokens[index] if index < len(self._tokens) else Token("end", "<EOF>", end, end)

    def next(self) -> Token:
        token = self.peek()
        self._position += 1
        return token

    def at(self, *words: str) -> bool:
        """Tell whether these keywords or marks come next."""
        return all(
            self.peek(index).kind in ("word", "mark", "number") and self.peek(index).text.upper() == word
            for index, word in enumerate(words)
        )

    def skip(self, *words: str) -> bool:
        """Step over these words if they come next."""
        if not self.at(*words):
            return False
        self._position += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.skip(word):
                raise self.unexpected(f"'{word}'")

    def name(self) -> str:
        """Take an identifier, lower-cased as the catalog keeps it."""
        token = self.next()
        if token.kind not in ("word", "name"):
            self._position -= 1
            raise self.unexpected("<identifier>")
        return token.value.lower()

    def string(self) -> str:
        token = self.next()
        if token.kind != "string":
            self._position -= 1
            raise self.unexpected("<string>")
        return token.value

    def table(self, database: str) -> tuple[str, str]:
        """Take `[[catalog.]database.]table`; a missing database is the one given."""
        parts = [self.name()]
        while self.skip("."):
            parts.append(self.name())
        if parts[0].count(".") == 1 and len(parts) == 1:
            parts = parts[0].split(".")  # `db.table`, quoted as a whole, as Hive takes it
        return (parts[-2] if len(parts) > 1 else database), parts[-1]

    def done(self) -> None:
        if self.peek().kind != "end":
            raise self.unexpected("<EOF>")

    def rest(self) -> str:
        """Take everything to the end, as written."""
        start, self._position = self.peek().start, len(self._tokens)
        end = self._tokens[-1].end if self._tokens else len(self.sql)
        return self.sql[start:end]

    def enclosed(self) -> str:
        """Take `( … )`, balanced, and return what is inside, as written."""
        self.expect("(")
        start = self.peek().start
        depth = 1
        while depth:
            token = self.next()
            if token.kind == "end":
                raise self.unexpected("')'")
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "mark" else 0
        return self.sql[start : self.peek(-1).start]

    def unexpected(self, wanted: str) -> MalformedQuery:
        token = self.peek()
        before = self.sql[: token.start]
        line, column = before.count("\n") + 1, token.start - (before.rfind("\n") + 1) + 1
        return MalformedQuery(f"line {line}:{column}: mismatched input '{token.text}'. Expecting: {wanted}")
