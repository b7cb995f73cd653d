"""The bar over the form: one line that says what a run would lack or cost, and the cures behind it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from comfydesk.base.errors import Problem
from comfydesk.form.build import build
from comfydesk.form.check import check
from comfydesk.form.fields import Form, Issue
from comfydesk.gui.context import Context
from comfydesk.gui.form import paid_question, web_page
from comfydesk.gui.form.check_bar import CheckBar
from comfydesk.gui.form.panel import FormPanel
from comfydesk.gui.widgets.question import Question
from comfydesk.workflow.hints import Hints, ModelHint, Pack
from comfydesk.workflow.parse import from_prompt
from tests.form.test_before_a_run import PAID, SPECS, changed
from tests.gui.stand_in import NAMES, StandInEngine, object_info

IMPACT = Pack("impact-pack", "https://registry.comfy.org/nodes/impact-pack", "8.0")
HINTS = Hints(
    {"FaceA": IMPACT, "FaceB": IMPACT},
    {"gone.pth": ModelHint("gone.pth", "https://huggingface.co/x/gone.pth", "checkpoints")},
)
HOSTILE = "<img src='file:///etc/hostname'><b>bold</b>"


def found(**nodes: Any) -> tuple[list[Issue], Form]:
    graph = from_prompt(changed(**nodes))
    form = build(graph, SPECS)
    return check(graph, form, {}, SPECS, "gpu-box", hints=HINTS), form


def many() -> tuple[list[Issue], Form]:
    """Something of everything."""
    return found(
        n4=("CheckpointLoaderSimple", {"ckpt_name": "gone.pth"}),
        n30=("FaceA", {}),
        n31=("FaceB", {}),
        n32=("Nobody", {}),
        n33=("PaintService", {"prompt": "like /home/u/.ssh/id_rsa"}),
        n34=("SaveImage", {"images": ["33", 0], "filename_prefix": "/abs/x"}),
        n35=("OldBlur", {"image": ["33", 0]}),
    )


@pytest.fixture
def bar(qtbot: QtBot, context: Context) -> CheckBar:
    made = CheckBar(context)
    qtbot.addWidget(made)
    made.resize(400, 40)
    return made


def words_of(bar: CheckBar) -> str:
    names = [row.findChildren(QLabel) for row in bar.rows]
    return "\n".join(label.text() for labels in names for label in labels)


def test_nothing_to_say_is_no_bar(bar: CheckBar) -> None:
    bar.show_issues(*found())
    assert bar.isHidden()


def test_one_missing_model_is_left_to_its_field(bar: CheckBar) -> None:
    bar.show_issues(*found(n4=("CheckpointLoaderSimple", {"ckpt_name": "other.pth"})))
    assert bar.isHidden()


def test_one_line_says_it_all(bar: CheckBar) -> None:
    bar.show_issues(*many())
    assert not bar.isHidden() and not bar.is_open
    assert bar.headline.text() == (
        "3 nodes missing · 1 model missing · Costs money · Names a place on a computer · Odd file name"
        " · 1 deprecated node"
    )


def test_the_list_names_packs_places_and_prices(qtbot: QtBot, bar: CheckBar) -> None:
    bar.show_issues(*many())
    bar.show()
    qtbot.mouseClick(bar.toggle, Qt.MouseButton.LeftButton)
    said = words_of(bar)
    for part in ("impact-pack", "FaceA, FaceB", "Nobody", "gone.pth", "models/checkpoints", "huggingface.co"):
        assert part in said
    for part in ("Paint Service ($0.05)", "/home/u/.ssh/id_rsa", "/abs/x", "Blur (old)"):
        assert part in said
    qtbot.mouseClick(bar.toggle, Qt.MouseButton.LeftButton)
    assert not bar.is_open and not bar.rows


def test_links_mend_jump_copy_and_look_again(qtbot: QtBot, bar: CheckBar) -> None:
    bar.show_issues(*many())
    bar.show()
    bar.toggle.click()
    links = {key: link for row in bar.rows for key, link in row.links.items()}
    with qtbot.waitSignal(bar.mend_requested) as mended:
        links["use"].click()
    assert mended.args[1] in ("sd_xl_base_1.0.safetensors", "dreamshaperXL.safetensors")
    with qtbot.waitSignal(bar.jump_requested) as jumped:
        links["jump"].click()
    assert jumped.args == ["34.filename_prefix"]
    links["copy"].click()
    assert QGuiApplication.clipboard().text() == "https://huggingface.co/x/gone.pth"
    with qtbot.waitSignal(bar.look_again_requested):
        bar.look_again.click()


def test_an_open_list_follows_what_was_mended(bar: CheckBar) -> None:
    bar.show_issues(*many())
    bar.show()
    bar.toggle.click()
    bar.show_issues(*found(n30=("FaceA", {})))
    assert bar.is_open and bar.headline.text() == "1 node missing" and len(bar.rows) == 1
    bar.show_issues(*found())
    assert bar.isHidden() and not bar.is_open


def test_notes_alone_are_quiet(bar: CheckBar) -> None:
    bar.show_issues(
        *found(n30=("OldBlur", {"image": ["8", 0]}), n9=("SaveImage", {"images": ["30", 0]})),
    )
    assert bar.property("kind") == "raised" and bar.headline.text() == "1 deprecated node"


def test_hundreds_of_things_are_cut_and_counted(bar: CheckBar) -> None:
    notes = [Issue("", "file_note", {}, "note", message=f"note {number}") for number in range(150)]
    bar.show_issues(notes, None)
    bar.show()
    bar.toggle.click()
    assert len(bar.rows) == 100 and bar.headline.text() == "150 notes"
    assert "and 50 more" in [label.text() for label in bar.findChildren(QLabel)]


def test_text_from_a_file_is_never_markup(bar: CheckBar) -> None:
    bar.show_issues(*found(n30=(HOSTILE, {}), n9=("SaveImage", {"filename_prefix": "../" + HOSTILE})))
    bar.show()
    bar.toggle.click()
    shown = [label for label in bar.findChildren(QLabel) if "<" in label.text()]
    assert shown and all(label.textFormat() is Qt.TextFormat.PlainText for label in shown)


def question_of(bar: CheckBar) -> Question:
    return next(iter(bar.window().findChildren(Question)))


def test_the_address_of_a_pack_is_shown_before_it_is_opened(
    qtbot: QtBot, bar: CheckBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    bar.show_issues(*many())
    bar.show()
    bar.toggle.click()
    next(row for row in bar.rows if "page" in row.links).links["page"].click()
    question = question_of(bar)
    assert IMPACT.url in [label.text().replace("\u200b", "") for label in question.findChildren(QLabel)]
    assert not opened
    question.buttons["open"].click()
    assert opened == [IMPACT.url]


def test_what_is_no_web_address_is_not_offered(bar: CheckBar) -> None:
    for address in ("file:///etc/passwd", "javascript:alert(1)", "", "vscode://x"):
        assert web_page.offer(bar, "x", address) is None


# money


PAID_PRESS = Problem("paid_nodes", nodes="Paint Service ($0.05)", runs=8, times="8 runs")


def test_enter_does_not_pay(qtbot: QtBot, bar: CheckBar) -> None:
    paid: list[bool] = []
    bar.show()
    question = paid_question.ask(bar, PAID_PRESS, lambda: paid.append(True))
    assert "Paint Service ($0.05)" in "".join(label.text() for label in question.findChildren(QLabel))
    qtbot.keyClick(question, Qt.Key.Key_Return)
    assert question.answer == "stay" and not paid
    question = paid_question.ask(bar, PAID_PRESS, lambda: paid.append(True))
    assert question.buttons["pay"].text() == "Queue 8 paid runs"
    question.buttons["pay"].click()
    assert paid == [True]


class PaidEngine(StandInEngine):
    """Refuses runs that cost money until they are allowed, as the engine does."""

    async def queue_runs(self, *args: Any, allow_paid: bool = False, **options: Any) -> Any:
        if not allow_paid:
            raise Problem("paid_nodes", nodes="Paint Service ($0.05)", runs=args[3], times="2 runs")
        return await super().queue_runs(*args, allow_paid=allow_paid, **options)


def test_in_a_low_window_the_open_list_takes_the_fields_place(
    qtbot: QtBot, context: Context, stand_in: StandInEngine
) -> None:
    stand_in.info = object_info(["sd_xl_base_1.0.safetensors", *NAMES])
    panel = FormPanel(context)
    qtbot.addWidget(panel)
    panel.resize(432, 900)
    panel.show()
    panel.attach(stand_in)
    panel.open("sdxl", "gpu-box")
    qtbot.waitUntil(lambda: panel.sheet is not None)
    panel.bar.show_issues(*many())
    panel.bar.toggle.click()
    assert panel.scroll.isVisible()
    panel.resize(432, 360)
    assert not panel.scroll.isVisible() and panel.bar.is_open
    panel.jump("3.steps")
    assert panel.scroll.isVisible() and not panel.bar.is_open
    panel.detach()


def test_a_press_that_costs_money_asks_once_and_queues_what_was_asked(
    qtbot: QtBot, context: Context, tmp_path: Any
) -> None:
    engine = PaidEngine(tmp_path, {**object_info(["sd_xl_base_1.0.safetensors", *NAMES]), **PAID})
    context.bridge.attach(engine)
    panel = FormPanel(context)
    qtbot.addWidget(panel)
    panel.show()
    panel.attach(engine)
    try:
        panel.open("sdxl", "gpu-box")
        qtbot.waitUntil(lambda: panel.sheet is not None and panel.footer.queue.isEnabled())
        panel.session.state.count = 2
        panel.queue(front=True)
        qtbot.waitUntil(lambda: bool(panel.findChildren(Question)))
        assert not engine.presses and not panel.problem.isVisible()
        question = panel.findChildren(Question)[0]
        assert question.buttons["pay"].text() == "Queue 2 paid runs"
        with qtbot.waitSignal(panel.queued):
            question.buttons["pay"].click()
        (press,) = engine.presses
        assert (press["count"], press["front"], press["allow_paid"]) == (2, True, True)
    finally:
        panel.detach()
        context.bridge.detach()
        engine.close()
