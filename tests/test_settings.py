"""Every setting comes from a variable; a bad one stops the start with one line that names it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.settings import load_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import os

    for name in [n for n in os.environ if n.startswith("SHOPKEEPER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SHOPKEEPER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_without_any_variable_everything_lives_under_one_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SHOPKEEPER_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings()
    assert settings.home == tmp_path / ".shopkeeper"
    assert settings.home.is_dir()
    assert settings.database_url == f"sqlite:///{tmp_path}/.shopkeeper/shop.db"
    assert (settings.port, settings.model, settings.demo, settings.host) == (7860, "local", True, "127.0.0.1")


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    values = {
        "PORT": "8000",
        "MODEL": "openai:gpt@http://x/v1",
        "DEMO": "false",
        "ORIGINS": '["https://a.example"]',
        "DATABASE": "postgresql+psycopg:///x",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"SHOPKEEPER_{name}", value)
    settings = load_settings()
    assert (settings.port, settings.model, settings.demo) == (8000, "openai:gpt@http://x/v1", False)
    assert settings.origins == ["https://a.example"]
    assert settings.database_url == "postgresql+psycopg:///x"
    assert settings.home == home


@pytest.mark.parametrize("model", ["local", "hf:org/name", "hf:/a/folder", "openai:gpt-x@https://api.example/v1"])
def test_a_model_that_can_be_named(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    monkeypatch.setenv("SHOPKEEPER_MODEL", model)
    assert load_settings().model == model


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("MODEL", "gpt"),
        ("MODEL", "hf:"),
        ("MODEL", "openai:x"),
        ("MODEL", ""),
        ("MODEL_TIMEOUT", "0"),
        ("MODEL_TIMEOUT", "-1"),
        ("WORKERS", "0"),
        ("WORKERS", "65"),
        ("DEMO", "perhaps"),
        ("SEED", "x"),
        ("ORIGINS", "https://a.example"),
        ("ORIGINS", '{"a": 1}'),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"SHOPKEEPER_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert name.lower() in str(caught.value).lower()
    assert "\n" not in str(caught.value)


def test_a_home_that_cannot_be_made_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setenv("SHOPKEEPER_HOME", str(path))
        with pytest.raises(SettingsError, match="SHOPKEEPER_HOME"):
            load_settings()


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(home: Path) -> None:
    settings = load_settings()
    made = settings.kept_secret("token-secret", "")
    assert len(made) >= 43
    assert settings.kept_secret("token-secret", "") == load_settings().kept_secret("token-secret", "") == made
    assert settings.kept_secret("another", "") != made
    assert stat.S_IMODE((home / "token-secret").stat().st_mode) == 0o600
    assert sorted(p.name for p in home.iterdir()) == ["another", "token-secret"]


def test_a_given_secret_is_used_and_not_kept(home: Path) -> None:
    assert load_settings().kept_secret("token-secret", "given") == "given"
    assert not (home / "token-secret").exists()


def test_an_empty_secret_file_never_becomes_an_empty_secret(home: Path) -> None:
    settings = load_settings()
    (home / "token-secret").write_text("\n")
    with pytest.raises(SettingsError, match="token-secret"):
        settings.kept_secret("token-secret", "")
