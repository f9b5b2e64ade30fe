// A JSON value as a collapsible tree. What was opened stays open when a newer
// value arrives; parts are built when they are opened, so a huge state is cheap.

import { h, setText } from "./dom.js";
import { named as withUnit } from "./format.js";

const portion = 100;   // entries shown at once of one object or list
const longText = 400;

/** `openDepth`: how many levels begin open. */
export function jsonView({ openDepth = 1 } = {}) {
  const opened = new Map();   // place -> whether somebody opened or closed it
  const shown = new Map();    // place -> how many entries
  const element = h("div", { class: "json" });
  let last = "";

  function build(value, place, depth, key) {
    const named = key === undefined ? [] : [h("span", { class: "json-key" }, key), " "];
    if (value === null || typeof value !== "object") return h("span", {}, named, leaf(value, place));
    const entries = Array.isArray(value) ? value.map((each, index) => [String(index), each]) : Object.entries(value);
    if (entries.length === 0) return h("span", {}, named, h("span", { class: "json-empty" }, Array.isArray(value) ? "[ ]" : "{ }"));
    const size = entries.length === 1 ? "1 entry" : `${entries.length} entries`;
    const items = h("ul");
    const details = h("details", {}, h("summary", {}, named, Array.isArray(value) ? `list of ${size}` : size), items);
    let built = false;
    const grow = () => {
      built = true;
      const limit = shown.get(place) ?? portion;
      items.replaceChildren(...entries.slice(0, limit).map(([name, each]) => h("li", {},
        build(each, `${place}/${name}`, depth + 1, name))));
      if (entries.length > limit) items.append(h("li", {}, h("button", { type: "button", class: "quiet", on: {
        click: () => {
          shown.set(place, limit + portion * 5);
          grow();
        },
      } }, `show more of ${entries.length}`)));
    };
    details.open = opened.get(place) ?? (depth < openDepth && entries.length <= portion);
    if (details.open) grow();
    details.addEventListener("toggle", () => {
      if (details.open && !built) grow();
    });
    // Only what a person does is remembered, not the toggle that building causes.
    details.firstChild.addEventListener("click", () => opened.set(place, !details.open));
    return details;
  }

  function leaf(value, place) {
    const name = place.slice(place.lastIndexOf("/") + 1);
    const kind = value === null ? "null" : typeof value;
    const text = JSON.stringify(value);
    const cut = text.length > longText ? `${text.slice(0, longText)}… (${text.length} characters)` : text;
    const human = typeof value === "number" && /(_ms|_us|_at|bytes|_share|^at|^since)$/.test(name) ? withUnit(name, value).text : "";
    return h("span", {}, h("span", { class: `json-${kind}` }, cut), human && h("span", { class: "json-note" }, ` ${human}`));
  }

  return {
    element,
    update(value) {
      const text = JSON.stringify(value) ?? "null";
      if (text === last) return;
      const focused = element.contains(document.activeElement);
      const selected = document.getSelection();
      if (selected && !selected.isCollapsed && element.contains(selected.anchorNode)) return;  // being copied
      const index = focused ? [...element.querySelectorAll("summary, button")].indexOf(document.activeElement) : -1;
      last = text;
      element.replaceChildren(value === null || value === undefined ? h("span", { class: "empty" }, "none") : build(value, "", 0));
      if (index >= 0) element.querySelectorAll("summary, button")[index]?.focus({ preventScroll: true });
    },
    setNote(text) {
      setText(element, text);
      last = "";
    },
  };
}
