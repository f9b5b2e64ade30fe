// Serves web/console as the real server does (same content security policy) and
// answers its interface from a made-up node: for tests of the pages alone.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { answer } from "./made_up_answers.mjs";
import { MadeUpNode } from "./made_up_node.mjs";

const pages = fileURLToPath(new URL("../../../web/console/", import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const tokens = { "ops-token": ["read", "act"], "look-token": ["read"] };

function frame(text) {
  const data = Buffer.from(text);
  const head = data.length < 126 ? Buffer.from([0x81, data.length]) : data.length < 65536 ? Buffer.alloc(4) : Buffer.alloc(10);
  if (data.length >= 126) {
    head[0] = 0x81;
    head[1] = data.length < 65536 ? 126 : 127;
    if (head[1] === 126) head.writeUInt16BE(data.length, 2);
    else head.writeBigUInt64BE(BigInt(data.length), 2);
  }
  return Buffer.concat([head, data]);
}

/** The whole text frames in `buffer`, and what is left of it. */
function frames(buffer) {
  const texts = [];
  for (;;) {
    if (buffer.length < 6) return { texts, rest: buffer };
    const short = buffer[1] & 127;
    const head = short === 126 ? 8 : short === 127 ? 14 : 6;
    if (buffer.length < head) return { texts, rest: buffer };
    const size = short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
    if (buffer.length < head + size) return { texts, rest: buffer };
    const mask = buffer.subarray(head - 4, head);
    if ((buffer[0] & 15) === 1) texts.push(Buffer.from(buffer.subarray(head, head + size).map((byte, i) => byte ^ mask[i % 4])).toString());
    buffer = buffer.subarray(head + size);
  }
}

export class MadeUpServer {
  constructor(options = {}) {
    this.node = new MadeUpNode(options);
    this.sessions = new Map();
    this.sockets = new Set();
    this.refused = new Set();
    this.wrong = 0;
    this.liveAllowed = true;
    this.server = createServer((request, response) => this.#http(request, response).catch((error) => {
      response.writeHead(500);
      response.end(JSON.stringify({ detail: String(error) }));
    }));
    this.server.on("upgrade", (request, socket) => this.#upgrade(request, socket));
    this.ticking = setInterval(() => this.#tick(), 250);
  }

  async listen(port = 0) {
    await new Promise((resolve) => { this.server.listen(port, "127.0.0.1", resolve); });
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async close() {
    clearInterval(this.ticking);
    this.dropLive();
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }

  /** As when a proxy between the two goes away. */
  dropLive() {
    for (const each of this.sockets) each.socket.destroy();
    this.sockets.clear();
    for (const each of this.refused) each.destroy();
  }

  #who(request) {
    return this.sessions.get(/troupe_console=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
  }

  #tick() {
    this.node.move();
    for (const each of this.sockets) {
      if (Date.now() - each.sent >= (each.every ?? 1000)) this.#send(each);
    }
  }

  #send(each) {
    each.sent = Date.now();
    for (const { key, path } of each.watch) {
      const url = new URL(path, this.url);
      const body = answer(this.node, url.pathname, url.searchParams);
      const text = JSON.stringify({ key, status: body ? 200 : 404, body: body ?? { detail: "there is no such thing" } });
      if (each.last.get(key) !== text) each.socket.write(frame(text));
      each.last.set(key, text);
    }
  }

  #upgrade(request, socket) {
    if (!this.liveAllowed) {
      socket.end("HTTP/1.1 503 no\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
    if (!this.#who(request)) {
      this.refused.add(socket);
      socket.on("error", () => {});
      socket.resume();
      socket.end(Buffer.from([0x88, 2, 0x03, 0xf0]));  // 1008
      return;
    }
    const each = { socket, watch: [], last: new Map(), sent: 0 };
    this.sockets.add(each);
    let rest = Buffer.alloc(0);
    socket.on("data", (data) => {
      const got = frames(Buffer.concat([rest, data]));
      rest = got.rest;
      for (const text of got.texts) {
        const { watch, every_ms } = JSON.parse(text);
        Object.assign(each, { watch, every: every_ms, last: new Map() });
        this.#send(each);
      }
    });
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(each));
  }

  async #http(request, response) {
    const url = new URL(request.url, this.url);
    const reply = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
      response.end(status === 204 ? undefined : JSON.stringify(body));
    };
    if (!url.pathname.startsWith("/console/api/")) return this.#file(url.pathname, response);
    let text = "";
    for await (const part of request) text += part;
    if (url.pathname === "/console/api/login") return this.#login(JSON.parse(text), reply);
    const who = this.#who(request);
    if (!who) return reply(401, { detail: "no or wrong credentials" });
    if (url.pathname === "/console/api/me") return reply(200, who);
    if (request.method === "GET") {
      const body = answer(this.node, url.pathname, url.searchParams);
      return body ? reply(200, { ...body, cost_us: 1800 }) : reply(404, { detail: "there is no such thing" });
    }
    if (request.headers["x-troupe-console"] !== "1") return reply(403, { detail: "the header x-troupe-console is missing" });
    if (url.pathname === "/console/api/logout") {
      this.sessions.clear();
      return reply(204);
    }
    if (!who.scopes.includes("act")) return reply(403, { detail: "the scope `act` is needed" });
    return this.#act(who, url.pathname.slice("/console/api/".length).split("/"), text ? JSON.parse(text) : {}, reply);
  }

  #login({ token }, reply) {
    const scopes = tokens[token];
    if (!scopes && ++this.wrong > 3) return reply(429, { detail: "too many tries" }, { "retry-after": "2" });
    if (!scopes) return reply(401, { detail: "no or wrong credentials" });
    const who = { operator: token.split("-")[0], scopes, version: "0.4.0", started_at: this.node.begun, expires_at: this.node.begun + 43200000 };
    const id = createHash("sha256").update(`${token}${this.sessions.size}${Math.random()}`).digest("hex");
    this.sessions.set(id, who);
    return reply(200, who, { "set-cookie": `troupe_console=${id}; HttpOnly; SameSite=Strict; Path=/console` });
  }

  #act(who, [kind, id, what], body, reply) {
    const row = this.node.byId.get(id);
    if (what === "interrupt") this.node.interrupt();
    if (what === "pause") row.state = "paused";
    if (what === "resume") row.state = "idle";
    if (what === "log") row.log_level = body.level;
    if (what === "disconnect") this.node.disconnected.add(id);
    this.node.audit.push({ at: this.node.now(), who: who.operator, act: what, target: `${kind} ${id}`, outcome: "done" });
    return reply(200, { done: true });
  }

  async #file(path, response) {
    if (path === "/console") {
      response.writeHead(308, { location: "/console/" });
      return response.end();
    }
    const name = path === "/console/" ? "index.html" : normalize(path.slice("/console/".length));
    try {
      const data = await readFile(join(pages, name));
      response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream", "content-security-policy": policy, "x-content-type-options": "nosniff", "cache-control": "no-cache" });
      return response.end(data);
    } catch {
      response.writeHead(404, { "content-security-policy": policy });
      return response.end();
    }
  }
}
