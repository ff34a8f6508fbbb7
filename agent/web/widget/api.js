// The HTTP contract of a conversation, as functions.

export class Problem extends Error {
  constructor(status, detail, wait) {
    super(detail);
    this.status = status;
    this.wait = wait;
  }
}

export class Api {
  constructor(base) {
    this.base = base;
  }

  start(shopperToken) {
    return this.ask("POST", "/api/conversations", null, shopperToken ? { shopper_token: shopperToken } : {});
  }

  read(chat) {
    return this.ask("GET", this.path(chat), chat.token);
  }

  post(chat, clientId, text) {
    return this.ask("POST", this.path(chat, "/messages"), chat.token, { client_id: clientId, text });
  }

  decide(chat, proposal, accept) {
    return this.ask("POST", this.path(chat, `/proposals/${encodeURIComponent(proposal)}`), chat.token, { accept });
  }

  handOver(chat) {
    return this.ask("POST", this.path(chat, "/hand-over"), chat.token, {});
  }

  rate(chat, stars, text) {
    return this.ask("POST", this.path(chat, "/rating"), chat.token, { stars, text });
  }

  signIn(chat, shopperToken) {
    return this.ask("POST", this.path(chat, "/sign-in"), chat.token, { shopper_token: shopperToken });
  }

  events(chat, after, signal) {
    const headers = { Authorization: `Bearer ${chat.token}`, Accept: "text/event-stream" };
    return fetch(`${this.base}${this.path(chat, `/events?after=${after}`)}`, { headers, signal, cache: "no-store" });
  }

  path(chat, rest = "") {
    return `/api/conversations/${encodeURIComponent(chat.id)}${rest}`;
  }

  async ask(method, path, token, body) {
    const headers = { Accept: "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const answer = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) });
    const data = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      throw new Problem(answer.status, data.detail || answer.statusText, Number(answer.headers.get("Retry-After")) || 0);
    }
    return data;
  }
}

// Unguessable enough to tell two messages apart, also on pages without https, where randomUUID is missing.
export function clientId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Tries again while the network or the server fails; an answer that says no (4xx) is final, but for "too fast".
export async function insist(attempt, onTrouble, tries = 6) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await attempt();
    } catch (problem) {
      const passing = !(problem instanceof Problem) || problem.status >= 500 || problem.status === 429;
      if (!passing || turn >= tries) throw problem;
      onTrouble(problem);
      await pause(problem.wait ? problem.wait * 1000 : backoff(turn));
    }
  }
}

export function backoff(turn) {
  return Math.min(15000, 400 * 2 ** turn) * (0.7 + 0.6 * Math.random());
}

export function pause(milliseconds) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}
