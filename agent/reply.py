"""From a model's reply to what the shopper reads: slots filled, every claim proved, cards beside it.

A reply that cannot be proved goes back to the model once, with what is wrong; a second one is replaced by
a safe line. The shopper never waits for a third.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.evidence import Filled, collect, fill_slots
from agent.guard.replies import Unproved, unproved
from agent.messages import Conversation, EventType, Json, Message, Role
from agent.model import Decision
from agent.notifier import Notifier
from agent.policy import Policy
from agent.store.conversations import ConversationStore
from agent.store.turns import Turn, TurnState, set_turn_state
from agent.wording import PROMPTS, Wording, fill

Ask = Callable[[list[Message]], Decision]


class ReplyWriter:
    """Says what a model decided to say, if it can be proved."""

    def __init__(self, conversations: ConversationStore, notifier: Notifier, wording: Wording, policy: Policy) -> None:
        self._conversations = conversations
        self._notifier = notifier
        self._wording = wording
        self._policy = policy
        self.system_prompt = fill(
            (PROMPTS / "system.md").read_text(encoding="utf-8"),
            {"shop": policy.shop.name, "currency": policy.shop.currency},
        )

    def say(self, turn: Turn, who: Conversation, messages: list[Message], decision: Decision, ask: Ask) -> None:
        """Say a reply, rewritten once or replaced where it cannot be proved, and end the turn."""
        filled, wrong = self._check(messages, decision)
        if wrong:
            decision = ask([*messages, Message(Role.BOT, decision.text), self._complaint(wrong)])
            filled, wrong = self._check(messages, decision)
        if wrong or decision.calls:
            line = "safe.with_products" if _shows(messages, turn.id).get("products") else "safe.plain"
            filled = Filled(self._wording.line(line, turn.id), (), (), ())
        self._append(turn, who, messages, filled, decision, replaced=bool(wrong or decision.calls))

    def _check(self, messages: list[Message], decision: Decision) -> tuple[Filled, list[Unproved]]:
        facts = collect(messages, self._policy)
        filled = fill_slots(decision.text, facts)
        said = [m.text for m in messages if m.role is Role.SHOPPER]
        deeds = [m.text for m in messages if m.role is Role.NOTE]
        return filled, unproved(filled, facts, said, deeds)

    def _complaint(self, wrong: list[Unproved]) -> Message:
        claims = "; ".join(f"{w.kind}: {w.claim}" for w in wrong[:5])
        return Message(Role.NOTE, self._wording.line("model.unproved", claims=claims))

    def _append(
        self,
        turn: Turn,
        who: Conversation,
        messages: list[Message],
        filled: Filled,
        decision: Decision,
        *,
        replaced: bool,
    ) -> None:
        evidence = [{"slot": slot, "value": value} for slot, value in filled.used]
        shows = _shows(messages, turn.id)
        extras = {} if replaced else decision.extras
        with self._conversations.append(who.id, version=who.version, turn_id=turn.id) as log:
            log.message(Message(Role.BOT, filled.text))
            log.event(
                EventType.SAID,
                text=filled.text,
                evidence=evidence,
                by="bot",
                model=decision.model,
                fell_back=decision.fell_back,
                replaced=replaced,
                **extras,
            )
            if shows:
                log.event(EventType.SHOWED, **shows)
            set_turn_state(log.connection, turn.id, TurnState.DONE, turn.attempts)
        self._notifier.notify(who.id)


def _shows(messages: list[Message], turn_id: str) -> Json:
    """What the turn's last tool has to show; an empty listing shows nothing."""
    for message in reversed(messages):
        if message.turn_id == turn_id and message.result is not None and message.result.shows:
            return {name: value for name, value in message.result.shows.items() if value}
    return {}
