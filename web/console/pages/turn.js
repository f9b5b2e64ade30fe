// One turn: where its time went.

import { path, segment } from "../api.js";
import { actButton } from "../acts.js";
import { fact, h, heading, panel, setText } from "../dom.js";
import { bytes, count, counted, milliseconds, plain, time } from "../format.js";
import { href } from "../router.js";
import { showState, turnState } from "../states.js";
import { turnDuration, shortId } from "../turn_columns.js";
import { waterfall } from "../waterfall.js";

export function turnPage({ me }, { id }) {
  const title = heading(`Turn ${shortId(id)}`);
  title.title = id;
  const state = h("span", { class: "heading-state" });
  const kin = h("p", { class: "kin" });
  const error = h("p", { class: "trouble", hidden: true });
  const falls = waterfall();
  const dropped = h("p", { class: "note", hidden: true });
  const interrupt = actButton(me, { text: "Interrupt…", danger: true, path: () => path(`turns/${segment(id)}/interrupt`), done: "Interrupted",
    question: () => ({ title: "Interrupt this turn?", text: "Its client gets an error, and what was said so far ends there.", yes: "Interrupt" }) });
  const facts = { duration: fact("Duration"), first_delta_ms: fact("First delta"), started_at: fact("Started"), tokens_in: fact("Tokens in"),
    tokens_out: fact("Tokens out"), bytes: fact("Size of the answer"), tool_calls: fact("Tool calls"), model: fact("Model"), dialect: fact("Dialect") };
  const ids = { turn: fact("Turn"), trace: fact("Trace"), session: fact("Session"), client: fact("Client") };
  let links = "";
  const element = h("div", { class: "page turn" },
    h("div", { class: "heading" }, title, state, interrupt && h("div", { class: "buttons acts" }, interrupt)), kin, error,
    h("section", { class: "panel", "aria-label": "figures" }, h("dl", { class: "facts" }, Object.values(facts).map((each) => each.element))),
    panel("Waterfall", {}, falls.element, dropped),
    panel("Ids", {}, h("dl", { class: "facts ids" }, Object.values(ids).map((each) => each.element))));
  if (interrupt) interrupt.hidden = true;

  function showKin(turn) {
    const known = JSON.stringify([turn.session_actor, turn.runner, turn.session, turn.client]);
    if (known === links) return;
    links = known;
    kin.replaceChildren(
      ...[["session", turn.session_actor], ["runner", turn.runner]].filter(([, actor]) => actor && actor !== "0")
        .map(([what, actor]) => h("a", { href: href("actors", actor) }, `${what} ${actor}`)),
      h("a", { href: href("turns", "", { session: turn.session }) }, "turns of this session"),
      h("a", { href: href("turns", "", { client: turn.client }) }, "turns of this client"));
  }

  return {
    title: `Turn ${shortId(id)}`,
    element,
    watches: () => [{ key: "turn", path: path(`turns/${segment(id)}`) }],
    show(key, body) {
      const turn = body.turn && typeof body.turn === "object" ? body.turn : body;
      const now = body.at ?? Date.now();
      const duration = turnDuration(turn, now);
      showState(state, turnState(turn));
      if (interrupt) interrupt.hidden = turn.state !== "in_flight";
      showKin(turn);
      facts.duration.set({ ...milliseconds(duration), className: turn.slow ? "severe" : "" });
      facts.first_delta_ms.set(milliseconds(turn.first_delta_ms));
      facts.started_at.set(time(turn.started_at));
      facts.bytes.set(bytes(turn.bytes));
      for (const name of ["tokens_in", "tokens_out", "tool_calls"]) facts[name].set(count(turn[name]));
      for (const name of ["model", "dialect"]) facts[name].set(plain(turn[name]));
      for (const name of Object.keys(ids)) ids[name].set(plain(turn[name]));
      setText(error, turn.error ?? "");
      error.hidden = !turn.error;
      setText(dropped, `${counted(body.spans_dropped ?? 0, "span")} more than a trace keeps.`);
      dropped.hidden = !(body.spans_dropped > 0);
      falls.update(body.spans ?? [], (duration ?? 0) * 1000);
    },
  };
}
