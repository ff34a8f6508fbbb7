"""The help articles: complete, in plain words, and with no figure that the policy does not know."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.errors import WordingError
from agent.help_articles import ARTICLES, HelpArticle, days, listed, load_articles
from agent.policy import Policy, load_policy

# What shoppers ask about, each with the article that answers it.
TOPICS = {
    "cancelling": "cancel-order",
    "what cancelling costs": "cancellation-fee",
    "changing an order": "change-order",
    "the address of an order": "change-address-order",
    "the payment of an order": "change-payment-order",
    "a first address": "set-up-address",
    "invoices": "invoice",
    "an invoice's details": "invoice-details",
    "ways to pay": "payment-methods",
    "payments that fail": "payment-problem",
    "the refund policy": "refund-policy",
    "asking for a refund": "get-refund",
    "where a refund is": "track-refund",
    "how long a refund takes": "refund-times",
    "complaints": "complaints",
    "reaching us": "contact",
    "a person": "human-agent",
    "opening an account": "create-account",
    "deleting an account": "delete-account",
    "editing an account": "edit-account",
    "another account": "switch-account",
    "signing up fails": "registration-problems",
    "passwords": "reset-password",
    "ways to deliver": "delivery-options",
    "how long delivery takes": "shipping-times",
    "what delivery costs": "shipping-costs",
    "countries": "shipping-countries",
    "tracking": "tracking",
    "newsletter": "newsletter",
    "ordering": "place-order",
    "reviews": "reviews",
    "returns": "returns",
    "how to return": "how-to-return",
    "exchanges": "exchanges",
    "late parcels": "late-parcel",
    "damage": "damaged-item",
    "something missing": "missing-item",
    "something wrong": "wrong-item",
    "warranty": "warranty",
    "price match": "price-match",
    "gift cards": "gift-cards",
    "points": "loyalty-points",
    "privacy": "privacy",
    "care": "product-care",
    "sizes": "size-guide",
    "stock": "stock",
    "gift wrap": "gift-wrap",
    "bulk orders": "bulk-orders",
    "accessibility": "accessibility",
    "the assistant": "about-assistant",
}

_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_FIGURE = re.compile(
    r"\d|[$€£]|\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|thirty|"
    r"forty|fifty|sixty|ninety|hundred|thousand|dozen|fortnight)\b",
    re.IGNORECASE,
)


def figures_by_hand(raw: str) -> list[str]:
    """Figures, in digits or words, that stand outside the templates of an article."""
    return [found.group() for found in _FIGURE.finditer(_TEMPLATE.sub(" ", raw))]


def changed(**sections: dict[str, object]) -> Policy:
    values = load_policy().model_dump()
    return Policy.model_validate({**values, **{name: {**values[name], **new} for name, new in sections.items()}})


@pytest.fixture(scope="module")
def articles() -> dict[str, HelpArticle]:
    return {article.id: article for article in load_articles(load_policy())}


def test_every_topic_has_its_article(articles: dict[str, HelpArticle]) -> None:
    assert len(articles) >= 34
    assert set(TOPICS.values()) <= articles.keys()


def test_articles_are_whole(articles: dict[str, HelpArticle]) -> None:
    for article in articles.values():
        assert (ARTICLES / f"{article.id}.md").is_file()
        assert article.title
        assert 4 <= len(article.questions) <= 8
        assert 2 <= len(re.findall(r"^## ", article.text, re.MULTILINE)) <= 4
        assert not re.search(r"\{[{%]|[%}]\}|none\b.*\bNone|  +\S+\.toml", article.text)
        assert all(len(part) > 40 for part in re.split(r"^## .*$", article.text, flags=re.MULTILINE)[1:])


def test_no_question_is_asked_of_two_articles(articles: dict[str, HelpArticle]) -> None:
    questions = [question for article in articles.values() for question in article.questions]
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize("file", sorted(ARTICLES.glob("*.md")), ids=lambda file: file.stem)
def test_no_figure_is_written_by_hand(file: Path) -> None:
    assert figures_by_hand(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("slip", ["within 30 days", "it costs $", "after thirty days", "{{ policy.x }} or 5"])
def test_a_figure_by_hand_would_be_noticed(slip: str) -> None:
    assert figures_by_hand(f"You can return it {slip}.")


def test_the_policy_decides_what_they_say(articles: dict[str, HelpArticle]) -> None:
    policy = changed(returns={"window_days": 45}, shipping={"free_from_minor": 7700}, cancellation={"fee_percent": 8})
    other = {article.id: article for article in load_articles(policy)}
    assert "within 30 days" in articles["returns"].text
    assert "within 45 days" in other["returns"].text
    assert "$77.00" in other["shipping-costs"].text
    assert "free" in articles["cancellation-fee"].text
    assert "8 percent" in other["cancellation-fee"].text


def test_refunds_at_once_and_in_days(articles: dict[str, HelpArticle]) -> None:
    text = articles["refund-times"].text
    assert "**Card:** 5 to 7 days" in text
    assert "**Gift card:** at once" in text


def test_every_figure_of_the_policy_is_read_by_an_article(articles: dict[str, HelpArticle]) -> None:
    """Except those about the chat's own workings, a changed figure changes some article."""
    raw = "\n".join(file.read_text(encoding="utf-8") for file in ARTICLES.glob("*.md"))
    unread = [
        f"{section}.{name}"
        for section, rules in load_policy().model_dump().items()
        for name, value in rules.items()
        if isinstance(value, int) and not isinstance(value, bool) and f"policy.{section}.{name}" not in raw
    ]
    assert unread == ["limits.steps_per_turn"]


def test_phrases() -> None:
    assert [listed(v) for v in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["none", "a", "a and b", "a, b and c"]
    assert listed(["a", "b"], "or") == "a or b"
    assert [days(0, 0), days(1, 1), days(5, 5), days(5, 7), days(0, 2)] == [
        "at once",
        "1 day",
        "5 days",
        "5 to 7 days",
        "up to 2 days",
    ]


MATTER = '+++\nid = "a"\ntitle = "A"\nquestions = ["a?"]\n+++\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no front matter", "front matter"),
        ('+++\nid = "a"\n+++\nbody', "lacks 'title'"),
        (f"{MATTER}{{{{ policy.returns.weeks }}}}", "weeks"),
        (f"{MATTER}{{{{ shopper }}}}", "shopper"),
        (f"{MATTER}{{{{ policy.returns", "a.md"),
        (f"{MATTER}{{{{ policy.returns.window_days | money_back }}}}", "money_back"),
        ("+++\nid = \n+++\n", "a.md"),
    ],
)
def test_a_broken_article_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    with pytest.raises(WordingError) as error:
        load_articles(load_policy(), tmp_path)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(f"{MATTER}## H\n", encoding="utf-8")
    with pytest.raises(WordingError, match="used by another article"):
        load_articles(load_policy(), tmp_path)


def test_a_folder_without_articles_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match="no articles"):
        load_articles(load_policy(), tmp_path)
