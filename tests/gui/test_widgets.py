from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.base.fuzzy import rank
from comfydesk.gui.style.icons import Icons
from comfydesk.gui.style.theme import Theme
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.collapsible import CollapsibleSection
from comfydesk.gui.widgets.combo import SearchableCombo
from comfydesk.gui.widgets.flow import FlowLayout
from comfydesk.gui.widgets.image_place import MAX_SCALE, Place
from comfydesk.gui.widgets.image_view import ImageView
from comfydesk.gui.widgets.labels import ElidedLabel, counted, label, set_plain_tooltip
from comfydesk.gui.widgets.placeholder import Placeholder, Skeleton
from comfydesk.gui.widgets.problem_line import ProblemLine
from comfydesk.gui.widgets.segmented import SegmentedControl

MODELS = [f"sdxl/model_{number:04}.safetensors" for number in range(5000)] + ["sdxl/dreamshaperXL.safetensors"]


# ------------------------------------------------------------------------------------------------------------- fuzzy


def test_the_name_that_begins_with_the_query_comes_before_one_that_holds_it() -> None:
    names = ["old_euler", "euler", "deuler", "euler_ancestral"]
    assert [names[i] for i in rank("euler", names)] == ["euler", "euler_ancestral", "old_euler", "deuler"]


def test_all_words_must_match_and_letters_may_be_left_out() -> None:
    assert [MODELS[i] for i in rank("drmshp xl", MODELS)] == ["sdxl/dreamshaperXL.safetensors"]
    assert rank("dreamshaper flux", MODELS) == []


