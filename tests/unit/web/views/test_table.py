"""The table of pages."""

from sluice.web.html import ENVIRONMENT
from sluice.web.views.table import EVERYWHERE, MENU, TABLE


def test_every_page_and_every_part_has_its_template() -> None:
    known = set(ENVIRONMENT.list_templates())
    for page in TABLE:
        assert {page.template(), *map(page.template, page.parts)} <= known
    assert {f"parts/{part}.html" for part in EVERYWHERE} <= known


def test_every_part_is_an_element_of_its_page_and_is_named_once() -> None:
    assert ENVIRONMENT.loader is not None
    for page in TABLE:
        source, *_ = ENVIRONMENT.loader.get_source(ENVIRONMENT, page.template())
        for part in page.parts:
            assert source.count(f'id="{part}"') == 1, (page.path, part)
            assert f'include "{page.name}/{part}.html"' in source
        assert not set(page.parts) & set(EVERYWHERE)


def test_the_menu_leads_to_pages_and_every_page_is_under_a_row_of_it() -> None:
    paths = {page.path for page in TABLE}
    menu = {path for path, _ in MENU}
    assert menu <= paths
    assert {page.under or page.path for page in TABLE} == menu
