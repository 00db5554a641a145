"""The dashboard in a real browser: every page, live, empty, crowded, hostile, by keyboard, without scripts, for everybody."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from support.dashboard import ACCOUNTS, ARGUMENTS, AXE, CHROMIUM, Scene, a_scene, dashboard, until_so
from support.pictures import channel, figures, miner
from support.processes import SLUICE, session_of
from support.server import REGTEST_ADDRESS, sluice_server

ACCOUNT = quote(ACCOUNTS[0])
PATHS = (
    "/",
    "/miners",
    "/miners?show=all",
    f"/miner?account={ACCOUNT}",
    f"/worker?account={ACCOUNT}&worker=cellar",
    "/blocks",
    "BLOCK",
    "/nodes",
    "/log",
    "/log?show=alarms",
    "/connect",
    "/api/docs",
)
#: What changes with the program only.
STILL = {"/api/docs"}
HOSTILE = (
    "<script>document.title='owned'</script>",
    "\"'><img src=x onerror=\"document.title='owned'\">",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "\u202eevil\u202c",
    "שלום عالم",
    "é" * 127 + "x",
    "javascript:document.title='owned'",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: `make browser` fetches Debian's, or set SLUICE_CHROMIUM")
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Scene]]:
    """A pool of a home, with a day in its record: where its dashboard is."""
    directory = tmp_path_factory.mktemp("home")
    made = a_scene(directory)
    with dashboard(directory, made) as address:
        yield address, made


@contextmanager
def opened(browser: Browser, forgiven: str = "\0", **options: object) -> Iterator[Page]:
    """A page that must not complain: of an error, or of what its content security policy forbids."""
    complaints: list[str] = []
    context: BrowserContext = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    try:
        yield page
        assert [words for words in complaints if forgiven not in words] == []
    finally:
        context.close()


def comes_true(page: Page, expression: str) -> None:
    """Wait until it is so; the page's own policy forbids what Playwright would do for that."""
    until_so(lambda: page.evaluate(expression), 60.0)


def path_of(path: str, made: Scene) -> str:
    return f"/block?hash={made.block}" if path == "BLOCK" else path


def settled(page: Page, address: str, path: str) -> None:
    """Go there, and wait until it is up to date."""
    page.goto(address + path)
    page.wait_for_selector(f'#pulse[data-state="{"still" if path in STILL else "live"}"]')


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_whole_live_and_quiet(browser: Browser, scene: tuple[str, Scene], path: str) -> None:
    address, made = scene
    with opened(browser) as page:
        outside: list[str] = []
        page.on(
            "request",
            lambda request: None if request.url.startswith(address) else outside.append(request.url),
        )
        settled(page, address, path_of(path, made))
        assert page.title().endswith("Hillside")
        assert page.locator("main h1").count() == 1
        assert page.locator('nav a[aria-current="page"]').count() == 1
        width = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert width, "the page scrolls sideways"
        assert outside == []
    with opened(browser, viewport={"width": 360, "height": 740}) as page:
        page.goto(address + path_of(path, made))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", PATHS)
