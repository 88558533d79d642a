"""Where in a text a CPF stands, and the text without it. The rules are told in the package's docstring."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

TYPE_CHECKING = False  # `typing` would cost a cold start more than this module
if TYPE_CHECKING:
    from collections.abc import Iterator

    Span = tuple[int, int]

REDACTED = "***.***.***-**"

# Whatever is no letter, digit, star, quote or bracket may separate the groups of digits.
_S = r"""(?:[^\w*"'<>(){}\[\]]|_)"""
_GROUPS = re.compile(rf"(?=(\d{{3}}({_S}{{0,3}})\d{{3}}({_S}{{0,3}})\d{{3}}({_S}{{0,3}})\d{{2}}))")
_SPACED_OUT = re.compile(rf"(?<!\d)(?=(\d(?:{_S}{{1,3}}\d){{10}})(?!\d))")
# Cheap, and found wherever one of the following is.
_MANY = re.compile(r"""\d[^a-zA-Z*"'<>(){}\[\]]{9,}\d""")
_DIGITS = re.compile(rf"\d(?:{_S}{{0,3}}\d){{10,}}")
_NOTHING_ELSE = re.compile(rf"{_S}*(?:\d{_S}*)+")
_UNUSUAL_SEPARATOR = re.compile(
    r"[^\s.,/_\-\u00ad\u00b7\u2010-\u2015\u2022\u2024\u200b-\u200d\u2060\u2212\ufe63\ufeff\uff0d\uff0e]"
)
# A UUID, or a digest in hexadecimal: random digits, one in hundreds of which looks like a CPF.
_IDENTIFIER = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})(?![0-9A-Za-z])"
)
_ESCAPE = re.compile(
    r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})|&#[xX]([0-9a-fA-F]{1,6});|&#([0-9]{1,7});"
)
_OTHER_SCRIPT = re.compile(r"[^\x00-\x7f\xc0-\xff]")
_INVISIBLE = frozenset(("Cc", "Cf", "Mn", "Me"))


def masked(digits: str) -> str:
    """Return `***.456.789-**` for eleven digits."""
    return f"***.{digits[3:6]}.{digits[6:9]}-**"


def ascii_digits(text: str) -> str:
    """Return the decimal digits of a text, of whatever script, as ASCII."""
    digits = "".join(filter(str.isdecimal, text))
    return digits if digits.isascii() else "".join([str(int(digit)) for digit in digits])


def check_digits_hold(digits: str) -> bool:
    """Tell whether the last two of eleven ASCII digits follow from the first nine.

    Rule: https://pt.wikipedia.org/wiki/Cadastro_de_Pessoas_F%C3%ADsicas#C%C3%A1lculo_do_d%C3%ADgito_verificador
    """
    values = [int(digit) for digit in digits]
    return all(
        sum((length + 1 - place) * values[place] for place in range(length)) * 10 % 11 % 10 == values[length]
        for length in (9, 10)
    )


def only_digits(text: str) -> str | None:
    """Return eleven ASCII digits if the text is these and separators, nothing else."""
    digits = ascii_digits(text)
    return digits if len(digits) == 11 and _NOTHING_ELSE.fullmatch(text) else None  # noqa: PLR2004 - a CPF has eleven


def contains_cpf(text: str, own: tuple[str, ...] = (), *, checked: bool = False) -> bool:
    """Tell whether `mask_text` would find something to mask in plain sight."""
    return any(_spans(text, own, checked=checked))


def mask_text(text: str, own: tuple[str, ...] = (), *, checked: bool = False) -> str:
    """Return the text with every CPF in it masked.

    `own` are CPFs (eleven digits) known from elsewhere in the document; `checked` asks for valid check digits of all
    others, as is right for the literal of a number.
    """
    if len(text) < 11:  # noqa: PLR2004 - a CPF has eleven digits
        return text
    while spans := sorted(_spans(text, own, checked=checked)):
        text = _masked_spans(text, spans)
    seen_through = _see_through(text)
    if seen_through is not text and any(_spans(seen_through, own, checked=checked)):
        return star_digits(text)
    return text


def star_digits(text: str) -> str:
    """Return the text with a `*` for everything that stands for a number, in whatever script."""
    return "".join(["*" if character.isnumeric() else character for character in text])


def _spans(text: str, own: tuple[str, ...], *, checked: bool) -> Iterator[Span]:
    for digits in own:
        yield from _occurrences(text, digits)
    identifiers: list[Span] | None = None
    for start, end in _candidates(text, checked=checked):
        if identifiers is None:
            identifiers = [each.span() for each in _IDENTIFIER.finditer(text)]
        before = bisect_right(identifiers, (start, len(text)))
        if not (before and end <= identifiers[before - 1][1]):
            yield start, end


def _occurrences(text: str, digits: str) -> Iterator[Span]:
    start = text.find(digits)
    while start >= 0:
        yield start, start + len(digits)
        start = text.find(digits, start + 1)


def _candidates(text: str, *, checked: bool) -> Iterator[Span]:
    if not _MANY.search(text):
        return
    for digits in _DIGITS.finditer(text):
        for found in _GROUPS.finditer(text, *digits.span()):
            if _counts(text, found, checked=checked):
                yield found.span(1)
        for found in _SPACED_OUT.finditer(text, *digits.span()):
            if check_digits_hold(ascii_digits(found[1])):
                yield found.span(1)


def _counts(text: str, found: re.Match[str], *, checked: bool) -> bool:
    separators = found.groups()[1:]
    if not all(separators) and _touches_digit(text, *found.span(1)):
        return False
    usual = any(separators) and not _UNUSUAL_SEPARATOR.search("".join(separators))
    return (usual and not checked) or check_digits_hold(ascii_digits(found[1]))


def _touches_digit(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isdecimal() or text[end : end + 1].isdecimal()


def _masked_spans(text: str, spans: list[Span]) -> str:
    """Mask sorted spans; where they overlap, which digits are the middle ones is unknown, so all are starred."""
    pieces: list[str] = []
    done = 0
    for start, end, overlapped in _merged(spans):
        found = text[start:end]
        pieces += text[done:start], star_digits(found) if overlapped else masked(ascii_digits(found))
        done = end
    return "".join([*pieces, text[done:]])


def _merged(spans: list[Span]) -> Iterator[tuple[int, int, bool]]:
    (first, last), overlapped = spans[0], False
    for start, end in spans[1:]:
        if start >= last:
            yield first, last, overlapped
            first, last, overlapped = start, end, False
        elif (start, end) != (first, last):
            last, overlapped = max(last, end), True
    yield first, last, overlapped


def _see_through(text: str) -> str:
    """Return the text as a person or a later program would read it; the very same object if that is no different."""
    if "\\" in text or "%" in text or "&" in text:
        while (plain := _ESCAPE.sub(_unescaped, text)) != text:
            text = plain
    if not _OTHER_SCRIPT.search(text):
        return text
    kept = [each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) not in _INVISIBLE]
    plain = "".join(kept)
    return text if plain == text else plain


def _unescaped(escape: re.Match[str]) -> str:
    *hexadecimal, decimal = escape.groups()
    code = int(decimal) if decimal else int(next(filter(None, hexadecimal)), 16)
    return chr(code) if code <= 0x10FFFF else escape[0]  # noqa: PLR2004 - the last code point of Unicode
