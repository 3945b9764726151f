"""Where things are on this machine. Imported before Django, and by programs that do without it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("QUINZE_VAR") or ROOT / "var").resolve()
