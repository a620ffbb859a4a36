"""What the operator says by environment, and what the doctor says of sending."""

from datetime import timedelta

import pytest

from portal.jobs.deliver import deliver
from portal.jobs.doctor import examine
from portal.kernel.config import smtp_of
from portal.notices import ways
from portal.notices.ways import NotSent
from tests.builders import NINE
from tests.notices.test_delivery import news

MAIL = {"PORTAL_SMTP_HOST": "mail.example.com", "PORTAL_MAIL_FROM": "portal@example.com"}


def test_mail_is_starttls_unless_said():
    assert smtp_of({}) is None
    found = smtp_of(MAIL)
    assert (found.port, found.tls, found.user) == (587, "starttls", "")
    assert smtp_of(MAIL | {"PORTAL_SMTP_TLS": "tls"}).port == 465
    assert smtp_of(MAIL | {"PORTAL_SMTP_PORT": "2525"}).port == 2525


@pytest.mark.parametrize("bad", [{"PORTAL_SMTP_TLS": "ssl"}, {"PORTAL_MAIL_FROM": ""}, {"PORTAL_SMTP_PORT": "x"}])
def test_settings_that_cannot_work_are_refused_at_the_start(bad):
    with pytest.raises(ValueError, match=r"PORTAL_|invalid literal"):
        smtp_of(MAIL | bad)


def test_a_password_goes_over_an_encrypted_connection_alone():
    smtp = smtp_of(MAIL | {"PORTAL_SMTP_TLS": "none", "PORTAL_SMTP_USER": "portal"})
    made = ways.letter(smtp, "a@example.com", "<1@x>", NINE, "x", "y")
    with pytest.raises(NotSent, match="no password without TLS"):
        ways.post_mail(smtp, made, "portal.example.com")


def test_a_header_takes_no_second_line():
    with pytest.raises(ValueError, match="linefeed"):
        ways.letter(smtp_of(MAIL), "a@example.com", "<1@x>", NINE, "x\r\nBcc: b@example.com", "y")


def test_the_doctor_warns_of_what_was_given_up(app, at, staff, post, wants):
    def sending():
        return next(found for found in examine(NINE + timedelta(days=1)) if found.name == "sending")

    assert sending().state == "ok"
    wants(staff["handler"])
    news([staff["handler"]])
    assert sending().state == "warn"  # nobody has sent it for a day
    post.does = "refuse"
    deliver(NINE)
    assert (sending().state, "mail: 1 given up, 0 waiting" in sending().words) == ("warn", True)
