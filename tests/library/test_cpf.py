"""CPFs are valid, never repeat, and any of them is reached at once."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from how_fake_accounts.cpf import _LOGARITHMS, CPFS, PRIME, ROOT, CpfWalk
from how_fake_accounts.generator import AccountGenerator
from schemas.cpf import valid_cpf

seeds = st.integers()
positions = st.integers(min_value=0, max_value=CPFS - 1)


@given(seeds, positions)
def test_every_cpf_is_valid(seed, position):
    for cpf in islice(CpfWalk(seed).cpfs(position), 5):
        valid_cpf(cpf)


@pytest.mark.parametrize("cpf", ["529.982.247-25", "111.444.777-35", "000.000.001-91"])
def test_check_digits_are_those_of_known_cpfs(cpf, monkeypatch):
    base = int(cpf.replace(".", "")[:9])
    monkeypatch.setattr(CpfWalk, "bases", lambda _walk, _position: iter([base]))
    assert list(CpfWalk(1).cpfs(0)) == [cpf]


def test_a_million_cpfs_hold_no_duplicate():
    assert len(set(islice(CpfWalk(7).bases(0), 1_000_000))) == 1_000_000


def test_the_order_depends_on_the_seed():
    first, second = (list(islice(CpfWalk(seed).bases(0), 100)) for seed in (1, 2))
    assert first != second


def test_the_root_is_primitive():
    """5 ** k is 1 for no divisor k of the period, 2 x 500,000,003, but the period itself."""
    assert (PRIME - 1) == 2 * 500_000_003
    assert pow(ROOT, 2, PRIME) != 1
    assert pow(ROOT, 500_000_003, PRIME) != 1


def test_what_is_skipped_is_what_no_cpf_begins_with():
    repeated = {int(str(digit) * 9) for digit in range(1, 10)}
    assert set(_LOGARITHMS) == repeated | set(range(1_000_000_000, PRIME))
    assert all(pow(ROOT, power, PRIME) == base for base, power in _LOGARITHMS.items())


@given(seeds, positions, st.integers(min_value=0, max_value=1_000))
def test_a_jump_lands_where_walking_would(seed, position, distance):
    walked = list(islice(CpfWalk(seed).bases(position), distance + 1))
    if len(walked) > distance:
        assert next(CpfWalk(seed).bases(position + distance)) == walked[-1]


@given(seeds)
def test_a_jump_counts_right_around_everything_that_is_skipped(seed):
    walk = CpfWalk(seed)
    for rank, skipped in enumerate(walk._skipped):
        before = max(0, skipped - rank - 2)
        around = list(islice(walk.bases(before), 4))
        assert around == [next(walk.bases(before + ahead)) for ahead in range(len(around))]
        assert len(set(around)) == len(around)
        assert not set(around) & set(_LOGARITHMS)


@given(seeds)
def test_the_walk_ends_before_it_begins_anew(seed):
    walk = CpfWalk(seed)
    last = list(walk.bases(CPFS - 3))
    assert len(last) == 3
    assert next(walk.bases(0)) not in last


@pytest.mark.parametrize("lanes", [2, 3, 7])
def test_lanes_are_disjoint(lanes):
    generators = [AccountGenerator(9, lane=lane, lanes=lanes) for lane in range(lanes)]
    walked = [[account.cpf for account in islice(generator.accounts(), 2_000)] for generator in generators]
    assert len({cpf for lane in walked for cpf in lane}) == lanes * 2_000


@pytest.mark.parametrize("lanes", [1, 2, 7])
def test_a_lane_ends_where_the_next_begins(lanes):
    length = CPFS // lanes
    last = AccountGenerator(9, start_at=length - 1, lanes=lanes)
    assert last.remaining == 1
    assert [account.cpf for account in last.accounts()] == list(islice(CpfWalk(9).cpfs(length - 1), 1))
    if lanes > 1:
        after = next(AccountGenerator(9, lane=1, lanes=lanes).accounts())
        assert after.cpf == next(CpfWalk(9).cpfs(length))
