// The columns of every table of actors.

import { bytes, count, microseconds, milliseconds, plain, rate, share } from "./format.js";
import { href } from "./router.js";
import { actorState, showState, stuckAfter } from "./states.js";

/** Labels are often ids; where no column says the role, the name does. */
export function actorName(row) {
  if (!row.label) return `${row.role} ${row.id}`;
  return row.label.startsWith(row.role) || row.role.startsWith(row.label) ? row.label : `${row.role} ${row.label}`;
}

const warm = (limit, severe) => (value) => (value >= severe ? "severe" : value >= limit ? "notable" : "");
const warmShare = warm(0.5, 0.9);
const warmAge = warm(100, stuckAfter);

const all = {
  label: { title: "Actor", width: 24, wide: true, help: "label, or role and id",
    href: (row) => href("actors", row.id), value: (row) => ({ text: row.label || actorName(row), title: actorName(row) }) },
  name: { key: "label", title: "Actor", width: 24, wide: true, help: "role and label, or role and id",
    href: (row) => href("actors", row.id), value: (row) => ({ text: actorName(row), title: actorName(row) }) },
  id: { title: "Id", width: 7, numeric: true, value: (row) => ({ text: row.id, title: "" }) },
  role: { title: "Role", width: 15, value: (row) => plain(row.role) },
  state: { title: "State", width: 13, fill: (cell, row) => showState(cell, actorState(row)) },
  mailbox: { title: "Mailbox", width: 7, numeric: true, help: "messages that wait",
    value: (row) => ({ ...count(row.mailbox), className: row.mailbox > 0 ? "notable" : "" }) },
  oldest_ms: { title: "Oldest", width: 8, numeric: true, help: "how long the oldest message waits",
    value: (row) => ({ ...milliseconds(row.oldest_ms), className: warmAge(row.oldest_ms) }) },
  messages_per_second: { title: "Msg/s", width: 7, numeric: true, help: "messages per second over the window",
    value: (row) => rate(row.messages_per_second) },
  busy_share: { title: "Busy", width: 6, numeric: true, help: "share of the window spent in handlers",
    value: (row) => ({ ...share(row.busy_share), className: warmShare(row.busy_share) }) },
  busy_ms: { title: "Busy for", width: 8, numeric: true, help: "how long the handler that runs has run",
    value: (row) => ({ ...milliseconds(row.busy_ms), className: warmAge(row.busy_ms) }) },
  p50_us: { title: "p50", width: 7, numeric: true, help: "handling time, half are faster", value: (row) => microseconds(row.p50_us) },
  p99_us: { title: "p99", width: 7, numeric: true, help: "handling time, 99 of 100 are faster", value: (row) => microseconds(row.p99_us) },
  memory_bytes: { title: "Memory", width: 8, numeric: true, help: "estimate", value: (row) => bytes(row.memory_bytes) },
  tokens_in: { title: "Tok in", width: 7, numeric: true, help: "tokens sent to models", value: (row) => count(row.tokens_in) },
  tokens_out: { title: "Tok out", width: 7, numeric: true, help: "tokens that models answered", value: (row) => count(row.tokens_out) },
  handled: { title: "Handled", width: 8, numeric: true, value: (row) => count(row.handled) },
  restarts: { title: "Restarts", width: 8, numeric: true,
    value: (row) => ({ ...count(row.restarts), className: row.restarts > 0 ? "notable" : "" }) },
  shed: { title: "Shed", width: 6, numeric: true, help: "messages refused because the mailbox was full",
    value: (row) => ({ ...count(row.shed), className: row.shed > 0 ? "notable" : "" }) },
  last_message: { title: "Last message", width: 18, value: (row) => plain(row.last_message) },
  last_error: { title: "Last error", width: 22,
    value: (row) => ({ ...plain(row.last_error), className: row.last_error ? "wrong" : "" }) },
};

/** The columns named, in that order. */
export function actorColumns(...names) {
  return names.map((name) => ({ key: name, ...all[name] }));
}

export const everyColumn = ["label", "role", "state", "mailbox", "oldest_ms", "busy_share", "messages_per_second", "p50_us", "p99_us",
  "memory_bytes", "tokens_in", "tokens_out", "id", "restarts", "shed", "handled", "last_message", "last_error"];
