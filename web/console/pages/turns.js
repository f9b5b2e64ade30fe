// The turns kept: the last ones, and all slow or failed ones.

import { path } from "../api.js";
import { choice, pager, searchField } from "../controls.js";
import { h, heading } from "../dom.js";
import { changeQuery, current } from "../router.js";
import { nextOrder, table } from "../table.js";
import { everyTurnColumn, turnColumns } from "../turn_columns.js";

const limit = 100;
const usual = { sort: "started_at", order: "desc" };

export function turnsPage() {
  const search = searchField("Search turn, trace, session, client");
  const state = choice("which turns", "state", [["", "every turn"], ["in_flight", "in flight"], ["slow", "slow"], ["failed", "failed"]]);
  const pages = pager(limit);
  const list = table({ caption: "Turns", columns: turnColumns(...everyTurnColumn), keyOf: (turn) => turn.turn, empty: "no turn matches",
    rowClass: (turn) => (turn.slow && turn.state === "in_flight" ? "stuck" : ""),
    onSort: (key, first) => changeQuery(nextOrder(current().query, key, first, usual)) });
  const element = h("div", { class: "page" }, heading("Turns"),
    h("div", { class: "toolbar", role: "search" }, search.element, state.element, pages.element), list.element);
  return {
    title: "Turns",
    element,
    route({ query }) {
      search.follow(query);
      state.follow(query);
    },
    watches({ query }) {
      const { q, state: which, sort, order, offset, client, session } = Object.fromEntries(query);
      return [{ key: "turns", path: path("turns", { q, client, session, state: which, sort: sort || usual.sort, order: order || usual.order, offset, limit }) }];
    },
    show(key, body) {
      const { query } = current();
      list.update(body.turns, { sort: query.get("sort") ?? usual.sort, order: query.get("order") ?? usual.order });
      pages.update(body, Number(query.get("offset") ?? 0), body.turns.length);
    },
  };
}
