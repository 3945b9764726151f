"""Rankings as JSON, exactly: what is written is read back equal, for as long as the log is kept.

A value equal to its default is not written, so a field added later does not change old records; for the same reason
the default of an existing field never changes.
"""

import json
import types
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

from quinze.science.charter import Charter, Offer, charter_from_json

from .inputs import RankingInputs, Seat
from .outcome import Proposal, Ranking

JsonObject = dict[str, Any]
PLAIN = frozenset({str, int, float, bool})
OFFER_CODES = {offer: offer.value for offer in Offer}


def inputs_to_json(inputs: RankingInputs) -> JsonObject:
    written: JsonObject = _write(inputs)
    return written


def inputs_from_json(raw: JsonObject) -> RankingInputs:
    inputs: RankingInputs = _record(RankingInputs, raw)
    return inputs


def ranking_to_json(ranking: Ranking) -> JsonObject:
    """Without its inputs: they are stored beside it."""
    written: JsonObject = _write_record(ranking, skip="inputs")
    return written


def ranking_from_json(raw: JsonObject, inputs: RankingInputs) -> Ranking:
    """As it was written; `inputs` are those that were stored beside it."""
    ranking: Ranking = _record(Ranking, raw, inputs=inputs)
    return ranking


def _write(value: Any) -> Any:
    kind: Any = type(value)
    if value is None or kind in PLAIN:
        return value
    return _writer(kind)(value)


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    for known, writer in WRITERS:
        if issubclass(kind, known):
            return writer
    if is_dataclass(kind):
        return _write_record
    raise TypeError(f"{kind.__name__} ne s'écrit pas en JSON")


def _write_record(record: Any, skip: str = "") -> JsonObject:
    """A thousand candidates of thirty fields, nearly all left at their default: identity is tried first."""
    kind: Any = type(record)
    names, values, defaults = _shape(kind)
    written = {}
    for name, value, default in zip(names, values(record), defaults, strict=True):
        if value is not default and value != default and name != skip:
            written[name] = value if type(value) in PLAIN else _write(value)
    return written


@cache
def _shape(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]], tuple[Any, ...]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names), tuple(_default(field) for field in fields(kind))


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _seat_to_json(seat: Seat) -> list[Any]:
    """Thousands of seats per ranking: a row each, instants in seconds since 1970, last columns left out when usual."""
    row = [seat.slot, _stamp(seat.start), _stamp(seat.end), OFFER_CODES[seat.offer], sorted(seat.modalities)]
    if seat.note:
        return [*row, seat.free, seat.plage, seat.note]
    return row if seat.free == 1 and not seat.plage else [*row, seat.free, seat.plage]


def _proposal_to_json(proposal: Proposal) -> JsonObject:
    """As any other record, but there are fifty of them in each ranking."""
    start = proposal.start
    written: JsonObject = {
        "candidate": proposal.candidate, "rank": proposal.rank, "offer": OFFER_CODES[proposal.offer],
        "start": None if start is None else start.isoformat(), "slots": list(proposal.slots),
        "keys": list(proposal.keys), "draw": proposal.draw,
    }  # fmt: skip
    if proposal.others:
        written["others"] = _write(proposal.others)
    return written


def _stamp(instant: datetime) -> int | str:
    return instant.isoformat() if instant.microsecond else int(instant.timestamp())


def _seat_from_json(row: list[Any]) -> Seat:
    slot, start, end, offer, modalities, *rest = row
    return Seat(slot, _stamped(start), _stamped(end), Offer(offer), frozenset(modalities), *rest)


WRITERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Enum, lambda value: value.value),
    (Seat, _seat_to_json),
    (Proposal, _proposal_to_json),
    (Charter, Charter.to_json),
    (frozenset, lambda value: sorted(_write(item) for item in value)),
    (tuple, lambda value: [_write(item) for item in value]),
    (date, lambda value: value.isoformat()),
)


def _stamped(raw: int | str) -> datetime:
    return _instant(raw) if isinstance(raw, str) else datetime.fromtimestamp(raw, UTC)


def _instant(raw: str) -> datetime:
    return datetime.fromisoformat(raw).astimezone(UTC)


def _record(kind: Any, raw: JsonObject, **known: Any) -> Any:
    readers = _readers(kind)
    unknown = raw.keys() - readers.keys()
    if unknown:
        raise ValueError(f"champs inconnus dans {kind.__name__} : {', '.join(sorted(unknown))}")
    return kind(**{name: readers[name](value) for name, value in raw.items()}, **known)


@cache
def _readers(kind: Any) -> dict[str, Callable[[Any], Any]]:
    return {name: _reader(hint) for name, hint in get_type_hints(kind).items()}


def _reader(hint: Any) -> Callable[[Any], Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        inner = _reader(next(argument for argument in arguments if argument is not type(None)))
        return lambda raw: None if raw is None else inner(raw)
    if origin is tuple and arguments[-1] is not Ellipsis:
        parts = [_reader(argument) for argument in arguments]
        return lambda raw: tuple(read(value) for read, value in zip(parts, raw, strict=True))
    if origin in (tuple, frozenset):
        item = _reader(arguments[0])
        return lambda raw: origin(item(value) for value in raw)
    return _plain_reader(hint)


def _plain_reader(kind: Any) -> Callable[[Any], Any]:
    special: dict[Any, Callable[[Any], Any]] = {
        datetime: _instant,
        date: date.fromisoformat,
        Charter: lambda raw: _charter(json.dumps(raw)),
        Seat: _seat_from_json,
        str: _same(str),
        int: _same(int),
        float: _same(float, int),
        bool: _same(bool),
    }
    if kind in special:
        return special[kind]
    if is_dataclass(kind):
        return lambda raw: _record(kind, raw)
    result: Callable[[Any], Any] = kind
    return result


@lru_cache(maxsize=64)
def _charter(text: str) -> Charter:
    """A thousand logs were ranked by the same charter: it is read once."""
    return charter_from_json(json.loads(text))


def _same(*kinds: type) -> Callable[[Any], Any]:
    def read(raw: Any) -> Any:
        if type(raw) not in kinds:
            raise ValueError(f"{raw!r} n'est pas du type attendu")
        return raw

    return read
