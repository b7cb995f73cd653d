"""Plays animations, videos and sounds. QtMultimedia is loaded when the first of them is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QMovie, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.widgets.buttons import icon_button
from comfydesk.gui.widgets.labels import label

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QMediaPlayer


class AnimationView(QLabel):
    """An animated WebP, GIF or APNG in a loop, fitted to the room there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumSize(80, 80)
        self._movie: QMovie | None = None

    def show_file(self, path: str) -> None:
        """Play the file; "" stops and lets go of it."""
        if self._movie is not None:
            self._movie.stop()
            self._movie.deleteLater()
            self._movie = None
            self.clear()
        if path:
            self._movie = QMovie(path, parent=self)
            self._movie.jumpToFrame(0)
            self._fit()
            self.setMovie(self._movie)
            self._movie.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._movie is None:
            return
        natural = self._movie.currentImage().size()
        if natural.isEmpty():
            return
        room = self.size().boundedTo(QSize(natural.width() * 4, natural.height() * 4))
        self._movie.setScaledSize(natural.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))


class MediaView(QWidget):
    """A video or a sound with play, place and time. Videos start muted and go in a loop."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
        from PySide6.QtMultimediaWidgets import QVideoWidget

        self._context = context
        self._player: QMediaPlayer = QMediaPlayer(self)
        self._audio = QAudioOutput(self)
        self._player.setAudioOutput(self._audio)
        self._video = QVideoWidget()
        self._player.setVideoOutput(self._video)
        self._say = label("", "muted")
        self._say.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._video, 1)
        column.addWidget(self._say)
        column.addLayout(self._bar())
        self._player.playbackStateChanged.connect(self._show_state)
        self._player.durationChanged.connect(lambda length: self._place.setRange(0, int(length)))
        self._player.positionChanged.connect(self._moved)
        self._player.errorOccurred.connect(lambda _code, text: self._failed(text))

    def _bar(self) -> QHBoxLayout:
        icons = self._context.icons
        row = QHBoxLayout()
        self._play = icon_button(icons.icon("play"), self.tr("Play or pause"), clicked=self.toggle)
        self._place = QSlider(Qt.Orientation.Horizontal)
        self._place.setAccessibleName(self.tr("Place"))
        self._place.sliderMoved.connect(self._player.setPosition)
        self._mute = icon_button(icons.icon("sound", on="accent"), self.tr("Sound"), checkable=True)
        self._mute.toggled.connect(lambda on: self._audio.setMuted(not on))
        self._time = label("0:00", "muted")
        for widget in (self._play, self._place, self._time, self._mute):
            row.addWidget(widget, 1 if widget is self._place else 0)
        return row

    def show_file(self, path: str, *, is_sound: bool = False) -> None:
        """Play the file; "" stops and lets go of it."""
        self._player.stop()
        self._say.clear()
        self._video.setVisible(not is_sound)
        self._mute.setChecked(is_sound)
        self._audio.setMuted(not is_sound)
        self._player.setLoops(1 if is_sound else -1)
        self._player.setSource(QUrl.fromLocalFile(path) if path else QUrl())
        if path:
            self._player.play()

    def toggle(self) -> None:
        """Play when paused, pause when playing."""
        playing = self._player.playbackState() == self._player.PlaybackState.PlayingState
        self._player.pause() if playing else self._player.play()

    def _show_state(self) -> None:
        playing = self._player.playbackState() == self._player.PlaybackState.PlayingState
        self._play.setIcon(self._context.icons.icon("pause" if playing else "play"))

    def _moved(self, place: int) -> None:
        if not self._place.isSliderDown():
            self._place.setValue(int(place))
        seconds = int(place) // 1000
        self._time.setText(f"{seconds // 60}:{seconds % 60:02}")

    def _failed(self, text: str) -> None:
        self._say.setText(
            self.tr("This computer cannot play the file ({0}). Open it with another program.").replace("{0}", text)
        )
