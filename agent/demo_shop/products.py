"""The products of the demo shop, made from the vocabulary and a seed: the same seed, the same shop."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from agent.demo_shop.prices import shop_price
from agent.demo_shop.sentences import description, text_of, title
from agent.demo_shop.vocabulary import Brand, Category, Feature, Kind, Material, Span, Vocabulary, vocabulary
from agent.policy import load_policy
from agent.shop import AttributeValue, Money, Product, Variant

T = TypeVar("T")

_PER_CATEGORY = 26
_OF_MATERIAL = ("clear", "natural")  # colours that only materials have which name them
_OWN = Brand("", 1.0, (), ("simple", "quick", "kind"), "")


def make_products(seed: int = 7) -> list[Product]:
    """Some 1,670 products in 65 narrow categories, category by category.

    Each category draws from its own stream, so that a change of one leaves the others as they were.
    """
    words = vocabulary()
    return [product for category in words.categories for product in _of_category(words, category, seed)]


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a product is, before it is put into words."""

    category: Category
    kind: Kind
    brand: Brand
    model: str
    material: Material | None
    colors: tuple[str, ...]
    attributes: dict[str, AttributeValue]
    features: tuple[tuple[Feature, bool], ...]


def _of_category(words: Vocabulary, category: Category, seed: int) -> list[Product]:
    rng = Random(f"{seed}/{category.key}")
    count = category.count or _PER_CATEGORY
    sellers = (_OWN,) if category.shop_brand else words.sellers(category)
    models = rng.sample(category.names, count)
    kinds, brands = _dealt(rng, category.kinds, count), _dealt(rng, sellers, count)
    made = []
    for number, (model, kind, brand) in enumerate(zip(models, kinds, brands, strict=True), start=1):
        draft = _draft(rng, words, category, kind, brand, model)
        made.append(_product(rng, draft, f"{category.key}-{number:03d}"))
    return made


def _dealt(rng: Random, things: Sequence[T], count: int) -> list[T]:
    """Each thing about equally often, in no order: a shelf shows all of its kinds and makers."""
    first = rng.randrange(len(things))
    dealt = [things[(first + i) % len(things)] for i in range(count)]
    rng.shuffle(dealt)
    return dealt


def _draft(rng: Random, words: Vocabulary, category: Category, kind: Kind, brand: Brand, model: str) -> _Draft:
    names = kind.materials or category.materials
    material = words.materials[rng.choice(names)] if names else None
    colors = _colors(rng, category, kind, material)
    attributes: dict[str, AttributeValue] = {"type": kind.name}
    if material:
        attributes["material"] = material.name
    if len(colors) == 1:
        attributes["color"] = colors[0]
    if category.styles:
        attributes["style"] = rng.choice(category.styles)
    attributes |= {key: rng.choice(values) for key, values in category.choices.items()}
    attributes |= category.attributes | kind.attributes
    attributes |= _numbers(rng, category.numbers | kind.numbers)
    features = _features(rng, category, kind, material)
    for feature, has in features:
        attributes[feature.key] = has
        if has:
            attributes |= _numbers(rng, feature.numbers)
    kept = {key: value for key, value in attributes.items() if key not in kind.without}
    return _Draft(category, kind, brand, model, material, colors, kept, features)


def _colors(rng: Random, category: Category, kind: Kind, material: Material | None) -> tuple[str, ...]:
    wanted = kind.colors or category.colors
    bare = material is not None and not material.colors
    possible = [c for c in wanted if (c not in _OF_MATERIAL if bare else not material or c in material.colors)]
    if not possible:
        possible = list(material.colors) if material and wanted else []
    if not possible:
        return ()
    choice = rng.random() < category.color_choice and len(possible) >= 3
    return tuple(rng.sample(possible, rng.randint(2, min(4, len(possible))) if choice else 1))


def _numbers(rng: Random, spans: Mapping[str, Span]) -> dict[str, AttributeValue]:
    return {key: _number(rng, span) for key, span in spans.items()}


def _number(rng: Random, span: Span) -> float:
    low, high, step = span
    return round(low + step * rng.randint(0, round((high - low) / step)), 4)


def _features(
    rng: Random, category: Category, kind: Kind, material: Material | None
) -> tuple[tuple[Feature, bool], ...]:
    """The features that can be asked of this kind, each with whether it has it."""
    found: dict[str, tuple[Feature, bool]] = {}
    made_of = material.name if material else ""
    for feature in category.features:
        if kind.name in feature.not_kinds or (feature.kinds and kind.name not in feature.kinds):
            continue
        possible = made_of not in feature.not_materials and (not feature.materials or made_of in feature.materials)
        possible = possible and (not feature.needs or found[feature.needs][1])
        found[feature.key] = (feature, possible and rng.random() < feature.chance)
    return tuple(found.values())


