"""What kind of picture some bytes are and how large, read from their headers alone: nothing is decoded. Pure."""

import struct
from dataclasses import dataclass

from foundation.errors import InvalidInput

MAX_BYTES = 5 * 1024 * 1024
SMALLEST, LARGEST = 32, 8_000
MOST_PIXELS = 40_000_000


class NotAPicture(InvalidInput):
    code = "not-a-picture"
    message = "Send a JPEG, PNG or WebP picture of at most 5 MB."


class BadDimensions(InvalidInput):
    code = "bad-dimensions"
    message = "A picture is between 32 and 8,000 pixels a side. This one is {width} by {height}."


@dataclass(frozen=True)
class Picture:
    """Kind and size of a picture."""

    kind: str
    width: int
    height: int


def read_picture(data: bytes) -> Picture:
    """Kind and size by magic bytes and header; the name and the type that were sent along do not count.

    Raises:
        NotAPicture, BadDimensions.
    """
    if not data or len(data) > MAX_BYTES:
        raise NotAPicture
    try:
        picture = _png(data) or _jpeg(data) or _webp(data)
    except (struct.error, IndexError) as error:
        raise NotAPicture from error
    if picture is None:
        raise NotAPicture
    sides = (picture.width, picture.height)
    if min(sides) < SMALLEST or max(sides) > LARGEST or picture.width * picture.height > MOST_PIXELS:
        raise BadDimensions(width=picture.width, height=picture.height)
    return picture


def _png(data: bytes) -> Picture | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return Picture("image/png", width, height)


def _jpeg(data: bytes) -> Picture | None:
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    place = 2
    while place + 9 < len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        # Start of frame, whichever coding; C4, C8 and CC are other things.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return Picture("image/jpeg", width, height)
        if marker == 0xDA:
            return None
        place += (
            2 if marker == 0x01 or 0xD0 <= marker <= 0xD9 else 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        )
    return None


def _webp(data: bytes) -> Picture | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    chunk = data[12:16]
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
    if chunk == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return Picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if chunk == b"VP8X":
        return Picture(
            "image/webp", int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        )
    return None
