"""Handing a chat over to a person: as a plan, not a dump.

The desk gets what the shopper wants, the facts that tools have verified, what was tried, the proposal that
is still open, and what the policy allows next.
"""

from __future__ import annotations

from agent.evidence import supersede
from agent.messages import EventType, Json, Message, Role, Status
from agent.policy import Policy
from agent.store.conversations import Log, read_conversation, read_messages
from agent.wording import Wording


def hand_over(log: Log, wording: Wording, policy: Policy, reason: str) -> bool:
    """Put the chat into the desk's queue and tell the shopper. False where people are in it already."""
    conversation = read_conversation(log.connection, log.conversation_id)
    if conversation.status is not Status.BOT:
        return False
    plan = summarise(read_messages(log.connection, log.conversation_id), reason)
    if conversation.pending is not None:
        plan["pending"] = conversation.pending.effect.title
    text = wording.line("handover.waiting", log.conversation_id, hours=policy.shop.staff_hours)
    log.message(Message(Role.BOT, text))
    log.event(EventType.SAID, text=text, evidence=[], by="bot")
    log.event(EventType.HANDED_OVER, reason=reason)
    log.change(status=Status.WAITING.value, handover_reason=reason, handover=plan)
    return True


def summarise(messages: list[Message], reason: str) -> Json:
    """The plan for the desk, computed from the log: no sentence in it is a model's."""
    wishes = [m.text for m in messages if m.role is Role.SHOPPER][-3:]
    calls = {call.id: call for m in messages for call in m.calls}
    tried: list[Json] = []
    facts: dict[str, str] = {}
    for message in messages:
        if message.result is None or message.result.call_id not in calls:
            continue
        call = calls[message.result.call_id]
        outcome = "done" if message.result.ok else message.result.error or "failed"
        tried.append({"tool": call.name, "arguments": call.arguments, "outcome": outcome})
        if message.result.ok and call.name in ("get_order", "find_my_orders", "get_product", "cancel_order"):
            supersede(facts, message.result.value)
    return {"reason": reason, "wishes": wishes, "tried": tried[-8:], "facts": facts, "pending": None}
