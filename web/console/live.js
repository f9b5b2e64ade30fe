// What a page watches, as it changes: by WebSocket, and by asking every two
// seconds while that is down. One list at a time; answers to an older list are
// dropped. A tab that nobody sees asks for nothing.

const firstPause = 500;
const longestPause = 15000;
const pollEvery = 2000;
const graceful = 1000;      // a reconnect within this time is not worth a word
const silence = 10000;      // then the server is asked whether it is still there
const answerWithin = 5000;
const notAllowed = 1008;    // how the server closes a socket whose session is over
const tryLater = 1013;      // and when it has too many

export class Live {
  /** onBody(key, status, body); onPhase({phase: "live"|"polling"|"lost", since, retryAt}). */
  constructor({ url, get, onBody, onPhase }) {
    Object.assign(this, { url, get, onBody, onPhase });
    this.list = [];
    this.generation = 0;
    this.pause = firstPause;
    this.since = 0;
    this.running = false;
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.since = Date.now();
    this.#connect();
    this.poller = setInterval(() => this.#poll(), pollEvery);
    this.watchdog = setInterval(() => this.#guard(), 1000);
  }

  stop() {
    this.running = false;
    clearInterval(this.poller);
    clearInterval(this.watchdog);
    clearTimeout(this.retry);
    this.#drop();
  }

  /** list: [{key, path}], 16 at most. */
  watch(list) {
    this.list = list.slice(0, 16);
    ++this.generation;
    if (!this.#say() && this.running && this.pollNow) this.#poll();
  }

  retryNow() {
    clearTimeout(this.retry);
    this.pause = firstPause;
    this.#connect();
    this.#poll();
  }

  #connect() {
    if (!this.running || this.socket) return;
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      this.#say();
    };
    socket.onmessage = (event) => this.#take(event.data);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      if (event.code === notAllowed) {
        this.socket = null;
        this.onBody("", 401, { detail: event.reason });
        return;
      }
      if (event.code === tryLater) this.pause = longestPause;
      this.#lost();
    };
  }

  #drop() {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.onclose = null;
    socket?.close();
  }

  #lost() {
    this.socket = null;
    this.since ||= Date.now();
    const wait = this.pause * (0.8 + 0.4 * Math.random());  // not all consoles at the same moment
    this.pause = Math.min(this.pause * 2, longestPause);
    this.retryAt = Date.now() + wait;
    this.retry = setTimeout(() => this.#connect(), wait);
  }

  #say() {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    const generation = this.generation;
    const list = document.hidden ? [] : this.list;
    this.socket.send(JSON.stringify({
      watch: list.map(({ key, path }) => ({ key: `${generation}.${key}`, path })), every_ms: 1000 }));
    this.heard = Date.now();
    this.asked = 0;
    return true;
  }

  #take(text) {
    this.heard = Date.now();
    this.asked = 0;
    this.#works();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    const [generation, key] = String(message.key ?? "").split(/\.(.*)/s);
    if (Number(generation) === this.generation && key) this.onBody(key, message.status, message.body);
  }

  /** Not when it opens: a server that turns us away opens the socket to say so. */
  #works() {
    if (!this.since) return;
    this.since = 0;
    this.pause = firstPause;
    this.pollNow = false;
    this.onPhase({ phase: "live" });
  }

  async #poll() {
    if (!this.running || document.hidden || this.socket?.readyState === WebSocket.OPEN) return;
    if (Date.now() - this.since < graceful) return;
    this.pollNow = true;
    const generation = this.generation;
    let answered = this.list.length === 0;
    await Promise.all(this.list.map(async ({ key, path }) => {
      try {
        const body = await this.get(path);
        answered = true;
        if (generation === this.generation) this.onBody(key, 200, body);
      } catch (error) {
        if (!error.status) return;
        answered = true;
        if (generation === this.generation) this.onBody(key, error.status, { detail: error.message });
      }
    }));
    if (this.running && this.socket?.readyState !== WebSocket.OPEN)
      this.onPhase({ phase: answered ? "polling" : "lost", since: this.since, retryAt: this.retryAt });
  }

  /** A connection can be gone without a word; an unchanged page is silent too. So ask again. */
  #guard() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (this.list.length === 0 || document.hidden) {
      this.#works();  // nothing is asked, so nothing will come
      return;
    }
    const now = Date.now();
    if (this.asked && now - this.asked > answerWithin) {
      this.#drop();
      this.#lost();
    } else if (!this.asked && now - this.heard > silence) {
      ++this.generation;
      this.#say();
      this.asked = now;
    }
  }

  #seen() {
    if (!this.running) return;
    this.#say();
    if (!document.hidden && !this.socket) this.retryNow();
  }
}
