"""A real SMTP server for tests and measurements: aiosmtpd on a port of its own, which keeps what it took and can misbehave."""

from __future__ import annotations

import email
import email.policy
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Post:
    """What the server took, in order; `at_rcpt` and `at_data` may answer for it (None: as usual)."""

    port: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)  # (address, Message-ID)
    last: bytes = b""
    connections: int = 0
    at_rcpt: Callable[[str], str | None] = lambda address: None
    at_data: Callable[[str], str | None] = lambda address: None

    @property
    def times(self) -> Counter[str]:
        return Counter(address for address, _ in self.taken)

    @property
    def mail(self) -> EmailMessage:
        """The last mail taken."""
        return email.message_from_bytes(self.last, policy=email.policy.default)  # type: ignore[return-value]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        refused = self.at_rcpt(address)
        if refused is not None:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        address = envelope.rcpt_tos[0]
        self.last = envelope.content
        answer = self.at_data(address)
        if answer is None or answer == "lost":  # lost: taken, and nobody hears of it
            head = envelope.content[:4000].decode("ascii", "replace")
            mail_id = next((line[12:] for line in head.splitlines() if line.lower().startswith("message-id: ")), "")
            self.taken.append((address, mail_id))
        if answer == "lost":
            server.transport.abort()
            return "250 lost"
        return answer or "250 OK"


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@contextmanager
def serving(port: int | None = None, post: Post | None = None):
    post = post or Post()
    post.port = port or free_port()
    controller = Controller(post, hostname="127.0.0.1", port=post.port)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
