// <shopkeeper-chat>: puts the parts together, and is what the page may talk to.
//
//   open() close() toggle()       the panel
//   ask(text)                     opens the panel and sends a message
//   signIn(shopperToken)          the store vouches for its shopper
//   signedIn                      whether it has; signOut() forgets the chat
//   "shopkeeper-sign-in"          event on document: the shopper wants to sign in

import { Api } from "./api.js";
import { h } from "./dom.js";
import { Memory } from "./memory.js";
import { OPTIONS } from "./options.js";
import { Panel } from "./panel.js";
import { ratingCard } from "./rating.js";
import { Session } from "./session.js";
import { Transcript } from "./transcript.js";
import { WORDS } from "./words.js";

class ShopkeeperChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    this.transcript = new Transcript(OPTIONS, {
      decide: (id, accept) => {
        this.panel.rest();
        return this.session.decide(id, accept);
      },
      signIn: () => document.dispatchEvent(new CustomEvent("shopkeeper-sign-in", { detail: { chat: this } })),
      quick: (replies) => this.panel.setQuick(replies),
    });
    this.panel = new Panel(this.transcript, OPTIONS.shop, {
      send: (text) => this.send(text),
      open: () => this.opened(),
      close: () => this.session.watch(false),
      person: () => this.bring(),
      end: () => this.end(),
      fresh: () => this.fresh(),
    });
    this.session = new Session(new Api(OPTIONS.api), new Memory(OPTIONS.api), this.transcript, {
      status: (status, author) => this.show(status, author),
      online: (flag) => this.panel.setOnline(flag),
      unread: (count) => this.panel.setUnread(count),
      trouble: (text) => this.panel.setTrouble(text),
    });
    this.session.shopperToken = OPTIONS.shopperToken;
    this.draw();
    if (this.session.chat) this.begin();
  }

  draw() {
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    if (OPTIONS.accent) this.style.setProperty("--shopkeeper-accent", OPTIONS.accent);
    if (OPTIONS.theme) this.dataset.theme = OPTIONS.theme;
    this.dataset.side = OPTIONS.side;
    root.append(this.panel.launcher, this.panel.element);
  }

  open() {
    this.panel.open();
  }

  close() {
    this.panel.close();
  }

  toggle() {
    this.panel.toggle();
  }

  ask(text) {
    this.panel.open();
    this.panel.send(String(text));
  }

  async signIn(shopperToken) {
    const shopper = await this.session.signIn(String(shopperToken));
    this.transcript.signedIn();
    if (!shopper) return;
    this.transcript.note(WORDS.signedIn(shopper.name));
    if (this.asked) this.panel.setQuick([{ label: WORDS.askAgain(shorten(this.asked)), text: this.asked }]);
  }

  get signedIn() {
    return Boolean(this.session.shopperToken || (this.session.chat && this.session.chat.shopper));
  }

  signOut() {
    this.session.shopperToken = "";
    this.fresh(this.panel.isOpen);
  }

  begin() {
    return this.session.begin().catch(() => this.panel.setOnline(false));
  }

  opened() {
    this.begin();
    this.session.watch(true);
  }

  send(text) {
    this.asked = text;
    return this.session.send(text);
  }

  async bring() {
    try {
      await this.session.handOver();
    } catch (problem) {
      this.panel.setTrouble(problem.message);
    }
  }

  show(status, author) {
    this.panel.setStatus(status, author);
    if (status === "closed") this.end();
  }

  end() {
    this.panel.setEnded(true);
    if (this.rating || !this.session.chat || this.session.chat.rated) return;
    this.rating = h("div", { className: "entry shown" }, ratingCard((stars, text) => this.rate(stars, text)));
    this.transcript.append(this.rating);
  }

  async rate(stars, text) {
    await this.session.rate(stars, text);
    this.panel.rest();
  }

  fresh(begin = true) {
    this.rating = null;
    this.asked = "";
    this.session.leave();
    this.panel.setEnded(false);
    this.panel.setQuick([]);
    this.panel.setTrouble("");
    if (begin) this.begin().then(() => this.panel.isOpen && this.panel.open());
  }
}

function shorten(text) {
  return text.length > 40 ? `${text.slice(0, 38)}…` : text;
}

if (!customElements.get("shopkeeper-chat")) customElements.define("shopkeeper-chat", ShopkeeperChat);
if (OPTIONS.mount && !document.querySelector("shopkeeper-chat")) {
  document.body.append(document.createElement("shopkeeper-chat"));
}
