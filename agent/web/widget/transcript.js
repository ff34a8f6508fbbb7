// Events in, elements out: draws a conversation from its events and its shopper's messages, in the order of
// their numbers, whichever order they come in.

import { comparisonTable, productList } from "./cards.js";
import { ConfirmCard } from "./confirm.js";
import { h, icon } from "./dom.js";
import { orderCard } from "./orders.js";
import { revealed } from "./reveal.js";
import { WORDS } from "./words.js";

const STALE_WORK = 90000; // a "working" that nothing followed is not believed for ever

export class Transcript {
  // act: { decide(id, accept), signIn(), quick(replies) }
  constructor(places, act) {
    this.places = places;
    this.act = act;
    this.list = h("div", { className: "log", role: "log", "aria-live": "polite", "aria-label": WORDS.log, tabindex: "0" });
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.entries = []; // { sequence, element }, by sequence
    this.mine = new Map(); // the shopper's messages by sequence
    this.cards = new Map(); // confirm cards by proposal
    this.last = 0;
    this.greeted = false;
    this.refusal = null;
    this.idle();
  }

  // live: it happened now, in front of the shopper; otherwise it is history
  add(event, live) {
    this.last = Math.max(this.last, event.sequence);
    const draw = this[`on_${event.type}`];
    if (draw) draw.call(this, event, live);
  }

  on_working(event) {
    this.work(WORDS.working[event.step] || String(event.step).replaceAll("_", " "));
  }

  on_said(event, live) {
    this.idle();
    if (this.refusal && this.refusal.text === event.text) this.remove(this.refusal.element);
    this.refusal = null;
    const by = event.by === "staff" ? "staff" : "bot";
    const { nodes, takes } = revealed(String(event.text), live && by === "bot");
    this.after = live ? takes : 0;
    this.place(event.sequence, this.bubble(by, nodes, event.author), true);
    if (event.needs === "sign_in") this.askSignIn(event.sequence);
    const answered = [...this.mine.keys()].some((sequence) => sequence > event.sequence);
    this.act.quick(!answered && Array.isArray(event.quick_replies) ? event.quick_replies : []);
  }

  on_showed(event, live) {
    this.idle();
    const drawn = [];
    if (event.products && event.products.length) drawn.push(productList(event.products, this.places));
    if (event.comparison) drawn.push(comparisonTable(event.comparison, this.places));
    for (const order of [...(event.order ? [event.order] : []), ...(event.orders || [])]) {
      drawn.push(orderCard(order, this.places));
    }
    if (drawn.length) this.place(event.sequence, this.later(h("div", { className: "entry shown" }, drawn), live));
  }

  on_proposed(event, live) {
    this.idle();
    const proposal = event.proposal;
    for (const card of this.cards.values()) if (card.open) card.settle("settled");
    const card = new ConfirmCard(proposal, (accept) => this.act.decide(proposal.id, accept));
    this.cards.set(proposal.id, card);
    this.place(event.sequence, this.later(h("div", { className: "entry shown" }, card.element), live));
  }

  on_done(event) {
    this.idle();
    const card = this.cards.get(event.proposal);
    if (card) return void card.settle("done");
    const { title, money_text: money, method } = event.effect;
    const line = [title, money, method].filter(Boolean).join(" · ");
    this.place(event.sequence, h("div", { className: "entry outcome" }, icon("check"), h("span", {}, line)));
  }

  on_refused(event) {
    if (event.rule === "proposal.outdated") for (const card of this.cards.values()) if (card.open) card.settle("settled");
    if (event.rule === "identity.sign_in") return void this.askSignIn(event.sequence);
    const element = h("div", { className: "entry refusal" }, icon("warning"), h("span", {}, String(event.text)));
    this.refusal = { element, text: event.text };
    this.place(event.sequence, element);
  }

  on_handed_over(event) {
    this.idle();
    this.place(event.sequence, h("div", { className: "entry divider" }, icon("person"), h("span", {}, WORDS.handedOver)));
  }

  greet(text, sequence, live) {
    if (this.greeted) return;
    this.greeted = true;
    this.place(sequence, this.bubble("bot", revealed(text, live).nodes), true);
  }

  note(text) {
    this.place(this.last + 0.5, h("div", { className: "entry divider" }, h("span", {}, text)));
  }

  // Stays at the end, whatever comes.
  append(element) {
    this.place(Number.MAX_SAFE_INTEGER, element, true);
  }

