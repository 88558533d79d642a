"""CPFs that are valid and never repeat, without remembering any.

Check digits: https://pt.wikipedia.org/wiki/Cadastro_de_Pessoas_F%C3%ADsicas#C%C3%A1lculo_do_d%C3%ADgito_verificador
"""

from collections.abc import Iterator
from hashlib import shake_128

PRIME = 1_000_000_007
ROOT = 5
"""A primitive root of PRIME: its powers are all the numbers from 1 to PRIME - 1, each once."""

_LOGARITHMS = {
    111_111_111: 877_039_459,
    222_222_222: 258_877_735,
    333_333_333: 761_277_151,
    444_444_444: 640_716_017,
    555_555_555: 877_039_460,
    666_666_666: 143_115_427,
    777_777_777: 813_583_985,
    888_888_888: 22_554_293,
    999_999_999: 645_514_843,
    1_000_000_000: 436_544_529,
    1_000_000_001: 766_075_977,
    1_000_000_002: 500_000_004,
    1_000_000_003: 263_676_561,
    1_000_000_004: 384_237_695,
    1_000_000_005: 881_838_285,
    1_000_000_006: 500_000_003,
}
"""What the walk meets and no CPF begins with (one repeated digit, or ten digits): ROOT ** logarithm % PRIME."""

CPFS = PRIME - 1 - len(_LOGARITHMS)
"""How many CPFs there are: all bases of nine digits but the ten of one repeated digit."""


class CpfWalk:
    """All CPFs in an order that depends on `seed`: a Lehmer generator whose multiplier is a primitive root.

    Powers of a primitive root reach any position at once, so producers can share the CPFs out without talking.
    """

    def __init__(self, seed: int) -> None:
        drawn = shake_128(f"CPF {seed}".encode()).digest(16)
        period = PRIME - 1
        self._start = int.from_bytes(drawn[:8], "little") % period
        # Coprime to the period, 2 x 500,000,003, so that ROOT ** exponent is a primitive root too.
        exponent = int.from_bytes(drawn[8:], "little") % period | 1
        self._exponent = exponent + 2 if exponent == period // 2 else exponent
        inverse = pow(self._exponent, -1, period)
        self._skipped = sorted((each - self._start) * inverse % period for each in _LOGARITHMS.values())

    def bases(self, position: int) -> Iterator[int]:
        """Yield the first nine digits of CPF number `position` (0 to CPFS - 1) and of all after it."""
        step = position
        for skipped in self._skipped:
            step += skipped <= step
        multiplier = pow(ROOT, self._exponent, PRIME)
        base = pow(ROOT, self._start + self._exponent * step, PRIME)
        for _ in range(position, CPFS):
            while base in _LOGARITHMS:
                base = base * multiplier % PRIME
            yield base
            base = base * multiplier % PRIME

    def cpfs(self, position: int) -> Iterator[str]:
        """Yield CPF number `position` and all after it, formatted."""
        for base in self.bases(position):
            first, rest = divmod(base, 1_000_000)
            second, third = divmod(rest, 1_000)
            left, left_sums = _FIRST[first]
            middle, middle_sums = _SECOND[second]
            right, right_sums = _THIRD[third]
            yield f"{left}.{middle}.{right}-{_CHECK_DIGITS[left_sums + middle_sums + right_sums]}"


_STRIDE = 32
"""Both weighted sums (each below 3 x 11) travel in one integer, so that one look-up gives both digits."""


def _group(place: int) -> list[tuple[str, int]]:
    """Return, for each number of three digits at `place` (0, 3, 6), its text and its share of both sums, modulo 11."""
    shares = []
    for text in map("{:03d}".format, range(1000)):
        first = sum(int(digit) * (10 - place - i) for i, digit in enumerate(text)) % 11
        second = sum(int(digit) * (11 - place - i) for i, digit in enumerate(text)) % 11
        shares.append((text, first * _STRIDE + second))
    return shares


def _check_digits(sums: int) -> str:
    first_sum, second_sum = divmod(sums, _STRIDE)
    first = first_sum * 10 % 11 % 10
    second = (second_sum + 2 * first) * 10 % 11 % 10
    return f"{first}{second}"


_FIRST, _SECOND, _THIRD = _group(0), _group(3), _group(6)
_CHECK_DIGITS = list(map(_check_digits, range(_STRIDE * _STRIDE)))
