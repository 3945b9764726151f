"""Fictitious data of the gallery. The rows change every ten seconds, so that a live list can be tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MOTIFS = (
    ("M19.05.00", "Fièvre", "Autres affections"),
    ("M12.03.02", "Convulsions avec fièvre chez l’enfant", "Neurologie"),
    ("M19.08.00", "Problème infectieux", "Autres affections"),
    ("M08.01.00", "Douleurs abdominales", "Digestif"),
    ("M05.02.00", "Difficultés respiratoires", "Respiratoire"),
)


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    priority: str
    since: datetime
    target: int
    name: str
    age: str
    place: str
    reason: str
    is_new: bool = False


def rows(*, at: datetime) -> list[Row]:
    step = at.second // 10
    kept = [
        Row(405, "P1", at - timedelta(seconds=232), 300, "MÉSANGE Odette", "83 ans", "Châtellerault", "Dyspnée"),
        Row(391, "P2", at - timedelta(seconds=1067), 900, "LORIOT Inès", "29 ans", "Vivonne", "Douleurs abdominales"),
        Row(398, "P2", at - timedelta(seconds=545), 900, "BERGERONNETTE Paul", "41 ans", "Poitiers", "Plaie"),
        Row(377, "P3", at - timedelta(hours=26), 172_800, "ROUGEGORGE Aline", "66 ans", "Loudun", "Ordonnance"),
    ]
    urgent = Row(412, "P0", at - timedelta(seconds=4), 60, "HÉRON Marcel", "72 ans", "Lusignan", "Douleur", is_new=True)
    return [urgent, *kept] if step in (2, 3) else kept[: 3 if step == 1 else 4]


def motifs(text: str) -> list[tuple[str, str, str]]:
    wanted = text.casefold()
    return [motif for motif in MOTIFS if wanted in motif[1].casefold()]


GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": properties,
        }
        for lon, lat, properties in (
            (0.13, 46.43, {"kind": "zone", "radius_km": 15}),
            (0.13, 46.43, {"kind": "home"}),
            (0.20, 46.47, {"kind": "doctor", "rank": 1, "held": True, "name": "Coulombiers"}),
            (0.16, 46.39, {"kind": "doctor", "rank": 2, "name": "Celle-Lévescault"}),
            (0.26, 46.42, {"kind": "doctor", "rank": 3, "name": "Vivonne"}),
            (0.04, 46.45, {"kind": "referring", "name": "Lusignan"}),
        )
    ],
}
