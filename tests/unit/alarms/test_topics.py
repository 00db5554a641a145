import pytest

from sluice.alarms.topics import MEANINGS, USUAL, Topic, topics_of, topics_table


def test_every_topic_has_a_row() -> None:
    assert list(MEANINGS) == list(Topic)
    assert all(f"| `{topic.value}` |" in topics_table() for topic in Topic)


def test_the_usual_are_all_but_the_pool_s_own_start_and_end() -> None:
    assert topics_of(USUAL) == set(Topic) - {Topic.POOL}


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("", set()),
        ("blocks", {Topic.BLOCKS}),
        (" blocks,workers ,  pool", {Topic.BLOCKS, Topic.WORKERS, Topic.POOL}),
    ],
)
def test_words_choose_topics(text: str, topics: set[Topic]) -> None:
    assert topics_of(text) == topics


def test_a_word_that_is_none_is_told_with_all_that_are() -> None:
    with pytest.raises(ValueError, match="must be words out of blocks, bests, workers"):
        topics_of("blocks worker")
