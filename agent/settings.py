"""Every setting, from `SHOPKEEPER_*` variables. A bad one stops the start with one clear line."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agent.errors import SettingsError
from agent.policy import DEFAULT_POLICY


class Settings(BaseSettings):
    """The shop's settings. Use `load_settings`, which turns a bad one into one line."""

    model_config = SettingsConfigDict(env_prefix="SHOPKEEPER_", extra="ignore")

    home: Path = Field(default=Path("~/.shopkeeper"), description="the folder that everything lives in")
    database: str = Field(default="", description="a database URL; empty: SQLite in the home")
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)
    model: str = Field(default="local", description="local | hf:<id or folder> | openai:<model>@<base url>")
    model_key: str = Field(default="", description="the API key of an openai: model")
    model_timeout: float = Field(default=30.0, gt=0, description="seconds that a model may take for one step")
    policy: Path = DEFAULT_POLICY
    demo: bool = Field(default=True, description="fill an empty shop with demo data and allow impersonation")
    secret: str = Field(default="", description="signs shoppers' tokens; empty: made once and kept in the home")
    origins: list[str] = Field(default=[], description="pages of other origins that may embed the widget")
    desk_password: str = Field(default="", description="of the first staff member; empty: made once, kept in the home")
    workers: int = Field(default=2, ge=1, le=64, description="chats that are answered at the same time")
    seed: int = Field(default=7, description="of the demo shop")

    @field_validator("home", "policy")
    @classmethod
    def _expand(cls, path: Path) -> Path:
        return path.expanduser()

    @field_validator("model")
    @classmethod
    def _known_model(cls, value: str) -> str:
        kind = value.split(":", 1)[0]
        if value == "local" or (kind == "hf" and value[3:]) or (kind == "openai" and "@http" in value):
            return value
        raise ValueError("must be local, hf:<id or folder>, or openai:<model>@<base url>")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'shop.db'}"

    def kept_secret(self, name: str, given: str) -> str:
        """A secret that was given, or one made at the first start and kept in the home, readable by its owner."""
        if given:
            return given
        path = self.home / name
        if not path.exists():
            made = path.with_name(f".{name}.{secrets.token_hex(4)}")
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(32), encoding="utf-8")
            made.replace(path)  # whole or not at all: a start that is cut off must not leave an empty secret
        kept = path.read_text(encoding="utf-8").strip()
        if not kept:
            raise SettingsError(f"{path} is empty; delete it, and a new one is made")
        return kept


def load_settings() -> Settings:
    """The settings of the environment, with the home made.

    Raises:
        SettingsError: naming the variable and what is wrong with it.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "SHOPKEEPER_" + str(first["loc"][0]).upper()
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error
    except Exception as error:  # pydantic-settings reports unreadable JSON in a list under its own type
        raise SettingsError(f"a SHOPKEEPER_ variable cannot be read: {error}") from error
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"SHOPKEEPER_HOME: cannot make {settings.home}: {error.strerror}") from error
    return settings
