"""One turn: ask the model, act, repeat, until there is something to say.

The log is the state. Each step is appended in a transaction of its own, so a turn that was cut off goes on
where its log ends: a call without a result is run, a finished one never again. When a person has taken the
chat over meanwhile, the next append is refused and the turn ends without a word.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any

from agent.chat_format import of_turn, to_langchain
from agent.decisions import Decisions
from agent.errors import Conflict
from agent.guard.calls import check_call
from agent.guard.consent import consent
from agent.guard.person import asks_for_person
from agent.handover import hand_over
from agent.help_tools import HANDED_OVER
from agent.messages import Conversation, EventType, Message, Proposal, Role, Status, ToolCall, ToolResult
from agent.model import Decision, DialogModel
from agent.notifier import Notifier
from agent.policy import Policy
from agent.reply import ReplyWriter
from agent.store.conversations import ConversationStore
from agent.store.turns import Turn, TurnKind, TurnState, TurnStore, set_turn_state
from agent.tools import Draft, Session, Toolbox
from agent.wording import Wording

log = logging.getLogger(__name__)

ToolboxOf = Callable[[Session], Toolbox]
_MOST_ATTEMPTS = 3


class TurnRunner:
    """Runs turns to their end."""

    def __init__(
        self,
        conversations: ConversationStore,
        turns: TurnStore,
        model: DialogModel,
        toolbox_of: ToolboxOf,
        decisions: Decisions,
        replies: ReplyWriter,
        notifier: Notifier,
        wording: Wording,
        policy: Policy,
    ) -> None:
        self.model = model
        self._conversations = conversations
        self._turns = turns
        self._toolbox_of = toolbox_of
        self._decisions = decisions
        self._replies = replies
        self._notifier = notifier
        self._wording = wording
        self._policy = policy

    def run(self, turn: Turn) -> None:
        """Answer, or fall silent where people work the chat. Whatever happens, the turn ends."""
        conversation = self._conversations.get(turn.conversation_id)
        try:
            if turn.attempts > _MOST_ATTEMPTS:  # it has crashed its workers before; do not let it go round for ever
                self._give_up(turn, conversation, "the same message failed again and again")
            elif turn.kind is TurnKind.DECISION:
                self._decide(turn, conversation, turn.data["proposal"], accept=turn.data["accept"])
            elif conversation.status is Status.BOT:
                self._answer(turn, conversation)
        except Conflict as conflict:  # a person (or another worker) took over: their word counts, the draft is dropped
            log.info("turn %s dropped: %s", turn.id, conflict)
        self._turns.finish(turn.id, turn.attempts)
        self._notifier.notify(turn.conversation_id)

    def _answer(self, turn: Turn, conversation: Conversation) -> None:
        messages = self._messages(turn)
        text = next(m.text for m in messages if m.sequence == turn.sequence)
        if asks_for_person(text):
            return self._give_up(turn, conversation, "asked for a person")
        pending = conversation.pending
        answer = consent(text)
        if pending is not None and answer is not None and _shown_before(pending, turn, messages):
            return self._decide(turn, conversation, pending.id, accept=answer)
        if self._act(turn, conversation):  # calls that a worker before us has left open
            return None
        for _ in range(self._policy.limits.steps_per_turn):
            messages = self._messages(turn)
            decision = self._ask(turn, conversation, messages)
            if not decision.calls:
                return self._replies.say(
                    turn, conversation, messages, decision, lambda m: self._ask(turn, conversation, m)
                )
            self._append_calls(turn, conversation, messages, decision)
            if self._act(turn, conversation):
                return None
        return self._give_up(turn, conversation, "too many steps without an answer")

    def _ask(self, turn: Turn, conversation: Conversation, messages: list[Message]) -> Decision:
        self._working(turn, conversation, "thinking", TurnState.DECIDING)
        toolbox = self._toolbox_of(_session(conversation, messages))
        return self.model.decide(to_langchain(messages, self._replies.system_prompt), toolbox.structured())

    def _append_calls(
        self, turn: Turn, conversation: Conversation, messages: list[Message], decision: Decision
    ) -> None:
        # A model's own ids need not be unique within a chat; ours are.
        used = sum(len(m.calls) for m in messages if m.turn_id == turn.id)
        calls = tuple(
            ToolCall(f"{turn.id}-{used + n}", c.name, finite(c.arguments)) for n, c in enumerate(decision.calls)
        )
        with self._conversations.append(conversation.id, version=conversation.version, turn_id=turn.id) as entry:
            entry.message(Message(Role.BOT, calls=calls))
            entry.event(EventType.WORKING, step=calls[0].name)
            set_turn_state(entry.connection, turn.id, TurnState.TOOL, turn.attempts)
        self._notifier.notify(conversation.id)

    def _act(self, turn: Turn, conversation: Conversation) -> bool:
        """Run the open calls until one ends the turn (a proposal, a hand-over). True when one did."""
        for call in _unanswered(self._messages(turn), turn.id):
            messages = self._messages(turn)
            toolbox = self._toolbox_of(_session(conversation, messages))
            started = time.perf_counter()
            outcome = check_call(toolbox, call, messages) or toolbox.run(call)
            spent = round((time.perf_counter() - started) * 1000, 1)
            if isinstance(outcome, Draft):
                self._decisions.propose(turn, conversation, call, outcome, spent)
                return True
            if outcome.ok and HANDED_OVER in outcome.value:
                self._finish_with_person(turn, conversation, call, outcome, spent)
                return True
            self._append_result(turn, conversation, call, outcome, spent)
        return False

    def _append_result(self, turn: Turn, who: Conversation, call: ToolCall, result: ToolResult, ms: float) -> None:
        with self._conversations.append(who.id, version=who.version, turn_id=turn.id) as entry:
            entry.message(Message(Role.TOOL, result=result))
            entry.event(EventType.CALLED, **called(call, result, ms))
            if result.rule and not result.rule.startswith("guard."):
                entry.event(EventType.REFUSED, rule=result.rule, text=result.error)
            set_turn_state(entry.connection, turn.id, TurnState.DECIDING, turn.attempts)

    def _finish_with_person(self, turn: Turn, who: Conversation, call: ToolCall, result: ToolResult, ms: float) -> None:
        with self._conversations.append(who.id, version=who.version, turn_id=turn.id) as entry:
            entry.message(Message(Role.TOOL, result=result))
            entry.event(EventType.CALLED, **called(call, result, ms))
            hand_over(entry, self._wording, self._policy, str(result.value[HANDED_OVER]))
            set_turn_state(entry.connection, turn.id, TurnState.DONE, turn.attempts)

    def _give_up(self, turn: Turn, conversation: Conversation, reason: str) -> None:
        with self._conversations.append(conversation.id, version=conversation.version, turn_id=turn.id) as entry:
            hand_over(entry, self._wording, self._policy, reason)
            set_turn_state(entry.connection, turn.id, TurnState.DONE, turn.attempts)

    def _decide(self, turn: Turn, conversation: Conversation, proposal_id: str, *, accept: bool) -> None:
        self._decisions.decide(turn, conversation, proposal_id, accept=accept)

    def _working(self, turn: Turn, conversation: Conversation, step: str, state: TurnState) -> None:
        with self._conversations.append(conversation.id, version=conversation.version, turn_id=turn.id) as entry:
            entry.event(EventType.WORKING, step=step)
            set_turn_state(entry.connection, turn.id, state, turn.attempts)
        self._notifier.notify(conversation.id)

    def _messages(self, turn: Turn) -> list[Message]:
        return of_turn(self._conversations.messages(turn.conversation_id), turn.id, turn.sequence)


def called(call: ToolCall, result: ToolResult, ms: float) -> dict[str, object]:
    """The data of a `called` event."""
    outcome = result.value if result.ok else {"error": result.error, "rule": result.rule}
    return {"name": call.name, "arguments": call.arguments, "result": outcome, "ms": ms}


def _session(conversation: Conversation, messages: list[Message]) -> Session:
    return Session(conversation.id, conversation.shopper_id, tuple(messages))


def _unanswered(messages: list[Message], turn_id: str) -> list[ToolCall]:
    answered = {m.result.call_id for m in messages if m.result is not None}
    calls = [call for m in messages if m.turn_id == turn_id for call in m.calls]
    return [call for call in calls if call.id not in answered]


def _shown_before(pending: Proposal, turn: Turn, messages: list[Message]) -> bool:
    """Had the shopper the card before them when they wrote? A yes sent ahead of it is no yes to it."""
    return any(
        m.result is not None and m.result.call_id == pending.call.id and m.sequence < turn.sequence for m in messages
    )


def finite(value: Any) -> Any:
    """JSON as every database and browser takes it: NaN and the infinities, which models do send, become text."""
    if isinstance(value, dict):
        return {str(name): finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
