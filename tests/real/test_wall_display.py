"""A large pool on a wall: 10,000 workers whose numbers change all the time, in Debian's Chromium.

The numbers are printed (`pytest -s`): how soon something is seen, how many bytes that takes, how soon a change is.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from sluice.control.words import MinerPictures, MinerView, PictureEnd, Watch, Watching
from support.dashboard import ACCOUNTS, ARGUMENTS, CHROMIUM, Scene, a_scene, dashboard, until_so
from support.pictures import channel, miner
from support.scripted_pool import ScriptedPool

pytestmark = pytest.mark.alone
WORKERS, CHANGED = 10_000, 500
#: Seconds between two pictures: twice as often as a pool gives them to its dashboard.
PACE = 1.0
#: Changes that a page sees in the test: each replaces most of the 50 rows.
CHANGES = 30
#: Seconds for something to be seen, bytes that a page sends, and seconds from a picture to the page: with much room,
#: as the browser, the web process and the test share two cores.
MOST_PAINT, MOST_BYTES, MOST_CHANGE = 5.0, 400_000, 10.0
#: Loads of a page, the quickest of which counts.
TRIES = 3
#: Nodes of the page, listeners and bytes of its scripts that may be there at the end for each that was there at first.
#: New rows are held for the 3 seconds in which they are shown to be new; if all were held, it would be ten.
MOST_GROWTH = 3.0


def a_worker(number: int, turn: int) -> MinerView:
    """Who is first changes all the time."""
    rate = 1e9 * ((number * 7_919 + turn * 104_729) % 100_003)
    return miner(number, channel(1, ACCOUNTS[number % 3], f"rig{number:05}", hashrates=(rate, rate, rate)))


class LivelyPool(ScriptedPool):
    """Whoever watches sees all, and then what changes, picture by picture. Mutable."""

    turn = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            msgspec.json.decode(await reader.readline(), type=Watch)
            lines: tuple[Any, ...] = (Watching(self.picture.started_at), self.picture)
            self._say(writer, *lines, MinerPictures(self.miners), PictureEnd())
            while True:
                await asyncio.sleep(PACE)
                self.turn += 1
                first = self.turn * CHANGED
                changed = [a_worker((first + at) % WORKERS + 1, self.turn) for at in range(CHANGED)]
                again = msgspec.structs.replace(self.picture, whole=False, height=900_000 + self.turn)
                self._say(writer, again, MinerPictures(tuple(changed)), PictureEnd())
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    @staticmethod
    def _say(writer: asyncio.StreamWriter, *lines: object) -> None:
        writer.writelines(msgspec.json.encode(line) + b"\n" for line in lines)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: `make browser` fetches Debian's, or set SLUICE_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("wall")
    still = a_scene(directory, [a_worker(number, 0) for number in range(1, WORKERS + 1)])
    scene = Scene(LivelyPool(still.script.picture, still.script.miners), still.database, still.block)
    with dashboard(directory, scene) as address:
        yield address


@contextmanager
def a_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def changes_of(page: Page, part: str) -> str:
    return str(page.evaluate(f"document.getElementById('{part}').textContent"))


def wait_for_change(page: Page, part: str) -> float:
    """Seconds until that part of the page is another one."""
    before, began = changes_of(page, part), monotonic()
    until_so(lambda: changes_of(page, part) != before)
    return monotonic() - began


def paint(page: Page, address: str) -> float:
    """Seconds until there is something to be seen."""
    page.goto(address)
    until_so(lambda: page.evaluate("performance.getEntriesByName('first-contentful-paint').length"))
    return float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")) / 1e3


@pytest.mark.parametrize(("path", "part"), [("/", "figures"), ("/miners", "list")])
def test_a_page_of_ten_thousand_is_seen_soon_is_small_and_lives(
    browser: Browser, lively: str, path: str, part: str
) -> None:
    with a_page(browser) as page:
        painted = paint(page, lively + path)
        page.wait_for_selector('#pulse[data-state="live"]')
        sent = page.evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".reduce((sum, each) => sum + each.transferSize, 0)"
        )
        document = page.evaluate("performance.getEntriesByType('navigation')[0].transferSize")
        change = wait_for_change(page, part)
        painted = min(painted, *(paint(page, lively + path) for _ in range(TRIES - 1)))
        sys.stdout.write(f"\n| {path} | {painted:.2f} s | {document:,} | {sent:,} bytes | {change:.1f} s |\n")
        assert painted < MOST_PAINT
        assert 0 < document <= sent < MOST_BYTES
        assert change < MOST_CHANGE
        if path == "/miners":
            assert page.locator("#list tbody tr").count() == 50


def test_a_wall_display_does_not_grow_and_comes_again(browser: Browser, lively: str) -> None:
    with a_page(browser) as page:
        page.goto(lively + "/miners")
        page.wait_for_selector('#pulse[data-state="live"]')
        wait_for_change(page, "list")
        developer = page.context.new_cdp_session(page)

        def held() -> dict[str, int]:
            developer.send("HeapProfiler.collectGarbage")
            counters = developer.send("Memory.getDOMCounters")
            heap = developer.send("Runtime.getHeapUsage")
            return {
                "nodes": counters["nodes"],
                "listeners": counters["jsEventListeners"],
                "heap": int(heap["usedSize"]),
            }

        first = held()
        page.evaluate(
            "window.told = 0; document.addEventListener('sluice:changed', () => (window.told += 1))"
        )
        until_so(lambda: page.evaluate("window.told") >= CHANGES, 240.0)
        last = held()
        sys.stdout.write(f"\nafter {CHANGES} changes: {first} -> {last}\n")
        for name, number in first.items():
            assert last[name] < MOST_GROWTH * number + 100, name
        page.context.set_offline(True)
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        told = page.evaluate("window.told")
        page.context.set_offline(False)
        page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        until_so(lambda: page.evaluate("window.told") > told, 60.0)
        assert page.locator("#pulse").get_attribute("data-state") == "live"
