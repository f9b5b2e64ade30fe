// Luna clients, thin enough for thousands of them: a socket each, text frames.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";

function masked(text) {
  const data = Buffer.from(text);
  const mask = randomBytes(4);
  const head = data.length < 126 ? Buffer.from([0x81, 0x80 | data.length]) : Buffer.from([0x81, 0xfe, data.length >> 8, data.length & 255]);
  return Buffer.concat([head, mask, data.map((byte, index) => byte ^ mask[index % 4])]);
}

export class LunaClient {
  /** Resolves once the server has registered the client. */
  static async connect(url) {
    const client = new LunaClient(new URL(url));
    await client.next((frame) => frame.type === "client_registered");
    return client;
  }

  constructor(url) {
    this.frames = [];
    this.waiting = [];
    this.buffer = Buffer.alloc(0);
    this.open = false;
    this.socket = connect({ host: url.hostname, port: Number(url.port) }, () => this.socket.write(
      `GET /ws HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`));
    this.socket.on("data", (data) => this.#take(data));
    this.socket.on("error", (error) => this.#end(error));
    this.socket.on("close", () => this.#end(new Error("the server closed the connection")));
  }

  /** Without an answer: see `next`. */
  say(text) {
    this.socket.write(masked(JSON.stringify({ type: "text_action", action: "chat", text })));
  }

  /** The first frame, of those not taken yet, that `fits`. */
  next(fits) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ fits, resolve, reject });
      this.#deal();
    });
  }

  async ask(text) {
    this.say(text);
    return this.next((frame) => frame.type === "complete" || frame.type === "error");
  }

  close() {
    this.socket.destroy();
  }

  #end(error) {
    for (const each of this.waiting.splice(0)) each.reject(error);
  }

  #deal() {
    this.waiting = this.waiting.filter(({ fits, resolve }) => {
      const index = this.frames.findIndex(fits);
      if (index < 0) return true;
      resolve(this.frames.splice(index, 1)[0]);
      return false;
    });
  }

  #take(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    if (!this.open) {
      const end = this.buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const status = this.buffer.toString("latin1", 9, 12);
      if (status !== "101") return void this.#end(new Error(`the server answered ${status}`));
      this.open = true;
      this.buffer = this.buffer.subarray(end + 4);
    }
    for (;;) {
      if (this.buffer.length < 2) break;
      const short = this.buffer[1] & 127;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.buffer.length < head) break;
      const size = short === 126 ? this.buffer.readUInt16BE(2) : short === 127 ? Number(this.buffer.readBigUInt64BE(2)) : short;
      if (this.buffer.length < head + size) break;
      if ((this.buffer[0] & 15) === 1) this.frames.push(JSON.parse(this.buffer.toString("utf8", head, head + size)));
      this.buffer = this.buffer.subarray(head + size);
    }
    this.#deal();
  }
}

/** `count` clients that each had one turn, a hundred at a time. */
export async function crowd(url, count) {
  const clients = [];
  while (clients.length < count) {
    clients.push(...await Promise.all(Array.from({ length: Math.min(100, count - clients.length) }, async () => {
      const client = await LunaClient.connect(url);
      await client.ask("hello");
      return client;
    })));
  }
  return clients;
}
