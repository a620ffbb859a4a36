"""What a file is by its content, what it may be called, what may be shown. Pure."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_NAME = 120
MOST_ENTRIES = 5_000  # files in an office document; more is no document
MOST_UNPACKED = 1024**3  # bytes an office document says it unpacks to; more is a bomb (it is never unpacked here)
MOST_PIXELS = 100_000_000  # a picture larger than this would stop the browser of whoever looks at it
OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX = OFFICE + "spreadsheetml.sheet"
OPEN = "application/vnd.oasis.opendocument."
# type -> endings a name may have; the first one is given to a name that has none of them
ENDINGS = {
    "image/png": ("png",), "image/jpeg": ("jpg", "jpeg", "jfif"), "image/gif": ("gif",), "image/webp": ("webp",),
    "image/heic": ("heic", "heif"), "application/pdf": ("pdf",), "audio/mpeg": ("mp3",), "audio/wav": ("wav",),
    "audio/ogg": ("ogg", "oga", "opus"), "audio/mp4": ("m4a", "mp4"), "audio/amr": ("amr",), "audio/flac": ("flac",),
    "application/msword": ("doc",), "application/vnd.ms-excel": ("xls",), "application/vnd.ms-powerpoint": ("ppt",),
    OFFICE + "wordprocessingml.document": ("docx",), OFFICE + "spreadsheetml.sheet": ("xlsx",),
    OFFICE + "presentationml.presentation": ("pptx",), OPEN + "text": ("odt",), OPEN + "spreadsheet": ("ods",),
    OPEN + "presentation": ("odp",),
}  # fmt: skip
# what a picker of files offers: every accepted ending, and whole families so that phones offer camera and recorder
ACCEPT = ",".join(("image/*", "audio/*", *(f".{end}" for ends in ENDINGS.values() for end in ends)))
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
SOUNDS = ("audio/mpeg", "audio/wav", "audio/ogg", "audio/mp4", "audio/flac")
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"%PDF-", "application/pdf"), (b"ID3", "audio/mpeg"), (b"OggS", "audio/ogg"),
    (b"#!AMR", "audio/amr"), (b"fLaC", "audio/flac"),
)  # fmt: skip
_BRANDS = {b"M4A ": "audio/mp4", b"mp42": "audio/mp4", b"isom": "audio/mp4", b"heic": "image/heic",
           b"heix": "image/heic", b"mif1": "image/heic"}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD = (("WordDocument", "application/msword"), ("Workbook", "application/vnd.ms-excel"),
        ("PowerPoint Document", "application/vnd.ms-powerpoint"))  # fmt: skip
_PARTS = (("word/", OFFICE + "wordprocessingml.document"), ("xl/", OFFICE + "spreadsheetml.sheet"),
          ("ppt/", OFFICE + "presentationml.presentation"))  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """The table of contents of a zip: names, what they say they unpack to, the stored text of `mimetype`."""

    names: tuple[str, ...]
    unpacked: int
    mimetype: str = ""


def type_of(content: bytes, listing: Callable[[], Listing | None]) -> str:
    """The type a content has by its first bytes, of those that are accepted; empty for every other.

    `listing` reads the table of contents, asked for a zip alone.
    """
    for start, found in _STARTS:
        if content.startswith(start):
            return found
    if content[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(content[8:12], "")
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "")
    if len(content) > 2 and content[0] == 0xFF and content[1] in (0xFB, 0xFA, 0xF3, 0xF2):
        return "audio/mpeg"
    if content.startswith(_OLE):
        return next((kind for name, kind in _OLD if name.encode("utf-16-le") in content), "")
    return _document(listing()) if content.startswith(b"PK\x03\x04") else ""


def _document(listing: Listing | None) -> str:
    """The kind of office document a zip is; empty for any other zip, one with macros and one that is a bomb."""
    if listing is None or len(listing.names) > MOST_ENTRIES or listing.unpacked > MOST_UNPACKED:
        return ""
    if listing.mimetype:
        return listing.mimetype if listing.mimetype in ENDINGS else ""
    if "[Content_Types].xml" not in listing.names or any("vbaProject" in name for name in listing.names):
        return ""
    return next((kind for part, kind in _PARTS if any(name.startswith(part) for name in listing.names)), "")


def pixels(content: bytes, kind: str) -> int:
    """How many pixels a picture says it has; 0 where its head does not say."""
    if kind == "image/png":
        return int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")
    if kind == "image/gif":
        return int.from_bytes(content[6:8], "little") * int.from_bytes(content[8:10], "little")
    if kind == "image/webp" and content[12:16] == b"VP8X":
        return (int.from_bytes(content[24:27], "little") + 1) * (int.from_bytes(content[27:30], "little") + 1)
    if kind == "image/jpeg":
        return _jpeg_pixels(content)
    return 0


def _jpeg_pixels(content: bytes) -> int:
    """Follows the segments of a JPEG to the one that says its size."""
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[at + 5 : at + 7], "big") * int.from_bytes(content[at + 7 : at + 9], "big")
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0


def called(name: str, kind: str, default: str = "file") -> str:
    """A name that is only a name: no path, no control or direction signs, at most 120 characters, a fitting ending."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(" " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    plain = " ".join(re.sub(r'[<>:"|?*]', "_", plain).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot or ending.lower() not in ENDINGS[kind]:
        stem, ending = plain, ENDINGS[kind][0]
    return f"{stem[: LONGEST_NAME - len(ending) - 1].strip() or default}.{ending}"
