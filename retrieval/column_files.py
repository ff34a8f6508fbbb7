"""Columns on disk: arrays as ``.npz``, texts as JSON, no pickle."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.columns import Columns, Facts
from retrieval.mentions import Mentions
from retrieval.values import Column

_PER_VALUE = ("listed",)
_PER_ROW = ("rows",)
_PER_NUMBER = ("number_rows", "numbers", "kinds", "amounts")


def save_columns(columns: Columns, folder: Path) -> None:
    """Writes ``columns.npz``, ``columns.json`` and the mentions beside them. All columns' arrays lie end to end."""
    parts = list(columns.columns.items())
    arrays: dict[str, Any] = {f"fact_{f.name}": getattr(columns.facts, f.name) for f in fields(Facts)}
    for name in (*_PER_VALUE, *_PER_ROW, *_PER_NUMBER):
        arrays[name] = np.concatenate([getattr(c, name) for _, c in parts])
    arrays["starts"] = np.concatenate([c.starts for _, c in parts])
    arrays["lengths"] = np.array([(len(c.keys), len(c.rows), len(c.numbers)) for _, c in parts], np.int64)
    np.savez(folder / "columns.npz", **arrays)
    texts = [[short, c.name, c.truths, c.keys, c.shown] for short, c in parts]
    (folder / "columns.json").write_text(
        json.dumps({"ids": columns.ids, "columns": texts}, ensure_ascii=False), encoding="utf-8"
    )
    columns.mentions.save(folder)


def load_columns(folder: Path) -> Columns:
    """What `save_columns` wrote."""
    texts = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
    with np.load(folder / "columns.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    facts = Facts(**{f.name: arrays[f"fact_{f.name}"] for f in fields(Facts)})
    columns: dict[str, Column] = {}
    value = row = number = start = 0
    for (short, name, truths, keys, shown), (values, rows, numbers) in zip(
        texts["columns"], arrays["lengths"].tolist(), strict=True
    ):
        columns[short] = Column(
            name=name,
            keys=keys,
            shown=shown,
            truths=truths,
            starts=arrays["starts"][start : start + values + 1],
            **{a: arrays[a][value : value + values] for a in _PER_VALUE},
            **{a: arrays[a][row : row + rows] for a in _PER_ROW},
            **{a: arrays[a][number : number + numbers] for a in _PER_NUMBER},
        )
        value, row, number, start = value + values, row + rows, number + numbers, start + values + 1
    return Columns(texts["ids"], facts, columns, Mentions.load(folder))
