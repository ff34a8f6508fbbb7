"""Shoppers' histories from JSONL, and ranked lists for them in TREC's run format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from reco_core.core import RecoCore
from reco_core.errors import HistoryError
from reco_core.interactions import Interaction, Kind
from reco_core.profile import Profile

TAG = "reco_core"
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class UserHistory:
    user: str
    items: tuple[str, ...]
    """Oldest first."""

    def profile(self) -> Profile:
        """The profile of somebody who bought these; their order stands for the time."""
        events = (Interaction(self.user, item, Kind.PURCHASE, float(at)) for at, item in enumerate(self.items))
        return Profile(self.user).with_interactions(tuple(events))


def read_histories(path: Path | str) -> Iterator[UserHistory]:
    """Histories from JSONL of ``{"user", "items": [...]}``; numbers are taken for ids as they are written.

    Raises:
        HistoryError: the file cannot be read, or a line is bad; the text names the line.
    """
    path = Path(path)
    seen: set[str] = set()
    try:
        with path.open(encoding="utf-8") as stream:
            for line, text in enumerate(stream, start=1):
                if text.strip():
                    history = _history(f"{path.name} line {line}", text)
                    if history.user in seen:
                        raise HistoryError(
                            f"{path.name} line {line}: user {history.user!r} is there twice; join the two"
                        )
                    seen.add(history.user)
                    yield history
    except OSError as error:
        raise HistoryError(f"cannot read the histories {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise HistoryError(f"{path.name} is not UTF-8 text; convert it first") from error


def write_run(
    core: RecoCore, histories: Iterable[UserHistory], k: int, stream: TextIO, *, repeats: bool = False
) -> Iterator[None]:
    """Write ``user Q0 item rank score reco_core`` for each history; yields after each.

    Nothing of a history is returned unless `repeats`. White space in an id is written as in a URL (a space is ``%20``),
    for a run separates its fields by it.
    """
    for history in histories:
        exclude = () if repeats else history.items
        for rank, (item, score) in enumerate(core.rank(history.profile(), k, exclude=exclude), start=1):
            stream.write(f"{_field(history.user)} Q0 {_field(item)} {rank} {score:.9f} {TAG}\n")
        yield


def _history(where: str, text: str) -> UserHistory:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise HistoryError(f"{where} is not JSON: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("items"), list) or value.get("user") in (None, ""):
        raise HistoryError(f'{where} must be {{"user": ..., "items": [...]}}')
    if not all(isinstance(item, str | int) for item in (value["user"], *value["items"])):
        raise HistoryError(f"{where}: ids must be texts or whole numbers")
    return UserHistory(str(value["user"]), tuple(str(item) for item in value["items"]))


def _field(text: str) -> str:
    return _SPACE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), text)
