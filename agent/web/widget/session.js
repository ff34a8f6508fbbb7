// One conversation from its start to its end: begins or resumes it, sends, follows, and keeps its place.

import { Problem, clientId, insist } from "./api.js";
import { Stream } from "./stream.js";
import { WORDS } from "./words.js";

const SETTLE = 150; // milliseconds to wait for the rest of a turn before asking how things stand

export class Session {
  // on: { status(status, author), online(flag), unread(count), trouble(text) }
  constructor(api, memory, transcript, on) {
    this.api = api;
    this.memory = memory;
    this.transcript = transcript;
    this.on = on;
    this.shopperToken = "";
    this.watching = false;
    this.unread = 0;
    this.status = "bot";
  }

  get chat() {
    return this.memory.kept;
  }

  begin() {
    if (!this.beginning) {
      this.beginning = (this.chat ? this.resume() : this.start()).catch((problem) => {
        this.beginning = null;
        throw problem;
      });
    }
    return this.beginning;
  }

  async start() {
    const started = await insist(() => this.api.start(this.shopperToken), () => this.on.online(false));
    this.on.online(true);
    this.memory.save({ id: started.id, token: started.token, seen: 0, shopper: Boolean(this.shopperToken) });
    this.transcript.greet(started.greeting, 0, true);
    this.follow(0);
  }

  async resume() {
    let state;
    try {
      state = await insist(() => this.api.read(this.chat), () => this.on.online(false));
    } catch (problem) {
      if (!(problem instanceof Problem) || (problem.status !== 404 && problem.status !== 401)) throw problem;
      this.memory.forget(); // the shop no longer knows it
      return this.start();
    }
    this.replayed = this.chat.seen;
    this.waitsFor = state.pending;
    this.settle(state);
    this.follow(0);
    return undefined;
  }

  follow(after) {
    this.stream = new Stream(this.api, this.chat, after, {
      event: (event) => this.take(event),
      online: (flag) => this.on.online(flag),
      gone: () => this.fresh().catch(() => this.on.online(false)),
    });
    this.stream.run();
  }

  take(event) {
    const live = event.sequence > (this.replayed || 0);
    this.transcript.add(event, live);
    if (event.type === "proposed" && !live && event.proposal.id !== this.waitsFor) this.transcript.pending(this.waitsFor);
    if (event.type === "said" && live && !this.watching) this.on.unread((this.unread += 1));
    if (event.type === "handed_over") this.changed("waiting");
    if (event.type === "said" && event.by === "staff") this.changed("staff", event.author);
    if (this.watching) this.memory.save({ seen: Math.max(event.sequence, this.chat.seen || 0) });
    if (event.type !== "working" && event.type !== "called") this.lookSoon();
  }

  lookSoon() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.look().catch(() => {}), SETTLE);
  }

  // How things stand: who works the chat, which card is open, what was written in another tab.
  async look() {
    const chat = this.chat;
    const state = await this.api.read(chat);
    if (this.chat && this.chat.id === chat.id) this.settle(state);
  }

  settle(state) {
    this.transcript.merge(state.messages);
    this.transcript.pending(state.pending);
    const staff = state.messages.filter((message) => message.role === "staff").pop();
    this.changed(state.status, staff && staff.author);
  }

  changed(status, author) {
    this.status = status;
    this.on.status(status, author);
  }

  // The shopper sees the chat (or no longer does).
  watch(flag) {
    this.watching = flag;
    if (!flag) return;
    this.on.unread((this.unread = 0));
    if (this.chat && this.stream) this.memory.save({ seen: Math.max(this.stream.after, this.chat.seen || 0) });
  }

  async send(text) {
    const id = clientId();
    const entry = this.transcript.sending(text);
    const attempt = async () => {
      entry.again();
      try {
        await this.begin();
        const trouble = (problem) => entry.trouble(problem.status === 429 ? WORDS.tooFast : WORDS.offline);
        const { sequence } = await insist(() => this.api.post(this.chat, id, text), trouble);
        entry.sent(sequence);
        if (this.status === "bot" && sequence >= this.transcript.last) this.transcript.work(WORDS.working.thinking);
      } catch (problem) {
        entry.failed(attempt);
        if (problem instanceof Problem) this.on.trouble(problem.message);
      }
    };
    await attempt();
  }

  async decide(proposalId, accept) {
    await insist(() => this.api.decide(this.chat, proposalId, accept), () => {}, 3);
  }

  async handOver() {
    await this.begin();
    await insist(() => this.api.handOver(this.chat), () => {}, 3);
  }

  async rate(stars, text) {
    await insist(() => this.api.rate(this.chat, stars, text), () => {}, 3);
    this.memory.save({ rated: true });
  }

  // The store vouches for the shopper. A chat that is somebody else's is left, and a new one begun.
  async signIn(shopperToken) {
    this.shopperToken = shopperToken;
    if (!this.chat) return null;
    await this.begin();
    try {
      const { shopper } = await insist(() => this.api.signIn(this.chat, shopperToken), () => {}, 3);
      const isNews = !this.chat.shopper;
      this.memory.save({ shopper: true });
      return isNews ? shopper : null;
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 409) throw problem;
      await this.fresh();
      return null;
    }
  }

  leave() {
    if (this.stream) this.stream.stop();
    clearTimeout(this.looking);
    this.memory.forget();
    this.transcript.clear();
    this.beginning = null;
    this.replayed = 0;
    this.on.unread((this.unread = 0));
    this.changed("bot");
  }

  fresh() {
    this.leave();
    return this.begin();
  }
}
