// Follows a conversation's events by fetch, so that the token is never part of a URL. Resumes after the last
// event that came, tries again with growing pauses, and rests while the page is hidden.

import { backoff, pause } from "./api.js";

const SILENCE = 40000; // the server sends a sign of life every 15 s

export class Stream {
  constructor(api, chat, after, on) {
    this.api = api;
    this.chat = chat;
    this.after = after;
    this.on = on; // { event, online, gone }
    this.stopped = false;
    this.seen = () => (document.hidden ? this.cut() : this.wake && this.wake());
    document.addEventListener("visibilitychange", this.seen);
  }

  async run() {
    let failures = 0;
    while (!this.stopped) {
      await this.untilVisible();
      try {
        const answer = await this.open();
        if (answer.status === 404 || answer.status === 401) return this.end(true);
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        this.on.online(true);
        failures = 0;
        await this.read(answer.body.getReader());
        if (!this.stopped && !document.hidden) await pause(200);
      } catch {
        if (this.stopped || document.hidden) continue;
        failures += 1;
        if (failures > 1) this.on.online(false);
        await pause(backoff(failures - 1));
      } finally {
        clearTimeout(this.watch);
      }
    }
    return undefined;
  }

  stop() {
    this.stopped = true;
    document.removeEventListener("visibilitychange", this.seen);
    this.cut();
    if (this.wake) this.wake();
  }

  open() {
    this.abort = new AbortController();
    this.alive();
    return this.api.events(this.chat, this.after, this.abort.signal);
  }

  async read(reader) {
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.stopped) return;
      this.alive();
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) this.take(block);
    }
  }

  take(block) {
    const data = block.split(/\r?\n/).filter((line) => line.startsWith("data:"));
    if (!data.length) return;
    const event = JSON.parse(data.map((line) => line.slice(5).trimStart()).join("\n"));
    if (event.sequence <= this.after) return;
    this.after = event.sequence;
    this.on.event(event);
  }

  alive() {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.cut(), SILENCE);
  }

  cut() {
    if (this.abort) this.abort.abort();
  }

  untilVisible() {
    if (!document.hidden || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  end(gone) {
    this.stop();
    if (gone) this.on.gone();
  }
}
