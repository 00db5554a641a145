"""The numbers of a process, as they go to the web side: complete, bounded, and cheap."""

from collections import Counter

from sluice.control.counters import BOUNDS, Counters, Sample
from sluice.server.metrics import MOST_VALUES, OTHERS, counted, counters
from support.pictured import busy


def value(said: Counters, name: str, *labels: str) -> float:
    (found,) = (sample.value for sample in said.samples[name] if sample.labels == labels)
    return found


def test_what_happened_is_there() -> None:
    said = counters(busy())
    assert value(said, "shares_total", "sv2-extended", "unknown-job") == 1
    assert value(said, "shares_total", "tlv", "accepted") == 0
    assert value(said, "channels", "sv2-extended") == 1
    assert (value(said, "connections", "mining"), value(said, "connections", "handshake")) == (2, 1)
    assert value(said, "handshake_failures_total", "speaks HTTP, and this port is for miners") == 1
    assert value(said, "events_total", "ChannelOpened") == 1
    assert value(said, "queue_length", "disk") == 0
    assert value(said, "extranonce_prefixes") == 1
    assert value(said, "network_transmit_bytes_total") > 0
    assert value(said, "process_cpu_seconds_total", "pool") > 0
    assert value(said, "blocks_unsettled", "refused") == 1
    assert value(said, "blocks_unsettled", "found") == value(said, "blocks_unrecorded") == 0
    assert value(said, "events_total", "BlockOrphaned") == 0
    (answers,) = said.buckets["share_answer_seconds"]
    assert sum(answers.counts) == 1


def test_no_word_of_a_miner_is_a_label() -> None:
    said = counters(busy())
    labels = {label for samples in said.samples.values() for sample in samples for label in sample.labels}
    assert not any("evil" in label for label in labels)


def test_each_histogram_has_its_bounds_and_one_open_end() -> None:
    said = counters(busy())
    assert set(said.buckets) == set(BOUNDS)
    for name, histograms in said.buckets.items():
        assert all(len(each.counts) == len(BOUNDS[name]) + 1 for each in histograms)


def test_details_are_left_out_and_together_one_number() -> None:
    counts = Counter({"protocol error: 7": 2, "protocol error: 8": 3, "speaks JSON; a miner": 1})
    assert counted(counts) == (Sample(("protocol error",), 5), Sample(("speaks JSON",), 1))


def test_there_are_never_more_than_so_many_values() -> None:
    said = counted({f"word {number}": 1 for number in range(1_000)})
    assert len(said) == MOST_VALUES + 1
    assert said[-1] == Sample((OTHERS,), 1_000 - MOST_VALUES)
