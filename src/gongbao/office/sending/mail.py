"""Handing rows to an SMTP server over one connection, and what became of each by the server's own answer.

A mail counts as sent when the server has answered its last line with 250. Lost between that line and the answer, nobody
can know: `unclear`. Lost before it, the mail was not taken, and is tried again.
"""

from __future__ import annotations

import base64
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from gongbao.office import clock
from gongbao.office.cases import files
from gongbao.office.sending.messages import token
from gongbao.office.sending.models import FAILED, QUEUED, SENT, UNCLEAR, Message, Recipient
from gongbao.office.sending.outcome import Down, Hand, Outcome

POLICY = SMTP.clone(cte_type="7bit")  # so that no server needs 8BITMIME


@contextmanager
def connection() -> Iterator[Hand]:
    """One connection by the office's settings. Down where the server does not take it (or the password)."""
    backend = EmailBackend(fail_silently=False, timeout=settings.EMAIL_TIMEOUT)
    try:
        backend.open()
    except (OSError, smtplib.SMTPException) as error:
        raise Down(f"邮件服务器 {settings.EMAIL_HOST}:{settings.EMAIL_PORT} 连不上：{said(error)}") from error
    shells: dict[int, bytes] = {}

    def hand(row: Recipient) -> Outcome:
        if row.message.pk not in shells:
            shells[row.message.pk] = shell(row.message)
        return deliver(backend.connection, row, letter(row, shells[row.message.pk]))

    try:
        yield hand
    finally:
        backend.fail_silently = True  # a connection that is gone already
        backend.close()


# What differs from address to address, as it stands in the shell. The text's place is found by its own base64.
_TO, _ID, _TEXT = "to@gongbao.invalid", "<id@gongbao.invalid>", "gongbao-text-of-the-row"
_TEXT_CODED = base64.encodebytes(f"{_TEXT}\r\n".encode()).strip() + b"\r\n"


def shell(message: Message) -> bytes:
    """The mail of a message with all that is the same for everybody, files included: built once a connection."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = settings.DEFAULT_FROM_EMAIL
    mail["To"] = _TO
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(clock.machine_now())
    mail["Message-ID"] = _ID
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_TEXT, cte="base64")
    for reference in message.files:
        digest, _, name = reference.partition("/")
        kind, _, sub = files.KINDS.get("." + name.rpartition(".")[2].lower(), "application/octet-stream").partition("/")
        content = files.path_of(digest).read_bytes()
        mail.add_attachment(content, maintype=kind, subtype=sub.partition(";")[0], filename=name)
    return mail.as_bytes()


def letter(row: Recipient, made: bytes) -> bytes:
    """The mail of one row: the shell with its address, its Message-ID, and the text with its receipt link."""
    words = receipt_words(row)
    text = f"{row.message.body}\n\n{words}\n" if words else f"{row.message.body}\n"
    coded = base64.encodebytes(text.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")
    made = made.replace(_TEXT_CODED, coded, 1)
    return made.replace(_TO.encode(), row.address.encode(), 1).replace(_ID.encode(), row.mail_id.encode(), 1)


def receipt_words(row: Recipient) -> str:
    address = row.message.address
    return f"收到后请点开此页确认（只须点一次）：{address}/warnings/received/{token(row.pk)}/" if address else ""


def deliver(smtp: smtplib.SMTP, row: Recipient, content: bytes) -> Outcome:
    """One mail over an open connection. Down where the connection is lost before the server could have taken it."""
    sender = settings.DEFAULT_FROM_EMAIL
    try:
        smtp.ehlo_or_helo_if_needed()
        code, answer = smtp.mail(sender)
        if code != 250:
            raise Down(f"邮件服务器不收发件人 {sender}：{code} {_text(answer)}")
        code, answer = smtp.rcpt(row.address)
        if code not in (250, 251):
            smtp.rset()
            return refusal(code, answer)
        code, answer = smtp.docmd("data")
        if code != 354:
            smtp.rset()
            return refusal(code, answer)
    except (OSError, smtplib.SMTPException) as error:
        raise Down(f"邮件服务器中断了连接：{said(error)}") from error
    try:
        smtp.send(_stuffed(content))
        code, answer = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(UNCLEAR, f"交出后没有得到答复：{said(error)}", lost=True)
    return Outcome(SENT) if code == 250 else refusal(code, answer)


def _stuffed(content: bytes) -> bytes:
    """The content as DATA carries it: lines that begin with a dot have two, and a dot alone ends it."""
    text = b"\r\n" + content
    return text.replace(b"\r\n.", b"\r\n..")[2:].removesuffix(b"\r\n") + b"\r\n.\r\n"


def refusal(code: int, answer: bytes) -> Outcome:
    """4xx: again later (421: the server closes). 5xx: this address is not served."""
    words = f"{code} {_text(answer)}"[:280]
    if code == 421:
        raise Down(f"邮件服务器暂停服务：{words}")
    return Outcome(QUEUED if 400 <= code < 500 else FAILED, words)


def said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"[:200]
    return str(error)[:200] or type(error).__name__


def _text(answer: bytes | str) -> str:
    return answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
