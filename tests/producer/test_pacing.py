"""Pacing is arithmetic on a clock: what is due, what may be sent, how long to wait."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.limits import LARGE, SMALL, UNLIMITED, Quota, quota_of
from producer.pacing import Pacer, Throttle, back_off
from producer.profile import DayProfile
from producer.report import Latencies
from producer.schedules import Bursts, Constant, Ramp

MONDAY = datetime(2026, 11, 23, 3, tzinfo=UTC)  # 00:00 in Brasília

rates = st.floats(0.1, 5000)
schedules = st.one_of(
    st.builds(Constant, rates),
    st.builds(Ramp, rates, rates, st.floats(0.5, 120)),
    st.builds(DayProfile, rates, st.just(MONDAY)),
    st.builds(Bursts, st.builds(Constant, rates), st.integers(1, 1000), st.floats(0.5, 60)),
)


@given(schedules, st.lists(st.floats(0, 50), min_size=1, max_size=40))
def test_what_is_due_never_falls(schedule, steps):
    elapsed, due = 0.0, schedule.due(0.0)
    for step in steps:
        elapsed += step
        assert schedule.due(elapsed) >= due - 1e-6
        due = schedule.due(elapsed)


@given(rates, st.lists(st.floats(0.001, 4.9), min_size=1, max_size=100))
def test_looked_at_often_enough_the_pace_is_exact(rate, steps):
    pacer = Pacer(Constant(rate), None, None)
    elapsed = 0.0
    for step in steps:
        elapsed += step
        pacer.took(pacer.allowance(elapsed, 100_000))
        assert pacer.made == pytest.approx(rate * elapsed, abs=1.001)


@given(schedules, st.lists(st.floats(0.001, 30), min_size=1, max_size=60), st.integers(1, 500))
def test_it_never_runs_ahead_and_never_passes_the_total(schedule, steps, total):
    pacer = Pacer(schedule, total, None)
    elapsed = 0.0
    for step in steps:
        elapsed += step
        pacer.took(pacer.allowance(elapsed, 1000))
        assert pacer.made <= min(total, schedule.due(elapsed) + 1e-6)
    assert pacer.finished(elapsed) == (pacer.made == total)


def test_what_could_not_be_made_for_a_minute_is_not_made_up_for():
    pacer = Pacer(Constant(100), None, None)
    pacer.took(pacer.allowance(1.0, 1000))
    assert pacer.made == 100
    pacer.took(pacer.allowance(61.0, 1000))
    assert pacer.made == 100 + 500, "five seconds' worth, not sixty"
    pacer.took(pacer.allowance(61.5, 1000))
    assert pacer.made == 100 + 500 + 50


def test_a_bounded_time_gives_all_that_was_due_in_it():
    pacer = Pacer(Constant(50), None, 3.0)
    elapsed = 0.0
    while not pacer.finished(elapsed):
        pacer.took(pacer.allowance(elapsed, 10))
        elapsed += 0.02
    assert pacer.made == 150


def test_as_fast_as_can_be_has_an_end_too():
    pacer = Pacer(Constant(float("inf")), None, 3.0)
    assert pacer.allowance(2.9, 1000) == 1000
    assert pacer.allowance(3.0, 1000) == 0
    assert pacer.finished(3.0)


def test_a_ramp_climbs_and_stays():
    ramp = Ramp(10, 1000, 60)
    assert ramp.due(60) == pytest.approx((10 + 1000) / 2 * 60)
    assert ramp.due(61) - ramp.due(60) == pytest.approx(1000)
    assert ramp.due(1) - ramp.due(0) == pytest.approx(18.25)


def by_hour(day):
    """Return what is due in each hour of the day, in per cent of the day."""
    profile = DayProfile(100.0, MONDAY + timedelta(days=day))
    sums = [profile.due(3600 * hour) for hour in range(25)]
    return [100 * (after - before) / sums[-1] for before, after in pairwise(sums)]


def test_a_working_day_has_its_night_its_plateau_and_its_evening():
    monday = by_hour(0)
    assert monday.index(min(monday)) == 3
    assert all(5 < hour < 7.5 for hour in monday[9:18])
    assert monday[21] > monday[18]
    assert all(hour > 0 for day in range(7) for hour in by_hour(day))


def test_people_buy_less_on_saturdays_and_late_on_sundays():
    monday, saturday, sunday = (DayProfile(100.0, MONDAY + timedelta(days=day)).due(86400) for day in (0, 5, 6))
    assert saturday < sunday < monday
    assert by_hour(6).index(max(by_hour(6))) == 20
    assert DayProfile(100.0, MONDAY).due(7 * 86400) == pytest.approx(100 * 7 * 86400)


def test_a_profile_started_in_the_middle_of_the_week_goes_over_its_end():
    profile = DayProfile(10.0, MONDAY + timedelta(days=6, hours=23, minutes=30))
    assert profile.due(7 * 86400) == pytest.approx(10 * 7 * 86400)
    assert profile.due(3600) > profile.due(1800) > 0


def test_bursts_come_beside_the_rate():
    bursts = Bursts(Constant(1), 500, 60)
    assert bursts.due(59.9) == pytest.approx(59.9)
    assert bursts.due(60.0) == pytest.approx(560)
    pacer = Pacer(bursts, None, None)
    made = []
    for tick in range(121 * 10):
        pacer.took(count := pacer.allowance(tick / 10, 1000))
        made.append(count)
    assert [at / 10 for at, count in enumerate(made) if count > 100] == [60.0, 120.0]


quotas = st.builds(
    Quota, st.integers(500, 100_000).map(float), st.integers(2, 2000).map(float), st.integers(200_000, 10**7).map(float)
)
loads = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 200_000), st.floats(0, 0.4)), min_size=1, max_size=120)


@given(quotas, loads, st.sets(st.integers(0, 119)))
def test_no_second_ever_holds_more_than_the_quota(quota, load, throttled):
    throttle = Throttle(quota)
    now, sent = 0.0, []
    for at, (records, size, idle) in enumerate(load):
        now += idle
        while wait := throttle.wait(now, records, size):
            now += wait
        sent.append((now, records, size))
        if at in throttled:
            throttle.throttled(now)
    for start, _, _ in sent:
        window = [each for each in sent if start <= each[0] < start + 1.0 - 1e-9]
        assert len(window) <= quota.requests
        assert sum(records for _, records, _ in window) <= quota.records
        assert sum(size for _, _, size in window) <= quota.size


def test_throttling_halves_the_share_once_a_second_and_quiet_gives_it_back():
    throttle = Throttle(SMALL)
    for now in (0.0, 0.1, 0.5):
        throttle.throttled(now)
    assert throttle.share == 0.5
    throttle.throttled(1.2)
    assert throttle.share == 0.25
    now = 2.0
    while throttle.share < 1.0:
        throttle.wait(now, 1, 1)
        now += 1.0
    assert now == pytest.approx(17.0, abs=2.0)


def test_without_a_quota_nothing_waits_until_something_is_throttled():
    throttle = Throttle(UNLIMITED)
    assert all(throttle.wait(0.0, 500, 4_000_000) == 0 for _ in range(100))
    throttle.throttled(0.0)
    assert throttle.wait(0.0, 500, 4_000_000) > 0


@given(st.integers(0, 200), st.floats(0, 1, exclude_max=True))
def test_the_pause_is_drawn_from_the_whole_interval_and_bounded(attempts, draw):
    assert 0 <= back_off(attempts, draw) <= 20.0
    assert back_off(attempts, draw) <= 0.1 * 2.0**attempts


def test_quotas_are_those_of_the_region():
    assert quota_of("us-east-1") == LARGE == Quota(500_000, 2_000, 5 * 2**20)
    assert quota_of("sa-east-1") == SMALL == Quota(100_000, 1_000, 2**20)


@given(st.lists(st.floats(0.0002, 60), min_size=1, max_size=300), st.sampled_from([0.5, 0.9, 0.99]))
def test_latencies_are_right_to_a_tenth(seconds, share):
    latencies = Latencies()
    for each in seconds:
        latencies.add(each)
    exact = sorted(seconds)[max(0, -(-int(share * len(seconds) * 1000) // 1000) - 1)]
    assert exact * 0.89 <= latencies.quantile(share) * 1.0001
    assert latencies.quantile(share) <= max(seconds) * 1.101
