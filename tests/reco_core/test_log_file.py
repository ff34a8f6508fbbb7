"""A behaviour log may come in any order and in several shapes; a bad one is refused with the line that is bad."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reco_core.errors import LogError
from reco_core.interactions import KINDS, Interaction, Kind, Log
from reco_core.log_file import read_log


def written(folder: Path, text: str, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(log: Log) -> list[tuple[str, str, Kind, float]]:
    return [
        (log.users[u], log.items[i], KINDS[k], float(t))
        for u, i, k, t in zip(log.user, log.item, log.kind, log.time, strict=True)
    ]


def test_rows_come_out_by_time_whatever_their_order_and_duplicates_once(tmp_path: Path) -> None:
    path = written(tmp_path, "user,item,kind,time\nb,y,view,20\na,x,purchase,10\nb,y,view,20\na,z,Cart,15\n")
    assert rows_of(read_log(path)) == [
        ("a", "x", Kind.PURCHASE, 10.0),
        ("a", "z", Kind.CART, 15.0),
        ("b", "y", Kind.VIEW, 20.0),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "user,item,kind,time\na,x,,10\n",
        "user,item,time\na,x,10\n",
        "time,other,item,user\n10,?,x,a\n",
        "a,x,purchase,10\n",
        "a,x,10\n",
        "\ufeffuser,item,time\r\na,x,1970-01-01T00:00:10Z\r\n\r\n",
        'user,item,time\n"a","x",1970-01-01 00:00:10\n',
        "user,item,time\na,x,1970-01-01T02:00:10+02:00\n",
    ],
)
def test_these_all_say_that_a_bought_x_at_ten(tmp_path: Path, text: str) -> None:
    assert rows_of(read_log(written(tmp_path, text))) == [("a", "x", Kind.PURCHASE, 10.0)]


def test_gzip_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"user,item,time\na,x,10\n"))
    assert len(read_log(path)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("user,item,kind,time\n", "no interactions"),
        ("user,item\na,x\n", "lacks time"),
        ("who,what\na,x\n", "line 1"),
        ("user,item,time\na,x,10\na,x,soon\n", "line 3: 'soon'"),
        ("user,item,time\na,x,nan\n", "line 2"),
        ("user,item,kind,time\na,x,stolen,10\n", "line 2: kind 'stolen' is not one of view, click, cart, purchase"),
        ("user,item,time\n,x,10\n", "line 2: the user is empty"),
        ("user,item,time\na, ,10\n", "line 2: the item is empty"),
        ("user,item,time\na,x\n", "line 2: 2 columns"),
    ],
)
def test_a_bad_log_is_refused_in_one_line_that_names_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(LogError) as refusal:
        read_log(written(tmp_path, text))
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(b"user,item,time\na,x,10\n" * 50)[:-9]])
def test_a_file_that_is_no_whole_gzip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(content)
    with pytest.raises(LogError):
        read_log(path)


def test_a_missing_file_and_one_that_is_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.csv").write_bytes(b"user,item,time\n\xff\xfe,x,1\n")
    for name in ("none.csv", "bytes.csv"):
        with pytest.raises(LogError):
            read_log(tmp_path / name)


names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)


@settings(deadline=None)
@given(st.lists(st.builds(Interaction, names, names, st.sampled_from(Kind), st.integers(0, 99).map(float)), min_size=1))
def test_any_ids_survive_the_file(tmp_path_factory: pytest.TempPathFactory, events: list[Interaction]) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["user", "item", "kind", "time"])
        writer.writerows([(e.user, e.item, e.kind.value, e.time) for e in events])
    log = read_log(path)
    assert set(rows_of(log)) == {(e.user, e.item, e.kind, e.time) for e in events}
    assert np.all(np.diff(log.time) >= 0)
    assert log.fingerprint() == Log.of(reversed(events)).fingerprint()


def test_a_split_by_time_loses_nothing_and_leaks_nothing() -> None:
    log = Log.of([Interaction("a", "x", Kind.VIEW, float(t)) for t in (1, 2, 2, 3)])
    before, after = log.split(2.0)
    assert len(before) + len(after) == len(log)
    assert before.time.max() < 2.0 <= after.time.min()