def test_every_page_can_be_read_without_scripts(
    browser: Browser, scene: tuple[str, Scene], path: str
) -> None:
    address, made = scene
    with opened(browser, java_script_enabled=False) as page:
        page.goto(address + path_of(path, made))
        text = page.locator("main").inner_text()
        assert len(text) > 60
        assert not page.locator("#theme").is_visible()
        if path == "/" or "account=" in path:
            assert page.locator(".chart svg path.edge").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out(browser: Browser, scene: tuple[str, Scene], scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core here: `make browser` fetches it")
    address, made = scene
    with opened(browser, color_scheme=scheme, bypass_csp=True) as page:
        for path in PATHS:
            settled(page, address, path_of(path, made))
            page.add_script_tag(path=AXE)
            found = page.evaluate(
                "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice']}).then(r =>"
                " r.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.target + ' ' +"
                " n.failureSummary).slice(0, 3).join(' | ')))"
            )
            assert found == [], path


def test_the_keyboard_is_enough(browser: Browser, scene: tuple[str, Scene]) -> None:
    address, _ = scene
    with opened(browser) as page:
        page.goto(address + "/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"
        page.goto(address + "/")
        for _ in range(4):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Miners"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        page.keyboard.press("Enter")
        page.wait_for_url("**/miners")
        page.locator("#theme").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        page.locator("#q").focus()
        page.keyboard.type("attic")
        page.keyboard.press("Enter")
        page.wait_for_url("**/miners?q=attic")
        assert page.locator("#list tbody tr").count() == 3


def test_a_chart_is_drawn_and_told(browser: Browser, scene: tuple[str, Scene]) -> None:
    address, _ = scene
    with opened(browser) as page:
        page.goto(address + "/")
        page.wait_for_selector(".chart canvas")
        page.locator(".chart .u-over").hover()
        comes_true(page, "/TH\\/s$/.test(document.querySelector('figcaption').textContent)")


def test_who_wants_no_motion_has_none(browser: Browser, scene: tuple[str, Scene]) -> None:
    address, _ = scene
    animated = (
        "(() => { const row = document.querySelector('#found tbody tr'); row.classList.add('fresh');"
        " return getComputedStyle(row).animationName; })()"
    )
    for motion, name in (("no-preference", "fresh"), ("reduce", "none")):
        with opened(browser, reduced_motion=motion) as page:
            page.goto(address + "/")
            assert page.evaluate(animated) == name


def test_the_url_is_there_to_copy(browser: Browser, scene: tuple[str, Scene]) -> None:
    address, made = scene
    with opened(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(address + "/connect")
        page.get_by_role("button", name="Copy the URL").click()
        comes_true(page, "document.querySelector('.copy').textContent === 'Copied'")
        assert page.evaluate("navigator.clipboard.readText()") == made.script.picture.url
        page.get_by_role("button", name="Copy the key").focus()
        page.keyboard.press("Enter")  # the keyboard is enough
        comes_true(page, "document.querySelectorAll('.copy')[3].textContent === 'Copied'")
        assert page.evaluate("navigator.clipboard.readText()") == made.script.picture.url.rpartition("/")[2]
        assert page.evaluate("document.querySelector('.qr img').naturalWidth") > 0


def test_hostile_names_are_text(browser: Browser, tmp_path: Path) -> None:
    miners = [
        miner(number, channel(1, name, name), vendor=name, hardware_version=name, firmware=name)
        for number, name in enumerate(HOSTILE, 1)
    ]
    made = a_scene(tmp_path, miners, tag=HOSTILE[0][:32], trouble=HOSTILE[1])
    with dashboard(tmp_path, made) as address, opened(browser) as page:
        for path in ("/", "/miners", *(f"/miner?account={quote(name)}" for name in HOSTILE)):
            page.goto(address + path)
            page.wait_for_selector('#pulse[data-state="live"]')
            assert page.title() != "owned"
            assert page.locator("main img, main script").count() == 0
        page.goto(address + "/miners")
        for number in range(len(HOSTILE)):
            row = page.locator("#list tbody tr").nth(number)
            assert row.locator("th a").get_attribute("href", timeout=5_000)
        assert "49" not in page.locator("#list").inner_text()
        for number, name in enumerate(HOSTILE):
            page.goto(f"{address}/worker?account={quote(name)}&worker={quote(name)}")
            shown = page.locator("h1").inner_text()
            assert shown == name.replace("\u202e", "\\x202e").replace("\u202c", "\\x202c"), number
            box = page.locator("h1").bounding_box()
            assert box is not None
            assert box["x"] >= 0


def test_ten_thousand_workers(browser: Browser, tmp_path: Path) -> None:
    miners = [
        miner(
            number, channel(1, ACCOUNTS[number % 3], f"rig{number:05}", hashrates=(1e12, 1e9 * number, 1e12))
        )
        for number in range(1, 10_001)
    ]
    made = a_scene(tmp_path, miners)
    with dashboard(tmp_path, made) as address, opened(browser) as page:
        page.goto(address + "/")
        assert "10,000" in page.locator("#figures").inner_text()
        page.goto(address + "/miners")
        assert page.locator("#list tbody tr").count() == 50
        assert "rig10000" in page.locator("#list tbody tr").first.inner_text()
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**/miners?page=2")
        assert "51 to 100 of 10,000" in page.locator("#list").inner_text()
        page.locator("#q").fill("rig00042")
        page.get_by_role("button", name="Find").click()
        page.wait_for_url("**q=rig00042**")
        assert page.locator("#list tbody tr").count() == 1
        page.locator("#list tbody tr td a").first.click()
        page.wait_for_url("**/worker?**")
        assert page.locator("h1").inner_text() == "rig00042"


def test_a_pool_without_anybody_says_so(browser: Browser, tmp_path: Path) -> None:
    made = a_scene(
        tmp_path,
        [],
        trouble="the node cellar cannot be reached: start it, or set node.url",
        height=None,
        blocks=(),
        nodes=(),
        figures=figures(hashrates=(0.0, 0.0, 0.0)),
        network_difficulty=0.0,
    )
    with dashboard(tmp_path, made) as address, opened(browser) as page:
        page.goto(address + "/")
        assert "The node cellar cannot be reached" in page.get_by_role("alert").inner_text()
        page.goto(address + "/miners")
        page.get_by_role("link", name="Connect one", exact=True).click()
        page.wait_for_url("**/connect")


def opened_once(stack: ExitStack, browser: Browser, address: str) -> tuple[Page, list[str]]:
    """A page, and what it was asked for since as a whole: its own address if it was loaded again."""
    page = stack.enter_context(opened(browser, forgiven="net::ERR_"))  # at the end the pool is gone
    page.goto(address)
    page.wait_for_selector('#pulse[data-state="live"]')
    page.evaluate("window.here = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.is_navigation_request() else None)
    return page, asked


def test_a_block_that_is_found_is_seen_without_a_reload_and_so_is_the_end(browser: Browser) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(
            sluice_server(web__listen="127.0.0.1:0", pool__shares_per_minute=120, node__block_seconds=2)
        )
        found: list[str] = []

        def said() -> bool:
            found[:] = [line["url"] for line in server.events("dashboard")]
            return bool(found)

        until_so(said)
        page, home_asked = opened_once(stack, browser, found[0])
        listed, blocks_asked = opened_once(stack, browser, f"{found[0]}blocks")
        assert "No miner is connected" in page.get_by_role("alert").inner_text()
        assert "No block has been found yet" in page.locator("#found").inner_text()
        assert "No block has been found yet" in listed.locator("#list").inner_text()
        miner_command = (
            *SLUICE,
            "mine",
            str(server.url),
            "--user",
            f"{REGTEST_ADDRESS}.rig",
            "--threads",
            "1",
        )
        stack.enter_context(session_of(*miner_command, errors=server.data / "miner"))
        page.wait_for_selector("#found tbody tr", timeout=60_000)
        comes_true(page, "/^Block/.test(document.getElementById('news').textContent)")
        comes_true(page, "!document.querySelector('#trouble [role=alert]')")
        listed.wait_for_selector("#list tbody tr", timeout=60_000)
        rows = page.locator("#found tbody tr").count()
        comes_true(page, f"document.querySelectorAll('#found tbody tr').length > {rows}")
        row = page.locator("#found tbody tr").last
        assert re.search(r"in the chain|held|buried", row.inner_text())
        assert home_asked == blocks_asked == []
        assert page.evaluate("window.here") is listed.evaluate("window.here") is True
        listed.locator("#list tbody th a").last.click()
        listed.wait_for_url("**/block?hash=*")
        assert "submitted" in listed.locator("#life").inner_text()
        coinbase = listed.locator("#coinbase").inner_text()
        assert REGTEST_ADDRESS in coinbase
        assert re.search(r"Extranonce\s+[0-9a-f]{32}, 16 bytes from byte \d+ on", coinbase)
        assert server.stop() == 0
        page.wait_for_selector('#pulse[data-state="away"]')
