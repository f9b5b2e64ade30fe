// The GET answers of docs/console.md for the made-up node.

const history = Array.from({ length: 120 }, (_, index) => index);

function sorted(rows, sort, order) {
  const sign = order === "asc" ? 1 : -1;
  return [...rows].sort((a, b) => sign * (typeof a[sort] === "number" ? a[sort] - b[sort] : String(a[sort]).localeCompare(String(b[sort]))));
}

function page(rows, query) {
  const offset = Number(query.get("offset") ?? 0);
  return rows.slice(offset, offset + Number(query.get("limit") ?? 100));
}

function overview(node) {
  const running = node.turnList.filter((turn) => turn.state === "in_flight").length;
  return { at: node.now(), started_at: node.begun - 7260000, version: "0.4.0", pid: 4711, actors: node.rows.length, clients: 3331, sessions: 3332,
    turns_in_flight: running, turns_per_second: 84.2, turns_failed: 7, turn_p50_ms: 41.7, turn_p99_ms: 812.5, messages_per_second: 18250 + node.looks,
    tokens_in: 858545, tokens_out: 106522, rss_bytes: 391274496, cpu_share: 0.412, dead_letters: 3, log_dropped: 0, models_in_flight: running, tools_in_flight: 0,
    pressure: sorted(node.rows.filter((each) => each.mailbox > 0), "oldest_ms", "desc").slice(0, 10),
    busiest: sorted(node.rows, "busy_share", "desc").slice(0, 10), failed: node.turnList.filter((turn) => turn.outcome === "failed").slice(0, 10),
    history: { at: history, messages_per_second: history.map((i) => 15000 + 3000 * Math.sin(i / 9) + i * 20), turns_per_second: history.map((i) => 80 + i % 13),
      turn_p99_ms: history.map((i) => (i < 20 ? null : 90 + (i > 100 ? 700 : i % 40))), rss_bytes: history.map((i) => 3.6e8 + i * 250000),
      cpu_share: history.map((i) => 0.3 + 0.1 * Math.sin(i / 5)), actors: history.map(() => node.rows.length) } };
}

function actors(node, query) {
  const q = (query.get("q") ?? "").toLowerCase();
  const found = node.rows.filter((each) => (!q || `${each.id} ${each.role} ${each.label}`.toLowerCase().includes(q))
    && (!query.get("role") || each.role === query.get("role")) && (!query.get("state") || each.state === query.get("state")));
  const roles = {};
  for (const each of node.rows) roles[each.role] = (roles[each.role] ?? 0) + 1;
  return { at: node.now(), total: node.rows.length, matching: found.length, window_s: 10, roles,
    actors: page(sorted(found, query.get("sort") ?? "busy_share", query.get("order") ?? "desc"), query) };
}

function tree(node, query) {
  const root = query.get("root") || "0";
  const q = (query.get("q") ?? "").toLowerCase();
  const below = (id) => node.rows.filter((each) => each.parent === id);
  return { nodes: below(root).filter((each) => !q || each.label.toLowerCase().includes(q)).slice(0, 500)
    .map((actor) => ({ actor, children: below(actor.id).length, depth: 0 })) };
}

function oneActor(node, id) {
  const actor = node.byId.get(id);
  if (!actor) return null;
  const stuck = id === node.stuckId;
  return { actor, state: { role: actor.role, turn: stuck ? node.slowTurn : null, queued_turns: stuck ? 3 : 0, history_bytes: 18231, since: node.begun,
    delta_credit: { left: 4, of: 64 }, "<b>markup</b>": "<script>window.pwned=1</script>", tools: ["search_memory", "save_memory"], long: "x".repeat(5000) },
  state_age_ms: stuck ? 4200 : 0, state_error: stuck ? "busy for longer than 100 ms" : "",
  messages: history.slice(0, 40).map((i) => ({ at: node.begun + i * 11, type: ["run_turn", "model_delta", "recall_answer"][i % 3], sender: String(2 + i % 4), wait_us: 12 + i, handling_us: 80 + i * 3, contents: null })),
  children: node.rows.filter((each) => each.parent === id).slice(0, 100), watchers: [node.byId.get("1")] };
}

