"""The commands of `python -m agent`, as a user calls them."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from agent.__main__ import main
from agent.cli.pipe import run_pipe
from agent.demo_shop.products import make_products
from agent.feeds import write_jsonl
from tests.small_shop import ADA, BENS, PENDING


@pytest.fixture
def home(small_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small shop as the shop of the settings."""
    folder = tmp_path / "home"
    shutil.copytree(small_home, folder)
    monkeypatch.setenv("SHOPKEEPER_HOME", str(folder))
    monkeypatch.setenv("SHOPKEEPER_DEMO", "false")
    return folder


def piped(*lines: str) -> list[dict[str, Any]]:
    sink = io.StringIO()
    assert run_pipe(io.StringIO("\n".join(lines) + "\n"), sink) == 0
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def asked(conversation: str, text: str, **more: str) -> str:
    return json.dumps({"conversation": conversation, "text": text, **more})


@pytest.mark.usefixtures("home")
def test_the_pipe_gives_a_turns_events_and_then_one_line_that_it_is_done() -> None:
    answers = piped(asked("a", "a desk lamp"), asked("a", "cheaper"), asked("b", "hello"))
    done = [a for a in answers if a.get("done")]
    assert [d["conversation"] for d in done] == ["a", "a", "b"]
    assert [[c["name"] for c in d["calls"]] for d in done] == [["search_products"], ["search_products"], []]
    assert all(d["reply"] and d["ms"] > 0 for d in done)
    events = [a for a in answers if "type" in a]
    assert {e["type"] for e in events} == {"working", "called", "said", "showed"}
    assert all(e["conversation"] in "ab" and e["sequence"] > 0 for e in events)


@pytest.mark.usefixtures("home")
def test_the_pipe_signs_a_shopper_in_and_keeps_them_to_their_own_orders() -> None:
    answers = piped(asked("a", f"where is {PENDING}?", shopper=ADA), asked("a", f"where is {BENS}?"))
    own, foreign = (a["reply"] for a in answers if a.get("done"))
    assert "pending" in own
    assert "can't find" in foreign


@pytest.mark.usefixtures("home")
def test_a_bad_line_is_answered_and_the_pipe_goes_on() -> None:
    answers = piped("not json", "[]", '{"conversation": "a"}', asked("a", "hi", shopper="nobody"), asked("c", "hi"))
    assert [a.get("error") for a in answers[:4]] == ["bad_line", "bad_line", "bad_line", "not_found"]
    assert answers[-1]["done"]


def test_a_catalogue_is_imported_once(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "products.jsonl"
    write_jsonl(make_products(7)[:12], file)
    assert main(["import-catalogue", str(file)]) == 0
    assert "12 products are now in the shop" in capsys.readouterr().out
    assert main(["import-catalogue", str(file)]) == 0
    assert "nothing changed" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_bad_rows_are_told_and_the_rest_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "products.jsonl"
    file.write_text('{"id": "1", "title": "A lamp", "price": 5}\nnonsense\n{"id": "2"}\n', encoding="utf-8")
    assert main(["import-catalogue", str(file)]) == 0
    told = capsys.readouterr()
    assert "1 products are now in the shop (2 bad rows" in told.out
    assert "line 2" in told.err
    assert "line 3" in told.err


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "arguments",
    [["import-catalogue", "missing.jsonl"], ["staff", "nobody", "--remove"]],
)
def test_an_error_is_one_line_and_exit_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert told.count("\n") == 1


@pytest.mark.usefixtures("home")
def test_a_bad_setting_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOPKEEPER_PORT", "many")
    assert main(["pipe"]) == 2
    assert "SHOPKEEPER_PORT" in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_staff_are_added_with_a_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    assert main(["staff", "mia"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["staff", "mia"]) == 2
    assert main(["staff", "mia", "--remove"]) == 0


@pytest.mark.usefixtures("home")
def test_a_chat_in_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = iter(["a desk lamp", "cancel my order", "yes"])

    def typed(_prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    assert main(["chat", "--shopper", ADA, "--steps"]) == 0
    shown = capsys.readouterr().out
    assert "1. " in shown
    assert "pending → cancelled" in shown
    assert "has been carried out" in shown or "is done" in shown
