from sluice.node.several.standing import MEANINGS, State, states_table


def test_every_state_has_its_meaning() -> None:
    assert list(MEANINGS) == list(State)
    assert all(meaning.words.endswith(".") for meaning in MEANINGS.values())


def test_what_is_everyday_business_is_not_told() -> None:
    quiet = {state for state, meaning in MEANINGS.items() if not meaning.told}
    assert quiet == {State.LEADING, State.IN_STEP, State.SLOW, State.WAITING}


def test_the_table_has_a_row_for_each() -> None:
    rows = states_table().splitlines()[2:]
    assert len(rows) == len(State)
    assert rows[0].startswith("| leading | Its template")
    assert all(row.count("|") == 4 for row in rows)
