"""The benchmark of the open page can tell what it says it can."""

import random

import pytest

from benchmarks.console import interval


@pytest.mark.parametrize(("count", "place"), [(6, 0), (20, 5), (40, 13)])
def test_the_interval_is_that_of_the_tables(count, place):
    # The last place up to which a binomial of p = 1/2 lies with at most 2.5 %: 1/2**6, 21700/2**20, …
    assert interval([float(each) for each in range(count)]) == (place, count - 1 - place)


def test_it_covers_the_true_median_as_often_as_it_says():
    draws = random.Random(7)
    samples = [[draws.gauss(1, 0.2) for _ in range(20)] for _ in range(2000)]
    covering = sum(low <= 1 <= high for low, high in map(interval, samples)) / len(samples)

    assert 0.95 <= covering <= 0.98
