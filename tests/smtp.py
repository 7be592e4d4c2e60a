"""A mail server for tests, which answers each address as the test says: `with MailServer() as server: ...`"""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from types import TracebackType
from typing import cast

from django.test import override_settings

HANGS_UP = "hangs up"


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("Listener", self.server).mail
        server.calls += 1
        self.say("220 here")
        to = ""
        while line := self.rfile.readline().decode():
            verb = line[:4].upper().strip()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "RCPT":
                to = line[line.index("<") + 1 : line.index(">")]
                if (answer := server.answers.get(to, "250 ok")) == HANGS_UP:
                    server.open = server.open and server.comes_back
                    return
                self.say(answer)
            elif verb == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                server.got.append((to, message_from_bytes(b"".join(lines))))
                self.say("250 taken")
            else:
                self.say("250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    mail: MailServer

    def verify_request(self, request: object, address: object) -> bool:
        return self.mail.open


class MailServer:
    """`answers`: by address, what RCPT is answered. `got`: what was taken. `calls`: how often somebody came."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.got: list[tuple[str, Message]] = []
        self.calls = 0
        self.open = self.comes_back = True

    def __enter__(self) -> MailServer:
        self.listener = Listener(("127.0.0.1", 0), Conversation)
        self.listener.mail = self
        threading.Thread(target=self.listener.serve_forever, args=(0.01,), daemon=True).start()
        self.settings = override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=self.listener.server_address[1],
        )
        self.settings.enable()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.settings.disable()
        self.listener.shutdown()
        self.listener.server_close()

    @property
    def written_to(self) -> list[str]:
        return [to for to, _ in self.got]
