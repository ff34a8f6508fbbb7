// Stars and a word at the end of a chat.

import { h } from "./dom.js";
import { WORDS } from "./words.js";

export function ratingCard(send) {
  const text = h("input", { type: "text", maxlength: "1000", placeholder: WORDS.rateText, "aria-label": WORDS.rateText });
  const button = h("button", { type: "submit", className: "yes", disabled: true }, WORDS.rateSend);
  const choices = [1, 2, 3, 4, 5].map((n) => {
    const radio = h("input", { type: "radio", name: "stars", value: n, "aria-label": WORDS.stars(n) });
    return h("label", {}, radio, h("span", { "aria-hidden": "true" }, "★"));
  });
  const group = h("fieldset", { className: "stars" }, h("legend", {}, WORDS.rate), choices);
  const form = h("form", { className: "rating-card" }, group, text, button);
  const chosen = () => Number((form.querySelector("input:checked") || {}).value || 0);
  group.addEventListener("change", () => {
    button.disabled = false;
    choices.forEach((label, place) => label.classList.toggle("lit", place < chosen()));
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await send(chosen(), text.value);
      form.replaceChildren(h("p", { role: "status" }, WORDS.rated));
    } catch {
      button.disabled = false;
    }
  });
  return form;
}
