// The tail of the log. It stays at the end until somebody scrolls up or pauses it.

import { path } from "../api.js";
import { choice, searchField } from "../controls.js";
import { h, heading, setAttribute, setText } from "../dom.js";
import { count, time } from "../format.js";
import { keyedList } from "../keyed.js";
import { href } from "../router.js";

const limit = 300;

export function logPage(context) {
  let paused = false;
  let atEnd = true;
  let missed = 0;
  const search = searchField("Search the text");
  const actor = searchField("Actor id", "actor");
  const level = choice("level", "level", [["", "every level"], ["debug", "debug and above"], ["info", "info and above"], ["warn", "warnings and errors"], ["error", "errors"]]);
  const pause = h("button", { type: "button", "aria-pressed": "false", on: { click: () => setPaused(!paused) } }, "Pause");
  const jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: toEnd } });
  const lines = h("ol", { class: "log-lines" });
  const scroller = h("div", { class: "log", tabindex: "0", role: "log", "aria-label": "log lines, newest last", "aria-live": "off", on: { scroll: scrolled } }, lines);
  const nothing = h("p", { class: "empty", hidden: true }, "no line matches");
  const dropped = h("p", { class: "note", hidden: true });
  const list = keyedList(lines, { key: (line) => line.key, create: createLine });
  const element = h("div", { class: "page log-page" }, heading("Log"),
    h("div", { class: "toolbar", role: "search" }, search.element, actor.element, level.element, pause, h("a", { class: "more", href: href("letters") }, "Dead letters")),
    dropped, h("div", { class: "panel log-holder" }, scroller, nothing, jump));

  function setPaused(value) {
    paused = value;
    setAttribute(pause, "aria-pressed", String(paused));
    setText(pause, paused ? "Go on" : "Pause");
    context.rewatch();
  }

  function scrolled() {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 8;
    if (atEnd) missed = 0;
    sayMissed();
  }

  function toEnd() {
    scroller.scrollTop = scroller.scrollHeight;
  }

  function sayMissed() {
    jump.hidden = atEnd;
    setText(jump, missed > 0 ? `${count(missed).text} new ↓` : "to the end ↓");
  }

  function showLines(body) {
    const known = new Set([...lines.children].map((each) => each.dataset.key));
    const shown = numbered(body.lines);
    const first = [...lines.children].find((each) => each.offsetTop + each.offsetHeight > scroller.scrollTop);
    const before = first ? first.offsetTop - scroller.scrollTop : 0;
    list.update(shown);
    if (known.size > 0) missed += shown.filter((line) => !known.has(line.key)).length;
    if (atEnd) toEnd();
    else if (first?.isConnected) scroller.scrollTop = first.offsetTop - before;  // what is read stays where it is
    nothing.hidden = shown.length > 0;
    dropped.hidden = !(body.dropped > 0);
    setText(dropped, `${count(body.dropped).text} lines were lost because too many came at once.`);
    if (atEnd) missed = 0;
    sayMissed();
  }

  return {
    title: "Log",
    element,
    route({ query }) {
      for (const each of [search, actor, level]) each.follow(query);
    },
    watches: ({ query }) => (paused ? [] : [{ key: "log", path: path("log", { actor: query.get("actor"), level: query.get("level"), q: query.get("q"), limit }) }]),
    show(key, body) {
      if (!paused) showLines(body);
    },
  };
}

function createLine(line) {
  const node = h("li", { class: `line is-${line.level}`, "data-key": line.key });
  const at = time(line.at);
  node.append(h("time", { datetime: at.title, title: at.title }, at.text), h("span", { class: "level" }, line.level),
    h("span", { class: "event" }, line.event ?? ""),
    line.actor && line.actor !== "0" ? h("a", { href: href("actors", line.actor) }, line.actor) : h("span", { class: "no-actor" }, "–"),
    h("span", { class: "text" }, withoutHead(line)));
  return { node, apply() {} };
}

/** A line as it is in the file begins with what stands in columns already. */
function withoutHead({ text = "", level, event }) {
  const head = text.match(/^\d{4}-\S+Z (\S+) (\S+)( |$)/);
  return head && head[1] === level && head[2] === event ? text.slice(head[0].length) : text;
}

/** By its number where the server gives one, else by what it says and how often it does. */
function numbered(lines) {
  const seen = new Map();
  return lines.map((line) => {
    if (line.number !== undefined) return { ...line, key: String(line.number) };
    const name = `${line.at} ${line.event} ${line.actor} ${line.text}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return { ...line, key: `${name} ${seen.get(name)}` };
  });
}
