// The tree of actors: each level is asked for when it is opened, and watched.

import { path } from "./api.js";
import { actorColumns, actorName } from "./actor_columns.js";
import { h, setAttribute, setText } from "./dom.js";
import { count } from "./format.js";
import { table } from "./table.js";

const watched = 16;     // what one connection may watch: the roots and fifteen open levels
const portion = 100;    // rows of one level, before "more"

export function actorTree(changed) {
  let by = "";
  let q = "";
  let open = [];                 // places that are open, the one opened last at the end
  const levels = new Map();      // place ("" is the roots) -> nodes
  const shown = new Map();       // place -> how many of them
  const columns = actorColumns("label", "state", "mailbox", "oldest_ms", "busy_share", "messages_per_second", "memory_bytes", "role", "id");
  columns[0] = { ...columns[0], width: 34, fill: fillName };
  const view = table({ caption: "Actors as a tree", role: "treegrid", columns: columns.map((each) => ({ ...each, sort: false })),
    keyOf: (row) => row.place, empty: "no actor matches" });
  view.element.addEventListener("keydown", pressed);

  function fillName(cell, row, link) {
    let toggle = cell.querySelector(".toggle");
    if (!toggle) {
      toggle = h("button", { type: "button", class: "toggle", tabindex: "-1" });
      cell.prepend(toggle);
    }
    cell.style.paddingInlineStart = `${0.5 + row.depth * 1.25}rem`;
    setAttribute(cell.parentNode, "aria-level", String(row.depth + 1));
    setAttribute(cell.parentNode, "aria-expanded", row.more || row.children === 0 ? null : String(row.isOpen));
    cell.parentNode.dataset.place = row.place;
    toggle.onclick = row.more ? () => grow(row.of) : () => flip(row.place);
    setText(toggle, row.more ? `${row.more} more: show them` : row.children === 0 ? "" : row.isOpen ? "▾" : "▸");
    setAttribute(toggle, "aria-label", row.more ? null : `${row.isOpen ? "close" : "open"} ${actorName(row)}, ${row.children} below`);
    toggle.className = row.more ? "toggle more-rows" : "toggle";
    toggle.disabled = !row.more && row.children === 0;
    setText(link, row.more ? "" : `${actorName(row)}${row.children > 0 ? ` (${count(row.children).text})` : ""}`, row.more ? "" : actorName(row));
    if (row.more) link.removeAttribute("href");
  }

  function flip(place) {
    if (open.includes(place)) {
      open = open.filter((each) => each !== place && !each.startsWith(`${place}/`));
    } else {
      open = [...open, place].slice(-(watched - 1));
    }
    changed();
    draw();
  }

  function grow(place) {
    shown.set(place, (shown.get(place) ?? portion) + portion);
    draw();
  }

  function rowsOf(place, depth) {
    const nodes = levels.get(place) ?? [];
    const limit = shown.get(place) ?? portion;
    const rows = nodes.slice(0, limit).flatMap((node) => {
      const below = `${place}/${node.actor.id}`;
      const isOpen = open.includes(below);
      return [{ ...node.actor, place: below, depth, children: node.children, isOpen }, ...(isOpen ? rowsOf(below, depth + 1) : [])];
    });
    // The row stands for what is left out; its figures are nobody's.
    if (nodes.length > limit) rows.push({ place: `${place}/more`, of: place, depth, more: nodes.length - limit, children: 0, state: "", role: "", id: "" });
    return rows;
  }

  function draw() {
    view.update(rowsOf("", 0));
  }

  function pressed(event) {
    const place = event.target.closest?.("tr")?.dataset.place;
    if (!place || !["ArrowRight", "ArrowLeft"].includes(event.key)) return;
    const isOpen = open.includes(place);
    if (isOpen === (event.key === "ArrowLeft")) {
      if (!event.target.closest("tr").querySelector(".toggle").disabled) flip(place);
    } else if (event.key === "ArrowLeft") {
      const parent = place.slice(0, place.lastIndexOf("/"));
      view.element.querySelector(`tr[data-place="${CSS.escape(parent)}"] .row-link`)?.focus();
    }
    event.preventDefault();
  }

  return {
    element: view.element,
    ask(next) {
      if (next.by === by && next.q === q) return;
      by = next.by;
      q = next.q;
      open = [];
      levels.clear();
      shown.clear();
    },
    watches() {
      return ["", ...open].map((place) => ({ key: `tree:${place}`,
        path: path("tree", { by, q: place === "" ? q : "", root: place.slice(place.lastIndexOf("/") + 1) }) }));
    },
    show(key, body) {
      levels.set(key.slice("tree:".length), body.nodes);
      draw();
    },
  };
}
