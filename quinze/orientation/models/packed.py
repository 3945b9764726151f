"""A large JSON document that nobody queries inside: packed by the writer, ten times less to send, parse and store."""

from typing import Any

import numpy as np
import orjson
from django.db import models
from isal import isal_zlib

LEVEL = 1  # of 3, for a library that takes a quarter of the time of zlib to write the same format


def pack(document: Any) -> bytes:
    """`document` may hold columns of numbers as numpy arrays."""
    return isal_zlib.compress(orjson.dumps(document, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY), LEVEL)


def _plain(value: Any) -> Any:
    """What the writer leaves: rows with names, and arrays that are not contiguous."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} ne s’écrit pas en JSON")


def unpack(packed: bytes | memoryview) -> Any:
    return orjson.loads(isal_zlib.decompress(packed))


class PackedJSONField(models.BinaryField):  # type: ignore[type-arg]  # generic for the type checker only
    """Read and written as the document; kept as zlib of compact JSON, readable by any tool in thirty years."""

    def from_db_value(self, value: bytes | memoryview | None, *_: Any) -> Any:
        return None if value is None else unpack(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        packed = None if value is None else pack(value)
        return super().get_db_prep_value(packed, connection, prepared)
