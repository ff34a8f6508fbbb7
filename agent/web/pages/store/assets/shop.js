// What every page of the shop needs: who is signed in, calls to the API, and product cards.

const KEPT = "store:shopper";
export const session = visit();

export function shopper() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) || "null");
  } catch {
    return null;
  }
}

export function keepShopper(person) {
  if (person) localStorage.setItem(KEPT, JSON.stringify(person));
  else localStorage.removeItem(KEPT);
}

export async function ask(path, body) {
  const person = shopper();
  const headers = person ? { "X-Shopper-Token": person.token } : {};
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), keepalive: Boolean(body) });
  if (answer.status === 401 && person) {
    keepShopper(null); // an hour has passed
    document.dispatchEvent(new CustomEvent("store-signed-out"));
    return ask(path, body);
  }
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || answer.statusText);
  return answer.json();
}

// Tells the shop what a signed-in shopper looked at; it counts in the next suggestions.
export function tell(kind, products) {
  if (!shopper() || !products.length) return;
  const events = products.slice(0, 50).map((product) => ({ kind, product }));
  ask("/api/events", { events, session }).catch((problem) => console.info("behaviour was not kept:", problem.message));
}

export function card(product) {
  const link = make("a", "item", make("span", "item-picture", image(product)));
  link.href = product.url;
  link.dataset.product = product.id;
  const text = make("span", "item-text");
  if (product.brand) text.append(make("span", "item-brand", product.brand));
  text.append(make("span", "item-title", product.title));
  const line = make("span", "item-line", make("span", "item-price", product.price_text));
  if (product.rating) line.append(make("span", "item-rating", `★ ${Number(product.rating).toFixed(1)}`));
  text.append(line);
  if (!product.in_stock || /left/.test(product.stock_text)) {
    text.append(make("span", product.in_stock ? "item-few" : "item-none", product.stock_text));
  }
  if (product.reasons && product.reasons.length) text.append(make("span", "item-reason", product.reasons[0]));
  link.append(text);
  link.addEventListener("click", () => tell("click", [product.id]));
  return make("li", "", link);
}

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function image(product) {
  const picture = document.createElement("img");
  picture.src = product.image;
  picture.alt = "";
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.width = 300;
  picture.height = 300;
  return picture;
}

// Reports cards as seen once half of each has been on the screen.
export function watchViews(list) {
  const seen = new IntersectionObserver(
    (entries) => {
      const now = entries.filter((entry) => entry.isIntersecting);
      now.forEach((entry) => seen.unobserve(entry.target));
      tell("view", now.map((entry) => entry.target.dataset.product));
    },
    { threshold: 0.5 },
  );
  list.querySelectorAll("[data-product]").forEach((element) => seen.observe(element));
}

export function chat() {
  return document.querySelector("shopkeeper-chat");
}

function visit() {
  try {
    const kept = sessionStorage.getItem("store:visit") || Math.random().toString(36).slice(2, 12);
    sessionStorage.setItem("store:visit", kept);
    return kept;
  } catch {
    return "";
  }
}
