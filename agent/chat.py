"""What a shopper's face (widget, terminal, pipe, demo) can do with a chat: start, post, decide, read.

Posting stores the message and puts a turn into the queue; `agent.workers` runs it. Nothing here waits for
the bot.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from agent.errors import NotFound
from agent.guard.text import clean, mask_secrets
from agent.handover import hand_over
from agent.messages import Conversation, Event, Json, Message, Role, Status
from agent.notifier import Notifier
from agent.policy import Policy
from agent.store.conversations import ConversationStore, Started, read_conversation
from agent.store.people import PeopleStore
from agent.store.proposals import get_proposal
from agent.store.turns import TurnKind, add_turn
from agent.wording import Wording
from agent.workers import Workers


@dataclass(frozen=True, slots=True)
class ChatStarted:
    id: str
    token: str
    greeting: str


class ChatService:
    """The one door to conversations for every face."""

    def __init__(
        self,
        conversations: ConversationStore,
        people: PeopleStore,
        workers: Workers,
        notifier: Notifier,
        wording: Wording,
        policy: Policy,
    ) -> None:
        self.conversations = conversations
        self.notifier = notifier
        self._people = people
        self._workers = workers
        self._wording = wording
        self._policy = policy

    def start(self, shopper_id: str | None = None, conversation_id: str | None = None) -> ChatStarted:
        """A new chat, of this shopper or of a stranger. The greeting says that it is an AI that answers.

        Raises NotFound for a shopper that does not exist.
        """
        if shopper_id is not None:
            name = self._people.shopper(shopper_id).name.strip().partition(" ")[0]
        started: Started = self.conversations.create(shopper_id, conversation_id)
        shop = self._policy.shop.name
        if shopper_id is None:
            greeting = self._wording.line("greeting.stranger", started.id, shop=shop)
        else:
            greeting = self._wording.line("greeting.known", started.id, shop=shop, name=name)
        with self.conversations.append(started.id) as log:
            log.message(Message(Role.BOT, greeting))
        return ChatStarted(started.id, started.token, greeting)

    def authenticate(self, conversation_id: str, token: str) -> Conversation:
        """The conversation that this token opens. Raises NotFound."""
        return self.conversations.authenticate(conversation_id, token)

    def post(self, conversation_id: str, client_id: str, text: str) -> int:
        """Store a message of the shopper's and have it answered; the message's number.

        The same client id twice stores one message. Text is cleaned, cut to the policy's length, and card
        numbers and the like are masked before anything is stored. In a chat that people work, nobody but
        they will answer.
        """
        text = mask_secrets(clean(text, self._policy.limits.message_characters))
        known = self.conversations.sequence_of(conversation_id, client_id)
        if known is not None:
            return known
        try:
            with self.conversations.append(conversation_id) as log:
                if read_conversation(log.connection, conversation_id).status is Status.CLOSED:
                    log.change(status=Status.BOT.value)  # whoever writes into a closed chat opens it again
                sequence = log.message(Message(Role.SHOPPER, text), client_id)
                add_turn(log.connection, conversation_id, sequence, TurnKind.MESSAGE, {})
        except IntegrityError:  # the same message came in twice at the same moment
            again = self.conversations.sequence_of(conversation_id, client_id)
            if again is None:
                raise
            return again
        self._workers.wake()
        self.notifier.notify(conversation_id)
        return sequence

    def decide(self, conversation_id: str, proposal_id: str, *, accept: bool) -> None:
        """The shopper pressed yes or no on a card. Pressing it again changes nothing.

        Raises NotFound for a proposal that is not of this conversation.
        """
        with self.conversations.append(conversation_id) as log:
            if get_proposal(log.connection, conversation_id, proposal_id) is None:
                raise NotFound("no such proposal in this conversation")
            sequence = log.message(Message(Role.NOTE, "pressed yes" if accept else "pressed no"))
            data = {"proposal": proposal_id, "accept": accept}
            add_turn(log.connection, conversation_id, sequence, TurnKind.DECISION, data)
        self._workers.wake()

    def sign_in(self, conversation_id: str, shopper_id: str) -> None:
        """Bind the chat to a shopper whom the store has vouched for. Raises NotFound, Conflict."""
        shopper = self._people.shopper(shopper_id)
        self.conversations.sign_in(conversation_id, shopper.id)
        with self.conversations.append(conversation_id) as log:
            log.message(Message(Role.NOTE, f"signed in as {shopper.name}"))

    def hand_over(self, conversation_id: str, reason: str = "the shopper pressed the button") -> None:
        """Bring in a person, now. Does nothing where people are in it already."""
        with self.conversations.append(conversation_id) as log:
            hand_over(log, self._wording, self._policy, reason)
        self.notifier.notify(conversation_id)

    def rate(self, conversation_id: str, stars: int, text: str = "") -> None:
        self.conversations.rate(conversation_id, stars, mask_secrets(clean(text, 2_000)))

    def history(self, conversation_id: str) -> tuple[Status, list[Json]]:
        """The chat as a person may read it: what the shopper, the bot and staff wrote, oldest first."""
        conversation = self.conversations.get(conversation_id)
        shown = (Role.SHOPPER, Role.BOT, Role.STAFF)
        messages = [
            {
                "sequence": m.sequence,
                "role": m.role.value,
                "text": m.text,
                "author": m.author,
                "at": m.at.isoformat() if m.at else None,
            }
            for m in self.conversations.messages(conversation_id)
            if m.role in shown and m.text
        ]
        return conversation.status, messages

    def events(self, conversation_id: str, after: int = 0) -> list[Event]:
        return self.conversations.events(conversation_id, after)
