"""Paints the rows of the queue, and knows where their buttons are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.queue.model import FRACTION_ROLE, HOST_ROLE, JOB_ROLE, WHEN_ROLE
from comfydesk.gui.queue.words import Action, action_word, actions_of, row_text, state_word
from comfydesk.gui.style.fonts import LABEL, sized
from comfydesk.gui.style.tokens import mix
from comfydesk.jobs.model import Job, JobState

ROW_HEIGHT = 32
MARGIN = 16
ICON = 26
ICONS = {
    Action.NEXT: "to-top",
    Action.CANCEL: "close",
    Action.RETRY: "retry",
    Action.DISMISS: "close",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a row are, in its own pixels; an empty rectangle for one that has no room."""

    tag: QRect
    name: QRect
    text: QRect
    host: QRect
    bar: QRect
    when: QRect


@dataclass(frozen=True, slots=True)
class Button:
    action: Action
    area: QRect
    word: str = ""  # written out; else an icon


class QueueDelegate(QStyledItemDelegate):
    """One line a job: state, workflow, what differs, host, bar, when, and buttons on hover, selection or trouble."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.hovered: tuple[str, Action] | None = None  # the button under the pointer

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(240, ROW_HEIGHT)

    def columns(self, row: QRect) -> Columns:
        """The columns for a row this wide: host and bar go first where it is narrow."""
        width, top, height = row.width(), row.top(), row.height()
        left, right = row.left() + MARGIN, row.right() - MARGIN + 1
        none = QRect()
        tag = QRect(left, top, 82, height)
        name_width = 0 if width < 520 else min(200, max(96, width // 7))
        name = QRect(tag.right() + 11, top, name_width, height)
        buttons = 64
        when = QRect(right - buttons - 130, top, 122, height)
        bar_width = 0 if width < 760 else 150
        bar = QRect(when.left() - bar_width - 24, top, bar_width, height) if bar_width else none
        host_width = 0 if width < 1000 else min(190, width // 9)  # "This computer, port 8000" has room at 1440
        edge = bar.left() if bar_width else when.left()
        host = QRect(edge - host_width - 12, top, host_width, height) if host_width else none
        edge = host.left() if host_width else edge
        start = (name.right() + 13) if name_width else tag.right() + 11
        text = QRect(start, top, max(40, edge - 16 - start), height)
        return Columns(tag, name if name_width else none, text, host, bar, when)

    def buttons(self, row: QRect, job: Job) -> list[Button]:
        """The buttons of a row, from the right."""
        found: list[Button] = []
        right = row.right() - MARGIN + 6
        metrics = QFontMetrics(sized(self._font(), 13))
        for action in reversed(actions_of(job)):
            if action in ICONS and not self._written(action, job):
                area = QRect(right - ICON + 1, row.center().y() - ICON // 2 + 1, ICON, ICON)
                found.append(Button(action, area))
            else:
                word = action_word(action)
                width = metrics.horizontalAdvance(word)
                area = QRect(right - width - 7, row.top(), width + 2, row.height())
                found.append(Button(action, area, word))
            right = found[-1].area.left() - (10 if found[-1].word else 2)
        return found

    def button_at(self, row: QRect, job: Job, point: object) -> Action | None:
        return next((b.action for b in self.buttons(row, job) if b.area.contains(point)), None)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        job = index.data(JOB_ROLE)
        if job is None:
            return
        tokens = self._context.theme.tokens
        row = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or job.state is JobState.RUNNING:
            painter.fillRect(row, QColor(tokens.selection))
        elif hovered:
            painter.fillRect(row, QColor(tokens.hover))
        columns = self.columns(row)
        trouble = job.state in (JobState.FAILED, JobState.LOST, JobState.PARTIAL)
        shown = self.buttons(row, job) if hovered or selected or focused or trouble else []
        self._paint_tag(painter, columns.tag, job, marked=selected or job.state is JobState.RUNNING)
        self._paint_texts(painter, columns, job, index, self._free_until(columns, shown))
        if not trouble:
            self._paint_bar(painter, columns.bar, job, float(index.data(FRACTION_ROLE) or 0.0))
        for button in shown:
            self._paint_button(painter, button, job)
        painter.restore()

    def _font(self) -> QFont:
        parent = self.parent()
        return parent.font() if isinstance(parent, QWidget) else QFont()

    def _written(self, action: Action, job: Job) -> bool:
        return job.state in (JobState.FAILED, JobState.LOST) and action is Action.RETRY

    def _free_until(self, columns: Columns, shown: list[Button]) -> int:
        """Where text must end so that no button lies on it."""
        return min([columns.when.right() + 1, *(b.area.left() - 12 for b in shown)])

    def _paint_tag(self, painter: QPainter, area: QRect, job: Job, *, marked: bool) -> None:
        tokens = self._context.theme.tokens
        word, tone = state_word(job)
        font = sized(self._font(), LABEL, weight=QFont.Weight.Medium)
        width = min(QFontMetrics(font).horizontalAdvance(word) + 14, area.width())
        box = QRectF(area.left(), area.center().y() - 9, width, 19)
        painter.setPen(Qt.PenStyle.NoPen)
        surface = tokens.tint(tone) if tone else tokens.raised
        if marked:  # the row has a colour of its own: the tag must still stand out from it
            surface = mix(tokens.selection, tokens.color(tone or "muted"), 0.2)
        painter.setBrush(QColor(surface))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(font)
        painter.setPen(QColor(tokens.color(tone) if tone else tokens.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

    def _paint_texts(
        self, painter: QPainter, columns: Columns, job: Job, index: QModelIndex | QPersistentModelIndex, end: int
    ) -> None:
        tokens = self._context.theme.tokens
        body = sized(self._font(), 13)
        trouble = job.state in (JobState.FAILED, JobState.LOST, JobState.PARTIAL)
        _draw(painter, columns.name, job.workflow, sized(body, 13, weight=QFont.Weight.DemiBold), tokens.text, end)
        text = columns.text
        if trouble:  # no bar and no time: the sentence has that room
            text = QRect(text)
            named = not columns.host.isEmpty() and columns.host.left() > 800
            text.setRight(columns.host.left() - 16 if named else max(end, text.left()))
        _draw(painter, text, row_text(job), body, tokens.text if trouble else tokens.muted, end)
        if not trouble or text.right() < columns.host.left():
            _draw(painter, columns.host, str(index.data(HOST_ROLE) or ""), body, tokens.muted, end)
        if not trouble:
            _draw(painter, columns.when, str(index.data(WHEN_ROLE) or ""), body, tokens.muted, end)

    def _paint_bar(self, painter: QPainter, area: QRect, job: Job, fraction: float) -> None:
        if area.isEmpty() or job.state.is_final:
            return
        tokens = self._context.theme.tokens
        groove = QRectF(area.left(), area.center().y() - 2.5, area.width(), 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(groove, 3, 3)
        filled = 1.0 if job.state is JobState.SAVING else min(max(fraction, 0.0), 1.0)
        if filled > 0:
            painter.setBrush(QColor(tokens.accent))
            painter.drawRoundedRect(QRectF(groove.left(), groove.top(), max(6.0, groove.width() * filled), 6), 3, 3)

    def _paint_button(self, painter: QPainter, button: Button, job: Job) -> None:
        tokens = self._context.theme.tokens
        hot = self.hovered == (job.job_id, button.action)
        if button.word:
            strong = button.action in (Action.FREE_RETRY, Action.RETRY, Action.FETCH)
            font = sized(self._font(), 13, weight=QFont.Weight.Medium if strong else QFont.Weight.Normal)
            font.setUnderline(hot)
            painter.setFont(font)
            painter.setPen(QColor(tokens.accent if strong else (tokens.text if hot else tokens.muted)))
            painter.drawText(button.area, Qt.AlignmentFlag.AlignVCenter, button.word)
            return
        if hot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.pressed))
            painter.drawRoundedRect(button.area, 6, 6)
        icon = self._context.icons.icon(ICONS[button.action], "text" if hot else "muted")
        side = 16
        centre = button.area.center()
        icon.paint(painter, QRect(centre.x() - side // 2 + 1, centre.y() - side // 2 + 1, side, side))


def _draw(painter: QPainter, area: QRect, text: str, font: QFont, colour: str, end: int) -> None:
    if area.isEmpty() or not text:
        return
    area = QRect(area)
    area.setRight(min(area.right(), end))
    if area.width() < 12:
        return
    painter.setFont(font)
    painter.setPen(QColor(colour))
    line = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), line)
