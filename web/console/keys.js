// The keyboard. A page's rows are its links of class `row-link`, in their order.

import { showKeys } from "./dialog.js";
import { go, href } from "./router.js";

const pages = { o: "overview", a: "actors", t: "turns", c: "clients", s: "store", m: "models", l: "log", u: "audit" };
const patience = 1500;  // between `g` and the letter after it

const help = [
  ["Everywhere", [["/", "search"], ["j k", "next, previous row (or arrows)"], ["Enter", "open the row"], ["[ ]", "page before, after"],
    ["Esc", "leave the field, close, go up"], ["?", "these keys"]]],
  ["Go to", Object.entries(pages).map(([key, page]) => [`g ${key}`, page])],
];

let waitingSince = 0;
let lastRow = -1;

export function listenToKeys() {
  addEventListener("keydown", pressed);
  addEventListener("hashchange", () => { lastRow = -1; });
}

export function showHelp() {
  showKeys(help);
}

function pressed(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const field = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape") {
    leave(field);
  } else if (!field || (event.key === "ArrowDown" && field.type === "search")) {
    if (handled(event)) event.preventDefault();
  } else if (event.key === "Enter" && field.type === "search") {
    move(1);
  }
}

function handled(event) {
  const afterG = Date.now() - waitingSince < patience;
  waitingSince = 0;
  if (afterG && pages[event.key]) {
    go(href(pages[event.key]));
    return true;
  }
  switch (event.key) {
    case "g": waitingSince = Date.now(); return true;
    case "?": showHelp(); return true;
    case "/": return focusSearch();
    case "j": case "ArrowDown": return move(1, event);
    case "k": case "ArrowUp": return move(-1, event);
    case "[": return press("before");
    case "]": return press("after");
    default: return false;
  }
}

function focusSearch() {
  const field = document.querySelector("main [data-search]");
  field?.focus();
  field?.select();
  return Boolean(field);
}

function press(which) {
  const button = document.querySelector(`main [data-page="${which}"]`);
  button?.click();
  return Boolean(button);
}

/** Arrows scroll as ever where the focus is on something that is no row. */
function move(by, event) {
  const rows = [...document.querySelectorAll("main .row-link[href]")].filter((each) => each.checkVisibility());
  if (rows.length === 0) return false;
  const focused = document.activeElement;
  const at = rows.indexOf(focused?.closest("tr, li")?.querySelector(".row-link") ?? focused);
  if (event?.key.startsWith("Arrow") && at < 0 && focused?.matches("a, button, summary")) return false;
  const from = at >= 0 ? at : lastRow >= 0 ? lastRow - by : by > 0 ? -1 : rows.length;
  lastRow = Math.min(Math.max(from + by, 0), rows.length - 1);
  rows[lastRow].focus();
  rows[lastRow].scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function leave(field) {
  if (field) {
    field.blur();
    return;
  }
  document.dispatchEvent(new CustomEvent("troupe-up"));
}
