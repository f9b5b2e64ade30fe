// Buttons that change something. Without the scope `act` there are none.

import { post } from "./api.js";
import { confirmed, notify } from "./dialog.js";
import { h } from "./dom.js";

/**
 * A button that posts to `path()` when pressed, after `question()` was answered
 * with yes, if there is one. `done` is what is said afterwards.
 */
export function actButton(me, { text, label, title, path, body, question, done, danger }) {
  if (!me.scopes.includes("act")) return null;
  const button = h("button", { type: "button", class: danger ? "danger" : null, title, "aria-label": label });
  button.append(text);
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const where = path();
    if (question && !(await confirmed(question()))) return;
    button.disabled = true;
    await act(where, body, done);
    button.disabled = false;
  });
  return button;
}

export async function act(path, body, done) {
  try {
    await post(path, body);
    notify(done);
    return true;
  } catch (error) {
    const why = error.status === 403 ? "This token may only read." : error.message;
    notify(`Not done: ${why}`, "error");
    if (error.status === 401) dispatchEvent(new CustomEvent("troupe-unauthorised"));
    return false;
  }
}
