// One turn as a waterfall: a row per span, its bar where it was in time.

import { h, setAttribute, setClass, setText } from "./dom.js";
import { fieldName, microseconds, named } from "./format.js";
import { keyedList } from "./keyed.js";
import { href } from "./router.js";

const kinds = [[/^turn$/, "whole"], [/^queued/, "queued"], [/^journal/, "journal"], [/^(recall|learn)/, "memory"],
  [/^tools?\b/, "tool"], [/^model/, "model"], [/^first delta/, "mark"]];

function kindOf(name) {
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}

/** 1, 2 or 5 times a power of ten: at most six of them in `total`. */
function tickStep(total) {
  const rough = total / 6;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-9)));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
}

export function waterfall() {
  const axis = h("div", { class: "axis", "aria-hidden": "true" });
  const rows = h("ol", { class: "spans", "aria-label": "spans by beginning" });
  const ticks = keyedList(axis, { key: (tick) => tick.text, create: createTick });
  const list = keyedList(rows, { key: (span) => span.place, create: createSpan });
  const element = h("div", { class: "waterfall" },
    h("div", { class: "span-row head", "aria-hidden": "true" }, h("span", {}, "Span"), axis, h("span", { class: "number" }, "Duration")), rows);
  return {
    element,
    /** `total_us`: how long the turn has lasted by now. */
    update(spans, total_us) {
      const end = Math.max(total_us, 1, ...spans.map((each) => each.start_us + (each.duration_us ?? 0)));
      const step = tickStep(end);
      const marks = [];
      for (let at = 0; at <= end; at += step) marks.push({ at: at / end, text: at === 0 ? "0" : microseconds(at).text });
      ticks.update(marks);
      const seen = new Map();
      list.update([...spans].sort((a, b) => a.start_us - b.start_us).map((span) => {
        const name = `${span.name}\n${span.actor}\n${span.start_us}`;
        const before = seen.get(name) ?? 0;
        seen.set(name, before + 1);
        return { ...span, end, place: `${name}\n${before}` };
      }));
    },
  };
}

function createTick() {
  const node = h("span", { class: "tick" });
  return {
    node,
    apply(tick) {
      setText(node, tick.text);
      node.style.left = `${(tick.at * 100).toFixed(2)}%`;
      setClass(node, tick.at > 0.93 ? "tick late" : "tick");
    },
  };
}

function createSpan() {
  const name = h("span", { class: "span-name" });
  const actor = h("a", { class: "row-link span-actor" });
  const bar = h("span", { class: "bar" });
  const duration = h("span", { class: "span-duration number" });
  const attributes = h("span", { class: "span-attributes" });
  const node = h("li", { class: "span-row" }, h("span", { class: "span-head" }, name, actor),
    h("span", { class: "track" }, bar), duration, attributes);
  return {
    node,
    apply(span) {
      const open = span.duration_us === null || span.duration_us === undefined;
      const length = open ? span.end - span.start_us : span.duration_us;
      const shown = microseconds(length);
      setText(name, span.name, span.name);
      setText(actor, span.actor ? `actor ${span.actor}` : "");
      setAttribute(actor, "href", span.actor ? href("actors", span.actor) : "");
      setClass(bar, `bar of-${kindOf(span.name)}${open ? " open" : ""}`);
      setAttribute(bar, "title", `begins after ${microseconds(span.start_us).text}, ${open ? "not over yet" : `takes ${shown.text}`}`);
      bar.style.left = `${((span.start_us / span.end) * 100).toFixed(3)}%`;
      bar.style.width = `${((length / span.end) * 100).toFixed(3)}%`;
      if (length === 0 && !open) setText(duration, `at ${microseconds(span.start_us).text}`, "a moment");
      else setText(duration, open ? `${shown.text}…` : shown.text, open ? "not over yet" : shown.title);
      const text = Object.entries(span.attributes ?? {}).filter(([, value]) => value !== "" && value !== null)
        .map(([key, value]) => `${fieldName(key)} ${named(key, value).text}`).join(" · ");
      setText(attributes, text);
      attributes.hidden = text === "";
    },
  };
}
