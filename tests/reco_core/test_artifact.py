"""A model's folder comes back as it was written; what is damaged, foreign or half there is refused in one line."""

from __future__ import annotations

import json
import pickle  # to plant one: a model folder that holds a pickle must be refused
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reco_core.core import RecoCore, Scene
from reco_core.errors import ArtifactError
from reco_core.profile import Preference, Profile
from tests.reco_core.small_shop import buyer_of


def test_a_model_that_is_loaded_answers_as_the_one_that_was_saved(core_with_vectors: RecoCore, tmp_path: Path) -> None:
    core_with_vectors.save(tmp_path / "deep" / "model")
    loaded = RecoCore.load(tmp_path / "deep" / "model")
    for profile in (Profile.stranger(), buyer_of("A1", "C2").with_preference(Preference("brand", "plain"))):
        assert loaded.recommend(profile, Scene.PAGE, 30) == core_with_vectors.recommend(profile, Scene.PAGE, 30)
    assert loaded.card == core_with_vectors.card


def test_saving_again_replaces_and_leaves_nothing_beside(core: RecoCore, tmp_path: Path) -> None:
    core.save(tmp_path / "model")
    RecoCore.load(tmp_path / "model").save(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["card.json", "model.npz"]


def test_the_card_tells_what_a_stranger_asks(core: RecoCore, tmp_path: Path) -> None:
    core.save(tmp_path / "model")
    card = json.loads((tmp_path / "model" / "card.json").read_text())
    assert {"format", "maker", "data_fingerprint", "metrics", "sha256", "features"} <= card.keys()
    assert "u1" not in (tmp_path / "model" / "card.json").read_text()


def test_no_other_folder_is_overwritten(core: RecoCore, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(ArtifactError, match="no model"):
        core.save(tmp_path)
    assert (tmp_path / "letters.txt").read_text() == "dear"
    with pytest.raises(ArtifactError):
        core.save(tmp_path / "letters.txt")


def changed_byte(folder: Path) -> None:
    data = bytearray((folder / "model.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "model.npz").write_bytes(data)


def changed_card(folder: Path, **fields: object) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | fields))


def other_arrays(folder: Path, **arrays: object) -> None:
    import hashlib

    np.savez(folder / "model.npz", **arrays)  # type: ignore[arg-type]
    changed_card(folder, sha256={"model.npz": hashlib.sha256((folder / "model.npz").read_bytes()).hexdigest()})


def planted_pickle(folder: Path) -> None:
    import hashlib

    (folder / "model.npz").write_bytes(pickle.dumps({"item_ids": [1]}))
    changed_card(folder, sha256={"model.npz": hashlib.sha256((folder / "model.npz").read_bytes()).hexdigest()})


@pytest.mark.parametrize(
    "harm",
    [
        changed_byte,
        planted_pickle,
        lambda folder: (folder / "model.npz").unlink(),
        lambda folder: (folder / "card.json").unlink(),
        lambda folder: (folder / "card.json").write_text("{"),
        lambda folder: (folder / "card.json").write_text("[]"),
        lambda folder: changed_card(folder, format="shopkeeper-reco 99"),
        lambda folder: changed_card(folder, features=["other"]),
        lambda folder: changed_card(folder, sha256=None),
        lambda folder: other_arrays(folder, weights=np.ones(3)),
        lambda folder: other_arrays(folder, item_ids=np.asarray([object()], object)),
    ],
)
def test_what_is_damaged_or_foreign_is_refused(core: RecoCore, tmp_path: Path, harm: Callable[[Path], object]) -> None:
    core.save(tmp_path / "model")
    RecoCore.load(tmp_path / "model")
    harm(tmp_path / "model")
    with pytest.raises(ArtifactError) as refusal:
        RecoCore.load(tmp_path / "model")
    assert "\n" not in str(refusal.value)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="train"):
        RecoCore.load(tmp_path)
