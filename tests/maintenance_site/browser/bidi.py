"""A client of WebDriver BiDi: commands and their results over one WebSocket.

https://www.w3.org/TR/webdriver-bidi/
"""

import json
import socket
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, Request, TextMessage

Message = dict[str, Any]
_LIMIT_SECONDS = 60


class BiDiError(RuntimeError):
    """The browser refused a command, or closed the connection."""


class BiDi:
    """One session; `events` holds what the browser reported since it was last emptied."""

    def __init__(self, port: int) -> None:
        self.events: list[Message] = []
        self._text = ""
        self._last = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_LIMIT_SECONDS)
        self._websocket = WSConnection(ConnectionType.CLIENT)
        self._socket.sendall(self._websocket.send(Request(host=f"127.0.0.1:{port}", target="/session")))
        self._messages: list[Message] = []
        self._is_open = False
        while not self._is_open:
            self._receive()

    def command(self, method: str, **parameters: Any) -> Message:
        """Return the result of a command.

        Raises:
            BiDiError: the browser answered with an error.
        """
        self._last += 1
        message = {"id": self._last, "method": method, "params": parameters}
        self._socket.sendall(self._websocket.send(TextMessage(data=json.dumps(message))))
        while True:
            while self._messages:
                answer = self._messages.pop(0)
                if answer.get("id") == self._last:
                    if answer["type"] == "error":
                        raise BiDiError(f"{method}: {answer['error']}: {answer['message']}")
                    result: Message = answer["result"]
                    return result
                self.events.append(answer)
            self._receive()

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> None:
        data = self._socket.recv(65_536)
        if not data:
            raise BiDiError("the browser closed the connection")
        self._websocket.receive_data(data)
        for event in self._websocket.events():
            if isinstance(event, AcceptConnection):
                self._is_open = True
            elif isinstance(event, Ping):
                self._socket.sendall(self._websocket.send(event.response()))
            elif isinstance(event, CloseConnection):
                raise BiDiError("the browser closed the session")
            elif isinstance(event, TextMessage):
                self._text += event.data
                if event.message_finished:
                    self._messages.append(json.loads(self._text))
                    self._text = ""
