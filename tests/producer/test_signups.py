"""A block makes its sign-ups, always the same ones; batches and queues keep their order and their limits."""

import random
import uuid
from collections.abc import Iterator

import orjson
from hypothesis import given
from hypothesis import strategies as st

from producer.assembly import _accounts
from producer.batching import Batcher, Packer, Record, spans_by_owner
from producer.cost import PRICES, cost, packed_units, sentence
from producer.journal import Journal, State
from producer.limits import MAX_BATCH_BYTES, MAX_BATCH_RECORDS
from producer.outbox import Outbox
from producer.signups import Block, Maker, Source, instant, uuid7s
from schemas import Signup

NOW = 1_795_000_000_123


def maker(producer_id: str = "p") -> Maker:
    return Maker(producer_id, [Source(1, 7, 0, 0, 1)], _accounts)


def owner() -> Journal:
    return Journal(State("p", "t", "r", named=False))


@given(st.integers(1, 10**6), st.integers(1, 300), st.integers(0, 2**40))
def test_the_same_block_always_makes_the_same_bytes(first, length, at):
    block = Block(first, length, at)
    again = maker()
    again.documents(Block(1, 3, 5))
    assert maker().documents(block) == again.documents(block)


def test_sequences_instants_and_producers_are_in_the_documents():
    documents = [Signup.model_validate_json(line) for line in maker("shop-1").documents(Block(41, 3, NOW))]
    assert [each.sequence for each in documents] == [41, 42, 43]
    assert {each.producer_id for each in documents} == {"shop-1"}
    assert {orjson.loads(each.model_dump_json())["created_at"] for each in documents} == {instant(NOW)}


def test_accounts_go_on_from_block_to_block_and_from_source_to_source():
    sources = [Source(1, 7, 100, 0, 1), Source(11, 8, 0, 1, 4)]
    both = Maker("p", sources, _accounts)
    names = [orjson.loads(each)["cpf"] for each in both.documents(Block(6, 5, NOW)) + both.documents(Block(11, 2, NOW))]

    def cpfs(source: Source, position: int, count: int) -> list[str]:
        members = _accounts(source, position)
        return [orjson.loads(f"{{{next(members)}}}")["cpf"] for _ in range(count)]

    assert names == cpfs(sources[0], 105, 5) + cpfs(sources[1], 0, 2)


@given(st.integers(0, 2**48 - 1), st.integers(), st.integers(2, 16_384))
def test_identifiers_are_version_7_ordered_and_of_their_millisecond(at, seed, count):
    rule = uuid7s(at, random.Random(seed).getrandbits)
    texts = [f"{rule.head}{rule.low + i * rule.step:012x}" for i in (0, 1, count - 1)]
    assert all(len(text) == 36 for text in texts)
    first, last = uuid.UUID(texts[0]), uuid.UUID(texts[-1])
    assert (first.version, first.variant) == (7, uuid.RFC_4122)
    assert first.int >> 80 == at
    assert first < last
    assert texts == sorted(texts)


def test_two_producers_never_make_the_same_identifiers():
    one, two = (maker(name).documents(Block(1, 500, NOW)) for name in ("a", "b"))
    identifiers = {orjson.loads(each)["signup_id"] for each in one + two}
    assert len(identifiers) == 1000


sizes = st.lists(st.integers(1, 1_024_000), min_size=1, max_size=60)


@given(sizes)
def test_batches_keep_every_record_in_order_and_every_limit(lengths):
    batcher, book = Batcher(), owner()
    records = [Record(book, at, 1, b"x" * length, 0) for at, length in enumerate(lengths * 20)]
    batches = batcher.add(records) + batcher.flush()
    assert [record for batch in batches for record in batch.records] == records
    for batch in batches:
        assert len(batch.records) <= MAX_BATCH_RECORDS
        assert sum(len(record.data) for record in batch.records) == batch.size <= MAX_BATCH_BYTES


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=30), st.integers(300, 3000))
def test_packing_and_splitting_is_identity_and_no_record_skips_a_sequence(parts, limit):
    packer, books = Packer(limit), [owner(), owner()]
    sent, records = [], []
    following = [1, 1]
    for count, other in parts:
        documents = [b'{"n":%d}\n' % (following[other] + at) * 9 for at in range(count)]
        sent += documents
        records += packer.add(books[other], following[other], 0, documents)
        following[other] += count
    records += packer.flush()
    assert b"".join(record.data for record in records) == b"".join(sent)
    assert all(len(record.data) <= limit for record in records)
    assert sum(record.count for record in records) == len(sent)
    for book, end in zip(books, following, strict=True):
        mine = [record for record in records if record.owner is book]
        assert spans_by_owner(mine) == ([(book, [(1, end)])] if end > 1 else [])


def outbox(clock: Iterator[float]) -> Outbox:
    return Outbox(lambda: next(clock), max_records=3, max_bytes=100, room_records=6, room_bytes=1000)


def test_what_failed_goes_before_what_is_new_and_the_oldest_first():
    now = [0.0]
    waiting = Outbox(lambda: now[0], max_records=3, max_bytes=100, room_records=6, room_bytes=1000)
    book = owner()
    for batch in Batcher(3).add([Record(book, at, 1, b"x", at) for at in range(1, 7)]):
        waiting.put(batch)
    first, second = waiting.take(), waiting.take()
    assert first
    assert second
    waiting.finish(second, [(1.0, record) for record in second.records])
    waiting.finish(first, [(1.0, record) for record in first.records])
    waiting.put(Batcher(3).add([Record(book, at, 1, b"x", at) for at in range(7, 10)])[0])
    fresh = waiting.take()
    assert fresh
    assert [record.first for record in fresh.records] == [7, 8, 9], "nothing is due yet"
    now[0] = 1.0
    again = [waiting.take(), waiting.take()]
    assert [[record.first for record in batch.records] for batch in again if batch] == [[1, 2, 3], [4, 5, 6]]


def test_room_is_given_back_when_batches_end_and_nothing_is_forgotten_when_all_is_abandoned():
    waiting, book = outbox(iter([0.0] * 100)), owner()
    batches = Batcher(3).add([Record(book, at, 1, b"x", at) for at in range(1, 7)])
    for batch in batches:
        waiting.put(batch)
    assert not waiting.has_room()
    flying = waiting.take()
    assert flying
    left = waiting.abandon()
    assert sorted(record.first for record in left) == [1, 2, 3, 4, 5, 6]
    assert [record.first for record in left if record.unsure] == [1, 2, 3], "what was being sent may have arrived"
    waiting.finish(flying, [])
    assert waiting.empty
    assert waiting.take() is None


@given(st.integers(1, 10**6), st.integers(300, 600))
def test_packed_costs_a_fraction_and_a_region_without_a_price_gets_none(signups, length):
    packed = packed_units(signups, signups * length)
    assert packed * (5120 // length) >= signups
    price = PRICES["eu-west-2"]
    assert cost(packed, price) <= cost(signups, price) / (5120 // length) + cost(1, price)
    assert "no sourced price for sa-east-1" in sentence("sa-east-1", signups, signups, signups * length)
    assert "$" in sentence("eu-west-2", signups, signups, signups * length)


def test_the_worked_example_of_the_price_rule():
    assert cost(100_000_000, PRICES["eu-west-2"]) / (0.035 + 0.021) == 100_000_000 * 5120 / 2**30
