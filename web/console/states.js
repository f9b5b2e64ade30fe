// States as shape, word and colour: none of the three alone has to do.

import { h, setAttribute, setClass, svg } from "./dom.js";
import { milliseconds } from "./format.js";

const shapes = {
  idle: ["circle", { cx: 6, cy: 6, r: 4, class: "hollow" }],
  busy: ["circle", { cx: 6, cy: 6, r: 4.5 }],
  waiting: ["path", { d: "M6 1.2 11 10.4H1z" }],
  paused: ["path", { d: "M2.5 1.5h2.6v9H2.5zM6.9 1.5h2.6v9H6.9z" }],
  in_flight: ["path", { d: "M2.5 1.2 10.8 6 2.5 10.8z" }],
  reply: ["path", { d: "M1.2 6.4 2.7 4.9 4.8 7 9.4 2.2 10.9 3.7 4.8 10z" }],
  failed: ["path", { d: "M2.5 1 6 4.5 9.5 1 11 2.5 7.5 6 11 9.5 9.5 11 6 7.5 2.5 11 1 9.5 4.5 6 1 2.5z" }],
  cancelled: ["path", { d: "M1.5 4.7h9v2.6h-9z" }],
  interrupted: ["path", { d: "M6 .8 11.2 6 6 11.2.8 6z" }],
  good: ["circle", { cx: 6, cy: 6, r: 4.5 }],
  bad: ["path", { d: "M6 .8 11.4 11H.6z" }],
};

/** An actor that holds one message for a second holds up whoever waits for it. */
export const stuckAfter = 1000;

export function isStuck(row) {
  return row.busy_ms >= stuckAfter || (row.state === "waiting" && row.oldest_ms >= stuckAfter);
}

export function actorState(row) {
  const kind = shapes[row.state] ? row.state : "idle";
  let text = row.state;
  if (row.state === "busy" && row.busy_ms >= stuckAfter) text = `busy ${milliseconds(row.busy_ms).text}`;
  if (row.state === "waiting" && row.oldest_ms >= stuckAfter) text = `waiting ${milliseconds(row.oldest_ms).text}`;
  return { kind, text, severe: isStuck(row) };
}

export function turnState(turn) {
  if (turn.state === "in_flight") return { kind: "in_flight", text: "in flight", severe: Boolean(turn.slow) };
  const kind = shapes[turn.outcome] ? turn.outcome : "reply";
  return { kind, text: turn.outcome || "done", severe: false };
}

export function shape(kind) {
  const [tag, attributes] = shapes[kind];
  return svg("svg", { viewBox: "0 0 12 12", class: "shape", "aria-hidden": "true" }, svg(tag, attributes));
}

/** Makes `element` show a state; again with the same state it touches nothing. */
export function showState(element, { kind, text, severe }) {
  let badge = element.querySelector(":scope > .badge");
  if (!badge) {
    badge = h("span", { class: "badge" });
    element.replaceChildren(badge);
  }
  setClass(badge, `badge is-${kind}${severe ? " severe" : ""}`);
  if (badge.dataset.kind !== kind) {
    badge.dataset.kind = kind;
    badge.replaceChildren(shape(kind), h("span"));
  }
  if (badge.lastChild.textContent !== text) badge.lastChild.textContent = text;
  setAttribute(badge, "title", severe ? "holds up whoever waits for it" : "");
}
