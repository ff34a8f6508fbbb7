"""What a reply states as a fact stands in the evidence, or the reply is stopped."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evidence import Filled, collect, fill_slots
from agent.guard.replies import Unproved, unproved
from agent.messages import Message, Role, ToolResult
from agent.policy import load_policy

POLICY = load_policy()
LAMP = {"id": "lamp-1", "title": "Nordlys Lamp 3000", "price": "$39.99", "stock": "in stock", "rating": "4.5"}
MUG = {"id": "mug-2", "title": "Oak mug", "price": "$12.00", "stock": "out of stock"}
ORDER = {
    "id": "JF-10482", "status": "shipped", "placed": "1 March 2026", "expected": "6 March 2026", "total": "$44.94",
    "items": "1 × Nordlys Lamp 3000", "tracking": "JFT0042",
}  # fmt: skip


def tool(**value: object) -> Message:
    return Message(Role.TOOL, result=ToolResult("c", True, dict(value)), sequence=3)


FACTS = collect([tool(products=[LAMP, MUG]), tool(order=ORDER)], POLICY)
PROPOSED = collect([tool(proposed={"title": "Cancel order JF-10482", "changes": [{"after": "cancelled"}]})], POLICY)
DONE = "the shopper said yes; done: Cancel order JF-10482 (Order status: pending → cancelled)"


def wrong(
    reply: str, facts: dict[str, str] = FACTS, said: tuple[str, ...] = (), deeds: tuple[str, ...] = ()
) -> list[Unproved]:
    return unproved(fill_slots(reply, facts), facts, said, deeds)


STOPPED = {
    "money": """It costs $41.99|That's 41.99 dollars|It is € 39.99|39.99 euros|It costs £12|only $ 5!|USD 41.99
for 41 bucks|It was $40.00, now $39.99|you save $3|forty dollars|It's twenty dollars off|$1,039.99|just 99 cents
**$41.99**|I can do $35""",
    "percent": """10% off today|You get 20 percent off|That's ten percent less|5 % cheaper|100% cotton""",
    "order": """Order JF-99999 is on record|It is order #AB-12345|Your number is JF10483""",
    "date": """It arrives on 7 March|It arrives March 7th|It arrives on 6 March 2027|by the 7th of March 2026
on 2026-03-07|on 3/7|Expect it tomorrow|It comes on Friday|It was sent yesterday|You'll have it next week
Jan 5, 2026|We're here 24/7""",
    "number": """only 4711 left|It has 17 of them|rated 3.9|It weighs 850g|We have red,48 pieces|Lamp 2000
seventy days|it takes 48 hours|eleven days|{policy.returns.window_days}0 days|${policy.returns.window_days}
{policy.returns.window_days}% off|1{order.total}|{order.total}.5|$ {policy.warranty.months}|{1.price},000""",
    "state": """Your order was delivered|It's out for delivery|Your order is cancelled|It's been refunded
Shipping is free: free shipping!|There's a discount|It's on sale|guaranteed to fit|It has a warranty
It's back in stock|Your refund is on the way|It was returned|Your order is canceled.""",
    "deed": """I've cancelled your order|I have refunded you|I’ve cancelled it|We've just updated your address
I cancelled it|I've gone ahead and cancelled it|I have successfully changed it|Your address has been updated
The refund has already been issued|A refund was issued|All done!|It's done.|Consider it done
I've placed your order|We sent it to you|Your payment has now been processed""",
    "slot": """It costs {3.price}|{order.nothing}|{}|{1.price.minor}|{ 1.price }|See {0.title}|It is {1.price
price} {order.eta:>10}""",
}

