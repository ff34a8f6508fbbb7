"""Training learns what is true of a log, measures itself on days it did not see, and does the same twice."""

from __future__ import annotations

import numpy as np
import pytest

from reco_core.core import RecoCore, Scene
from reco_core.errors import ItemsError, LogError
from reco_core.features import FEATURES
from reco_core.interactions import Interaction, Kind, Log
from reco_core.items import Items
from reco_core.neighbours import Neighbours, learn_neighbours
from reco_core.profile import Profile
from reco_core.train import train
from tests.reco_core.small_shop import buyer_of, partner_of, small_items, small_log


def test_the_card_says_how_well_it_did_on_the_days_held_back(core: RecoCore) -> None:
    metrics = core.card["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["ndcg_at_10"] > 0.15, "by chance it is about 0.05"
    assert metrics["auc"] > 0.7
    assert metrics["calibration_error"] < 0.05
    assert metrics["shoppers"] > 20
    assert core.card["data_fingerprint"] == small_log().fingerprint()


def test_training_twice_gives_the_same_model_and_the_order_of_the_log_does_not_matter(core: RecoCore) -> None:
    again = train(small_log(), small_items())
    np.testing.assert_array_equal(again.scorer.weights, core.scorer.weights)
    assert again.recommend(buyer_of("A1"), Scene.CHAT, 20) == core.recommend(buyer_of("A1"), Scene.CHAT, 20)
    assert again.card == core.card


def test_what_is_bought_together_become_neighbours() -> None:
    neighbours = learn_neighbours(small_log(shoppers=400), half_life=1e9, ridge=2.0, popular_half_life=1e9)
    strongest = [neighbours.ids[at] for at in neighbours.index[:, 0]]
    right = [partner_of(item) == strongest[at] for at, item in enumerate(neighbours.ids)]
    assert np.mean(right) > 0.5


def test_cosines_serve_where_the_catalogue_is_too_large_to_invert(monkeypatch: pytest.MonkeyPatch) -> None:
    log = small_log(shoppers=400)
    monkeypatch.setattr("reco_core.neighbours.DENSE_LIMIT", 0)
    neighbours = learn_neighbours(log, half_life=1e9, ridge=2.0, popular_half_life=1e9)
    check_neighbours(neighbours)
    right = [partner_of(item) in top_five(neighbours, at) for at, item in enumerate(neighbours.ids)]
    assert np.mean(right) > 0.5


def top_five(neighbours: Neighbours, at: int) -> list[str]:
    return [neighbours.ids[other] for other in neighbours.index[at, :5]]


def check_neighbours(neighbours: Neighbours) -> None:
    own = np.arange(len(neighbours.ids))[:, None]
    assert not (neighbours.index == own).any()
    assert (neighbours.weight >= 0).all()
    assert ((neighbours.weight > 0) == (neighbours.index >= 0)).all()
    assert (np.diff(neighbours.weight, axis=1) <= 0).all()


def test_neighbours_are_others_by_falling_weight(core: RecoCore) -> None:
    check_neighbours(core.neighbours)


def test_one_shopper_alone_cannot_make_an_item_popular() -> None:
    crowd = [Interaction(f"u{at}", "loved", Kind.PURCHASE, 100.0) for at in range(5)]
    pusher = [Interaction("pusher", "pushed", Kind.PURCHASE, float(at)) for at in range(100)]
    log = Log.of([*crowd, *pusher])
    learnt = learn_neighbours(log, half_life=1e9, ridge=2.0, popular_half_life=1e9)
    popularity = dict(zip(learnt.ids, learnt.popularity, strict=True))
    assert popularity["pushed"] <= 1.0 < popularity["loved"]


def test_a_log_of_views_alone_or_without_items_file_is_enough() -> None:
    log = small_log(shoppers=60)
    views = train(log.where(log.kind == 0))
    assert views.recommend(buyer_of("A1", kind=Kind.VIEW), Scene.PAGE, 5)
    assert views.items.ids == log.items


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_unit_of_time_does_not_matter(scale: float) -> None:
    log = small_log(shoppers=60)
    scaled = Log(log.users, log.items, log.user, log.item, log.kind, log.time * scale)
    ranked = [item for item, _ in train(scaled, small_items()).rank(buyer_of("A1", "C1"), 10)]
    assert ranked == [item for item, _ in train(log, small_items()).rank(buyer_of("A1", "C1"), 10)]


def test_where_nobody_comes_back_there_is_still_a_model() -> None:
    log = Log.of([Interaction(f"u{at}", f"i{at % 7}", Kind.PURCHASE, float(at)) for at in range(60)])
    model = train(log)
    assert model.card["metrics"] == {}
    assert len(model.recommend(Profile.stranger(), Scene.PAGE, 5)) == 5
    assert model.scorer.weights.shape == (len(FEATURES),)


def test_a_log_that_teaches_nothing_is_refused() -> None:
    with pytest.raises(LogError, match="3 interactions"):
        train(Log.of([Interaction("a", str(at), Kind.VIEW, float(at)) for at in range(3)]))
    with pytest.raises(LogError, match="more than one time"):
        train(Log.of([Interaction("a", str(at), Kind.VIEW, 5.0) for at in range(30)]))


def test_a_catalogue_of_other_ids_is_refused() -> None:
    with pytest.raises(ItemsError, match="different ids"):
        train(small_log(shoppers=20), Items.of(["elsewhere"]))


def test_progress_is_told() -> None:
    told: list[tuple[str, float]] = []
    train(small_log(shoppers=40), small_items(), progress=lambda stage, done: told.append((stage, done)))
    assert told[-1] == ("finishing", 1.0)
    assert all(0 <= done <= 1 for _, done in told)