def _product(rng: Random, draft: _Draft, product_id: str) -> Product:
    brand = load_policy().shop.name if draft.category.shop_brand else draft.brand.name
    fields = _fields(rng, draft, brand)
    rating, count = _rating(rng, draft.brand)
    return Product(
        id=product_id,
        title=title(rng, draft.category, fields),
        description=description(rng, draft.category, draft.kind, draft.brand, draft.features, fields),
        brand=brand,
        category=draft.category.path,
        attributes=draft.attributes,
        rating=rating,
        rating_count=count,
        variants=_variants(rng, draft, product_id),
    )


def _fields(rng: Random, draft: _Draft, brand: str) -> dict[str, str]:
    """Everything that a template may name, as text."""
    fields = {key: text_of(value) for key, value in draft.attributes.items() if not isinstance(value, bool)}
    name = draft.kind.name
    phrase = draft.kind.phrase
    if draft.kind.other_names and rng.random() < 0.4:
        other = rng.choice(draft.kind.other_names)
        phrase = phrase.replace(name, other)
        name = other
    fields |= {"brand": brand, "model": draft.model, "kind": name, "a_kind": phrase}
    fields["word"] = rng.choice(draft.category.words)
    if fields.get("for") in ("women", "men"):
        fields["whose"] = f"{fields['for']}'s"
    if draft.material:
        fields["made_of"] = rng.choice(draft.material.says)
    has = [feature for feature, yes in draft.features if yes]
    for field, words in (("adj", [f.adj for f in has if f.adj]), ("with", [f.noun for f in has if f.noun])):
        if words:
            fields[field] = rng.choice(words)
    return fields


def _rating(rng: Random, brand: Brand) -> tuple[float | None, int]:
    """Stars around 4.2, a little higher for dear brands, and a number of ratings with a long tail."""
    count = int(math.exp(rng.gauss(3.0, 1.5)))
    if count == 0:
        return None, 0
    spread = 0.28 + 0.5 / math.sqrt(count)
    stars = min(5.0, max(2.3, rng.gauss(4.2 + 0.15 * (brand.level - 1), spread)))
    return round(stars, 1), count


def _variants(rng: Random, draft: _Draft, product_id: str) -> tuple[Variant, ...]:
    base = rng.uniform(*(math.log(p) for p in draft.category.price))
    factor = draft.kind.factor * draft.brand.level * (draft.material.factor if draft.material else 1.0)
    for feature, has in draft.features:
        factor *= feature.factor if has else 1.0
    price, ending = math.exp(base) * factor, rng.random()
    supply = rng.choices((0.0, 0.15, 1.0), (4, 8, 88))[0]
    return tuple(
        Variant(
            id=f"{product_id}-{_slug(options)}" if options else f"{product_id}-1",
            options=options,
            price=Money.of(size) if draft.category.shop_brand else Money(shop_price(price * size, ending)),
            stock=None if draft.category.shop_brand else _stock(rng, supply),
        )
        for options, size in _choices(rng, draft)
    )


def _choices(rng: Random, draft: _Draft) -> list[tuple[dict[str, str], float]]:
    """Each choice of the options with what it does to the price; one without options for a plain product."""
    run = draft.category.options
    sizes: list[tuple[dict[str, str], float]] = [({}, 1.0)]
    if run:
        length = rng.randint(run.shortest, len(run.values))
        start = rng.randint(0, len(run.values) - length)
        pairs = list(zip(run.values, run.factors, strict=True))[start : start + length]
        sizes = [({run.name: value}, factor) for value, factor in pairs]
    if len(draft.colors) < 2:
        return sizes
    return [(options | {"color": color}, factor) for color in draft.colors for options, factor in sizes]


def _stock(rng: Random, supply: float) -> int:
    """Units on hand: some gone, some nearly gone, most plentiful; none at all where the supply is 0."""
    if supply == 0 or rng.random() < 0.06:
        return 0
    return rng.randint(1, 3) if rng.random() < 0.1 else max(1, int(supply * rng.lognormvariate(3.1, 0.8)))


def _slug(options: Mapping[str, str]) -> str:
    return re.sub(r"[^a-z0-9]+", "-", " ".join(options.values()).lower()).strip("-")
