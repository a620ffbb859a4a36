"""Why something could not be sent, in words: what receivers and the network answered, as the outbox keeps it."""

import re

from flask_babel import lazy_gettext as _l

from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term

# beginnings and pieces of what is kept, the more particular first; the first that fits gives the words
KINDS = (
    (r"PORTAL_SMTP_HOST", "no_mail_server"),
    (r"no password without TLS", "no_tls"),
    (r"CERTIFICATE|certificate", "certificate"),
    (r"SSL|NotSupported", "encryption"),
    (r"TimeoutError|timed out", "timeout"),
    (r"gaierror|Name or service not known|name resolution|getaddrinfo", "unknown_host"),
    (r"refused", "refused"),
    (r"Disconnected|ConnectionReset|BrokenPipe|Connection(Aborted)?Error|IncompleteRead|unexpectedly closed", "broken"),
    (r"unreachable|No route", "unreachable"),
    (r"FileNotFound|PermissionError|IsADirectory", "password_file"),
    (r"answer not understood", "not_understood"),
)
TERMS = {
    "failure.no_mail_server": _l("No mail server is set (PORTAL_SMTP_HOST)."),
    "failure.no_tls": _l("A password is not sent over a connection that is not encrypted."),
    "failure.certificate": _l("The receiver's certificate is not valid."),
    "failure.encryption": _l("No encrypted connection could be agreed on."),
    "failure.timeout": _l("The receiver did not answer in time."),
    "failure.unknown_host": _l("The receiver's address is not known to the network."),
    "failure.refused": _l("The receiver takes no connection."),
    "failure.broken": _l("The connection broke off before the receiver took it."),
    "failure.unreachable": _l("The network leads to no receiver."),
    "failure.password_file": _l("The file with the mail password cannot be read."),
    "failure.not_understood": _l("The receiver answered something that is no answer of this service."),
    "failure.other": _l("It could not be handed over."),
}


def in_words(said: str) -> str:
    """What the outbox keeps of a failure, in the reader's language; empty for nothing."""
    if not said:
        return ""
    if said.startswith("robot_"):
        return term(f"said.{said}")
    http = re.match(r"HTTP (\d{3})\b", said)
    if http:
        return _("The receiver answered with HTTP %(code)s.", code=http[1])
    if re.match(r"-?\d+\b", said):
        return _("The receiver refused it: %(said)s", said=said)
    return term(f"failure.{next((kind for pattern, kind in KINDS if re.search(pattern, said)), 'other')}")


def raw(said: str) -> str:
    """What was kept, where the words do not hold it already: for whoever looks further."""
    return "" if not said or said.startswith("robot_") or re.match(r"-?\d+\b", said) else said