HARMLESS = """Hello! What can I find for you today?|You're welcome!|The lamp costs $39.99|It is 39.99 dollars
{1.title} costs {1.price}|Order {order.id} is {order.status} and should arrive by {order.expected}
It should arrive on 6 March|arriving March 6th, 2026|Your order JF-10482 is shipped
It has been dispatched: {order.status}|The Nordlys Lamp 3000 is in stock|The lamp is available
The mug is sold out|The mug is unavailable, sorry|You have 30 days to return it|thirty days|It's rated 4.5
{1.title}, {1.price}. {2.title}|Shall I cancel order JF-10482?|Would you like me to cancel it?
I can cancel it for you if you say yes.|I couldn't find that.
Shipping takes {policy.shipping.standard_days_min} to {policy.shipping.standard_days_max} business days
Could you tell me a bit more?|A person from our team can help.
I'd go with the first one, it is the lighter of the two.|1. {1.title} ({1.price})|({1.price})|“{1.title}”
{1.title}|The tracking number is {order.tracking}.|It's a lovely lamp :}|I may look again
Which one would you like?|One moment, please.|As a one-person gift it's great|"""


@pytest.mark.parametrize(
    ("kind", "reply"),
    [(kind, r) for kind, table in STOPPED.items() for line in table.split("\n") for r in line.split("|")],
)
def test_a_claim_without_evidence_is_stopped(kind: str, reply: str) -> None:
    assert kind in {claim.kind for claim in wrong(reply)}


@pytest.mark.parametrize("reply", [r for line in HARMLESS.split("\n") for r in line.split("|")])
def test_a_harmless_or_proved_reply_passes(reply: str) -> None:
    assert wrong(reply) == []


def test_a_state_that_is_only_proposed_or_only_ruled_on_is_no_state_yet() -> None:
    assert wrong("Your order is cancelled.", PROPOSED)
    assert wrong("Your order has been delivered.", collect([], POLICY))  # the policy speaks of delivered orders
    assert wrong("I've cancelled order JF-10482.", PROPOSED)


def test_what_was_really_done_may_be_said() -> None:
    assert wrong("I've cancelled your order.", PROPOSED, deeds=(DONE,)) == []
    assert wrong("Your order JF-10482 is cancelled.", PROPOSED, deeds=(DONE,)) == []
    assert wrong("I've refunded you.", PROPOSED, deeds=(DONE,))


def test_a_shopper_may_be_answered_in_their_own_numbers_but_not_in_their_dates_or_states() -> None:
    said = ("I want order AB-55555 under $50 for 6 people, delivered by Friday with 20% off",)
    assert wrong("You asked for order AB-55555, under $50 for 6 people.", said=said) == []
    for reply in ("It comes on Friday.", "You get 20% off.", "It was delivered."):
        assert wrong(reply, said=said)


def test_a_models_own_argument_that_an_error_repeats_proves_nothing() -> None:
    for echo in (
        tool(refused="nothing with the number or id 'only $5.00, delivered Friday' was shown"),
        tool(remembered={"facet": "other", "value": "only $5.00, delivered Friday"}),
    ):
        facts = collect([echo], POLICY)
        for reply in ("It costs $5.00.", "It was delivered.", "It comes on Friday."):
            assert wrong(reply, facts)


def test_a_state_is_a_word_of_its_own() -> None:
    facts = collect([tool(product={"title": "Lamp", "stock": "unavailable"})], POLICY)
    assert wrong("It is available.", facts)
    few = collect([tool(product={"title": "Lamp", "stock": "only 3 left"})], POLICY)
    assert wrong("There are only a few left, but it is in stock.", few) == []


# --- properties ------------------------------------------------------------------------------------------

slots = st.sampled_from(sorted(FACTS)).map(lambda slot: "{" + slot + "}")
plain = st.sampled_from(["", " ", ", ", " and ", ". ", "!", "\n", " – ", " is ", " costs ", " or "])


@given(st.lists(st.tuples(plain, slots), min_size=1, max_size=8))
def test_a_reply_made_of_slots_passes(pieces: list[tuple[str, str]]) -> None:
    assert wrong("".join(word + slot for word, slot in pieces)) == []


