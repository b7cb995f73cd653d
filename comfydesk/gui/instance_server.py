"""The first window's end of the single instance: takes the files of later starts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from comfydesk.base.paths import Home

from .instance import files_of, server_name

_LONGEST_MESSAGE = 1 << 20


class InstanceServer(QObject):
    """`files_arrived(list[str])`: somebody started ComfyDesk again for this home, with these files (maybe none).

    Made only by the process that holds the home's window lock, so a socket that is already there is a dead one.
    """

    files_arrived = Signal(object)

    def __init__(self, home: Home, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        name = server_name(home)
        QLocalServer.removeServer(name)
        self._server.listen(name)
        self._server.newConnection.connect(self._on_connection)

    @property
    def is_listening(self) -> bool:
        return self._server.isListening()

    def close(self) -> None:
        self._server.close()

    def _on_connection(self) -> None:
        while (link := self._server.nextPendingConnection()) is not None:
            link.readyRead.connect(lambda link=link: self._on_message(link))
            link.disconnected.connect(link.deleteLater)
            if link.bytesAvailable():
                self._on_message(link)

    def _on_message(self, link: QLocalSocket) -> None:
        if not link.canReadLine():
            if link.bytesAvailable() > _LONGEST_MESSAGE:
                link.abort()
            return
        line = bytes(link.readLine(_LONGEST_MESSAGE).data())
        link.write(b"ok\n")
        link.flush()
        link.disconnectFromServer()
        self.files_arrived.emit(files_of(line))
