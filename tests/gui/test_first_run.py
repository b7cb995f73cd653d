from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from comfydesk.base.errors import Problem
from comfydesk.gui.hosts.address_form import name_of
from comfydesk.gui.hosts.first_run import FirstRunPage
from comfydesk.gui.hosts.local_card import LOOK_EVERY_MS
from comfydesk.gui.hosts.steps import steps
from comfydesk.server.types import AuthKind, Credentials, HostReport, Trust

from .conftest import until
from .fake_engine import REPORT, behind_login, said
from .shell import Shell

FINGERPRINT = ":".join(["AB"] * 32)


async def start_page(shell: Shell, *, is_shown: bool = False) -> FirstRunPage:
    window = shell.window
    if is_shown:
        await window.attach(shell.engine)
    else:
        await shell.open()
    shell.window._specs["create"] = replace(  # the Create page has tests of its own
        shell.window._specs["create"], module="settings.page", factory="SettingsPage"
    )
    page = window.page("start")
    assert isinstance(page, FirstRunPage)
    return page


def type_address(page: FirstRunPage, text: str) -> None:
    page.address.edit.selectAll()
    QTest.keyClicks(page.address.edit, text)
    QTest.keyClick(page.address.edit, Qt.Key.Key_Return)


async def test_this_computer_is_looked_at_without_a_click_and_used_with_one(shell: Shell) -> None:
    shell.engine.local = [REPORT]
    page = await start_page(shell)
    await until(lambda: page.local.buttons)
    texts = [label.text() for label in page.local.findChildren(type(page.local.says))]
    assert any("127.0.0.1:8188" in text for text in texts)
    QTest.mouseClick(page.local.buttons[0], Qt.MouseButton.LeftButton)
    await until(lambda: shell.window.current == "create")
    assert said("add_host", shell.engine)[0][1:3] == ("This computer", "http://127.0.0.1:8188")
    assert shell.settings.get("first_run_done") is True
    await until(lambda: shell.window.states.current is not None)


async def test_a_server_that_starts_later_is_found_by_itself(shell: Shell) -> None:
    page = await start_page(shell)
    await until(lambda: "not running" in page.local.says.text())
    assert page.local._timer.interval() == LOOK_EVERY_MS == 3000
    page.local._timer.setInterval(10)
    shell.engine.local = [REPORT, replace(REPORT, url="http://127.0.0.1:8000")]
    await until(lambda: len(page.local.buttons) == 2)
    assert not page.local.says.isVisible()
    shell.engine.local = []
    await until(lambda: page.local.says.isVisible())


async def test_it_looks_only_while_the_page_is_visible(shell: Shell) -> None:
    page = await start_page(shell)
    page.local._timer.setInterval(5)
    shell.window.go_to("settings")
    assert not page.local._timer.isActive()
    shell.window.go_to("start")
    assert page.local._timer.isActive()


async def test_a_remote_server_takes_paste_enter_user_password_enter(shell: Shell) -> None:
    shell.engine.look_at = behind_login("ann", "s3cret")
    page = await start_page(shell)
    type_address(page, "https://gpu.example.com/comfy/")
    login = page.address.access.login
    await until(login.isVisible)
    assert login.user.hasFocus()
    QTest.keyClicks(login.user, "ann")
    QTest.keyClick(login.user, Qt.Key.Key_Return)  # Enter goes on to the password
    assert login.secret.hasFocus()
    QTest.keyClicks(login.secret, "s3cret")
    QTest.keyClick(login.secret, Qt.Key.Key_Return)
    await until(lambda: shell.window.current == "create")
    ((_, name, url, credentials, _, allow_plain, _),) = said("add_host", shell.engine)
    assert (name, url) == ("gpu", "https://gpu.example.com/comfy")
    assert credentials == Credentials(AuthKind.BASIC, "ann", "s3cret")
    assert allow_plain is False
    assert login.secret.text() == ""


async def test_what_is_entered_before_the_engine_is_there_is_done_when_it_is(shell: Shell) -> None:
    page = (await shell.show()).page("start")
    page.address.edit.setText("gpu:8188")
    page.address.connect_now()
    assert not page.demo.isEnabled()
    await start_page(shell, is_shown=True)
    await until(lambda: shell.window.current == "create")


async def test_a_token_is_taken_as_well(shell: Shell) -> None:
    def look(url: str, login: Credentials, *_: object) -> HostReport:
        if login.kind is AuthKind.NONE:
            raise Problem("auth_needed", address=url)
        return replace(REPORT, url=url)

    shell.engine.look_at = look
    page = await start_page(shell)
    type_address(page, "https://gpu.example.com")
    login = page.address.access.login
    await until(login.isVisible)
    login.kind.set_value(AuthKind.BEARER)
    assert not login.user.isVisible()
    QTest.keyClicks(login.secret, "tok-123")
    QTest.keyClick(login.secret, Qt.Key.Key_Return)
    await until(lambda: said("add_host", shell.engine))
    assert said("add_host", shell.engine)[0][3] == Credentials(AuthKind.BEARER, "", "tok-123")


