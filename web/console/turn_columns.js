// The columns of every table of turns.

import { bytes, count, milliseconds, plain, time } from "./format.js";
import { href } from "./router.js";
import { showState, turnState } from "./states.js";

export function shortId(id) {
  const text = String(id ?? "");
  return text.length > 12 ? `${text.slice(0, 8)}…` : text;
}

/** How long a turn has lasted by now: the server's figure, or since it began. */
export function turnDuration(turn, now) {
  if (turn.duration_ms !== null && turn.duration_ms !== undefined) return turn.duration_ms;
  return turn.started_at ? Math.max(0, now - turn.started_at) : null;
}

const all = {
  turn: { title: "Turn", width: 11, sort: false, href: (turn) => href("turns", turn.turn),
    value: (turn) => ({ text: shortId(turn.turn), title: turn.turn }) },
  state: { title: "State", width: 14, sort: false, fill: (cell, turn) => showState(cell, turnState(turn)) },
  duration_ms: { title: "Duration", width: 11, numeric: true,
    value: (turn) => ({ ...milliseconds(turnDuration(turn, Date.now())), className: turn.slow ? "severe" : "" }) },
  started_at: { title: "Started", width: 11, numeric: true, value: (turn) => time(turn.started_at) },
  first_delta_ms: { title: "First delta", width: 10, numeric: true, sort: false, help: "until the first piece of the answer",
    value: (turn) => milliseconds(turn.first_delta_ms) },
  model: { title: "Model", width: 18, sort: false, value: (turn) => plain(turn.model) },
  tokens_in: { title: "Tok in", width: 7, numeric: true, sort: false, value: (turn) => count(turn.tokens_in) },
  tokens_out: { title: "Tok out", width: 7, numeric: true, sort: false, value: (turn) => count(turn.tokens_out) },
  bytes: { title: "Size", width: 8, numeric: true, sort: false, help: "of the answer", value: (turn) => bytes(turn.bytes) },
  tool_calls: { title: "Tools", width: 6, numeric: true, sort: false, value: (turn) => count(turn.tool_calls) },
  client: { title: "Client", width: 12, sort: false, value: (turn) => ({ ...plain(turn.client), text: shortId(turn.client) || "–" }) },
  dialect: { title: "Dialect", width: 9, sort: false, value: (turn) => plain(turn.dialect) },
  error: { title: "Error", width: 28, wide: true, sort: false,
    value: (turn) => ({ ...plain(turn.error), className: turn.error ? "wrong" : "" }) },
};

export function turnColumns(...names) {
  return names.map((name) => ({ key: name, ...all[name] }));
}

export const everyTurnColumn = ["turn", "state", "duration_ms", "started_at", "first_delta_ms", "model", "tokens_in", "tokens_out",
  "bytes", "tool_calls", "client", "dialect", "error"];
