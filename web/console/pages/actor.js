// One actor: how it is, what it holds, what it got lately, who belongs to it, and
// what can be done to it.

import { path, segment } from "../api.js";
import { act, actButton } from "../acts.js";
import { actorColumns, actorName } from "../actor_columns.js";
import { h, heading, panel, setAttribute, setClass, setText } from "../dom.js";
import { microseconds, milliseconds, plain, time } from "../format.js";
import { actorFacts } from "../actor_facts.js";
import { jsonView } from "../json_view.js";
import { href } from "../router.js";
import { actorState, showState } from "../states.js";
import { besideOthers, table } from "../table.js";
import { turnColumns } from "../turn_columns.js";

const messageColumns = besideOthers([
  { key: "at", title: "At", width: 9, value: (message) => time(message.at) },
  { key: "type", title: "Message", width: 20, value: (message) => plain(message.type) },
  { key: "sender", title: "From", width: 8, fill: fillSender },
  { key: "wait_us", title: "Waited", width: 9, numeric: true, value: (message) => microseconds(message.wait_us) },
  { key: "handling_us", title: "Handled in", width: 10, numeric: true, value: (message) => microseconds(message.handling_us) },
  { key: "contents", title: "Contents", width: 30, wide: true, value: (message) => plain(message.contents) },
]);

function fillSender(cell, message) {
  if (!message.sender || message.sender === "0") {
    setText(cell, "–", "");
    return;
  }
  if (!cell.firstElementChild) cell.replaceChildren(h("a"));
  setText(cell.firstElementChild, message.sender);
  setAttribute(cell.firstElementChild, "href", href("actors", message.sender));
}

export function actorPage(context, { id }) {
  const { me } = context;
  let row = null;
  let linked = "";
  let contents = false;
  const base = `actors/${segment(id)}`;
  const title = heading(`Actor ${id}`);
  const state = h("span", { class: "heading-state" });
  const kin = h("p", { class: "kin" });
  const facts = actorFacts();
  const stateNote = h("p", { class: "note" });
  const json = jsonView({ openDepth: 2 });
  const messages = table({ caption: "Recent messages, newest first", columns: messageColumns, keyOf: (each) => each.key, empty: "none recorded yet" });
  const turns = table({ caption: "Turns of this actor", columns: besideOthers(turnColumns("turn", "state", "duration_ms", "started_at", "tokens_out", "error")),
    keyOf: (turn) => turn.turn, empty: "no turn kept" });
  const children = table({ caption: "Children", columns: besideOthers(actorColumns("name", "state", "mailbox", "oldest_ms", "busy_share")), keyOf: (each) => each.id, empty: "none" });
  const watchers = table({ caption: "Watchers", columns: besideOthers(actorColumns("name", "state", "mailbox", "oldest_ms", "busy_share")), keyOf: (each) => each.id, empty: "none" });

  const name = () => (row ? actorName(row) : `actor ${id}`);
  const button = (text, what, more = {}) => actButton(me, { text, path: () => path(`${base}/${what}`), done: `${text}: done`, ...more });
  const pause = button("Pause", "pause", { title: "messages wait until it is resumed", done: "Paused" });
  const resume = button("Resume", "resume", { done: "Resumed" });
  const step = button("Step", "step", { title: "handle one message", done: "One message handled" });
  const restart = button("Restart…", "restart", { danger: true, done: "Restarted",
    question: () => ({ title: `Restart ${name()}?`, text: "Its state is built anew; what it was doing ends with an error.", yes: "Restart" }) });
  const stop = button("Stop…", "stop", { danger: true, done: "Stopped",
    question: () => ({ title: `Stop ${name()}?`, text: "It ends, and what depends on it ends with an error.", yes: "Stop" }) });
  const level = h("select", { "aria-label": "log level", on: { change: () => act(path(`${base}/log`), { level: level.value || null }, "Log level changed") } },
    h("option", { value: "" }, "log as everybody"), h("option", { value: "debug" }, "log debug"));
  const showContents = h("input", { type: "checkbox", on: { change: () => {
    contents = showContents.checked;
    context.rewatch();
  } } });
  const mayAct = me.scopes.includes("act");
  const element = h("div", { class: "page actor" },
    h("div", { class: "heading" }, title, state, mayAct && h("div", { class: "buttons acts", role: "group", "aria-label": "acts" }, pause, resume, step, level, restart, stop)),
    kin, facts.element,
    h("div", { class: "two" },
      panel("State", {}, stateNote, json.element),
      panel("Turns", {}, turns.element),
      panel("Children", {}, children.element),
      panel("Watchers", {}, watchers.element),
      panel("Recent messages", { className: "wide" }, mayAct && h("label", { class: "check" }, showContents, " with contents (where the server allows it; secrets are masked)"), messages.element)));

  function showKin() {
    const links = [h("span", {}, `${row.role} ${row.id}`)];
    if (row.parent && row.parent !== "0") links.push(h("a", { href: href("actors", row.parent) }, `parent ${row.parent}`));
    if (linked) links.push(h("a", { href: href("actors", linked) }, `linked to ${linked}`));
    links.push(h("a", { href: href("log", "", { actor: id }) }, "its log"));
    kin.replaceChildren(...links);
  }

  function showActor(body) {
    const before = row;
    row = body.actor;
    setText(title, name(), name());
    showState(state, actorState(row));
    const other = row.linked && row.linked !== "0" ? row.linked : "";
    if (linked !== other || !before) {
      const ask = linked !== other;
      linked = other;
      showKin();
      if (ask) context.rewatch();  // the turns of a connection are its session's
    }
    facts.update(row);
    json.update(body.state);
    const old = body.state_age_ms > 1000;
    setText(stateNote, body.state_error ? `It did not answer: ${body.state_error}. Shown is what it said ${milliseconds(body.state_age_ms).text} ago.`
      : old ? `From ${milliseconds(body.state_age_ms).text} ago.` : "As of now.");
    setClass(stateNote, body.state_error ? "note severe" : old ? "note notable" : "note");
    messages.update(numbered(body.messages).reverse());
    children.update(body.children.slice(0, 100));
    watchers.update(body.watchers.slice(0, 100));
    if (!mayAct) return;
    const paused = row.state === "paused";
    pause.hidden = paused;
    resume.hidden = !paused;
    step.hidden = !paused;
    if (document.activeElement !== level) level.value = row.log_level ?? "";
  }

  return {
    title: `Actor ${id}`,
    element,
    watches: () => [
      { key: "actor", path: path(base, contents ? { contents: 1 } : {}) },
      { key: "turns", path: path("turns", { actor: linked || id, sort: "started_at", order: "desc", limit: 8 }) },
    ],
    show(key, body) {
      if (key === "actor") showActor(body);
      if (key === "turns") turns.update(body.turns.filter((turn) => [id, linked].some((each) => each && [turn.runner, turn.session_actor].includes(each))));
    },
  };
}

/** Messages have no id: time and type, and which of those that share both. */
function numbered(messages) {
  const seen = new Map();
  return messages.map((message) => {
    const name = `${message.at} ${message.type} ${message.sender}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return { ...message, key: `${name} ${seen.get(name)}` };
  });
}