  // A message that is on its way. Its number is not known yet: it stands after all that has come so far.
  sending(text) {
    const note = h("span", { className: "send-note", role: "status" });
    const element = h("div", { className: "entry shopper sending" }, this.label(WORDS.you), h("p", { className: "bubble" }, text), note);
    const entry = this.place(this.last + 0.5, element, true);
    return {
      trouble: (words) => note.replaceChildren(words),
      failed: (retry) => {
        element.classList.add("failed");
        note.replaceChildren(`${WORDS.notSent} `, h("button", { type: "button", click: retry }, WORDS.retry));
      },
      again: () => {
        element.classList.remove("failed");
        note.replaceChildren();
      },
      sent: (sequence) => {
        element.classList.remove("sending", "failed");
        note.replaceChildren();
        if (this.mine.has(sequence)) return void this.remove(element);
        this.mine.set(sequence, element);
        this.move(entry, sequence);
      },
    };
  }

  // What the server has stored: messages of other tabs, and the stored form of ours (secrets are masked).
  merge(messages) {
    const first = messages[0];
    if (first && first.role === "bot") this.greet(first.text, first.sequence, false);
    for (const message of messages.filter((m) => m.role === "shopper")) {
      const known = this.mine.get(message.sequence);
      if (known) known.querySelector(".bubble").textContent = message.text;
      else {
        const element = this.bubble("shopper", [message.text]);
        this.mine.set(message.sequence, element);
        this.place(message.sequence, element, true);
      }
    }
  }

  // Only this card (or none) still waits for an answer.
  pending(proposalId) {
    for (const [id, card] of this.cards) if (id !== proposalId && card.state === "open") card.settle("settled");
  }

  askSignIn(sequence) {
    this.signedIn();
    const button = h("button", { type: "button", className: "yes", click: () => this.act.signIn() }, WORDS.signIn);
    this.hint = h("div", { className: "entry shown" }, h("section", { className: "sign-in" }, h("p", {}, WORDS.signInText), button));
    this.place(sequence + 0.1, this.hint, true);
  }

  signedIn() {
    if (this.hint) this.remove(this.hint);
    this.hint = null;
  }

  work(words) {
    clearTimeout(this.workTimer);
    this.workTimer = setTimeout(() => this.idle(), STALE_WORK);
    if (!this.working) {
      this.working = h("div", { className: "working" }, h("i", { "aria-hidden": "true" }, h("b"), h("b"), h("b")), h("span"));
      this.list.append(this.working);
      this.show();
    }
    const line = this.working.querySelector("span");
    if (line.textContent !== words) line.textContent = words;
  }

  idle() {
    clearTimeout(this.workTimer);
    if (this.working) this.working.remove();
    this.working = null;
  }

  bubble(by, nodes, author) {
    const name = by === "staff" ? WORDS.staff(author) : by === "bot" ? WORDS.bot : WORDS.you;
    return h("div", { className: `entry ${by}` }, this.label(name, by === "staff"), h("p", { className: "bubble" }, nodes));
  }

  label(name, visible) {
    return h("span", { className: visible ? "author" : "hidden" }, visible ? name : `${name}: `);
  }

  later(element, live) {
    if (live && this.after) {
      element.classList.add("late");
      element.style.setProperty("--after", `${this.after}ms`);
    }
    return element;
  }

  place(sequence, element, anchor) {
    const near = this.list.scrollTop >= (this.target || 0) - 60;
    const entry = { sequence, element, anchor: Boolean(anchor) };
    this.insert(entry);
    if (near) this.show();
    return entry;
  }

  insert(entry) {
    const next = this.entries.findIndex((other) => other.sequence > entry.sequence);
    const before = next < 0 ? this.working : this.entries[next].element;
    this.list.insertBefore(entry.element, before || null);
    this.entries.splice(next < 0 ? this.entries.length : next, 0, entry);
  }

  move(entry, sequence) {
    this.entries.splice(this.entries.indexOf(entry), 1);
    entry.sequence = sequence;
    this.last = Math.max(this.last, sequence);
    const next = this.entries.find((other) => other.sequence > sequence);
    const before = next ? next.element : this.working;
    this.entries.splice(next ? this.entries.indexOf(next) : this.entries.length, 0, entry);
    // Moving an element in the page is heard by screen readers as a new one: only where it must be.
    if (entry.element.nextSibling !== (before || null)) this.list.insertBefore(entry.element, before || null);
  }

  remove(element) {
    this.entries = this.entries.filter((entry) => entry.element !== element);
    element.remove();
  }

  // To the end, but never so far that the beginning of the last thing said is out of sight.
  show() {
    const anchors = this.entries.filter((entry) => entry.anchor);
    const last = anchors[anchors.length - 1];
    const end = this.list.scrollHeight - this.list.clientHeight;
    this.target = last ? Math.min(end, Math.max(0, last.element.offsetTop - 12)) : end;
    this.list.scrollTop = this.target;
  }
}
