"""The shop's words: strict templates, the same line for the same key, and every line that code asks for exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import WordingError
from agent.wording import PROMPTS, Wording, fill, slots

WORDING = Wording()
_ROOT = Path(__file__).parents[1]


@pytest.fixture
def wording(tmp_path: Path) -> Wording:
    (tmp_path / "lines.toml").write_text(
        '[a]\none = "Hi {name}!"\nmany = ["x {name}", "y {name}", "z {name} of {shop}"]\n'
        'plain = "Hello."\nbroken = "Hi {name"\n'
    )
    return Wording(tmp_path / "lines.toml")


def test_a_line_is_filled(wording: Wording) -> None:
    assert wording.line("a.one", name="Ada") == "Hi Ada!"
    assert wording.line("a.plain") == "Hello."
    assert wording.names() == ["a.broken", "a.many", "a.one", "a.plain"]
    assert "a.one" in wording
    assert "a.two" not in wording


def test_the_same_key_draws_the_same_variant_and_all_are_drawn(wording: Wording) -> None:
    def drawn(key: str) -> str:
        return wording.line("a.many", key, name="Ada", shop="S")

    assert len({drawn("chat-1") for _ in range(20)}) == 1
    assert {drawn(str(n)) for n in range(50)} == {"x Ada", "y Ada", "z Ada of S"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a.one", {}),
        ("a.one", {"name": "A", "age": 3}),
        ("a.plain", {"name": "A"}),
        ("a.nothing", {}),
        ("a.nothing", {"x": 1}),
        ("a.broken", {"name": "A"}),
    ],
)
def test_a_missing_or_unused_value_or_line_is_an_error(wording: Wording, name: str, values: dict[str, object]) -> None:
    with pytest.raises(WordingError):
        wording.line(name, **values)


@given(st.text())
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    assert fill("a {x} b", {"x": value}) == f"a {value} b"
    assert fill("{x}", {"x": "{x} {y} {{"}) == "{x} {y} {{"


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "lines.toml").write_text("[a\n")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "lines.toml", tmp_path / "nothing.toml", tmp_path / "binary.toml"):
        with pytest.raises(WordingError) as caught:
            Wording(path)
        assert "\n" not in str(caught.value)


def test_every_line_of_the_shop_is_well_formed() -> None:
    for name in WORDING.names():
        for key in range(30):
            slots(WORDING.template(name, str(key)))


def test_every_line_that_code_names_exists() -> None:
    asked = set()
    for path in (_ROOT / "agent").rglob("*.py"):
        asked |= set(
            re.findall(r"""(?:\.line|\.template|\bline)\(\s*"([a-z_]+\.[a-z_]+)\"""", path.read_text(encoding="utf-8"))
        )
    assert len(asked) > 20
    assert sorted(name for name in asked if name not in WORDING) == []


def test_the_system_prompt_is_filled_with_what_the_shop_knows_and_nothing_else() -> None:
    assert slots((PROMPTS / "system.md").read_text(encoding="utf-8")) == {"shop", "currency"}
