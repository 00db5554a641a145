import msgspec

from sluice.web.rest import answers
from support.described import undescribed


def test_each_field_says_what_it_is() -> None:
    assert list(undescribed(answers)) == []


def test_work_that_json_cannot_carry_as_a_number_is_text() -> None:
    totals = answers.Totals(work=str(2**80))
    assert b'"work":"1208925819614629174706176"' in msgspec.json.encode(totals)