@given(st.text(max_size=8), st.lists(st.text(max_size=12), max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_search_gives_each_name_at_most_once_and_finds_a_name_by_itself(query: str, names: list[str]) -> None:
    found = rank(query, names)
    assert len(set(found)) == len(found)
    for index, name in enumerate(names):
        assert index in rank(name, names)


# ------------------------------------------------------------------------------------------------------------- combo


@pytest.fixture
def combo(qtbot, theme: Theme) -> SearchableCombo:
    made = SearchableCombo(MODELS, MODELS[3])
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_name_is_found_and_chosen_by_keys_alone(qtbot, combo: SearchableCombo) -> None:
    chosen = []
    combo.value_changed.connect(chosen.append)
    combo.setFocus()
    QTest.keyClicks(combo, "d")
    assert combo.popup is not None
    QTest.keyClicks(combo.popup.search, "reamsh")
    QTest.keyClick(combo.popup.search, Qt.Key.Key_Return)
    assert chosen == ["sdxl/dreamshaperXL.safetensors"]
    assert combo.value == combo.currentText() == "sdxl/dreamshaperXL.safetensors"
    qtbot.waitUntil(lambda: combo.popup is None)


def test_escape_and_a_search_without_result_change_nothing(qtbot, combo: SearchableCombo) -> None:
    chosen = []
    combo.value_changed.connect(chosen.append)
    combo.showPopup()
    QTest.keyClicks(combo.popup.search, "no such thing at all")
    QTest.keyClick(combo.popup.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: combo.popup is None)
    combo.showPopup()
    QTest.keyClick(combo.popup.search, Qt.Key.Key_Down)
    QTest.keyClick(combo.popup.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: combo.popup is None)
    assert chosen == []
    assert combo.value == MODELS[3]


def test_the_list_opens_at_the_value(combo: SearchableCombo) -> None:
    combo.set_value(MODELS[4000])
    combo.showPopup()
    assert combo.popup.list.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole) == MODELS[4000]
    combo.hidePopup()


def test_the_wheel_scrolls_the_form_and_not_the_value(combo: SearchableCombo) -> None:
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    combo.wheelEvent(event)
    assert not event.isAccepted()
    assert combo.value == MODELS[3]


def test_choices_keep_their_type_and_a_value_that_is_none_of_them_is_shown(qtbot, theme: Theme) -> None:
    combo = SearchableCombo([1, 2, 4], 3)
    qtbot.addWidget(combo)
    assert combo.currentText() == "3"
    chosen = []
    combo.value_changed.connect(chosen.append)
    combo.show()
    combo.showPopup()
    QTest.keyClick(combo.popup, Qt.Key.Key_Down)
    QTest.keyClick(combo.popup, Qt.Key.Key_Return)
    assert chosen == [2]


# --------------------------------------------------------------------------------------------------------- hostile text


@pytest.mark.parametrize("text", ["<b>bold</b>", "<img src=x>", "a & b", "<a href='http://x'>x</a>"])
def test_text_of_strangers_is_shown_as_it_is(qtbot, icons: Icons, theme: Theme, text: str) -> None:
    shown = label(text)
    qtbot.addWidget(shown)
    assert shown.textFormat() == Qt.TextFormat.PlainText
    line = ProblemLine(icons)
    qtbot.addWidget(line)
    line.show_problem(Problem("not_comfyui", address="h", detail=text))
    assert text in line.sentence.text()
    assert all(part.textFormat() == Qt.TextFormat.PlainText for part in line.findChildren(QLabel))
    set_plain_tooltip(shown, text)
    assert "<b>" not in shown.toolTip()
    assert "<img" not in shown.toolTip()
    assert button(text).text().replace("&&", "&") == text


# --------------------------------------------------------------------------------------------------------------- rest


def test_a_long_line_is_shortened_and_told_whole_in_its_tooltip(qtbot, theme: Theme) -> None:
    line = ElidedLabel("a very long name of a model that does not fit", "muted")
    qtbot.addWidget(line)
    line.resize(80, 18)
    line.show()
    qtbot.waitUntil(line.is_elided)
    assert "does not fit" in line.toolTip()
    line.resize(2000, 18)
    qtbot.waitUntil(lambda: line.toolTip() == "")


def test_counts_read_as_english() -> None:
    assert counted(1, "one job", "{n} jobs") == "one job"
    assert counted(1234, "one job", "{n} jobs") == "1,234 jobs"


def test_a_section_opens_by_its_heading_and_says_so(qtbot, icons: Icons) -> None:
    section = CollapsibleSection(icons, "Advanced")
    qtbot.addWidget(section)
    section.show()
    assert not section.body.isVisible()
    with qtbot.waitSignal(section.toggled):
        section.set_open(True)
    assert section.body.isVisible()


def test_the_arrow_keys_choose_in_a_segmented_control_and_skip_what_is_disabled(qtbot, theme: Theme) -> None:
    control = SegmentedControl([("r", "Random"), ("f", "Fixed"), ("i", "+1")], "r")
    qtbot.addWidget(control)
    heard = []
    control.value_changed.connect(heard.append)
    QTest.keyClick(control, Qt.Key.Key_Right)
    control.set_enabled_choice("r", False)
    QTest.keyClick(control, Qt.Key.Key_Left)
    QTest.keyClick(control, Qt.Key.Key_Right)
    assert heard == ["f", "i"]
    assert control.value == "i"


def test_a_flow_goes_on_in_the_next_line_when_the_room_is_used_up(qtbot, theme: Theme) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    flow = FlowLayout(box, spacing=10, line_spacing=5)
    parts = [QWidget() for _ in range(3)]
    for part in parts:
        part.setFixedSize(100, 20)
        flow.addWidget(part)
    assert flow.heightForWidth(320) == 20
    assert flow.heightForWidth(220) == 45
    box.resize(220, 100)
    box.show()
    assert [part.pos() for part in parts] == [QPoint(0, 0), QPoint(110, 0), QPoint(0, 25)]


def test_enter_presses_a_button_and_a_click_leaves_the_keyboard_where_it_is(qtbot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    column, pressed = QVBoxLayout(box), []
    line, stop = QLineEdit(), button("Stop", clicked=lambda: pressed.append(1))
    column.addWidget(line)
    column.addWidget(stop)
    box.show()
    box.activateWindow()
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert line.hasFocus() and pressed == [1]
    stop.setFocus()
    qtbot.keyClick(stop, Qt.Key.Key_Return)
    assert pressed == [1, 1]


def test_a_problem_line_says_what_to_do_and_hides_details_behind_a_link(qtbot, icons: Icons) -> None:
    line = ProblemLine(icons)
    qtbot.addWidget(line)
    assert line.isHidden()
    tried = []
    line.show_problem(Problem("refused", address="h:1", details="Traceback"), ("Try again", lambda: tried.append(1)))
    links = {made.text(): made for made in line.findChildren(QPushButton)}
    links["Try again"].click()
    assert tried == [1]
    assert not line._details.isVisible()
    links["Details"].click()
    assert line._details.toPlainText() == "Traceback"
    line.clear()
    assert line.isHidden()


@pytest.mark.parametrize("shape", ["rows", "tiles", "form", "stage", "cards"])
def test_a_skeleton_waits_a_moment_before_it_is_drawn(qtbot, theme: Theme, shape: str) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    skeleton = Skeleton(theme, shape)
    layout.addWidget(skeleton)
    page.resize(600, 500)
    page.show()
    assert distinct_colors(skeleton) == 1
    qtbot.waitUntil(lambda: distinct_colors(skeleton) > 1)


def distinct_colors(widget: QWidget) -> int:
    image = widget.grab().toImage()
    return len({image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)})


def test_an_empty_panel_teaches_and_offers_what_to_press(qtbot, icons: Icons) -> None:
    pressed = []
    panel = Placeholder(icons, "gallery", "No pictures yet", "What you queue appears here.")
    qtbot.addWidget(panel)
    panel.add_button("Go to Create", lambda: pressed.append(1), "primary").click()
    assert pressed == [1]


# --------------------------------------------------------------------------------------------------------- image view


def picture(width: int = 400, height: int = 200) -> QImage:
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(0x336699)
    return made


@pytest.fixture
def view(qtbot, theme: Theme) -> ImageView:
    made = ImageView(theme, radius=12)
    qtbot.addWidget(made)
    made.resize(200, 200)
    made.show()
    made.set_image(picture())
    return made


def test_a_picture_is_fitted_until_one_zooms(view: ImageView) -> None:
    assert view.picture_rect().getRect() == (0, 50, 200, 100)
    view.actual_size()
    assert view.device_scale == pytest.approx(1.0)
    assert not view.is_fitted
    view.fit()
    assert view.picture_rect().getRect() == (0, 50, 200, 100)


def test_zooming_keeps_the_point_under_the_pointer(view: ImageView) -> None:
    at = QPointF(150, 100)
    before = (at - view.picture_rect().topLeft()) / 0.5
    view.zoom_to(2.0, at)
    after = (at - view.picture_rect().topLeft()) / 2.0
    assert (after - before).manhattanLength() < 0.01


def test_dragging_never_leaves_a_gap_at_the_edge(qtbot, view: ImageView) -> None:
    view.zoom_to(2.0)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(20, 100))
    QTest.mouseMove(view, QPoint(190, 100))
    view.mouseMoveEvent(_moved(QPoint(5000, 100)))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(190, 100))
    assert view.picture_rect().left() == 0


