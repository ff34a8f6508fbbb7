// An order as a card: its state, its lines, its dates and its total.

import { h } from "./dom.js";
import { picture } from "./cards.js";
import { WORDS } from "./words.js";

export function orderCard(order, places) {
  const dates = [
    [WORDS.placed, order.placed],
    [WORDS.expected, order.delivered ? null : order.expected],
    [WORDS.delivered, order.delivered],
    [WORDS.tracking, order.tracking],
  ];
  return h(
    "section",
    { className: "order", "aria-label": WORDS.order(order.id), "data-order": order.id },
    h(
      "header",
      {},
      h("strong", {}, WORDS.order(order.id)),
      h("span", { className: `state ${stateClass(order.status)}` }, String(order.status)),
    ),
    h("ul", {}, (order.lines || []).map((line) => orderLine(line, places))),
    h(
      "dl",
      {},
      dates.filter(([, value]) => value).map(([name, value]) => pair(name, value)),
      order.shipping_text ? pair(WORDS.shipping, order.shipping_text) : null,
      pair(WORDS.total, order.total_text, "total"),
    ),
  );
}

function orderLine(line, places) {
  const options = typeof line.options === "string" ? line.options : Object.values(line.options || {}).join(", ");
  return h(
    "li",
    {},
    picture(line, places),
    h(
      "span",
      { className: "card-text" },
      h("span", { className: "name" }, String(line.title)),
      options ? h("span", { className: "options" }, options) : null,
    ),
    h("span", { className: "amount" }, line.quantity > 1 ? `${line.quantity} × ` : "", String(line.price_text)),
  );
}

function pair(name, value, className) {
  return h("div", { className }, h("dt", {}, name), h("dd", {}, String(value)));
}

function stateClass(status) {
  if (status === "delivered" || status === "shipped") return "good";
  return status === "cancelled" || status === "returned" ? "over" : "open";
}
