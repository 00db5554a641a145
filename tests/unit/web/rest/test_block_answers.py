from sluice.web.rest import block_answers
from support.described import undescribed


def test_each_field_says_what_it_is() -> None:
    assert list(undescribed(block_answers)) == []