def _moved(to: QPoint):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    return QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(to),
        QPointF(to),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )


def test_a_live_preview_keeps_the_view_and_a_new_picture_is_fitted_again(view: ImageView) -> None:
    view.zoom_to(3.0)
    view.set_image(picture(), keep_view=True)
    assert view.device_scale == pytest.approx(3.0)
    view.set_image(picture())
    assert view.is_fitted


def test_a_small_version_stands_for_the_full_size(view: ImageView) -> None:
    view.set_image(picture(40, 20), full_size=QSize(400, 200))
    view.actual_size()
    assert view.picture_rect().width() == pytest.approx(400)


def test_no_picture_draws_nothing_and_ignores_the_wheel(view: ImageView) -> None:
    view.set_image(None)
    assert not view.has_image
    assert distinct_colors(view) == 1
    view.zoom_to(4.0)
    assert view.is_fitted


@given(
    st.floats(0.01, MAX_SCALE),
    st.floats(-5000, 5000),
    st.floats(-5000, 5000),
    st.integers(1, 9000),
    st.integers(1, 9000),
)
@settings(max_examples=300, deadline=None)
def test_wherever_one_drags_the_picture_stays_in_the_view(
    scale: float, x: float, y: float, width: int, height: int
) -> None:
    view, size = QSize(300, 200), QSize(width, height)
    place = Place().zoomed(scale, QPointF(10, 10), size, view).moved(QPointF(x, y), size, view)
    rect = place.rect(size, view)
    for start, length, room in ((rect.x(), rect.width(), 300), (rect.y(), rect.height(), 200)):
        if length <= room:
            assert start == pytest.approx((room - length) / 2, abs=0.01)
        else:
            assert start <= 0.01
            assert start + length >= room - 0.01
