"""The whole shop, put together once: settings in, everything that the faces need out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.catalogue import Catalogue
from agent.chat import ChatService
from agent.decisions import Decisions
from agent.desk import Desk
from agent.effects import send_refunds
from agent.help_articles import load_articles
from agent.help_tools import HelpTools
from agent.importer import Tell
from agent.local_model import LocalModel
from agent.model import DialogModel, make_model
from agent.notifier import Notifier
from agent.opening import fill_catalogue, fill_people, first_staff
from agent.order_tools import OrderTools
from agent.policy import Policy, load_policy
from agent.product_tools import ProductTools
from agent.reading import Reader
from agent.recommender import Recommender
from agent.reply import ReplyWriter
from agent.settings import Settings
from agent.store.catalogue import CatalogueStore
from agent.store.conversations import ConversationStore
from agent.store.database import Database
from agent.store.people import PeopleStore
from agent.store.staff import StaffStore
from agent.store.tastes import TasteStore
from agent.store.turns import TurnStore
from agent.tools import Session, Toolbox
from agent.turn import TurnRunner
from agent.understanding.acts import Senses
from agent.understanding.intents import IntentClassifier
from agent.wording import Wording
from agent.workers import Workers
from retrieval.articles import Article, ArticleIndex
from retrieval.encoder import MiniLM
from retrieval.kept_vectors import KeptVectors

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Services:
    """Everything that runs, by name. Made by `open_shop`; closed by `close`."""

    settings: Settings
    policy: Policy
    wording: Wording
    database: Database
    conversations: ConversationStore
    people: PeopleStore
    tastes: TasteStore
    staff: StaffStore
    catalogue: Catalogue
    recommender: Recommender
    articles: ArticleIndex
    notifier: Notifier
    chat: ChatService
    desk: Desk
    turns: TurnStore
    runner: TurnRunner
    workers: Workers
    local: LocalModel
    reader: Reader
    ready: bool = False

    def start(self) -> None:
        """Begin to answer: turns that an earlier process left behind are taken up first."""
        if self.database.is_sqlite:  # one process owns the file, so whoever held a turn is gone
            self.turns.release()
        send_refunds(self.database)
        self.workers.start(self.runner)
        self.ready = True

    def warm(self) -> None:
        """Load what a first question would wait for; at the first start, learn the recommendation model."""
        if self.catalogue.exists:
            _ = self.recommender.core
            self.reader.parse("")

    def use_model(self, model: DialogModel) -> None:
        """Let another dialog model answer from the next step on."""
        previous, self.runner.model = self.runner.model, model
        previous.close()  # a step that was under way is answered by the fallback

    def close(self) -> None:
        self.ready = False
        self.workers.stop()
        self.runner.model.close()
        self.database.close()


def open_shop(settings: Settings, *, model: BaseChatModel | None = None, tell: Tell | None = None) -> Services:
    """Open the shop of these settings; the first time, fill it.

    Args:
        settings: see `agent.settings`.
        model: a dialog model in place of the setting's.
        tell: told of the progress of long steps.

    Raises:
        agent.errors.ShopkeeperError: a setting, the policy, the database or a model is not usable.
    """
    tell = tell or (lambda _stage, _done, _of: None)
    policy, wording = load_policy(settings.policy), Wording()
    database = Database(settings.database_url)
    database.migrate()
    encoder = MiniLM.load()
    store = CatalogueStore(database)
    people, tastes, staff = PeopleStore(database), TasteStore(database), StaffStore(database)
    fill_catalogue(settings, store, encoder, tell)
    catalogue = Catalogue(store, settings.home, encoder)
    if people.count() == 0:
        fill_people(settings, policy, catalogue.all_products, people, tastes)
    if (kept := first_staff(settings, staff)) is not None:
        log.info("the desk's first password is in %s", kept)
    recommender = Recommender(settings.home, tastes, catalogue, wording, tell)
    articles = ArticleIndex(
        [Article(a.id, a.title, a.text, a.questions) for a in load_articles(policy)],
        KeptVectors(encoder, settings.home / "models" / "articles.vectors"),
    )
    conversations, turns, notifier = ConversationStore(database), TurnStore(database), Notifier()

    def toolbox_of(session: Session) -> Toolbox:
        return Toolbox(
            [
                ProductTools(session, catalogue, recommender, policy, wording),
                OrderTools(session, people, policy, wording),
                HelpTools(session, articles),
            ]
        )

    intents = IntentClassifier.load_or_fit(encoder, settings.home / "models")
    reader = Reader(catalogue, encoder.vocabulary())
    senses = Senses(intents, reader.parse, reader.fits, reader.sells)
    local = LocalModel(senses=lambda: senses, wording=wording)
    dialog = (
        make_model(settings, local) if model is None else DialogModel("given", model, local, settings.model_timeout)
    )
    runner = TurnRunner(
        conversations,
        turns,
        dialog,
        toolbox_of,
        Decisions(conversations, database, wording, policy),
        ReplyWriter(conversations, notifier, wording, policy),
        notifier,
        wording,
        policy,
    )
    workers = Workers(turns, settings.workers)
    chat = ChatService(conversations, people, workers, notifier, wording, policy)
    desk = Desk(conversations, people, notifier, wording, policy)
    return Services(
        settings, policy, wording, database, conversations, people, tastes, staff, catalogue, recommender, articles,
        notifier, chat, desk, turns, runner, workers, local, reader,
    )  # fmt: skip
