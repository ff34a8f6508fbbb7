"""What the support staff can do with a chat: take it over, answer, give it back, close it.

Each of them moves the conversation's version on, so that a draft that the bot was writing is dropped.
"""

from __future__ import annotations

from agent.errors import Conflict
from agent.guard.text import clean
from agent.messages import Conversation, EventType, Json, Message, Role, Status
from agent.notifier import Notifier
from agent.policy import Policy
from agent.present import effect_card, order_facts
from agent.store.conversations import ConversationStore, Log, read_conversation
from agent.store.people import PeopleStore
from agent.store.proposals import write_audit
from agent.wording import Wording


class Desk:
    """The queue of chats and the staff's moves in them."""

    def __init__(
        self,
        conversations: ConversationStore,
        people: PeopleStore,
        notifier: Notifier,
        wording: Wording,
        policy: Policy,
    ) -> None:
        self._conversations = conversations
        self._people = people
        self._notifier = notifier
        self._wording = wording
        self._policy = policy

    def queue(self) -> list[Conversation]:
        """Who waits, the longest first; then the chats that staff are in."""
        return [*self._conversations.queue(Status.WAITING), *self._conversations.queue(Status.STAFF)]

    def open_chats(self, most: int = 25) -> list[Conversation]:
        """The chats that the bot is in, the most recent first."""
        return self._conversations.queue(Status.BOT, newest=most)

    def view(self, conversation_id: str) -> Json:
        """Everything that helps to answer: the transcript, the plan of the hand-over, the shopper and their orders."""
        conversation = self._conversations.get(conversation_id)
        shown = (Role.SHOPPER, Role.BOT, Role.STAFF)
        transcript = [
            {"role": m.role.value, "text": m.text, "author": m.author, "at": m.at}
            for m in self._conversations.messages(conversation_id)
            if m.role in shown and m.text
        ]
        view: Json = {
            "conversation": conversation,
            "transcript": transcript,
            "plan": self._conversations.handover(conversation_id) or {},
            "pending": None if conversation.pending is None else effect_card(conversation.pending.effect),
        }
        if conversation.shopper_id is not None:
            shopper = self._people.shopper(conversation.shopper_id)
            orders = self._people.orders_of(shopper.id, 5)
            view["shopper"] = {"name": shopper.name, "email": shopper.email}
            view["orders"] = [order_facts(o, shopper.payment_methods) for o in orders]
        return view

    def take_over(self, conversation_id: str, name: str) -> None:
        """Put oneself into the chat. Raises Conflict where a colleague is in it, or where it is closed."""
        with self._conversations.append(conversation_id) as log:
            conversation = read_conversation(log.connection, conversation_id)
            if conversation.status is Status.CLOSED:
                raise Conflict("this chat is closed")
            if conversation.status is Status.STAFF and conversation.assigned_to != name:
                raise Conflict(f"{conversation.assigned_to} is in this chat already")
            if conversation.status is Status.STAFF:
                return
            log.change(status=Status.STAFF.value, assigned_to=name)
            self._say(log, self._wording.line("handover.taken", name=name), name)
            write_audit(log.connection, f"staff:{name}", "take_over", conversation_id, None)
        self._notifier.notify(conversation_id)

    def reply(self, conversation_id: str, name: str, text: str) -> None:
        """Answer the shopper. Raises Conflict where one is not in the chat."""
        text = clean(text, self._policy.limits.message_characters)
        if not text:
            return
        with self._conversations.append(conversation_id) as log:
            self._must_be_in(log, name)
            log.message(Message(Role.STAFF, text, author=name))
            log.event(EventType.SAID, text=text, evidence=[], by="staff", author=name)
        self._notifier.notify(conversation_id)

    def give_back(self, conversation_id: str, name: str) -> None:
        """Let the bot answer again."""
        self._leave(conversation_id, name, Status.BOT, "handover.returned", "give_back")

    def close(self, conversation_id: str, name: str) -> None:
        """End the chat."""
        self._leave(conversation_id, name, Status.CLOSED, "handover.closed", "close")

    def _leave(self, conversation_id: str, name: str, status: Status, line: str, action: str) -> None:
        with self._conversations.append(conversation_id) as log:
            self._must_be_in(log, name)
            log.change(status=status.value, assigned_to=None)
            log.message(Message(Role.NOTE, f"{name} left the chat: {action}"))
            text = self._wording.line(line)
            log.message(Message(Role.BOT, text))
            log.event(EventType.SAID, text=text, evidence=[], by="bot")
            write_audit(log.connection, f"staff:{name}", action, conversation_id, None)
        self._notifier.notify(conversation_id)

    def _must_be_in(self, log: Log, name: str) -> None:
        conversation = read_conversation(log.connection, log.conversation_id)
        if conversation.status is not Status.STAFF or conversation.assigned_to != name:
            raise Conflict("take the chat over first")

    def _say(self, log: Log, text: str, name: str) -> None:
        log.message(Message(Role.NOTE, text))
        log.event(EventType.SAID, text=text, evidence=[], by="staff", author=name)
