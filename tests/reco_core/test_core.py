"""What the one object that everybody asks promises to all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reco_core.core import SAME_CATEGORY, RecoCore, Scene
from reco_core.errors import UnknownItem
from reco_core.features import FEATURES, Feature, Figures
from reco_core.interactions import Interaction, Kind
from reco_core.items import Facet, Items
from reco_core.profile import Preference, Profile
from reco_core.ranking import Suggestion
from tests.reco_core.small_shop import buyer_of, small_items

ITEMS = small_items()
LEATHER = {ITEMS.ids[at] for at in ITEMS.having("material", "leather")}

interactions = st.builds(
    Interaction,
    st.just("u"),
    st.sampled_from([*ITEMS.ids, "gone"]),
    st.sampled_from(Kind),
    st.integers(0, 99).map(float),
)
preferences = st.one_of(
    st.builds(Preference, st.just("brand"), st.sampled_from(["nordlys", "Plain", "Nobody"]), st.booleans()),
    st.builds(Preference, st.just("material"), st.sampled_from(["leather", "oak"]), st.booleans()),
    st.builds(Preference.at_most, st.integers(1, 60)),
)


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    profile = Profile("u").with_interactions(tuple(draw(st.lists(interactions, max_size=12))))
    for preference in draw(st.lists(preferences, max_size=3)):
        profile = profile.with_preference(preference)
    return profile


needs = st.none() | st.dictionaries(st.sampled_from([*ITEMS.ids, "gone"]), st.floats(0, 1), max_size=5)
often = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@often
@given(profiles(), needs, st.none() | st.lists(st.sampled_from(ITEMS.ids), unique=True))
def test_every_scene_is_told_the_same(
    core: RecoCore, profile: Profile, need: dict[str, float] | None, candidates: list[str] | None
) -> None:
    told = [core.recommend(profile, scene, 10, candidates=candidates, need=need) for scene in Scene]
    assert all(one == told[0] for one in told)


@often
@given(profiles(), needs)
def test_a_score_is_the_intercept_and_the_sum_of_its_reasons(
    core_with_vectors: RecoCore, profile: Profile, need: dict[str, float] | None
) -> None:
    core = core_with_vectors
    for suggestion in core.recommend(profile, Scene.CHAT, 20, need=need, repeats=True):
        total = core.intercept + sum(reason.contribution for reason in suggestion.reasons)
        assert total == pytest.approx(suggestion.score, abs=1e-9)
        assert suggestion == core.explain(profile, suggestion.item_id, need=need)
        assert suggestion.score == core.score(profile, [suggestion.item_id], need=need)[0]
        assert 0 < suggestion.probability < 1
        assert all(reason.evidence for reason in suggestion.grounds)


@often
@given(profiles(), needs, st.integers(0, 30))
def test_a_shorter_list_is_the_beginning_of_a_longer_one(
    core: RecoCore, profile: Profile, need: dict[str, float] | None, k: int
) -> None:
    longer = core.recommend(profile, Scene.PAGE, 40, need=need)
    assert core.recommend(profile, Scene.PAGE, k, need=need) == longer[:k]
    assert len({suggestion.item_id for suggestion in longer}) == len(longer)


def test_candidates_are_ranked_by_score_and_unknown_ones_passed_over(core: RecoCore) -> None:
    found = core.recommend(buyer_of("A1", "A2"), Scene.SEARCH, 9, candidates=["C1", "gone", "A3", "A4", "A5", "A6"])
    assert {suggestion.item_id for suggestion in found} == {"C1", "A3", "A4", "A5", "A6"}
    scores = [suggestion.score for suggestion in found]
    assert scores == sorted(scores, reverse=True)


def broken_promises(core: RecoCore, profile: Profile, suggestions: Sequence[Suggestion]) -> list[str]:
    """What a list holds against the shopper's word, or although they have it."""
    at = core.items.place
    limit = profile.price_max
    broken = [s.item_id for s in suggestions if s.item_id in profile.bought]
    broken += [s.item_id for s in suggestions if limit and not core.items.price[at[s.item_id]] <= limit]
    for preference in profile.preferences:
        if not preference.liked:
            hated = {core.items.ids[place] for place in core.items.having(preference.facet, preference.value)}
            broken += [s.item_id for s in suggestions if s.item_id in hated]
    return broken


