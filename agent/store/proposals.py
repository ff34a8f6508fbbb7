"""Proposals, their effects' outbox and the audit log in the database.

Everything here takes a connection: a proposal is decided, its effect done, its money queued and its audit
entry written in one transaction, or none of it is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from agent.messages import Json, Proposal, ProposalState
from agent.store.conversations import read_proposal
from agent.store.rows import call_json, effect_json, now
from agent.store.tables import audit, outbox, proposals


def add_proposal(connection: Connection, conversation_id: str, turn_id: str, proposal: Proposal) -> None:
    """Store a pending proposal; one that was pending before is replaced by it."""
    connection.execute(
        update(proposals)
        .where(proposals.c.conversation_id == conversation_id, proposals.c.state == ProposalState.PENDING.value)
        .values(state=ProposalState.REPLACED.value, decided_at=now())
    )
    connection.execute(
        insert(proposals).values(
            id=proposal.id,
            conversation_id=conversation_id,
            turn_id=turn_id,
            call=call_json(proposal.call),
            effect=effect_json(proposal.effect),
            state=proposal.state.value,
            subject=proposal.subject,
            subject_version=proposal.subject_version,
            created_at=now(),
            expires_at=proposal.expires_at,
        )
    )


def get_proposal(connection: Connection, conversation_id: str, proposal_id: str) -> Proposal | None:
    """A proposal of this conversation, in whatever state."""
    row = connection.execute(
        select(proposals).where(proposals.c.id == proposal_id, proposals.c.conversation_id == conversation_id)
    ).first()
    return None if row is None else read_proposal(row)


def decide_proposal(connection: Connection, proposal_id: str, state: ProposalState) -> bool:
    """Move a pending proposal to its end. False when it was not pending any more: it counts once."""
    result = connection.execute(
        update(proposals)
        .where(proposals.c.id == proposal_id, proposals.c.state == ProposalState.PENDING.value)
        .values(state=state.value, decided_at=now())
    )
    return result.rowcount == 1


def queue_effect(connection: Connection, key: str, proposal_id: str, kind: str, data: Json) -> None:
    """Put a movement of money into the outbox. The key is unique: a second one with it is an error."""
    connection.execute(
        insert(outbox).values(key=key, proposal_id=proposal_id, kind=kind, data=data, state="waiting", created_at=now())
    )


def waiting_effects(connection: Connection) -> list[tuple[str, str, Json]]:
    """What the outbox still has to send: key, kind, data; the oldest first."""
    query = select(outbox).where(outbox.c.state == "waiting").order_by(outbox.c.created_at)
    return [(row.key, row.kind, row.data) for row in connection.execute(query)]


def mark_sent(connection: Connection, key: str) -> bool:
    """Tick off an effect. False when somebody else did already."""
    result = connection.execute(
        update(outbox).where(outbox.c.key == key, outbox.c.state == "waiting").values(state="sent", sent_at=now())
    )
    return result.rowcount == 1


def write_audit(
    connection: Connection, actor: str, action: str, conversation_id: str | None, proposal_id: str | None, **data: Any
) -> None:
    """Add one line to the append-only audit log: who did what, where, and on which yes."""
    connection.execute(
        insert(audit).values(
            at=now(),
            actor=actor,
            action=action,
            conversation_id=conversation_id,
            proposal_id=proposal_id,
            data=data,
        )
    )
