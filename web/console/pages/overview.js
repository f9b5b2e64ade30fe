// Is something stuck, slow or costly, and which: links to the worst of each kind.

import { path } from "../api.js";
import { actorColumns } from "../actor_columns.js";
import { fact, h, heading, panel, setText } from "../dom.js";
import { age, bytes, count, counted, milliseconds, rate, share } from "../format.js";
import { href } from "../router.js";
import { sparkline } from "../sparkline.js";
import { isStuck, showState } from "../states.js";
import { besideOthers, table } from "../table.js";
import { turnColumns, turnDuration } from "../turn_columns.js";

const most = 6;

/** A figure with its last two minutes. */
function tile(label, key, say, more) {
  const value = h("span", { class: "tile-value" }, "–");
  const detail = h("span", { class: "tile-detail" });
  const chart = sparkline(label, say);
  return {
    element: h("a", { class: "tile", href: more }, h("span", { class: "tile-label" }, label), value, detail, chart.element),
    update(now, history, text) {
      const shown = say(now);
      setText(value, shown.text, shown.title);
      setText(detail, text);
      chart.update(history?.[key]);
    },
  };
}

function worst(caption, columns, keyOf, empty) {
  return table({ caption, columns: besideOthers(columns), keyOf, empty });
}

export function overviewPage() {
  const tiles = {
    messages: tile("Messages per second", "messages_per_second", rate, href("actors", "", { sort: "messages_per_second" })),
    turns: tile("Turns per second", "turns_per_second", rate, href("turns")),
    slowest: tile("Turn p99", "turn_p99_ms", milliseconds, href("turns", "", { sort: "duration_ms" })),
    memory: tile("Memory", "rss_bytes", bytes, href("actors", "", { sort: "memory_bytes" })),
    cpu: tile("CPU", "cpu_share", share, href("actors", "", { sort: "busy_share" })),
    actors: tile("Actors", "actors", count, href("actors")),
  };
  let held = [];
  let waiting = [];
  const verdict = h("p", { class: "verdict", role: "status" });
  const stuck = worst("Actors that are stuck or under pressure", actorColumns("name", "state", "mailbox", "oldest_ms"), (row) => row.id, "no mailbox is filling up");
  const busiest = worst("Busiest actors", actorColumns("name", "state", "busy_share", "messages_per_second"), (row) => row.id, "nobody is busy");
  const costly = worst("Actors with the most tokens", actorColumns("label", "role", "tokens_in", "tokens_out"), (row) => row.id, "no tokens used yet");
  const slow = worst("Turns in flight, the longest first", turnColumns("turn", "state", "duration_ms", "model"), (turn) => turn.turn, "no turn is in flight");
  const failed = worst("Turns that failed", turnColumns("turn", "state", "started_at", "error"), (turn) => turn.turn, "no turn has failed");
  const facts = { started_at: fact("Up for"), clients: fact("Clients"), sessions: fact("Sessions"), tokens_in: fact("Tokens in"),
    tokens_out: fact("Tokens out"), models_in_flight: fact("Model calls"), tools_in_flight: fact("Tool calls"),
    dead_letters: fact("Dead letters", "messages that nobody took"), log_dropped: fact("Log lines lost"), version: fact("Version") };
  facts.dead_letters.element.append(h("a", { class: "fact-link", href: href("letters"), "aria-label": "dead letters" }, "›"));
  const element = h("div", { class: "page overview" }, heading("Overview"), verdict,
    h("div", { class: "tiles" }, Object.values(tiles).map((each) => each.element)),
    h("div", { class: "offenders" },
      panel("Stuck or under pressure", { more: href("actors", "", { sort: "oldest_ms" }) }, stuck.element),
      panel("Longest in flight", { more: href("turns", "", { state: "in_flight", sort: "duration_ms" }) }, slow.element),
      panel("Busiest", { more: href("actors", "", { sort: "busy_share" }) }, busiest.element),
      panel("Failed turns", { more: href("turns", "", { state: "failed" }) }, failed.element),
      panel("Most tokens", { more: href("actors", "", { sort: "tokens_out" }) }, costly.element),
      panel("Server", {}, h("dl", { class: "facts" }, Object.values(facts).map((each) => each.element)))));

  function showOverview(body) {
    const past = body.history;
    tiles.messages.update(body.messages_per_second, past, "");
    tiles.turns.update(body.turns_per_second, past, `${count(body.turns_in_flight).text} in flight, ${count(body.turns_failed).text} failed`);
    tiles.slowest.update(body.turn_p99_ms, past, `p50 ${milliseconds(body.turn_p50_ms).text}`);
    tiles.memory.update(body.rss_bytes, past, "");
    tiles.cpu.update(body.cpu_share, past, "");
    tiles.actors.update(body.actors, past, `${counted(body.clients, "client")}, ${counted(body.sessions, "session")}`);
    for (const [name, one] of Object.entries(facts))
      one.set(name === "started_at" ? age(body.started_at, body.at) : name === "version" ? { text: String(body.version ?? "–") } : count(body[name]));
    // Who is in a handler for long need not have a full mailbox: both belong here.
    const under = [...body.busiest.filter(isStuck), ...body.pressure];
    const rows = [...new Map(under.map((row) => [row.id, row])).values()]
      .sort((a, b) => Math.max(b.busy_ms, b.oldest_ms) - Math.max(a.busy_ms, a.oldest_ms)).slice(0, most);
    stuck.update(rows);
    busiest.update(body.busiest.slice(0, most));
    failed.update(body.failed.slice(0, most));
    held = rows.filter(isStuck);
    judge();
  }

  /** A turn that waits for its model holds no actor up, and is as slow for its client. */
  function judge() {
    const now = [];
    if (held.length > 0) {
      const longest = Math.max(...held.map((row) => Math.max(row.busy_ms, row.oldest_ms)));
      now.push(`${counted(held.length, "actor")} ${held.length === 1 ? "is" : "are"} stuck, the longest for ${milliseconds(longest).text}.`);
    }
    if (waiting.length > 0) {
      const longest = Math.max(...waiting.map((turn) => turnDuration(turn, Date.now())));
      now.push(`${waiting.length === most ? `${most} or more turns` : counted(waiting.length, "turn")} in flight ${waiting.length === 1 ? "is" : "are"} slow, the longest for ${milliseconds(longest).text}.`);
    }
    const calm = now.length === 0;
    showState(verdict, { kind: calm ? "good" : "bad", text: calm ? "No actor is stuck, and no turn in flight is slow." : now.join(" "), severe: !calm });
  }

  return {
    title: "Overview",
    element,
    watches: () => [
      { key: "overview", path: path("overview") },
      { key: "flight", path: path("turns", { state: "in_flight", sort: "started_at", order: "asc", limit: most }) },
      { key: "costly", path: path("actors", { sort: "tokens_out", order: "desc", limit: most }) },
    ],
    show(key, body) {
      if (key === "overview") showOverview(body);
      if (key === "flight") {
        slow.update(body.turns);
        waiting = body.turns.filter((turn) => turn.slow);
        judge();
      }
      if (key === "costly") costly.update(body.actors.filter((row) => row.tokens_in + row.tokens_out > 0));
    },
  };
}
