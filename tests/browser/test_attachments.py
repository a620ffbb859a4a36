"""Files in a real browser: picked, dropped, pasted, taken away again; pictures show and recordings play in the page."""

import base64
import struct
import zlib

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import BOTH

pytestmark = pytest.mark.browser
DROP = """([name, kind, content]) => {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, {type: kind}));
  const about = {dataTransfer: carried, bubbles: true, cancelable: true};
  document.getElementById('description').dispatchEvent(new DragEvent('drop', about));
}"""
PASTE = """([name, kind, content]) => {
  const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, {type: kind}));
  const about = {clipboardData: carried, bubbles: true, cancelable: true};
  document.getElementById('description').dispatchEvent(new ClipboardEvent('paste', about));
}"""

SEEN = """() => Promise.all([...document.querySelectorAll('#files img')].map(
  async image => { await image.decode(); return image.naturalWidth; }))"""
HEARD = """() => new Promise(done => {
  const audio = document.querySelector('#files audio');
  audio.addEventListener('loadedmetadata', () => done(audio.duration));
  audio.addEventListener('error', () => done(-1));
  audio.load();
  audio.preload = 'auto';
})"""


def picture(red: int) -> bytes:
    """A PNG of 240 x 120 pixels of one colour."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((red, 90, 160)) * 240 for _ in range(120))
    head = struct.pack(">IIBBBBB", 240, 120, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def sound() -> bytes:
    """A tenth of a second of silence as WAV."""
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", 800)
    return b"RIFF" + struct.pack("<I", 36 + 800) + head + b"\x80" * 800


@pytest.mark.slow
@pytest.mark.parametrize("locale", BOTH)
def test_files_come_with_a_request_and_show_on_the_case(served, window, locale):
    w = window("agent", locale=locale)
    page = w.page
    w.go("/intake/new")
    page.fill("#description", "移机后光猫 LOS 灯常亮红色，手机和电脑都不能上网。")
    waiting = page.locator("#files-waiting li")
    page.set_input_files("#files", [
        {"name": "光猫指示灯.png", "mimeType": "image/png", "buffer": picture(200)},
        {"name": "来电录音.wav", "mimeType": "audio/wav", "buffer": sound()},
    ])  # fmt: skip
    waiting.nth(1).wait_for()
    page.set_input_files("#files", {"name": "页面.png", "mimeType": "image/png", "buffer": b"<svg onload=x>"})
    page.locator("#files-waiting .field-error", has_text="页面").wait_for()
    w.shot("1-refused")
    page.evaluate(DROP, ["拖入.png", "image/png", base64.b64encode(picture(90)).decode()])
    waiting.nth(2).wait_for()
    page.evaluate(PASTE, ["image.png", "image/png", base64.b64encode(picture(30)).decode()])
    waiting.nth(3).wait_for()
    waiting.nth(2).locator("[data-away]").click()
    expect(waiting).to_have_count(3)
    assert page.input_value("#description").startswith("移机后光猫")
    w.shot("2-waiting")
    page.fill("#contact", "13800130013")
    page.fill("#happened", "今天 08:30 起")
    page.fill("#demand", "今天上门修好")
    page.locator("#intake button[data-submit]").click()
    page.wait_for_url("**/cases/**")
    shown = page.locator("#files img")
    assert shown.count() == 2
    page.locator("#files").scroll_into_view_if_needed()
    assert page.evaluate(SEEN) == [240, 240]
    assert 0.05 < page.evaluate(HEARD) < 0.2
    w.shot("3-case")
    page.keyboard.press("d")
    page.locator("#deed-attach").wait_for()
    page.set_input_files("#deed-attach input[type=file] >> nth=0", {
        "name": "新照片.png", "mimeType": "image/png", "buffer": picture(5)})  # fmt: skip
    page.locator("#deed-attach #files-waiting li").wait_for()
    w.shot("4-deed")
    page.locator("#deed-attach button[data-submit]").click()
    expect(shown).to_have_count(3)
    assert w.fits()
