from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMenu

from comfydesk.base.errors import Problem
from comfydesk.gui.hosts.page import HostsPage
from comfydesk.gui.hosts.states import look
from comfydesk.jobs.model import HostChanged
from comfydesk.server.types import AuthKind, Connection, Credentials, Host, HostReport

from .conftest import until
from .fake_engine import REPORT, behind_login, said
from .shell import Shell

GPU = Host("a", "gpu-box", "https://gpu-box:8443/comfy", AuthKind.BASIC, "ann")
STUDIO = Host("b", "studio <b>2</b>", "http://studio:8188")


async def hosts_page(shell: Shell) -> HostsPage:
    shell.engine.saved, shell.engine.default = [GPU, STUDIO], "a"
    shell.window.go_to("hosts")
    window = await shell.open()
    window.make_current_page()
    page = window.page("hosts")
    assert isinstance(page, HostsPage)
    await until(lambda: len(page.rows) == 2)
    await until(lambda: window.states.connection() is Connection.LIVE)
    return page


async def test_the_host_in_use_is_connected_at_once_and_its_state_is_always_in_sight(shell: Shell) -> None:
    await hosts_page(shell)
    chip = shell.window.top_bar.chip
    assert said("use_host", shell.engine) == [("use_host", "a")]
    assert chip._name.text() == "gpu-box"
    assert chip._detail.text() == "RTX 4090 · 14 GB free"
    assert chip._more.text() == "+1 host"
    shell.engine.publish(HostChanged("a", Connection.OFFLINE))
    await until(lambda: "not reachable" in chip._detail.text())
    assert chip._dot.role == "error"


@pytest.mark.parametrize("connection", list(Connection))
def test_every_state_of_a_host_has_a_look(connection: Connection) -> None:
    shown = look(HostChanged("a", connection, REPORT))
    assert shown.role in ("good", "warning", "error", "faint")
    assert shown.text or connection is Connection.UNKNOWN


def test_a_server_without_a_graphics_card_is_shown_by_what_it_has() -> None:
    report = HostReport("http://h:1", device="CPU")
    assert look(HostChanged("a", Connection.LIVE, report)).text == "CPU"
    assert look(HostChanged("a", Connection.LIVE)).text == "connected"


async def test_another_host_is_used_with_one_click(shell: Shell) -> None:
    page = await hosts_page(shell)
    gpu, studio = page.rows
    assert gpu.use.isHidden()
    studio.use.click()
    await until(lambda: not gpu.use.isHidden() and studio.use.isHidden())
    assert shell.window.top_bar.chip._name.text() == STUDIO.name


async def test_a_login_is_asked_again_in_the_hosts_own_row_and_typing_is_not_disturbed(shell: Shell) -> None:
    page = await hosts_page(shell)
    shell.engine.look_at = behind_login("ann", "new")
    trouble = HostChanged("a", Connection.LOGIN, problem_code="auth_wrong")
    shell.engine.publish(trouble)
    row = page.rows[0]
    await until(row.access.login.isVisible)
    assert row.access.login.user.text() == "ann"
    assert "does not accept" in row.access.problem.sentence.text()
    row.access.login.secret.setText("ne")
    shell.engine.publish(trouble)
    shell.engine.publish(replace(trouble, others=1))
    await until(lambda: shell.window.states.state("a").others == 1)
    assert row.access.login.secret.text() == "ne"
    row.access.login.secret.setText("new")
    row.access.login.log_in.click()
    await until(lambda: said("log_in", shell.engine))
    assert said("log_in", shell.engine)[0][1:3] == ("a", Credentials(AuthKind.BASIC, "ann", "new"))
    shell.engine.publish(HostChanged("a", Connection.LIVE, REPORT))
    await until(lambda: not row.access.isVisible())
    assert row.access.login.secret.text() == ""


async def test_a_changed_certificate_is_shown_in_the_row_and_trusted_there(shell: Shell) -> None:
    page = await hosts_page(shell)

    def refuse(url: str, *_: object) -> HostReport:
        raise Problem("tls_pin", address=url, fingerprint="AA:BB")

    shell.engine.look_at = refuse
    shell.engine.publish(HostChanged("a", Connection.UNTRUSTED, problem_code="tls_pin"))
    row = page.rows[0]
    await until(row.access.trust.isVisible)
    assert "not the one you trusted" in row.access.trust._says.text()
    row.access.trust.accept.click()
    await until(lambda: said("trust", shell.engine) == [("trust", "a", "AA:BB")])


async def test_a_forgotten_host_leaves_the_list(shell: Shell) -> None:
    page = await hosts_page(shell)
    page.rows[1].remove_requested.emit("b")
    await until(lambda: [row.host.host_id for row in page.rows] == ["a"])


async def test_a_host_added_here_is_used_and_said(shell: Shell) -> None:
    page = await hosts_page(shell)
    page.form.edit.setText("attic:8188")
    page.form._on_edited()
    page.form.go.click()
    await until(lambda: len(page.rows) == 3)
    assert any("attic" in toast.text for toast in shell.window.toasts.toasts)
    assert page.form.edit.text() == ""


async def test_the_chips_menu_offers_the_hosts_and_names_are_not_markup(shell: Shell) -> None:
    await hosts_page(shell)
    chip = shell.window.top_bar.chip
    chip.click()
    opened = chip.findChildren(QMenu)[-1]
    texts = [action.text() for action in opened.actions()]
    assert any(text.startswith("studio <b>2</b>") for text in texts)
    opened.actions()[1].trigger()
    opened.close()
    await until(lambda: said("use_host", shell.engine)[-1] == ("use_host", "b"))


async def test_without_a_host_the_chip_leads_to_the_start_page(shell: Shell) -> None:
    window = await shell.open()
    window.go_to("help")
    assert window.top_bar.chip._name.text() == "No host yet"
    window.top_bar.chip.click()
    assert window.current == "start"
