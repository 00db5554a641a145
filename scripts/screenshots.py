"""Every page of the dashboard as a picture, light and dark, on a desk, a phone and a wall: into build/screenshots."""

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.dashboard import ACCOUNTS, ARGUMENTS, CHROMIUM, Scene, a_scene, dashboard  # noqa: E402

SIZES = {"desk": (1280, 860), "phone": (390, 844), "wall": (2560, 1440)}
#: For a chart to be drawn, and the first event to come.
SETTLE_MILLISECONDS = 1_200


def paths(scene: Scene) -> dict[str, str]:
    """Every page by its name."""
    account = quote(ACCOUNTS[0])
    return {
        "home": "/",
        "miners": "/miners",
        "miners-all": "/miners?show=all",
        "miner": f"/miner?account={account}",
        "worker": f"/worker?account={account}&worker=cellar",
        "blocks": "/blocks",
        "block": f"/block?hash={scene.block}",
        "nodes": "/nodes",
        "log": "/log",
        "connect": "/connect",
        "api": "/api/docs",
    }


def main(*wanted: str) -> int:
    """All of them, or those named."""
    target = ROOT / "build" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        scene = a_scene(Path(directory))
        with dashboard(Path(directory), scene) as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for theme in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme=theme
                    )
                    page = context.new_page()
                    for name, path in paths(scene).items():
                        if wanted and name not in wanted:
                            continue
                        page.goto(address + path)
                        page.wait_for_timeout(SETTLE_MILLISECONDS)
                        page.screenshot(path=target / f"{name}-{theme}-{size}.png", full_page=True)
                    context.close()
            browser.close()
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
