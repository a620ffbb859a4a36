"""The ways out of the portal: one mail or one robot's message is handed over, or the reason why not."""

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit

from portal.kernel.config import Smtp
from portal.kernel.errors import Invalid
from portal.notices import connections
from portal.notices.connections import Connect, limited

LONGEST_ANSWER = 16_384
LOOPBACK = ("localhost", "127.0.0.1", "::1")
HOSTS = {
    "wecom": ("qyapi.weixin.qq.com",),
    "dingtalk": ("oapi.dingtalk.com",),
    "feishu": ("open.feishu.cn", "open.larksuite.com"),
}

SIGNING = ("dingtalk", "feishu")


class NotSent(Exception):
    """What a receiver said. `for_good`: trying again is no use; `everybody`: nobody is served there just now."""

    def __init__(self, said: object, *, for_good: bool = False, everybody: bool = False) -> None:
        super().__init__(" ".join(str(said).split())[:200])
        self.for_good = for_good
        self.everybody = everybody


def letter(smtp: Smtp, to: str, message_id: str, at: Any, subject: str, text: str) -> EmailMessage:
    """A plain mail; `message_id` stays the same at every try."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = smtp.sender, to, subject
    made["Date"], made["Message-ID"] = format_datetime(at), message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made


def post_mail(smtp: Smtp, message: EmailMessage, here: str) -> None:
    """Hands one mail over. Raises NotSent."""
    try:
        with limited() as connect:
            server = _connected(smtp, here, connect)
            try:
                server.send_message(message)
            finally:  # what was taken stays taken, however the good-bye ends
                with suppress(OSError, smtplib.SMTPException):
                    server.quit()
                server.close()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise NotSent(f"{code} {_words(words)}", for_good=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        refused = isinstance(error, smtplib.SMTPDataError)
        raise NotSent(
            f"{error.smtp_code} {_words(error.smtp_error)}",
            for_good=refused and error.smtp_code >= 500, everybody=not refused,
        ) from error  # fmt: skip
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"{type(error).__name__} {error}", everybody=True) from error


def _words(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _connected(smtp: Smtp, here: str, connect: Connect) -> smtplib.SMTP:
    """A connection on which mail may be sent; a password goes over an encrypted one, or to this machine."""
    if smtp.user and smtp.tls == "none" and smtp.host not in LOOPBACK:
        raise NotSent("no password without TLS", everybody=True)
    secure = ssl.create_default_context()
    if smtp.tls == "tls":
        server: smtplib.SMTP = connections.Tls(connect, smtp.host, smtp.port, here, secure)
    else:
        server = connections.Plain(connect, smtp.host, smtp.port, here)
    try:
        if smtp.tls == "starttls":
            server.starttls(context=secure)
        if smtp.user:
            server.login(smtp.user, Path(smtp.password_file).read_text(encoding="utf-8").strip())
    except BaseException:
        server.close()
        raise
    return server


def check_address(kind: str, address: str, more_hosts: Iterable[str]) -> None:
    """Refuses an address that is not the robot's own service over https (SSRF).

    Allowed are the service's hosts and those the operator has named (PORTAL_ROBOT_HOSTS, `host` or `host:port`); plain
    http to this machine alone, and only when named. Raises Invalid.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid("robot_address_bad", field="address") from error
    named = {host, f"{host}:{port}"} & set(more_hosts)
    if any(c.isspace() or ord(c) < 32 for c in address) or parts.username is not None or not host:
        raise Invalid("robot_address_bad", field="address")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK and named):
        raise Invalid("robot_address_https", field="address")
    if not named and (host not in HOSTS[kind] or port not in (None, 443)):
        raise Invalid("robot_host_unknown", field="address", hosts=", ".join(HOSTS[kind]))


def robot_body(kind: str, text: str) -> dict[str, Any]:
    """A text message as the service wants it."""
    if kind == "feishu":
        return {"msg_type": "text", "content": {"text": text}}
    return {"msgtype": "text", "text": {"content": text}}


def signed(kind: str, address: str, body: dict[str, Any], secret: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """Address and body with the signature that a robot with a secret asks for (HMAC-SHA256, good for an hour).

    DingTalk: milliseconds, the secret signs "time, line feed, secret", in the address. Feishu: seconds, "time, line
    feed, secret" signs nothing, in the body.
    """
    if not secret or kind not in SIGNING:
        return address, body
    time = str(int(at.timestamp()) * (1000 if kind == "dingtalk" else 1))
    said = f"{time}\n{secret}".encode()
    key, message = (secret.encode(), said) if kind == "dingtalk" else (said, b"")
    sign = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    if kind == "feishu":
        return address, {"timestamp": time, "sign": sign} | body
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'timestamp': time, 'sign': sign})}", body


def post_robot(
    kind: str, address: str, text: str, more_hosts: Iterable[str], *, at: datetime, secret: str = ""
) -> None:
    """Hands one message over; the address is checked anew, as the operator's list may have changed. Raises NotSent."""
    try:
        check_address(kind, address, more_hosts)
    except Invalid as refused:
        raise NotSent(refused.code, everybody=True) from refused
    target, made = signed(kind, address, robot_body(kind, text), secret, at)
    body = json.dumps(made, ensure_ascii=False).encode()
    asked = request.Request(target, body, {"Content-Type": "application/json; charset=utf-8"})
    try:
        with limited() as connect:
            opener = request.build_opener(connections.NoRedirect, connections.Http(connect), connections.Https(connect))
            with opener.open(asked, timeout=connections.TIME_OUT) as answer:
                said = answer.read(LONGEST_ANSWER)
    except HTTPError as error:
        error.close()
        raise NotSent(f"HTTP {error.code}", everybody=True) from error
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise NotSent(f"{type(error).__name__} {getattr(error, 'reason', error)}", everybody=True) from error
    _understand(said)


def _understand(said: bytes) -> None:
    """These services answer 200 also when they refuse: the code inside decides."""
    try:
        told = json.loads(said)
        code = told.get("errcode", told.get("code", told.get("StatusCode")))
    except (ValueError, AttributeError) as error:
        raise NotSent("answer not understood", everybody=True) from error
    if code != 0:
        raise NotSent(f"{code} {told.get('errmsg') or told.get('msg') or ''}", everybody=True)
