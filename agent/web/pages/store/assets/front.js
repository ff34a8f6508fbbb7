// The shop front: search and categories in the address, suggestions above, products below.

import { startDemo } from "./people.js";
import { ask, card, chat, shopper, watchViews } from "./shop.js";

const STEP = 20;
const MOST = 60;
const results = document.getElementById("results");
const more = document.getElementById("more");
let shown = STEP;

function wanted() {
  const address = new URLSearchParams(location.search);
  return { q: (address.get("q") || "").trim(), category: address.get("category") || "" };
}

async function showResults() {
  const { q, category } = wanted();
  const title = document.getElementById("results-title");
  const note = document.getElementById("results-note");
  document.getElementById("q").value = q;
  document.getElementById("hello").hidden = Boolean(q || category);
  title.textContent = q ? `Results for “${q}”` : category || "From the shelves";
  document.querySelectorAll(".chip").forEach((chip) => {
    if (chip.dataset.category === category && !q) chip.setAttribute("aria-current", "page");
    else chip.removeAttribute("aria-current");
  });
  const query = new URLSearchParams({ q, k: String(Math.min(MOST, shown)) });
  if (category) query.set("category", category);
  if (!q && !category) {
    query.set("sort", "best_rated");
    query.set("in_stock", "true");
  }
  try {
    const { products } = await ask(`/api/search?${query}`);
    results.replaceChildren(...products.map(card));
    note.textContent = products.length ? "" : "Nothing fits that. Try other words, or ask in the chat.";
    more.hidden = products.length < shown || shown >= MOST;
    watchViews(results);
  } catch (problem) {
    note.textContent = `The shelves cannot be shown right now: ${problem.message}`;
  }
}

async function showForYou() {
  const row = document.getElementById("for-you");
  const { q, category } = wanted();
  row.hidden = Boolean(q || category);
  if (row.hidden) return;
  const { products, personal } = await ask("/api/recommendations?scene=page&k=10");
  const person = shopper();
  document.getElementById("for-you-title").textContent = personal && person ? `For you, ${person.name.split(" ")[0]}` : "Popular now";
  const list = document.getElementById("for-you-products");
  list.replaceChildren(...products.map(card));
  row.hidden = !products.length;
  watchViews(list);
}

function go(address) {
  history.pushState(null, "", address);
  show();
}

function show() {
  shown = STEP;
  showResults();
  showForYou().catch((problem) => {
    document.getElementById("for-you").hidden = true;
    console.info("no suggestions:", problem.message);
  });
}

document.querySelector("form.search").addEventListener("submit", (event) => {
  event.preventDefault();
  const q = document.getElementById("q").value.trim();
  go(q ? `/?q=${encodeURIComponent(q)}` : "/");
  if (q) document.getElementById("results-title").focus({ preventScroll: true });
});
document.querySelectorAll(".chip").forEach((chip) =>
  chip.addEventListener("click", (event) => {
    event.preventDefault();
    go(chip.getAttribute("href"));
  }),
);
document.querySelectorAll("[data-ask]").forEach((button) =>
  button.addEventListener("click", () => chat() && chat().ask(button.dataset.ask)),
);
more.addEventListener("click", () => {
  shown += STEP;
  showResults();
});
addEventListener("popstate", show);
startDemo(show);
show();
