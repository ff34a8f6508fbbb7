"""Proposals in a chat: put on the table, and decided once by the shopper's yes or no."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from datetime import timedelta

from agent.effects import apply, send_refunds
from agent.errors import Conflict
from agent.messages import (
    Conversation,
    EventType,
    Message,
    Proposal,
    ProposalState,
    Role,
    Status,
    ToolCall,
    ToolResult,
)
from agent.policy import Policy
from agent.present import effect_card, proposal_card
from agent.store.conversations import ConversationStore, Log, read_conversation
from agent.store.database import Database
from agent.store.proposals import add_proposal, decide_proposal, get_proposal, write_audit
from agent.store.rows import now
from agent.store.turns import Turn, TurnKind, TurnState, set_turn_state
from agent.tools import Draft
from agent.wording import Wording


class Decisions:
    """Puts drafts on the table as proposals, and carries out what the shopper decides."""

    def __init__(self, conversations: ConversationStore, database: Database, wording: Wording, policy: Policy) -> None:
        self._conversations = conversations
        self._database = database
        self._wording = wording
        self._policy = policy

    def propose(self, turn: Turn, who: Conversation, call: ToolCall, draft: Draft, ms: float) -> Proposal:
        """Show the shopper exactly what would happen, and end the turn. Nothing is changed yet."""
        proposal = Proposal(
            id=secrets.token_urlsafe(12),
            call=call,
            effect=draft.effect,
            state=ProposalState.PENDING,
            expires_at=now() + timedelta(minutes=self._policy.limits.proposal_minutes),
            subject=draft.subject,
            subject_version=draft.subject_version,
        )
        card = proposal_card(proposal)
        value = {"proposed": effect_card(draft.effect), "waiting_for": "the shopper's yes"}
        text = self._wording.line("proposal.ask", turn.id, minutes=self._policy.limits.proposal_minutes)
        with self._conversations.append(who.id, version=who.version, turn_id=turn.id) as log:
            add_proposal(log.connection, who.id, turn.id, proposal)
            log.message(Message(Role.TOOL, result=ToolResult(call.id, True, value)))
            log.event(EventType.CALLED, name=call.name, arguments=call.arguments, result=value, ms=ms)
            _say(log, text)
            log.event(EventType.PROPOSED, proposal=card)
            set_turn_state(log.connection, turn.id, TurnState.DONE, turn.attempts)
        return proposal

    def decide(self, turn: Turn, who: Conversation, proposal_id: str, *, accept: bool) -> None:
        """Carry out a yes or a no, once. A late, repeated or outdated answer is told so and changes nothing.

        A button pressed counts whoever has the chat by now; the bot itself only speaks where it is the bot's.
        """
        try:
            with self._open(turn, who) as log:
                proposal = get_proposal(log.connection, who.id, proposal_id)
                if proposal is None or proposal.state is not ProposalState.PENDING:
                    _say(log, self._wording.line("proposal.settled", turn.id))
                elif proposal.expires_at < now():
                    decide_proposal(log.connection, proposal.id, ProposalState.EXPIRED)
                    _say(log, self._wording.line("proposal.expired", turn.id))
                elif accept:
                    self._accept(log, turn, who, proposal)
                else:
                    decide_proposal(log.connection, proposal.id, ProposalState.DECLINED)
                    actor = f"shopper:{who.shopper_id}"
                    write_audit(log.connection, actor, "declined", who.id, proposal.id)
                    _say(log, self._wording.line("proposal.declined", turn.id))
                set_turn_state(log.connection, turn.id, TurnState.DONE, turn.attempts)
        except _Outdated as outdated:
            self._fail(turn, who, proposal_id, str(outdated))
        send_refunds(self._database)

    def _accept(self, log: Log, turn: Turn, who: Conversation, proposal: Proposal) -> None:
        if who.shopper_id is None or not decide_proposal(log.connection, proposal.id, ProposalState.DONE):
            raise _Outdated("it was decided already")
        try:
            apply(log.connection, proposal, who.shopper_id, who.id, self._policy)
        except Conflict as conflict:
            raise _Outdated(str(conflict)) from conflict
        changes = "; ".join(f"{c.what}: {c.before} → {c.after}" for c in proposal.effect.changes)
        log.message(Message(Role.NOTE, f"the shopper said yes; done: {proposal.effect.title} ({changes})"))
        log.event(EventType.DONE, effect=effect_card(proposal.effect), proposal=proposal.id)
        money = proposal.effect.money
        line = "done.with_money" if money is not None and money.minor > 0 else "done.plain"
        template = self._wording.template(line, turn.id)
        values = {
            "title": proposal.effect.title,
            "money": str(proposal.effect.money),
            "method": proposal.effect.method or "",
        }
        _say(log, template.format(**values))

    def _fail(self, turn: Turn, who: Conversation, proposal_id: str, reason: str) -> None:
        """The yes came too late: nothing of it was kept; say so and take the card off the table."""
        with self._open(turn, who) as log:
            decide_proposal(log.connection, proposal_id, ProposalState.FAILED)
            write_audit(log.connection, f"shopper:{who.shopper_id}", "failed", who.id, proposal_id, reason=reason)
            text = self._wording.line("proposal.outdated", turn.id)
            log.event(EventType.REFUSED, rule="proposal.outdated", text=text)
            _say(log, text)
            set_turn_state(log.connection, turn.id, TurnState.DONE, turn.attempts)

    def _open(self, turn: Turn, who: Conversation) -> AbstractContextManager[Log]:
        # A yes in words is the bot's to read, so a take-over meanwhile drops it; a pressed one is nobody's draft.
        version = who.version if turn.kind is TurnKind.MESSAGE else None
        return self._conversations.append(who.id, version=version, turn_id=turn.id)


class _Outdated(Exception):
    """Rolls the transaction of a yes back."""


def _say(log: Log, text: str) -> None:
    """The bot speaks; where people work the chat it leaves a note instead."""
    if read_conversation(log.connection, log.conversation_id).status is Status.BOT:
        log.message(Message(Role.BOT, text))
        log.event(EventType.SAID, text=text, evidence=[], by="bot")
    else:
        log.message(Message(Role.NOTE, text))
