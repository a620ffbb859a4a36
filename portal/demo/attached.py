"""What requests bring with them: pictures and recordings drawn here, voicemails of last night, dispatch rules."""

import io
import math
import struct
import zlib
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.attachments import actions as files
from portal.attachments.taking import Taken, take
from portal.cases.models import Case
from portal.demo.play import Stage
from portal.identity import queries as people
from portal.identity import skills
from portal.identity.actor import SYSTEM
from portal.intake import busy_actions, dispatch_actions, voicemail_actions
from portal.kernel.db import db

PICTURES = 6
NAMES = ("光猫指示灯.png", "测速截图.png", "账单页面.png")
CALLS = (("13900130021", 11), ("13700130058", 9), ("057188213000", 2))  # who, hours before
RULES = (
    ("专线报障", {"words": ["专线"]}, "tech", "least", "专线"),
    ("断网报修", {"channel": ["app", "web", "chat"], "words": ["断网", "不能上网", "掉线"]}, "tech", "least", ""),
    ("退款与扣费", {"words": ["退款", "扣费", "账单"]}, "business", "queue", ""),
)
SKILLS = {"gaofei": "专线，英语", "limin": "英语", "wanglina": "账务"}


def brought(stage: Stage) -> None:
    """Puts all of it in. Call inside transaction()."""
    now = stage.as_of
    for login, said in SKILLS.items():
        skills.set_skills(SYSTEM, now, people.person(stage.people[login].id), said)
    for name, conditions, unit, to, skill in RULES:
        place = stage.units[unit]
        dispatch_actions.add(SYSTEM, now, name=name, conditions=conditions, unit_id=place, to=to, skill=skill)
    voicemail_actions.set_hotline(SYSTEM, now, code="10000", name="客户服务热线", calendar="cn-business")
    begin = now - timedelta(days=1, minutes=now.minute, seconds=now.second)
    busy_actions.declare_busy(
        stage.people["zhoujianguo"], now, hotline="10000", begin=begin, end=begin + timedelta(minutes=35),
        words="短信通知发出后来电激增",
    )  # fmt: skip
    busy_actions.type_call(
        stage.people["zhoujianguo"], now, key="demo", hotline="10000", offered=begin + timedelta(minutes=5), wait=48,
        talk=190, busy=True,
    )  # fmt: skip
    for n, (caller, hours) in enumerate(CALLS):
        recording = _taken(sound(2 + n), "语音留言.wav")
        received = now - timedelta(hours=hours)
        voicemail_actions.put_in(
            SYSTEM, now, hotline="10000", caller=caller, received=received, recording=recording
        )  # fmt: skip
    _attached(now)


def _attached(now: datetime) -> None:
    """A picture each for the newest open cases, as their last entry."""
    newest = select(Case).where(Case.open, Case.entry_at < now - timedelta(minutes=5)).order_by(Case.id.desc())
    for n, case in enumerate(db.session.scalars(newest.limit(PICTURES)).all()):
        at = case.entry_at + timedelta(minutes=1)
        form = f"case:{case.id}"
        files.put_down(SYSTEM, at, form, _taken(picture(n), NAMES[n % len(NAMES)]))
        files.attach(SYSTEM, at, case, form)


def _taken(content: bytes, name: str) -> Taken:
    return take(io.BytesIO(content), name)


def picture(seed: int) -> bytes:
    """A small PNG: a panel with four lamps, one of them red."""
    width, height, lamp = 320, 160, seed % 4
    rows = []
    for y in range(height):
        row = bytearray((46, 52, 60) * width)
        for n in range(4):
            left = 30 + n * 70
            if 60 <= y < 90:
                row[left * 3 : (left + 40) * 3] = bytes((214, 60, 50) if n == lamp else (70, 180, 90)) * 40
        rows.append(b"\0" + bytes(row))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    made = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def sound(seconds: int) -> bytes:
    """A quiet tone as WAV, 4000 samples a second."""
    rate = 4000
    samples = bytes(128 + round(24 * math.sin(n * 0.35)) for n in range(rate * seconds))
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate, 1, 8) + b"data"
    return b"RIFF" + struct.pack("<I", 36 + len(samples)) + head + struct.pack("<I", len(samples)) + samples
