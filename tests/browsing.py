"""A browser of Debian's, and the office served as its one command serves it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.error import URLError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

ROOT: Final = Path(__file__).parents[1]
DESKTOP: Final = (1280, 900)
_ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
)
_STARTS_SECONDS: Final = 60

Visit: TypeAlias = "Callable[..., Page]"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; `.ci/run` installs it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found is not None, "chromium is not installed: apt-get install chromium fonts-noto-cjk"
    fonts = subprocess.run(
        ["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False
    ).stdout
    assert fonts, "no font has Chinese: apt-get install fonts-noto-cjk"
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of the office, started by its one command, new."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "examples" / "django_platform" / "manage.py"),
                "demo",
                f"--port={port}",
            ],
            env={**os.environ, "OFFICE_DATA": str(tmp_path / "data")},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, "the office did not start"
        try:
            urlopen(f"{address}/login/").close()
        except (URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the office did not answer")


@pytest.fixture
def visit(playwright: Playwright, chromium: str, site: str, tmp_path: Path) -> Iterator[Visit]:
    """Opens a browser with a new profile on a screen and logs a person in."""
    opened: list[Callable[[], None]] = []

    def open_for(person: str, screen: tuple[int, int] = DESKTOP) -> Page:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / f"profile-{len(opened)}",
            executable_path=chromium,
            args=_ARGUMENTS,
            viewport={"width": screen[0], "height": screen[1]},
            locale="zh-CN",
        )
        opened.append(context.close)
        page = context.new_page()
        page.goto(f"{site}/")
        page.get_by_label("用户名").fill(person)
        page.get_by_label("密码").fill("ledger-2018")
        page.get_by_role("main").get_by_role("button", name="登录").click()
        return page

    yield open_for
    for close in opened:
        close()


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: the folder that RECTIFY_SHOTS names, or a temporary one."""
    named = os.environ.get("RECTIFY_SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
