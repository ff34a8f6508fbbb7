// A product's page: options change the price and the stock; what is like it stands below.

import { startDemo } from "./people.js";
import { ask, card, chat, tell, watchViews } from "./shop.js";

const article = document.querySelector("[data-product]");
const variants = JSON.parse(document.getElementById("variants").dataset.variants);
const id = article.dataset.product;

function chosen() {
  const options = {};
  document.querySelectorAll(".option input:checked").forEach((input) => (options[input.name] = input.value));
  return variants.find((variant) => Object.entries(options).every(([name, value]) => variant.options[name] === value));
}

function showVariant() {
  const variant = variants.length > 1 ? chosen() : null;
  if (variants.length < 2) return;
  const stock = document.getElementById("stock");
  const there = Boolean(variant && variant.in_stock);
  if (variant && variant.price) document.getElementById("price").textContent = variant.price;
  stock.textContent = !variant ? "not made in this combination" : there ? "in stock" : "out of stock";
  stock.className = there ? "stock yes" : "stock no";
  document.getElementById("add").disabled = !there;
}

async function showAlike() {
  const { products } = await ask(`/api/recommendations?scene=page&k=8&like=${encodeURIComponent(id)}`);
  const list = document.getElementById("alike-products");
  list.replaceChildren(...products.map(card));
  document.getElementById("alike").hidden = !products.length;
  watchViews(list);
}

document.querySelectorAll(".option input").forEach((input) => input.addEventListener("change", showVariant));
document.getElementById("add").addEventListener("click", () => {
  tell("cart", [id]);
  document.getElementById("added").textContent = "In your basket. (This is a demo: there is no checkout.)";
});
document.querySelector("[data-ask-product]").addEventListener("click", () => {
  if (chat()) chat().ask(`Tell me about ${document.querySelector("h1").textContent}`);
});
document.querySelector("form.search").addEventListener("submit", (event) => {
  if (!document.getElementById("q").value.trim()) event.preventDefault();
});

const alike = () => showAlike().catch((problem) => console.info("no suggestions:", problem.message));
startDemo(alike);
alike();
showVariant();
tell("click", [id]);
