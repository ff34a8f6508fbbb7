"""Progress of long steps on stderr."""

from __future__ import annotations

import sys
from typing import Any


class Progress:
    """A bar a stage, on a terminal; silent elsewhere."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: Any = None

    def __call__(self, stage: str, done: int, of: int) -> None:
        """Show that `done` of `of` are through in this stage."""
        from tqdm import tqdm

        if stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = tqdm(total=of, desc=stage, file=sys.stderr, leave=False, disable=not sys.stderr.isatty())
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
