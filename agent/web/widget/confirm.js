// The card that the shopper confirms: exactly what would happen, and two buttons that work once.

import { h, icon } from "./dom.js";
import { WORDS } from "./words.js";

export class ConfirmCard {
  // decide(accept) returns a promise; it is called once, or again after it failed.
  constructor(proposal, decide) {
    this.proposal = proposal;
    this.decide = decide;
    this.state = "open";
    this.yes = h("button", { type: "button", className: "yes", click: () => this.press(true) }, WORDS.yes);
    this.no = h("button", { type: "button", className: "no", click: () => this.press(false) }, WORDS.no);
    this.buttons = h("div", { className: "buttons" }, this.no, this.yes);
    this.note = h("p", { className: "note", role: "status" });
    this.element = h("section", { className: "confirm", "aria-label": proposal.title }, this.inside());
    this.element.dataset.proposal = proposal.id;
    this.expect(new Date(proposal.expires_at));
  }

  inside() {
    const { title, changes, money_text: money, method, warnings } = this.proposal;
    return [
      h("h3", {}, String(title)),
      h("ul", { className: "changes" }, (changes || []).map(changeLine)),
      money || method
        ? h(
            "dl",
            {},
            money ? h("div", { className: "money" }, h("dt", {}, WORDS.money), h("dd", {}, String(money))) : null,
            method ? h("div", {}, h("dt", {}, WORDS.method), h("dd", {}, String(method))) : null,
          )
        : null,
      ...(warnings || []).map((text) => h("p", { className: "warning" }, icon("warning"), h("span", {}, String(text)))),
      this.buttons,
      this.note,
    ];
  }

  expect(moment) {
    if (Number.isNaN(moment.getTime())) return;
    const left = moment.getTime() - Date.now();
    if (left <= 0) return void this.settle("expired");
    this.note.textContent = WORDS.goodUntil(moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
    this.timer = setTimeout(() => this.settle("expired"), Math.min(left, 2 ** 31 - 1));
  }

  async press(accept) {
    if (this.state !== "open") return;
    this.state = "sending";
    this.enable(false);
    this.note.textContent = WORDS.sending;
    try {
      await this.decide(accept);
      if (!accept) this.settle("declined");
    } catch {
      if (this.state !== "sending") return;
      this.state = "open";
      this.enable(true);
      this.note.textContent = WORDS.proposal.failed;
    }
  }

  // state: done, declined, expired, or settled (answered elsewhere, or replaced by a newer card)
  settle(state) {
    if (this.state === "done" || (this.state === "declined" && state !== "done")) return;
    clearTimeout(this.timer);
    this.state = state;
    this.enable(false);
    this.buttons.hidden = true;
    this.element.classList.add("settled", state);
    this.note.replaceChildren(...(state === "done" ? [icon("check")] : []), WORDS.proposal[state]);
  }

  get open() {
    return this.state === "open" || this.state === "sending";
  }

  enable(on) {
    this.yes.disabled = !on;
    this.no.disabled = !on;
  }
}

export function changeLine(change) {
  return h(
    "li",
    {},
    h("span", { className: "what" }, String(change.what)),
    h(
      "span",
      { className: "step" },
      h("span", { className: "before" }, h("span", { className: "hidden" }, WORDS.was), ` ${change.before}`),
      icon("arrow"),
      h("strong", { className: "after" }, h("span", { className: "hidden" }, WORDS.becomes), ` ${change.after}`),
    ),
  );
}