@often
@given(profiles(), st.none() | st.lists(st.sampled_from(ITEMS.ids), unique=True))
def test_nothing_disliked_too_dear_or_bought_before_is_suggested(
    core: RecoCore, profile: Profile, candidates: list[str] | None
) -> None:
    assert not broken_promises(core, profile, core.recommend(profile, Scene.CHAT, 120, candidates=candidates))


class Forgetful(RecoCore):
    """The same core with the fault that nothing is left out."""

    def _allowed(self, figures: Figures, *rest: object) -> npt.NDArray[np.bool_]:
        return np.ones(len(self.items), bool)


def test_the_check_of_promises_can_fail(core: RecoCore) -> None:
    fault = Forgetful(core.items, core.neighbours, core.scorer, {})
    for profile in (
        buyer_of("A1"),
        Profile.stranger().with_preference(Preference("material", "leather", False)),
        Profile.stranger().with_preference(Preference.at_most(20)),
    ):
        assert broken_promises(fault, profile, fault.recommend(profile, Scene.CHAT, 120))


def test_a_disliked_item_still_has_a_score_and_a_reason_against_it(core: RecoCore) -> None:
    profile = buyer_of("A1").with_preference(Preference("material", "leather", False))
    suggestion = core.explain(profile, "A0")
    assert ("stated_violated", "material=leather") in {(r.feature, r.evidence) for r in suggestion.reasons}
    assert suggestion.score < core.explain(buyer_of("A1"), "A0").score


def test_what_was_bought_is_suggested_again_only_on_request(core: RecoCore) -> None:
    again = core.recommend(buyer_of("A1", "A2"), Scene.CHAT, 120, repeats=True)
    assert {"A1", "A2"} <= {suggestion.item_id for suggestion in again}


def test_what_was_only_viewed_may_be_suggested(core: RecoCore) -> None:
    viewed = core.recommend(buyer_of("A1", kind=Kind.VIEW), Scene.CHAT, 120)
    assert "A1" in {suggestion.item_id for suggestion in viewed}


def test_a_wish_is_met_in_the_next_list_and_named(core: RecoCore) -> None:
    profile = buyer_of("A1", "A4")
    wished = profile.with_preference(Preference("brand", "casa verde")).with_preference(Preference.at_most(30))
    first = core.recommend(wished, Scene.CHAT, 5)[0]
    stated = [(r.feature, r.evidence) for r in first.grounds]
    assert ("stated_met", "brand=casa verde") in stated
    assert ("stated_met", "price_max=30") in stated
    without = core.explain(profile, first.item_id)
    assert without.score < first.score


def test_the_need_at_hand_comes_first_and_is_named(core: RecoCore) -> None:
    first = core.recommend(buyer_of("A1", "A2", "A3"), Scene.CHAT, 3, need={"H5": 1.0, "H6": 0.9})
    assert [suggestion.item_id for suggestion in first[:2]] == ["H5", "H6"]
    assert first[0].reasons[0].feature == "need"


def test_a_stranger_is_shown_what_is_popular_in_one_category_each(core: RecoCore) -> None:
    suggestions = core.recommend(Profile.stranger(), Scene.PAGE, 10)
    categories = [s.reasons[0].evidence for s in suggestions]
    assert all(s.reasons[0].feature == "popular" for s in suggestions)
    assert all(evidence.startswith("category=Category") for evidence in categories)
    assert len(set(categories)) == 10
    best = max(range(len(core.items)), key=lambda at: core.neighbours.popularity[at])
    assert suggestions[0].item_id == core.neighbours.ids[best]


@often
@given(profiles())
def test_no_ten_places_are_filled_from_one_narrow_category(core: RecoCore, profile: Profile) -> None:
    suggestions = core.recommend(profile, Scene.PAGE, 30, in_stock=np.ones(len(core.items), bool))
    allowed = len(core.recommend(profile, Scene.PAGE, 120))
    if allowed == 120 - len(profile.bought & set(ITEMS.ids)):
        for start in (0, 10, 20):
            counts = Counter(s.item_id[0] for s in suggestions[start : start + 10])
            assert max(counts.values()) <= SAME_CATEGORY