async def test_a_password_over_http_needs_a_tick_in_the_same_place(shell: Shell) -> None:
    shell.engine.look_at = behind_login("ann", "pw")
    page = await start_page(shell)
    type_address(page, "192.168.1.20")
    access = page.address.access
    await until(access.login.isVisible)
    assert access.login.allow_plain.isVisible()
    assert "192.168.1.20" in access.login.allow_plain.text()
    access.login.user.setText("ann")
    access.login.secret.setText("pw")
    access.login.log_in.click()
    await until(access.problem.isVisible)
    assert "in the open" in access.problem.sentence.text()
    access.login.allow_plain.click()
    access.login.log_in.click()
    await until(lambda: shell.window.current == "create")
    assert said("add_host", shell.engine)[0][5] is True


@pytest.mark.parametrize("text", ["https://gpu.example.com", "localhost:8188"])
async def test_no_tick_is_asked_where_nothing_travels_in_the_open(shell: Shell, text: str) -> None:
    shell.engine.look_at = behind_login("ann", "pw")
    page = await start_page(shell)
    type_address(page, text)
    await until(page.address.access.login.isVisible)
    assert not page.address.access.login.allow_plain.isVisible()


async def test_a_private_certificate_is_shown_by_fingerprint_and_trusted_in_place(shell: Shell) -> None:
    def look(url: str, _login: Credentials, trust: Trust, _plain: bool) -> HostReport:
        if trust.pin != FINGERPRINT:
            raise Problem("tls_untrusted", address=url, detail="self-signed", fingerprint=FINGERPRINT)
        return replace(REPORT, url=url)

    shell.engine.look_at = look
    page = await start_page(shell)
    type_address(page, "https://gpu.example.com")
    trust = page.address.access.trust
    await until(trust.isVisible)
    assert trust._fingerprint.text().replace("\n", "") == FINGERPRINT
    assert trust.accept.hasFocus()
    trust.accept.click()
    await until(lambda: shell.window.current == "create")
    assert said("add_host", shell.engine)[0][4] == Trust(pin=FINGERPRINT)


async def test_a_wrong_login_is_said_and_the_password_is_ready_to_be_typed_anew(shell: Shell) -> None:
    shell.engine.look_at = behind_login("ann", "pw")
    page = await start_page(shell)
    type_address(page, "https://gpu.example.com")
    access = page.address.access
    await until(access.login.isVisible)
    access.login.user.setText("ann")
    access.login.secret.setText("wrong")
    access.login.log_in.click()
    await until(access.problem.isVisible)
    assert "does not accept" in access.problem.sentence.text()
    assert access.login.secret.hasFocus()
    assert access.login.secret.selectedText() or access.login.secret.hasSelectedText()


async def test_what_was_typed_for_one_address_is_never_sent_to_another(shell: Shell) -> None:
    shell.engine.look_at = behind_login("ann", "pw")
    page = await start_page(shell)
    type_address(page, "https://one.example.com")
    access = page.address.access
    await until(access.login.isVisible)
    access.login.user.setText("ann")
    access.login.secret.setText("pw")
    type_address(page, "https://two.example.com")
    await until(lambda: len(said("look", shell.engine)) == 2)
    assert said("look", shell.engine)[1][2] == Credentials()


@pytest.mark.parametrize(
    ("code", "facts", "states"),
    [
        ("host_invalid", {"text": "x y", "reason": "no"}, ["error"]),
        ("dns", {"host": "gpu"}, ["good", "error"]),
        ("refused", {"address": "gpu:8188"}, ["good", "good", "error"]),
        ("not_comfyui", {"address": "gpu", "detail": "a web page"}, ["good", "good", "good", "good", "error"]),
    ],
)
async def test_a_failure_says_how_far_the_look_came_and_what_to_do(
    shell: Shell,
    code: str,
    facts: dict[str, str],
    states: list[str],
) -> None:
    def look(*_: object) -> HostReport:
        raise Problem(code, **facts)

    shell.engine.look_at = look
    page = await start_page(shell)
    type_address(page, "http://gpu:8188")
    access = page.address.access
    await until(access.problem.isVisible)
    assert [step.state for step in access.step_list.steps] == states
    assert access.problem.next_step.text()
    assert page.address.edit.hasFocus()
    assert not page.address.is_busy
    retry = next(made for made in access.problem.findChildren(QPushButton) if made.text() == "Try again")
    shell.engine.look_at = lambda url, *_: replace(REPORT, url=url)
    retry.click()
    await until(lambda: shell.window.current == "create")


def test_the_certificate_is_a_step_only_where_there_is_one() -> None:
    assert [s.key for s in steps("auth_needed", is_secure=False)] == ["address", "name", "answer", "login"]
    assert [s.key for s in steps("auth_needed", is_secure=True)][-2:] == ["certificate", "login"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:8188", "This computer"),
        ("http://127.0.0.1:8000", "This computer, port 8000"),
        ("https://gpu.example.com/comfy", "gpu"),
        ("http://192.168.1.20:8188", "192.168.1.20"),
        ("http://[fd00::7]:8188", "fd00::7"),
    ],
)
def test_a_server_gets_the_short_name_of_its_machine(url: str, name: str) -> None:
    assert name_of(HostReport(url)) == name


async def test_the_demo_and_the_results_folder_are_one_click_away(shell: Shell) -> None:
    page = await start_page(shell)
    asked = []
    shell.window.demo_requested.connect(lambda: asked.append(1))
    page.demo.click()
    assert asked == [1]
    await until(lambda: page.results.path.text() == "Pictures/ComfyDesk")
    page.results.set_folder("/data/pictures")
    await until(lambda: page.results.path.text() == "/data/pictures")
