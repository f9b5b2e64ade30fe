// Questions, the list of keys, and short notices. Esc closes them.

import { h } from "./dom.js";

function show(dialog) {
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();  // the backdrop
  });
  dialog.showModal();
}

/** True when the operator says yes. */
export function confirmed({ title, text, yes }) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "question" },
      h("h2", { id: "question" }, title), h("p", {}, text),
      h("div", { class: "buttons" },
        h("button", { type: "button", on: { click: () => dialog.close() } }, "Leave it"),
        h("button", { type: "button", class: "danger", autofocus: true, on: { click: () => dialog.close("yes") } }, yes)));
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
    show(dialog);
  });
}

export function showKeys(groups) {
  if (document.querySelector("dialog[open]")) return;
  const dialog = h("dialog", { class: "dialog keys", "aria-labelledby": "keys-title" },
    h("h2", { id: "keys-title" }, "Keys"),
    h("div", { class: "key-groups" }, groups.map(([title, keys]) => h("section", {}, h("h3", {}, title), h("dl", {},
      keys.map(([key, what]) => [h("dt", {}, key.split(" ").map((each) => h("kbd", {}, each))), h("dd", {}, what)]))))),
    h("div", { class: "buttons" }, h("button", { type: "button", autofocus: true, on: { click: () => dialog.close() } }, "Close")));
  show(dialog);
}

/** A line at the foot of the page that goes away by itself; errors stay longer. */
export function notify(text, kind = "done") {
  const note = h("p", { class: `notice ${kind}`, role: kind === "error" ? "alert" : null }, text);
  const area = document.getElementById("notices");
  area.append(note);
  while (area.children.length > 4) area.firstChild.remove();
  setTimeout(() => note.remove(), kind === "error" ? 10000 : 4000);
}