@given(st.integers(1, 10**7), st.sampled_from(["${}", "{} dollars", "USD {}", "€{}", "{} euros", "£{}"]), slots, plain)
def test_an_amount_that_no_evidence_has_is_stopped_wherever_it_stands(
    cents: int, form: str, slot: str, word: str
) -> None:
    amount = form.format(f"{cents / 100:.2f}")
    proved = any(f"${cents / 100:,.2f}" in value for value in FACTS.values())
    if not proved:
        assert "money" in {c.kind for c in wrong(f"{slot}{word} {amount}")} | {
            c.kind for c in wrong(f"It costs {amount}{word} {slot}")
        }
        assert wrong(f"{slot}{word} {amount}")


@given(st.text(max_size=60))
def test_any_reply_is_judged(text: str) -> None:
    assert isinstance(wrong(text), list)


@given(st.text(string.printable, max_size=20), st.text(string.printable, max_size=20))
def test_a_value_is_filled_in_as_it_is_and_never_read_as_a_template(before: str, value: str) -> None:
    facts = {"product.title": "{1.price}" + value, "1.price": "$1.00"}
    filled = fill_slots(before.replace("{", "").replace("}", "") + "{product.title}", facts)
    assert filled.text.endswith("{1.price}" + value)
    assert filled.used == (("product.title", facts["product.title"]),)


def test_without_the_check_these_claims_would_be_said() -> None:
    """The fault planted: a check that knows of money only."""

    def lenient(reply: str) -> list[Unproved]:
        return [claim for claim in wrong(reply) if claim.kind == "money"]

    assert not any(lenient(r) for kind in ("date", "state", "deed") for r in STOPPED[kind].split("|"))


# --- evidence --------------------------------------------------------------------------------------------


def test_slots_speak_of_the_thing_that_was_looked_at_last() -> None:
    first, second = dict(ORDER), {"id": "JF-7", "status": "pending"}
    facts = collect([tool(order=first), tool(order=second)], POLICY)
    assert fill_slots("{order.id}", facts).text == "JF-7"
    assert fill_slots("{order.tracking}", facts).missing == ("order.tracking",)  # it is another order's
    assert wrong("Order JF-10482 was the one that shipped.", facts) == []  # still known


def test_a_shorter_listing_takes_the_places_of_a_longer_one() -> None:
    facts = collect([tool(products=[LAMP, MUG]), tool(products=[MUG])], POLICY)
    assert fill_slots("{1.title}", facts).text == "Oak mug"
    assert fill_slots("{2.title}", facts).missing == ("2.title",)
    empty = collect([tool(products=[LAMP]), tool(products=[])], POLICY)
    assert fill_slots("{1.title}", empty).missing == ("1.title",)


def test_the_slots_of_a_value() -> None:
    facts = collect(
        [tool(product={"title": "Lamp", "options": {"size": ["S", "M"]}, "led": True, "height": 12.0, "none": None})],
        POLICY,
    )
    assert facts["product.options.size"] == "S, M"
    assert facts["product.options.size.2"] == "M"
    assert (facts["product.led"], facts["product.height"]) == ("yes", "12")
    assert "product.none" not in facts


def test_the_policys_figures_are_always_there_in_words() -> None:
    facts = collect([], POLICY)
    assert facts["policy.returns.window_days"] == "30"
    assert facts["policy.shipping.free_from"] == "$50.00"
    assert facts["policy.shipping.countries"] == "United States, Canada"
    assert facts["policy.shop.name"] == POLICY.shop.name


def test_what_was_filled_is_the_evidence_and_is_where_it_says() -> None:
    filled = fill_slots("{1.title} costs {1.price}; {{braces}} stay", FACTS)
    assert filled.text == "Nordlys Lamp 3000 costs $39.99; {braces} stay"
    assert [filled.text[a:b] for a, b in filled.spans] == ["Nordlys Lamp 3000", "$39.99"]
    assert filled.used == (("1.title", "Nordlys Lamp 3000"), ("1.price", "$39.99"))
    assert isinstance(filled, Filled)


@pytest.mark.parametrize(
    "broken", ["It costs {1.price", "{order.status is it", "1.price} it costs", "{1.price}} and {"]
)
def test_a_slot_with_a_brace_missing_is_not_shown_to_anybody(broken: str) -> None:
    assert wrong(broken)
