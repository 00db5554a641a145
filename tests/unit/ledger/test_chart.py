from sluice.ledger.chart import ChartPoint, points_of


def test_rows_of_one_step_are_one_point_and_work_is_exact() -> None:
    rows = [(1_200, 1, 0, 1, 5), (600, 2, 1, 0, 2**32 - 1), (0, 0, 3, 0, 0)]
    assert points_of(rows, 1_200) == [
        ChartPoint(0, 2**32 - 1, 2, 4),
        ChartPoint(1_200, 2**32 + 5, 1, 0),
    ]
    assert points_of([], 600) == []
