"""IN2, F-52, F-54: a file is what its content says, and is called by a name alone."""

import io
import struct
import zipfile

import pytest

from portal.attachments import rules
from portal.attachments.rules import Listing

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 2, 3) + b"\x08\x02"
JPEG = b"\xff\xd8\xff\xe0\x00\x04xx\xff\xc0\x00\x11\x08" + struct.pack(">HH", 70, 90) + b"\x03" * 20
DOCX = Listing(("[Content_Types].xml", "word/document.xml"), 1000)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"), (JPEG, "image/jpeg"), (b"GIF89a....", "image/gif"), (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"RIFF....WAVEfmt ", "audio/wav"), (b"%PDF-1.7\n", "application/pdf"), (b"ID3\x04", "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypM4A isom", "audio/mp4"), (b"#!AMR\n", "audio/amr"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", ""), (b"<html><script>1</script>", ""),
        (b"  \xff\xd8\xff", ""), (b"MZ\x90", ""), (b"#!/bin/sh", ""), (b"just text", ""), (b"", ""),
        (b"RIFF....AVI ", ""),
    ],
)  # fmt: skip
def test_the_content_says_what_it_is(content, kind):
    assert rules.type_of(content, lambda: None) == kind


@pytest.mark.parametrize(
    ("listing", "kind"),
    [
        (DOCX, rules.OFFICE + "wordprocessingml.document"),
        (Listing(("[Content_Types].xml", "xl/workbook.xml"), 9), rules.OFFICE + "spreadsheetml.sheet"),
        (Listing(("mimetype", "content.xml"), 9, rules.OPEN + "text"), rules.OPEN + "text"),
        (Listing(("mimetype",), 9, "text/html"), ""), (Listing(("a.txt",), 9), ""), (None, ""),
        (Listing((*DOCX.names, "word/vbaProject.bin"), 9), ""), (Listing(DOCX.names, 4 * 1024**3), ""),
        (Listing((*DOCX.names, *map(str, range(100_000))), 9), ""),
    ],
)  # fmt: skip
def test_a_zip_is_an_office_document_or_refused(listing, kind):
    assert rules.type_of(b"PK\x03\x04", lambda: listing) == kind


def test_an_old_document_is_known_by_its_streams():
    head = rules._OLE + b"\0" * 99
    assert rules.type_of(head + "Workbook".encode("utf-16-le"), lambda: None) == "application/vnd.ms-excel"
    assert rules.type_of(head, lambda: None) == ""


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("屏幕 截图.png", "屏幕 截图.png"), ("../../etc/passwd", "passwd.png"), ("C:\\Users\\x\\光猫.PNG", "光猫.PNG"),
        ("a\r\nSet-Cookie: x.png", "a Set-Cookie_ x.png"), ("照片\u202egnp.exe", "照片gnp.exe.png"), ("", "file.png"),
        ("...", "file.png"), ('a"b<c>.png', "a_b_c_.png"), ("x\0y.png", "xy.png"), ("page.html", "page.html.png"),
    ],
)  # fmt: skip
def test_a_name_is_only_a_name(name, plain):
    assert rules.called(name, "image/png") == plain


def test_a_long_name_keeps_its_ending():
    found = rules.called("长" * 300 + ".png", "image/png")
    assert len(found) == rules.LONGEST_NAME
    assert found.endswith("长.png")


def test_pictures_say_their_pixels():
    assert rules.pixels(PNG, "image/png") == 6
    assert rules.pixels(JPEG, "image/jpeg") == 6300
    assert rules.pixels(b"GIF89a" + struct.pack("<HH", 5, 4), "image/gif") == 20
    assert rules.pixels(b"\xff\xd8", "image/jpeg") == 0


def zipped(**members: bytes) -> bytes:
    """A zip with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_the_picker_offers_what_is_accepted(app, staff, signed_in):
    page = signed_in(staff["agent"]).get("/intake/new").text
    offered = page.split('name="files" multiple accept="')[1].split('"')[0].split(",")
    assert set(offered) == {"image/*", "audio/*"} | {f".{end}" for ends in rules.ENDINGS.values() for end in ends}
