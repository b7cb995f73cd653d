"""Plays videos and sounds. QtMultimedia is loaded when the first of them is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QStyle, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.gallery import multimedia
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.icon_label import IconLabel
from comfydesk.gui.widgets.labels import label

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
    from PySide6.QtMultimediaWidgets import QVideoWidget

_LARGEST = 4  # small videos are shown at most this much enlarged


class MediaView(QWidget):
    """A video or a sound with play, place and time. Videos start muted and go in a loop."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._player: QMediaPlayer | None = None
        self._audio: QAudioOutput | None = None
        self._video = QWidget()
        self._note = IconLabel(context.icons, "sound", 64, "muted")
        self._say = label("", "muted", wrap=True)
        self._say.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._controls = self._bar()
        if multimedia.is_there():
            self._make_player()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._video, 1)
        column.addWidget(self._note, 1, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._say)
        column.addWidget(self._controls)

    def _make_player(self) -> None:
        from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
        from PySide6.QtMultimediaWidgets import QVideoWidget

        self._player = player = QMediaPlayer(self)
        self._audio = QAudioOutput(self)
        multimedia.settle(player, self._audio)
        player.setAudioOutput(self._audio)
        picture = QVideoWidget()
        self._video = _Screen(picture)
        player.setVideoOutput(picture)
        player.playbackStateChanged.connect(self._show_state)
        player.durationChanged.connect(self._measured)
        player.positionChanged.connect(self._moved)
        player.errorOccurred.connect(lambda _code, text: self._failed(text))

    def _bar(self) -> QWidget:
        icons = self._context.icons
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._play = icon_button(icons.icon("play"), self.tr("Play or pause"), clicked=self.toggle)
        self._place = _Place(Qt.Orientation.Horizontal)
        self._place.setAccessibleName(self.tr("Place"))
        self._place.sliderMoved.connect(self._seek)
        self._mute = icon_button(icons.icon("sound", "muted", on="accent"), self.tr("Sound"), checkable=True)
        self._mute.toggled.connect(self._set_sound)
        self._time = label("0:00", "muted")
        for widget in (self._play, self._place, self._time, self._mute):
            row.addWidget(widget, 1 if widget is self._place else 0)
        return box

    def show_file(self, path: str, *, is_sound: bool = False) -> None:
        """Play the file; "" stops and lets go of it."""
        self._say.clear()
        self._say.hide()
        self._video.setVisible(not is_sound)
        self._note.setVisible(is_sound)
        self._controls.setVisible(self._player is not None)
        if self._player is None or self._audio is None:
            if path:
                self._failed(self.tr("the system's libraries for it are missing"))
            return
        self._player.stop()
        self._mute.setChecked(is_sound)
        self._audio.setMuted(not is_sound)
        self._player.setLoops(1 if is_sound else -1)
        self._player.setSource(QUrl.fromLocalFile(path) if path else QUrl())
        if path:
            self._player.play()

    def toggle(self) -> None:
        """Play when paused, pause when playing."""
        if self._player is not None:
            self._player.pause() if self.is_playing else self._player.play()

    @property
    def is_playing(self) -> bool:
        player = self._player
        return player is not None and player.playbackState() == player.PlaybackState.PlayingState

    def _seek(self, place: int) -> None:
        if self._player is not None:
            self._player.setPosition(place)

    def _set_sound(self, on: bool) -> None:
        if self._audio is not None:
            self._audio.setMuted(not on)

    def _show_state(self) -> None:
        self._play.setIcon(self._context.icons.icon("pause" if self.is_playing else "play"))

    def _measured(self, length: int) -> None:
        self._place.setRange(0, max(0, int(length)))
        self._moved(0)

    def _moved(self, place: int) -> None:
        if not self._place.isSliderDown():
            self._place.setValue(int(place))
        self._time.setText(f"{_clock(int(place))} / {_clock(self._place.maximum())}")

    def _failed(self, text: str) -> None:
        words = self.tr("This computer cannot play the file ({0}). Open it with another program.")
        self._say.setText(words.replace("{0}", text))
        self._say.show()


class _Screen(QWidget):
    """Gives a video exactly the room that its picture takes: what it leaves over would be black."""

    def __init__(self, picture: QVideoWidget) -> None:
        super().__init__()
        self._picture = picture
        picture.setParent(self)
        picture.videoSink().videoSizeChanged.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        natural = self._picture.videoSink().videoSize()
        room = self.size().boundedTo(natural * _LARGEST) if natural.isValid() else self.size()
        size = natural.scaled(room, Qt.AspectRatioMode.KeepAspectRatio) if natural.isValid() else room
        self._picture.setGeometry(
            (self.width() - size.width()) // 2, (self.height() - size.height()) // 2, size.width(), size.height()
        )


class _Place(QSlider):
    """Goes to where it is clicked, not a page nearer to it."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.width() > 0:
            place = QStyle.sliderValueFromPosition(
                self.minimum(), self.maximum(), round(event.position().x()), self.width()
            )
            self.setValue(place)
            self.sliderMoved.emit(place)
        super().mousePressEvent(event)


def _clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    return f"{seconds // 60}:{seconds % 60:02}"
