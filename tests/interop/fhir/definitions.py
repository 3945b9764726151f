"""The definitions of a FHIR package, read as trees of elements: what each element asks, its children, its slices.

Made for the tests: they judge what Quinze emits by the snapshots of the official packages, never by its own code.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ORDINAL_SPECIALTIES = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
# Value sets of packages that are not given: what is known of them is the system their codes come from.
WHOLE_SYSTEMS = {"http://interopsante.org/fhir/ValueSet/fr-practitioner-specialty": ORDINAL_SPECIALTIES}
# A value set given by a filter over a system that is not: its codes, from HL7's own page of ActEncounterCode.
ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ENCOUNTERS = ("AMB", "EMER", "FLD", "HH", "IMP", "ACUTE", "NONAC", "OBSENC", "PRENC", "SS", "VR")
LISTED_SETS = {"http://terminology.hl7.org/ValueSet/v3-ActEncounterCode": frozenset((ACT_CODES, c) for c in ENCOUNTERS)}
# Data types of packages that are not given: what they ask beyond the base type.
ASKED_BY_TYPE = {"http://interopsante.org/fhir/StructureDefinition/FrContactPoint": ("system", "value")}


@dataclass(frozen=True)
class Kind:
    """One type an element may have."""

    code: str
    profiles: tuple[str, ...]
    targets: tuple[str, ...]
    aggregation: tuple[str, ...]


@dataclass
class Element:
    """One line of a snapshot, with those below it."""

    raw: Json
    name: str
    children: dict[str, "Element"] = field(default_factory=dict)
    slices: dict[str, "Element"] = field(default_factory=dict)

    @cached_property
    def at_least(self) -> int:
        return int(self.raw["min"])

    @cached_property
    def at_most(self) -> int | None:
        return None if self.raw["max"] == "*" else int(self.raw["max"])

    @cached_property
    def repeats(self) -> bool:
        """A list in JSON: decided by the base definition, a profile that allows one keeps the list."""
        return bool(self.raw.get("base", self.raw)["max"] not in {"0", "1"})

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(
            Kind(
                one["code"],
                tuple(one.get("profile", ())),
                tuple(one.get("targetProfile", ())),
                tuple(one.get("aggregation", ())),
            )
            for one in self.raw.get("type", ())
        )

    @cached_property
    def fixed(self) -> Any:
        return next((value for key, value in self.raw.items() if key.startswith("fixed")), None)

    @cached_property
    def pattern(self) -> Any:
        return next((value for key, value in self.raw.items() if key.startswith("pattern")), None)

    @cached_property
    def value_set(self) -> str | None:
        """The value set an element must draw from; none when the binding only advises."""
        binding = self.raw.get("binding", {})
        return str(binding.get("valueSet")).split("|")[0] if binding.get("strength") == "required" else None

    @cached_property
    def invariants(self) -> tuple[str, ...]:
        return tuple(one["key"] for one in self.raw.get("constraint", ()) if one["severity"] == "error")

    @cached_property
    def discriminators(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """How a value finds its slice: (value | pattern | type | profile | exists, path)."""
        found = self.raw.get("slicing", {}).get("discriminator", ())
        return tuple((one["type"], tuple(() if one["path"] == "$this" else one["path"].split("."))) for one in found)

    @cached_property
    def closed(self) -> bool:
        return bool(self.raw.get("slicing", {}).get("rules") == "closed")


class Definitions:
    """Everything known of one version: profiles, base types, value sets."""

    def __init__(self, *folders: Path) -> None:
        self.structures: dict[str, Json] = {}
        self.base: dict[str, str] = {}
        self._sets: dict[str, Json] = {}
        self._systems: dict[str, Json] = {}
        self._trees: dict[str, Element] = {}
        self._expansions: dict[str, frozenset[tuple[str, str]] | None] = {**LISTED_SETS}
        for path in (path for folder in folders for path in sorted(folder.glob("*-*.json"))):
            self._keep(json.loads(path.read_text(encoding="utf-8")))

    def _keep(self, resource: Json) -> None:
        match resource.get("resourceType"):
            case "StructureDefinition":
                self.structures[resource["url"]] = resource
                if resource.get("derivation") != "constraint":
                    self.base[resource["type"]] = resource["url"]
            case "ValueSet":
                self._sets[resource["url"]] = resource
            case "CodeSystem":
                self._systems[resource["url"]] = resource

    # ---- structures

    def tree(self, url: str) -> Element:
        """The root element of a profile or base type."""
        if url not in self._trees:
            self._trees[url] = _grown(self.structures[url])
        return self._trees[url]

    def children(self, element: Element, code: str) -> dict[str, Element]:
        """Those of the snapshot; where it stops, those of the base type."""
        if element.children:
            return element.children
        return self.tree(self.base[code]).children if code in self.base else {}

    # ---- terminology

    def holds(self, url: str, value: Any) -> bool | None:
        """Whether a code, coding or concept belongs to a value set; None where the set is not known here."""
        codings = [value] if isinstance(value, str) else _codings(value)
        if url in WHOLE_SYSTEMS:
            return any(isinstance(one, dict) and one.get("system") == WHOLE_SYSTEMS[url] for one in codings)
        if url not in self._expansions:
            self._expansions[url] = self._expanded(self._sets.get(url))
        known = self._expansions[url]
        if known is None:
            return None
        if isinstance(value, str):
            return any(code == value for _, code in known)
        return any(isinstance(one, dict) and (one.get("system"), one.get("code")) in known for one in codings)

    def _expanded(self, value_set: Json | None) -> frozenset[tuple[str, str]] | None:
        composed = (value_set or {}).get("compose", {})
        if not composed.get("include") or composed.get("exclude"):
            return None
        found: set[tuple[str, str]] = set()
        for part in composed["include"]:
            codes = self._codes(part)
            if codes is None:
                return None
            found.update((part["system"], code) for code in codes)
        return frozenset(found)

    def _codes(self, part: Json) -> list[str] | None:
        if part.get("filter") or part.get("valueSet") or not part.get("system"):
            return None
        if part.get("concept"):
            return [one["code"] for one in part["concept"]]
        system = self._systems.get(part["system"], {})
        return list(_below(system)) if system.get("content") == "complete" else None


def _codings(value: Json) -> list[Any]:
    return list(value.get("coding", ())) if {"coding", "text"} & value.keys() else [value]


def _below(concept: Json) -> Iterator[str]:
    for one in concept.get("concept", ()):
        yield one["code"]
        yield from _below(one)


def _grown(structure: Json) -> Element:
    """The list of a snapshot as a tree: its ids say the parent (before the last dot) and the slice (after a colon)."""
    found: dict[str, Element] = {}
    for raw in structure["snapshot"]["element"]:
        parent_id, _, last = raw["id"].rpartition(".")
        name, _, slice_name = last.partition(":")
        element = found[raw["id"]] = Element(raw, name)
        parent = found.get(parent_id)
        if parent is None:
            continue
        if slice_name:
            whole = parent.children.setdefault(name, Element({**raw, "min": 0}, name))
            whole.slices[slice_name] = element
        else:
            parent.children[name] = element
    for element in found.values():
        if reference := element.raw.get("contentReference"):
            element.children = found[reference.partition("#")[2]].children
    return found[structure["type"]]
