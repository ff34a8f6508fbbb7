// What outlives a reload: the conversation's id and token, and the last event that was seen.

const MOST_AGE = 24 * 3600 * 1000;

export class Memory {
  constructor(api) {
    this.key = `shopkeeper:${api}`;
    this.kept = this.load();
  }

  load() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) || "null");
      return kept && typeof kept.id === "string" && Date.now() - kept.at < MOST_AGE ? kept : null;
    } catch {
      return null; // storage is blocked or holds something else: the chat then lives as long as the page
    }
  }

  save(changes) {
    this.kept = { ...this.kept, ...changes, at: Date.now() };
    this.store();
  }

  forget() {
    this.kept = null;
    this.store();
  }

  store() {
    try {
      if (this.kept) localStorage.setItem(this.key, JSON.stringify(this.kept));
      else localStorage.removeItem(this.key);
    } catch {
      // Private windows may refuse; the conversation is still in this.kept.
    }
  }
}
