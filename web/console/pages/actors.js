// All actors: a table that the server sorts and pages, or the tree of who belongs to whom.

import { path } from "../api.js";
import { actorColumns, everyColumn } from "../actor_columns.js";
import { choice, pager, searchField } from "../controls.js";
import { h, heading } from "../dom.js";
import { changeQuery, current, href } from "../router.js";
import { nextOrder, table } from "../table.js";
import { isStuck } from "../states.js";
import { actorTree } from "../actor_tree.js";

const limit = 100;
const usual = { sort: "busy_share", order: "desc" };

export function actorsPage(context) {
  const search = searchField("Search id, role, label");
  const role = choice("role", "role", [["", "every role"]]);
  const state = choice("state", "state", [["", "every state"], ["busy", "busy"], ["waiting", "waiting"], ["paused", "paused"], ["idle", "idle"]]);
  const window = choice("window", "window", [["", "over 10 s"], ["1", "over 1 s"], ["60", "over 60 s"]]);
  const by = choice("tree by", "by", [["", "by supervisor"], ["client", "by client"], ["session", "by session"]]);
  const pages = pager(limit);
  const flat = table({ caption: "Actors", columns: actorColumns(...everyColumn), keyOf: (row) => row.id,
    rowClass: (row) => (isStuck(row) ? "stuck" : ""), empty: "no actor matches",
    onSort: (key, first) => changeQuery(nextOrder(current().query, key, first, usual)) });
  const tree = actorTree(() => context.rewatch());
  const tabs = [["", "Table"], ["tree", "Tree"]].map(([view, text]) => h("a", { href: "#", "data-view": view }, text));
  const only = { table: [role, state, window], tree: [by] };
  const bar = h("div", { class: "toolbar", role: "search" },
    h("div", { class: "tabs", role: "group", "aria-label": "view" }, tabs), search.element,
    [role, state, window, by].map((each) => each.element), pages.element);
  const element = h("div", { class: "page" }, heading("Actors"), bar, flat.element, tree.element);

  function isTree(query) {
    return query.get("view") === "tree";
  }

  return {
    title: "Actors",
    element,
    route({ query }) {
      const shown = isTree(query) ? "tree" : "table";
      for (const each of [search, role, state, window, by]) each.follow(query);
      for (const [view, controls] of Object.entries(only)) for (const each of controls) each.element.hidden = view !== shown;
      for (const tab of tabs) {
        tab.href = href("actors", "", { ...Object.fromEntries(query), view: tab.dataset.view, offset: "" });
        if ((tab.dataset.view || "table") === shown) tab.setAttribute("aria-current", "true");
        else tab.removeAttribute("aria-current");
      }
      flat.element.hidden = shown === "tree";
      tree.element.hidden = shown !== "tree";
      pages.element.hidden = shown === "tree";
      if (shown === "tree") tree.ask({ by: query.get("by") || "supervisor", q: query.get("q") ?? "" });
    },
    watches({ query }) {
      if (isTree(query)) return tree.watches();
      const asked = Object.fromEntries(query);
      return [{ key: "actors", path: path("actors", { ...usual, sort: asked.sort || usual.sort, order: asked.order || usual.order,
        q: asked.q, role: asked.role, state: asked.state, window: asked.window, offset: asked.offset, limit }) }];
    },
    show(key, body) {
      const { query } = current();
      if (key.startsWith("tree:")) {
        tree.show(key, body);
        return;
      }
      flat.update(body.actors, { sort: query.get("sort") ?? usual.sort, order: query.get("order") ?? usual.order });
      pages.update(body, Number(query.get("offset") ?? 0), body.actors.length);
      role.offer([["", "every role"], ...Object.keys(body.roles ?? {}).sort().map((each) => [each, `${each} (${body.roles[each]})`])]);
      role.follow(query);
    },
  };
}