def test_a_wish_for_a_category_lifts_the_cap(core: RecoCore) -> None:
    wished = buyer_of("A1").with_preference(Preference("category", "Category B"))
    suggestions = core.recommend(wished, Scene.CHAT, 10)
    assert max(Counter(s.item_id[0] for s in suggestions).values()) > SAME_CATEGORY
    assert {"A", "B"} <= {s.item_id[0] for s in suggestions}


def test_only_what_is_in_stock(core: RecoCore) -> None:
    mask = np.zeros(len(core.items), bool)
    mask[[3, 40]] = True
    for stock in (mask, {core.items.ids[3], core.items.ids[40], "gone"}):
        found = core.recommend(buyer_of("A1"), Scene.DESK, 10, in_stock=stock)
        assert {s.item_id for s in found} == {core.items.ids[3], core.items.ids[40]}


def test_taste_beats_popularity(core: RecoCore) -> None:
    suggestions = core.recommend(buyer_of("C1", "C4", "C7"), Scene.PAGE, 5)
    assert suggestions[0].item_id[0] in "CI"
    assert [s.item_id for s in suggestions] != [s.item_id for s in core.recommend(Profile.stranger(), Scene.PAGE, 5)]


@pytest.mark.parametrize("feature", [Feature.AFFINITY, Feature.JUST_SEEN])
def test_taking_the_named_purchase_away_takes_its_reason_away(core: RecoCore, feature: Feature) -> None:
    history = ("C1", "C4", "I7", "B2", "H9")
    told = 0
    for suggestion in core.recommend(buyer_of(*history), Scene.PAGE, 20):
        for reason in suggestion.grounds:
            if reason.feature == feature:
                without = buyer_of(*(item for item in history if item != reason.evidence))
                after = [r for r in core.explain(without, suggestion.item_id).reasons if r.feature == feature]
                assert not after or after[0].contribution < reason.contribution
                told += 1
    weights = dict(zip(FEATURES, core.scorer.weights, strict=True))
    assert told or not weights[feature]


def test_a_new_catalogue_takes_effect_and_new_items_are_scored_by_what_they_are(core_with_vectors: RecoCore) -> None:
    old = small_items(vectors=True)
    assert old.vectors is not None
    ids = [*old.ids[1:], "new in C", "new in H"]
    place = {item: at for at, item in enumerate(old.ids)}
    rows = [place[item] for item in old.ids[1:]] + [place["C5"], place["H5"]]
    facets: dict[str, Facet] = {
        "category": [("Home", f"Category {old.ids[row][0]}") for row in rows],
        "brand": ["Nordlys"] * len(rows),
    }
    changed = core_with_vectors.with_items(Items.of(ids, facets, [20.0] * len(rows), old.vectors[rows]))
    buyer = buyer_of("C1", "C4", "C7")
    in_taste, out_of_taste = changed.score(buyer, ["new in C", "new in H"])
    assert in_taste > out_of_taste
    assert old.ids[0] not in {s.item_id for s in changed.recommend(Profile.stranger(), Scene.PAGE, 121)}
    assert changed.explain(buyer, "new in C").grounds


def test_an_item_outside_the_catalogue_cannot_be_explained_and_scores_as_typical(core: RecoCore) -> None:
    with pytest.raises(UnknownItem, match="gone"):
        core.explain(Profile.stranger(), "gone")
    assert core.score(Profile.stranger(), ["gone"])[0] == core.intercept


def test_equal_scores_are_ordered_by_id_whatever_the_order_of_the_catalogue(core: RecoCore) -> None:
    ids = ["z", "m", "a", "q"]
    for order in (ids, ids[::-1]):
        same = core.with_items(Items.of(order))
        assert [s.item_id for s in same.recommend(Profile.stranger(), Scene.PAGE, 4)] == ["a", "m", "q", "z"]
