"""The editor for prompts: colours, weights, completion, history, and what choices come out as."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from comfydesk.form.fields import Field, Kind, Role
from comfydesk.form.prompt_text.tags import Tag, TagIndex
from comfydesk.gui.context import Context
from comfydesk.gui.form.prompt.editor import PromptEditor
from comfydesk.gui.form.prompt.examples import Examples
from comfydesk.gui.form.prompt.words import PromptWords
from comfydesk.gui.form.registry import make_editor
from comfydesk.gui.form.text_editors import MultilineEditor
from comfydesk.gui.settings.prompt_files import TagFile
from comfydesk.gui.style.theme import Theme
from comfydesk.library.prompt_history import PastPrompt, PromptsRemembered
from tests.gui.stand_in import StandInEngine

CONTROL, ALT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.NoModifier,
)


def field(text: str = "", role: Role = Role.PROMPT, **facts: Any) -> Field:
    return Field("6.text", "6", "text", "Prompt", Kind.MULTILINE, text, role, **{"dynamic_prompts": True, **facts})


@pytest.fixture
def show(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Any:
    """Makes an editor in a window of its own; `wildcards` and `tags` are there before."""
    (stand_in.home.wildcards / "animals").mkdir(parents=True)
    (stand_in.home.wildcards / "animals" / "cats.txt").write_text("tabby\nsiamese\n")
    stand_in.home.tags.mkdir()
    (stand_in.home.tags / "own.csv").write_text(
        'long_hair,0,5000000,"longhair"\nlong_sleeves,0,1200000\nhat_(red),0,3\n'
    )

    def made(text: str = "", **facts: Any) -> PromptEditor:
        window = QWidget()
        editor = make_editor(field(text, **facts), context)
        assert isinstance(editor, PromptEditor)
        column = QVBoxLayout(window)
        column.addWidget(editor)
        column.addStretch(1)
        qtbot.addWidget(window)
        window.resize(440, 420)
        window.show()
        window.activateWindow()
        editor.shown_in = window  # Qt alone does not keep a window that nobody holds
        editor.box.setFocus()
        words = editor.box.words
        qtbot.waitUntil(lambda: len(words.tags) > 0 and bool(words.names.wildcards))
        return editor

    return made


def rows(editor: PromptEditor) -> list[str]:
    completion = editor.box.completion
    return [row.name for row in completion.popup.model.rows] if completion.is_open else []


def colour_at(editor: PromptEditor, place: int) -> str:
    block = editor.box.document().findBlock(place)
    at = place - block.position()
    for part in block.layout().formats():
        if part.start <= at < part.start + part.length:
            return str(part.format.foreground().color().name())
    return ""


# where it is used


def test_prompts_and_texts_that_the_page_draws_in_get_it_and_others_do_not(context: Context, qtbot: QtBot) -> None:
    for made, wanted in (
        (field(dynamic_prompts=False), PromptEditor),
        (field(role=Role.NONE), PromptEditor),
        (field(role=Role.NONE, dynamic_prompts=False), MultilineEditor),
    ):
        editor = make_editor(made, context)
        qtbot.addWidget(editor)
        assert type(editor) is wanted


# colours


def test_parts_have_their_colours_in_both_themes(show: Any, theme: Theme, qtbot: QtBot) -> None:
    editor = show("(a:1.2) {b|c}\n__d__ embedding:e \U0001f98a <lora:f:1> // g")
    text = editor.box.toPlainText()
    for name in ("light", "dark"):
        theme.set_setting(name)
        qtbot.wait(1)
        tokens = theme.tokens
        assert colour_at(editor, 0) == tokens.syntax_weight
        assert colour_at(editor, text.index("|")) == tokens.syntax_wildcard
        assert colour_at(editor, text.index("__d")) == tokens.syntax_wildcard
        assert colour_at(editor, text.index("embedding")) == tokens.syntax_embedding
        assert colour_at(editor, text.index("<lora") + 1) == tokens.syntax_embedding  # behind the fox, two units wide
        assert colour_at(editor, text.index("// g") + 1) == tokens.syntax_comment
        assert colour_at(editor, 1) == ""


def test_a_bracket_that_is_closed_lines_later_loses_its_mark(show: Any, theme: Theme, qtbot: QtBot) -> None:
    editor = show("(a\nb\nc")
    assert colour_at(editor, 0) == theme.tokens.error
    qtbot.waitUntil(lambda: editor.line.says() == "One bracket lacks its other half")
    assert editor.problem == ""
    editor.box.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(editor.box, ")")
    assert colour_at(editor, 0) == theme.tokens.syntax_weight
    qtbot.waitUntil(lambda: not editor.line.isVisible())


@pytest.mark.parametrize(
    "part", ["(a red fox:1.2), {a|b|c} __x__ ", "a fox in the snow, (word:1.2) ", "(a:1.1) words\n"]
)
def test_a_key_in_a_prompt_of_ten_thousand_letters_is_quick(show: Any, qtbot: QtBot, part: str) -> None:
    editor = show(part * (10_000 // len(part)))
    editor.box.moveCursor(QTextCursor.MoveOperation.End)
    QApplication.processEvents()
    times = []
    for _ in range(15):
        start = time.thread_time()
        qtbot.keyClick(editor.box, Qt.Key.Key_X)
        QApplication.processEvents()
        times.append(time.thread_time() - start)
    assert sorted(times)[7] < 0.03  # 8 ms on a machine that has nothing else to do


# weights


def test_ctrl_up_and_down_weigh_the_word_and_can_be_undone(show: Any, qtbot: QtBot) -> None:
    editor = show("\U0001f98a a red fox")
    heard: list[str] = []
    editor.value_changed.connect(heard.append)
    cursor = editor.box.textCursor()
    cursor.setPosition(len("\U0001f98a a re") + 1)
    editor.box.setTextCursor(cursor)
    qtbot.keyClick(editor.box, Qt.Key.Key_Up, CONTROL)
    qtbot.keyClick(editor.box, Qt.Key.Key_Up, CONTROL)
    assert editor.value == "\U0001f98a a (red:1.1) fox" == heard[-1]
    assert editor.box.textCursor().selectedText() == "(red:1.1)"
    qtbot.keyClick(editor.box, Qt.Key.Key_Down, CONTROL)
    qtbot.keyClick(editor.box, Qt.Key.Key_Down, CONTROL)
    assert editor.value == "\U0001f98a a red fox"
    editor.box.undo()
    assert "1.05" in editor.value


# completion


def test_tags_are_offered_while_one_types_and_taken_by_tab(show: Any, qtbot: QtBot) -> None:
    editor = show()
    qtbot.keyClicks(editor.box, "a fox, long ha")
    assert rows(editor) == ["long_hair"]
    qtbot.keyClick(editor.box, Qt.Key.Key_Tab)
    assert editor.value == "a fox, long hair, "
    assert rows(editor) == []
    assert editor.box.hasFocus()
    qtbot.keyClicks(editor.box, "red")
    assert rows(editor) == ["hat_(red)"]
    qtbot.keyClick(editor.box, Qt.Key.Key_Down)
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    assert editor.value == r"a fox, long hair, hat \(red\), "


def test_enter_stays_a_new_line_until_a_tag_was_chosen(show: Any, qtbot: QtBot) -> None:
    editor = show()
    qtbot.keyClicks(editor.box, "long")
    assert rows(editor) == ["long_hair", "long_sleeves"]
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    assert editor.value == "long\n"


def test_wildcards_are_offered_with_the_first_one_chosen(show: Any, qtbot: QtBot) -> None:
    editor = show()
    qtbot.keyClicks(editor.box, "a __ca")
    assert rows(editor) == ["animals/cats"]
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    assert editor.value == "a __animals/cats__"


def test_a_name_is_taken_by_the_mouse_too(show: Any, qtbot: QtBot) -> None:
    editor = show()
    qtbot.keyClicks(editor.box, "lon")
    view = editor.box.completion.popup.list
    place = view.visualRect(view.model().index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, NONE, place)
    assert editor.value == "long sleeves, "
    assert editor.box.hasFocus()


def test_embeddings_and_loras_of_the_host_are_offered(show: Any, qtbot: QtBot) -> None:
    from comfydesk.engine.promptdesk import PromptNames

    editor = show()
    editor.box.words.names = PromptNames(("easynegative", "bad-hands"), ("detail", "style/ink"), ())
    qtbot.keyClicks(editor.box, "embedding:easy")
    assert rows(editor) == ["easynegative"]
    qtbot.keyClick(editor.box, Qt.Key.Key_Return)
    qtbot.keyClicks(editor.box, ", <lora:ink")
    assert rows(editor) == ["style/ink"]
    qtbot.keyClick(editor.box, Qt.Key.Key_Tab)
    assert editor.value == "embedding:easynegative, <lora:style/ink:1>"


def test_escape_closes_the_list_and_nothing_else(show: Any, qtbot: QtBot) -> None:
    editor = show()
    qtbot.keyClicks(editor.box, "long")
    qtbot.keyClick(editor.box, Qt.Key.Key_Escape)
    assert rows(editor) == []
    assert editor.value == "long"
    qtbot.keyClick(editor.box, Qt.Key.Key_Space, CONTROL)
    assert rows(editor)


def test_a_closed_list_takes_neither_tab_nor_ctrl_enter(show: Any, qtbot: QtBot) -> None:
    editor = show()
    other = PromptEditor(field(role=Role.NEGATIVE), editor.context)
    editor.shown_in.layout().addWidget(other)
    other.show()
    qtbot.keyClicks(editor.box, "x")
    qtbot.keyClick(editor.box, Qt.Key.Key_Return, CONTROL)
    assert editor.value == "x"
    qtbot.keyClick(editor.box, Qt.Key.Key_Tab)
    assert not editor.box.hasFocus()
    assert editor.value == "x"


def test_ctrl_enter_goes_through_an_open_list(show: Any, qtbot: QtBot) -> None:
    editor = show()
    qtbot.keyClicks(editor.box, "__ca")
    qtbot.keyClick(editor.box, Qt.Key.Key_Return, CONTROL)
    assert editor.value == "__ca"
    assert rows(editor) == []


def test_a_list_of_a_hundred_thousand_tags_keeps_up_with_the_keys(show: Any, qtbot: QtBot) -> None:
    editor = show()
    editor.box.words.tags = TagIndex(Tag(f"tag_{n % 977}_{n}", 100_000 - n) for n in range(100_000))
    slowest = 0.0
    for letter in "tag 12 9":
        start = time.thread_time()
        qtbot.keyClicks(editor.box, letter)
        QApplication.processEvents()
        slowest = max(slowest, time.thread_time() - start)
    assert rows(editor)
    assert slowest < 0.1  # 20 ms on a machine that has nothing else to do


# earlier prompts


def test_alt_up_and_down_look_through_what_was_queued(show: Any, stand_in: StandInEngine, qtbot: QtBot) -> None:
    editor = show("mine")
    past = [("prompt", "newest"), ("negative", "bad"), ("prompt", "older")]
    stand_in.announce(PromptsRemembered(tuple(PastPrompt(*each) for each in past)))
    qtbot.waitUntil(lambda: len(editor.box.words.history) == 3)
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(editor.box, key, ALT)
        seen.append(editor.value)
    assert seen == ["newest", "older", "older", "newest", "mine"]
    editor.box.undo()
    assert editor.value == "newest"


# what it comes out as


def test_the_line_tells_how_many_ways_there_are_with_an_example(show: Any, qtbot: QtBot) -> None:
    editor = show("a {red|blue} __animals/cats__")
    qtbot.waitUntil(lambda: editor._line is not None and editor.line.isVisible())
    said = editor.line.says()
    assert said.startswith("4 combinations · for example: a ")
    assert "__" not in said
    editor.box.selectAll()
    qtbot.keyClicks(editor.box, "plain")
    qtbot.waitUntil(lambda: not editor.line.isVisible())


def test_a_wildcard_without_a_file_is_told(show: Any, qtbot: QtBot) -> None:
    editor = show("a __dragon__")
    qtbot.waitUntil(lambda: editor._line is not None and "dragon" in editor.line.says())
    assert editor.line.says() == "No wildcard file is called dragon: it stays as it is written"


def test_a_plain_prompt_has_no_line(show: Any, qtbot: QtBot) -> None:
    editor = show("a red fox")
    qtbot.keyClicks(editor.box, " in snow")
    qtbot.wait(1)
    assert editor._line is None


def test_further_examples_are_shown_with_their_seeds(show: Any, qtbot: QtBot) -> None:
    editor = show("{a|b|c} <b>x</b>")
    qtbot.waitUntil(lambda: editor._line is not None and editor.line.more.isVisible())
    qtbot.mouseClick(editor.line.more, Qt.MouseButton.LeftButton, NONE, QPoint(5, 5))
    found: list[Examples] = []
    qtbot.waitUntil(lambda: bool(found.extend(editor.box.findChildren(Examples)) or found) and found[0].isVisible())
    assert found[0].title.text() == "3 combinations"
    qtbot.mouseClick(found[0].others, Qt.MouseButton.LeftButton)
    found[0].close()


# settings


def test_a_list_of_tags_is_chosen_in_the_settings(
    qtbot: QtBot, context: Context, stand_in: StandInEngine, tmp_path: Path
) -> None:
    row = TagFile(context)
    qtbot.addWidget(row)
    (tmp_path / "mine.csv").write_text("fox\nwolf\n")
    (tmp_path / "empty.csv").write_text("")
    row.take(str(tmp_path / "mine.csv"))
    qtbot.waitUntil(lambda: row.said.text() == "It holds 2 tags.")
    assert context.settings.get("tag_file") == str(tmp_path / "mine.csv")
    assert row.path.text() == "mine.csv"
    row.take(str(tmp_path / "empty.csv"))
    qtbot.waitUntil(lambda: "cannot be read" in row.said.text())
    assert row.path.text() == "mine.csv"
    row.remove.click()
    assert context.settings.get("tag_file") == ""


def test_a_window_has_one_store_of_names(context: Context) -> None:
    assert PromptWords.of(context) is PromptWords.of(context)
