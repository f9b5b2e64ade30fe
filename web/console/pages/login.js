// Logging in with an operator token. The token is sent once and kept nowhere.

import { path, post } from "../api.js";
import { h, setText } from "../dom.js";

export function loginPage({ reason, done }) {
  const token = h("input", { id: "token", type: "password", autocomplete: "current-password", required: true, spellcheck: "false",
    "aria-describedby": "login-help" });
  const button = h("button", { type: "submit", class: "primary" }, "Log in");
  const trouble = h("p", { class: "trouble", role: "alert", hidden: !reason }, reason);
  const form = h("form", { class: "login" },
    h("h1", { tabindex: "-1" }, "Troupe console"), trouble,
    h("label", { for: "token" }, "Operator token"), token, button,
    h("p", { class: "note", id: "login-help" }, "Made on the server with ", h("code", {}, "troupe token add NAME --scope act"),
      " (or ", h("code", {}, "read"), ")."));

  function say(text) {
    setText(trouble, text);
    trouble.hidden = text === "";
  }

  /** The server counts each try in this time too, so the button waits with it. */
  function waitFor(seconds) {
    const until = Date.now() + seconds * 1000;
    const timer = setInterval(tick, 500);
    function tick() {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      say(left > 0 ? `Too many wrong tokens from here. Wait ${left} s.` : "");
      if (left <= 0 || !form.isConnected) clearInterval(timer);
    }
    tick();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say("");
    try {
      const me = await post(path("login"), { token: token.value.trim() });
      token.value = "";
      done(me);
    } catch (error) {
      button.disabled = false;
      token.select();
      if (error.status === 429) waitFor(error.retryAfter || 1);
      else say(error.status === 401 ? "That is no operator token of this server." : error.message);
    }
  });

  return { element: form, focus: () => token.focus() };
}