function turns(node, query) {
  const q = query.get("q") ?? "";
  const state = query.get("state");
  const actor = query.get("actor");
  const found = node.turnList.filter((turn) => (!q || [turn.turn, turn.trace, turn.session, turn.client].some((each) => each.includes(q)))
    && (!actor || turn.runner === actor || turn.session_actor === actor)
    && (!state || (state === "in_flight" ? turn.state === state : state === "slow" ? turn.slow : turn.outcome === "failed")));
  const lasting = found.map((turn) => ({ ...turn, duration_ms: turn.duration_ms ?? node.now() - turn.started_at }));
  return { total: node.turnList.length, matching: found.length, turns: page(sorted(lasting, query.get("sort") ?? "started_at", query.get("order") ?? "desc"), query) };
}

function clients(node, query) {
  const all = Array.from({ length: 240 }, (_, i) => ({ id: `client-${i}`, actor: String(6 + i * 3), dialect: "luna", principal: i % 5 ? `token:device${i % 7}` : "",
    peer: `127.0.0.1:${40000 + i}`, since: node.begun - i * 61000, queued_bytes: i === 7 ? 412000 : 0, frames_in: 12 + i, session: `${i}`.padStart(32, "0"), turns: i % 9 }))
    .filter((each) => !node.disconnected.has(each.id) && each.id.includes(query.get("q") ?? ""));
  return { total: 240, matching: all.length, clients: page(all, query) };
}

function log(node, query) {
  const levels = ["debug", "info", "warn", "error"];
  const found = node.lines.filter((line) => (!query.get("actor") || line.actor === query.get("actor")) && line.text.includes(query.get("q") ?? "")
    && levels.indexOf(line.level) >= levels.indexOf(query.get("level") || "debug"));
  return { lines: found.slice(-Number(query.get("limit") ?? 200)), dropped: 0 };
}

function withState(node, id, calls) {
  return { actor: node.byId.get(id), state: { name: node.byId.get(id).label, retries: 2, calls } };
}

/** The body for a GET, or null where there is nothing. */
export function answer(node, path, query) {
  const [name, id] = path.slice("/console/api/".length).split("/").map(decodeURIComponent);
  const calls = node.interrupted ? [] : [{ turn: node.slowTurn, started_at: node.begun, first_delta_ms: 812.4, deltas: 17, aborting: false }];
  switch (name) {
    case "overview": return overview(node);
    case "actors": return id ? oneActor(node, id) : actors(node, query);
    case "tree": return tree(node, query);
    case "turns":
      if (!id) return turns(node, query);
      return id === node.slowTurn ? { ...node.turnList[0], spans: node.spans() } : node.turnList.filter((turn) => turn.turn === id).map((turn) => ({ ...turn, spans: node.spans().slice(1, 6).map((span) => ({ ...span, duration_us: span.duration_us ?? 22000 })) }))[0] ?? null;
    case "clients": return clients(node, query);
    case "store": return { columns: ["default", "events", "sessions", "memory", "tool_calls"].map((each, i) => ({ name: each, keys_estimate: 10 ** i * 37, bytes: 4096 * 31 ** i, memtable_bytes: 65536 * i })),
      stalled: false, pending_compaction_bytes: 0, read_only: false, journal: { sync_p50_us: 812, sync_p99_us: 4200, queued: 0, batches: 91823 }, disk_free_bytes: 91e9 };
    case "models": return { models: [withState(node, "2", calls)] };
    case "tools": return { tools: [withState(node, "3", [])] };
    case "log": return log(node, query);
    case "dead_letters": return { total: 3, letters: ["unexpected", "ended", "shed"].map((kind, i) => ({ at: node.begun - i * 900000, kind, actor: String(7 + i), role: "runner", message: "model_delta", sender: "2" })) };
    case "audit": return { entries: [...node.audit].reverse() };
    default: return null;
  }
}
