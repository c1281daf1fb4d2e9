"""The office as people use it, in a browser: on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

DESKTOP = (1280, 900)
PHONE = (390, 844)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    Visit = Callable[..., Page]

pytestmark = pytest.mark.browser


def _count(page: Any, state: str) -> int:
    return int(page.locator(f"[data-state={state}] .count").inner_text())


def _move(page: Any, name: str) -> Any:
    """Open the form of a move."""
    form = page.locator(f"#move-{name}")
    form.locator("summary").first.click()
    return form


def _fits(page: Any) -> None:
    """Nothing sticks out to the right of the screen."""
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= screen


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_an_issue_goes_from_found_to_exposed(
    visit: Visit, shots: Path, screen: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    size = request.node.callspec.id
    officer = visit("经办员甲", screen)
    found, exposed = _count(officer, "Found"), _count(officer, "Exposed")
    _fits(officer)
    officer.screenshot(path=shots / f"{size}-board.png", full_page=True)

    # Registered, once what is missing is written.
    officer.get_by_role("link", name="登记问题").click()
    officer.get_by_label("问题名称").fill("村集体资产出租收入未入账")
    officer.get_by_role("button", name="登记入台账").click()
    assert officer.get_by_text("请按下方标出的提示修改").is_visible()
    _fits(officer)
    officer.screenshot(path=shots / f"{size}-register-refused.png", full_page=True)
    officer.get_by_label("治理重点").select_option("funds")
    officer.get_by_label("问题来源").select_option("self-inspection")
    officer.get_by_label("涉及金额（元）").fill("8600.50")
    officer.get_by_label("涉及村（社区）").fill("东村")
    officer.get_by_role("button", name="登记入台账").click()
    assert officer.get_by_text("已登记入台账").is_visible()
    address = officer.url
    assert officer.get_by_text("8,600.50").first.is_visible()

    # Refused and told why: the milestone lies after the campaign's end.
    form = _move(officer, "Schedule")
    form.get_by_label("节点内容").first.fill("收入补缴入账")
    form.get_by_label("完成时限").first.fill("2019-06-30")
    form.get_by_label("责任人").fill("村党支部书记")
    form.get_by_role("button", name="提交").click()
    refusal = officer.locator("#move-Schedule [role=alert]")
    assert "专项治理" in refusal.inner_text()
    assert "依据" in refusal.inner_text() or "（" in refusal.inner_text()
    _fits(officer)
    officer.screenshot(path=shots / f"{size}-refused.png", full_page=True)

    # Scheduled, completed.
    form = officer.locator("#move-Schedule")
    assert form.get_by_label("节点内容").first.input_value() == "收入补缴入账"
    form.get_by_label("完成时限").first.fill("2018-06-30")
    form.get_by_role("button", name="提交").click()
    assert officer.locator(".rectify-standing strong").inner_text() == "列入时间表"
    form = _move(officer, "Complete")
    form.get_by_label("佐证材料").fill("缴款凭证")
    form.get_by_role("button", name="提交").click()
    assert officer.locator(".rectify-history li").count() == 3

    # Verified by another, who alone may.
    assert officer.locator("#move-Verify form").count() == 0
    inspector = visit("核查员乙", screen)
    inspector.goto(address)
    form = _move(inspector, "Verify")
    form.get_by_label("核实结论").select_option("rectified")
    form.get_by_label("佐证材料").fill("现场核对账目，已全部入账")
    form.get_by_role("button", name="提交").click()
    assert inspector.locator(".rectify-standing strong").inner_text() == "核实"

    # Exposed.
    form = _move(inspector, "Expose")
    form.get_by_label("通报标题").fill("关于村集体收入未入账的通报")
    form.get_by_label("通报正文").fill("某村集体资产出租收入未入账，现已整改到位。")
    form.get_by_label("通报范围").fill("全县")
    form.get_by_label("起草人（用户名）").fill("经办员甲")
    inspector.screenshot(path=shots / f"{size}-expose.png", full_page=True)
    form.get_by_role("button", name="提交").click()
    assert inspector.locator(".rectify-standing strong").inner_text() == "曝光"
    _fits(inspector)
    inspector.screenshot(path=shots / f"{size}-issue.png", full_page=True)

    # The board has changed, for everybody.
    officer.get_by_role("link", name="看板").click()
    assert (_count(officer, "Found"), _count(officer, "Exposed")) == (found, exposed + 1)
    assert officer.locator("[data-state=Exposed]").get_by_text("出租收入").is_visible()


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_calendar_and_the_report_fit_the_screen(
    visit: Visit, shots: Path, screen: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    size = request.node.callspec.id
    page = visit("市级督办戊", screen)
    for link, heading in (("日历", "报送日历"), ("报表", "专项治理")):
        page.get_by_role("navigation").get_by_role("link", name=link).click()
        assert heading in page.get_by_role("heading", level=1).inner_text()
        _fits(page)
        page.screenshot(path=shots / f"{size}-{heading}.png", full_page=True)


def test_a_form_filled_in_on_an_old_page_is_told_so(visit: Visit, shots: Path) -> None:
    """Two tabs: what the second sends came too late, and is shown as such."""
    first = visit("经办员甲")
    first.locator("[data-state=Found] .card").first.click()
    second = first.context.new_page()
    second.goto(first.url)
    for page in (first, second):
        form = _move(page, "Fix")
        form.get_by_label("整改措施").fill("当日整改")
        form.get_by_role("button", name="提交").click()
    assert first.locator(".rectify-standing strong").inner_text() == "立行立改"
    assert "本次未作任何处理" in second.get_by_role("alert").inner_text()
    second.screenshot(path=shots / "desk-stale.png", full_page=True)
    assert second.locator(".rectify-history li").count() == 2


def test_the_admin_shows_an_issue_with_its_moves(visit: Visit, shots: Path, site: str) -> None:
    page = visit("市级督办戊")
    page.goto(f"{site}/admin/rectify/issue/?due=overdue")
    page.screenshot(path=shots / "desk-admin-list.png", full_page=True)
    page.locator("#result_list tbody a").first.click()
    form = _move(page, "Complete")
    form.get_by_label("佐证材料").fill("查明报告")
    page.screenshot(path=shots / "desk-admin-issue.png", full_page=True)
    form.get_by_role("button", name="提交").click()
    assert page.get_by_text("已办理，现为第3版").is_visible()


def test_who_reported_is_shown_for_a_reason_and_once(visit: Visit, shots: Path) -> None:
    officer, inspector = visit("经办员甲"), visit("核查员乙", PHONE)
    for page in (officer, inspector):
        page.get_by_role("link", name="村级光伏收益未按规定公示").click()
        assert page.get_by_text("已封存").first.is_visible()
        assert page.get_by_text("来信群众").count() == 0
    assert officer.get_by_label("查阅理由").count() == 0
    inspector.get_by_label("查阅理由").fill("回访核实")
    inspector.get_by_role("button", name="查阅").click()
    assert inspector.get_by_text("来信群众").is_visible()
    _fits(inspector)
    inspector.screenshot(path=shots / "phone-revealed.png", full_page=True)
    inspector.get_by_role("link", name="看板").click()
    inspector.get_by_role("link", name="村级光伏收益未按规定公示").click()
    assert inspector.get_by_text("来信群众").count() == 0
    assert inspector.get_by_text("回访核实").is_visible()
