"""SMURSAMU files for tests: the columns that are read, among others."""

from collections.abc import Mapping

HEAD = "BOR;AN;FI;RS;SAMU;APP;APR15;APD;APMIN;DR;DRM;DRMLIB;HMR;HMRAMU;HMRAM;ARM;CAR"
POITIERS: dict[str, object] = {
    "FI": "860000017", "RS": "CHU DE POITIERS", "SAMU": 1, "APP": 180_000, "APR15": 6_000, "APD": 172_000,
    "APMIN": 160_000, "DR": 110_000, "DRM": 85_000, "DRMLIB": 35_000, "HMR": 340, "HMRAMU": 170, "HMRAM": 170,
    "ARM": 672,
}  # fmt: skip


def file_of(*rows: Mapping[str, object], year: int = 2023) -> bytes:
    lines = []
    for row in rows:
        whole: dict[str, object] = {"BOR": "SMURSAMU", "AN": year, "CAR": "", **row}
        lines.append(";".join(str(whole.get(column, "")) for column in HEAD.split(";")))
    return "\n".join([HEAD, *lines, ""]).encode("iso-8859-15")


def france(count: int = 5) -> list[dict[str, object]]:
    """Centres of growing size, the one of Poitiers first."""
    figures = ("APP", "APR15", "APD", "APMIN", "DR", "ARM")
    others = [
        POITIERS
        | {"FI": f"{40 + n:02d}0000017", "RS": f"CH N° {n}, À L'ÉCART"}
        | {name: round(int(str(POITIERS[name])) * (1 + 0.3 * n)) for name in figures}
        for n in range(1, count)
    ]
    return [POITIERS, *others]
