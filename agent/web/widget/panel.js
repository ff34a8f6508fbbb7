// The launcher and the panel: what is around the transcript. Knows of no conversation.

import { h, icon } from "./dom.js";
import { WORDS } from "./words.js";

export class Panel {
  // act: { send(text), open(), close(), person(), end(), fresh() }
  constructor(transcript, shop, act) {
    this.act = act;
    this.transcript = transcript;
    this.badge = h("span", { className: "badge", hidden: true });
    this.launcher = h(
      "button",
      { type: "button", className: "launcher", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": WORDS.launcher, click: () => this.toggle() },
      icon("chat"),
      this.badge,
    );
    this.status = h("p", { className: "status", role: "status" }, WORDS.status.bot);
    this.offline = h("p", { className: "offline", role: "status", hidden: true }, WORDS.offline);
    this.trouble = h("p", { className: "trouble", role: "alert", hidden: true });
    this.quick = h("div", { className: "quick", hidden: true });
    this.composer = this.makeComposer();
    this.freshButton = h("button", { type: "button", className: "fresh yes", hidden: true, click: () => act.fresh() }, WORDS.fresh);
    this.foot = h(
      "div",
      { className: "foot" },
      h("button", { type: "button", className: "person", click: () => act.person() }, icon("person"), WORDS.person),
      h("button", { type: "button", className: "end", click: () => act.end() }, WORDS.end),
    );
    this.element = h(
      "section",
      { className: "panel", role: "dialog", "aria-label": WORDS.title(shop), hidden: true, keydown: (event) => this.key(event) },
      h(
        "header",
        { className: "head" },
        h("div", {}, h("h2", {}, shop || WORDS.title("")), this.status),
        h("button", { type: "button", className: "close", "aria-label": WORDS.close, click: () => this.close() }, icon("close")),
      ),
      this.offline,
      transcript.list,
      this.quick,
      this.trouble,
      this.composer,
      this.freshButton,
      this.foot,
    );
  }

  makeComposer() {
    this.text = h("textarea", {
      rows: "1",
      maxlength: "4000",
      placeholder: WORDS.placeholder,
      "aria-label": WORDS.message,
      input: () => this.grow(),
      keydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.submit();
      },
    });
    const send = h("button", { type: "submit", className: "send", "aria-label": WORDS.send }, icon("send"));
    const submit = (event) => {
      event.preventDefault();
      this.submit();
    };
    return h("form", { className: "composer", submit }, this.text, send);
  }

  // The text is taken out of the box at once: a second click or Enter finds nothing to send.
  submit() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.grow();
    this.send(text);
  }

  send(text) {
    this.setTrouble("");
    this.setQuick([]);
    this.act.send(text);
  }

  grow() {
    this.text.style.setProperty("height", "auto");
    this.text.style.setProperty("height", `${Math.min(this.text.scrollHeight, 132)}px`);
  }

  get isOpen() {
    return !this.element.hidden;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    if (!this.isOpen) {
      this.element.hidden = false;
      this.launcher.setAttribute("aria-expanded", "true");
      this.transcript.show();
      this.act.open();
    }
    this.rest();
  }

  // Where the focus belongs when what had it is gone. On a touch screen the keyboard would hide half of what
  // there is to read.
  rest() {
    const place = matchMedia("(pointer: coarse)").matches || this.composer.hidden ? this.transcript.list : this.text;
    place.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.act.close();
    this.launcher.focus();
  }

  key(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    }
    if (event.key === "Tab") this.keepInside(event);
  }

  keepInside(event) {
    const all = "a[href], button:not([disabled]), textarea, input:not([disabled]), [tabindex='0']";
    const places = [...this.element.querySelectorAll(all)].filter((place) => place.getClientRects().length);
    const here = this.element.getRootNode().activeElement;
    const edge = event.shiftKey ? places[0] : places[places.length - 1];
    if (here !== edge && places.includes(here)) return;
    event.preventDefault();
    places[event.shiftKey ? places.length - 1 : 0].focus();
  }

  setStatus(status, author) {
    const words = status === "staff" ? WORDS.staffHere(author) : WORDS.status[status];
    if (this.status.textContent !== words) this.status.textContent = words;
    this.element.dataset.status = status;
    this.foot.querySelector(".person").hidden = status !== "bot";
    if (status === "closed") this.setEnded(true);
  }

  setEnded(ended) {
    this.composer.hidden = ended;
    this.foot.hidden = ended;
    this.freshButton.hidden = !ended;
  }

  setOnline(flag) {
    this.offline.hidden = flag;
  }

  setTrouble(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  setUnread(count) {
    this.badge.hidden = !count;
    this.badge.textContent = count > 9 ? "9+" : String(count);
    this.launcher.setAttribute("aria-label", count ? WORDS.launcherUnread(count) : WORDS.launcher);
  }

  // Short answers to choose from: texts, or { label, text }.
  setQuick(replies) {
    const buttons = replies.slice(0, 6).map((reply) => {
      const { label, text } = typeof reply === "string" ? { label: reply, text: reply } : reply;
      const click = () => {
        this.send(String(text || label));
        this.rest();
      };
      return h("button", { type: "button", click }, String(label || text));
    });
    this.quick.replaceChildren(...buttons);
    this.quick.hidden = !buttons.length;
    this.transcript.show();
  }
}
