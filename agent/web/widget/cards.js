// Products: a numbered list of cards, and a table that compares.

import { h, safeUrl } from "./dom.js";
import { WORDS } from "./words.js";

export function productList(products, places) {
  const cards = products.map((product, place) => h("li", {}, productCard(product, place + 1, places)));
  return h("ol", { className: products.length > 1 ? "products" : "products single" }, cards);
}

function productCard(product, number, places) {
  const url = safeUrl(product.url, places.store);
  const inside = [
    h("span", { className: "number", "aria-label": WORDS.number(number) }, String(number)),
    picture(product, places),
    h("span", { className: "card-text" }, cardText(product)),
  ];
  return url
    ? h("a", { className: "product", href: url, "data-product": product.id }, inside)
    : h("div", { className: "product", "data-product": product.id }, inside);
}

function cardText(product) {
  const reasons = Array.isArray(product.reasons) ? product.reasons : [];
  return [
    h("span", { className: "name" }, String(product.title)),
    h(
      "span",
      { className: "price-line" },
      h("span", { className: "price" }, priceOf(product)),
      product.rating ? stars(product) : null,
    ),
    h("span", { className: product.in_stock ? "stock" : "stock none" }, stockOf(product)),
    ...reasons.slice(0, 2).map((reason) => h("span", { className: "reason" }, String(reason))),
  ];
}

function stars(product) {
  const value = Number(product.rating).toFixed(1);
  const label = WORDS.rating(value, product.rating_count);
  return h("span", { className: "rating", role: "img", "aria-label": label }, `★ ${value}`);
}

function priceOf(product) {
  if (product.price_text) return String(product.price_text);
  return product.price === null || product.price === undefined ? "" : `${product.price} ${product.currency || ""}`;
}

function stockOf(product) {
  return String(product.stock_text || (product.in_stock ? "in stock" : "out of stock"));
}

export function picture(item, places) {
  const frame = h("span", { className: "picture" });
  const source = item.image ? safeUrl(item.image, `${places.api}/`) : "";
  if (!source) return frame;
  // Decorative: the title is right beside it.
  frame.append(h("img", { src: source, alt: "", loading: "lazy", decoding: "async", error: () => frame.replaceChildren() }));
  return frame;
}

export function comparisonTable(comparison, places) {
  const head = comparison.products.map((product, place) => {
    const url = safeUrl(product.url, places.store);
    const title = url ? h("a", { href: url }, String(product.title)) : String(product.title);
    const number = h("span", { className: "number", "aria-label": WORDS.number(place + 1) }, String(place + 1));
    return h("th", { scope: "col" }, number, picture(product, places), title);
  });
  const rows = comparison.rows.map((row) => {
    const differs = new Set(row.values).size > 1;
    const cells = row.values.map((value) => h("td", {}, String(value)));
    return h("tr", { className: differs ? "differs" : "" }, h("th", { scope: "row" }, String(row.name)), cells);
  });
  return h(
    "div",
    { className: "comparison", tabindex: "0", role: "region", "aria-label": WORDS.compared },
    h("table", {}, h("thead", {}, h("tr", {}, h("td", {}), head)), h("tbody", {}, rows)),
  );
}
