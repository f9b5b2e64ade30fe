// Models and tools, with the calls that are under way.

import { path } from "../api.js";
import { actorName } from "../actor_columns.js";
import { h, heading, panel, setAttribute, setText } from "../dom.js";
import { count, fieldName, milliseconds, named, share } from "../format.js";
import { jsonView } from "../json_view.js";
import { keyedList } from "../keyed.js";
import { href } from "../router.js";
import { actorState, showState } from "../states.js";
import { table } from "../table.js";

export function modelsPage() {
  const lists = { models: section("Models", "no model is running"), tools: section("Tools", "no tool server is running") };
  const element = h("div", { class: "page" }, heading("Models and tools"), Object.values(lists).map((each) => each.element));
  return {
    title: "Models and tools",
    element,
    watches: () => Object.keys(lists).map((name) => ({ key: name, path: path(name) })),
    show(key, body) {
      lists[key].update(body[key]);
    },
  };
}

function section(title, empty) {
  const holder = h("div", { class: "cards" });
  const nothing = h("p", { class: "empty" }, empty);
  const list = keyedList(holder, { key: (each) => each.actor.id, create: card });
  return {
    element: panel(title, { className: "bare" }, holder, nothing),
    update(rows) {
      list.update(rows);
      nothing.hidden = rows.length > 0;
    },
  };
}

function card() {
  const name = h("a", { class: "row-link" });
  const state = h("span");
  const figures = h("p", { class: "note" });
  const callsHolder = h("div");
  const rest = jsonView({ openDepth: 0 });
  const calls = callTable(callsHolder);
  const node = h("article", { class: "card" }, h("header", {}, name, state), figures, callsHolder, rest.element);
  return {
    node,
    apply({ actor, state: held }) {
      setText(name, actorName(actor), actorName(actor));
      setAttribute(name, "href", href("actors", actor.id));
      showState(state, actorState(actor));
      const { calls: under_way, ...others } = held ?? {};
      const known = Array.isArray(under_way) ? under_way : [];
      setText(figures, `${count(known.length).text} in flight · mailbox ${count(actor.mailbox).text} · oldest ${milliseconds(actor.oldest_ms).text}`
        + ` · busy ${share(actor.busy_share).text} · tokens ${count(actor.tokens_in).text} in, ${count(actor.tokens_out).text} out`
        + (held ? "" : " · does not answer"));
      calls.update(known);
      rest.element.hidden = Object.keys(others).length === 0;
      rest.update(others);
    },
  };
}

/** Roles say different things of a call: the columns are the fields there are. */
function callTable(holder) {
  let names = "";
  let view = null;
  return {
    update(calls) {
      const fields = [...new Set(calls.flatMap((call) => Object.keys(call)))];
      if (fields.join() !== names && fields.length > 0) {
        names = fields.join();
        view = table({ caption: "Calls in flight", keyOf: (call) => call.place, empty: "no call in flight", columns: fields.map((field) => ({
          key: field, title: fieldName(field), width: 12, sort: false, numeric: typeof calls[0][field] === "number",
          href: field === "turn" ? (call) => href("turns", call.turn) : undefined, value: (call) => named(field, call[field]) })) });
        holder.replaceChildren(view.element);
      }
      view?.update(calls.map((call, index) => ({ ...call, place: call.turn ?? call.id ?? call.call ?? index })));
      holder.hidden = calls.length === 0;
    },
  };
}
