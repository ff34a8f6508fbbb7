"""The widget as one script: its modules joined in order, each `import` and `export` taken off.

The modules are written so that this is all it takes: one-line imports, no name used twice. The result runs
in one function, so nothing of it is seen by the page.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "widget"
MODULES = (
    "words",
    "options",
    "memory",
    "api",
    "stream",
    "dom",
    "cards",
    "orders",
    "confirm",
    "reveal",
    "transcript",
    "rating",
    "panel",
    "session",
    "element",
)
_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    tag: str
    """Changes with the text; quoted, as an ETag is."""


def widget_script(folder: Path = FOLDER) -> Script:
    """Read and join the widget."""
    styles = json.dumps((folder / "widget.css").read_text(encoding="utf-8"))
    parts = [_plain(folder / f"{name}.js") for name in MODULES]
    text = "\n".join(["(() => {", '"use strict";', f"const STYLES = {styles};", *parts, "})();", ""])
    return Script(text, f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"')


def _plain(path: Path) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", path.read_text(encoding="utf-8")))
