// What stands around every page: navigation, who is logged in, whether what is
// shown is live, the theme.

import { post, path } from "./api.js";
import { h, setAttribute, setClass, setText } from "./dom.js";
import { milliseconds, time } from "./format.js";
import { showHelp } from "./keys.js";
import { current, href } from "./router.js";
import { nextTheme, theme } from "./theme.js";

const pages = [["overview", "Overview"], ["actors", "Actors"], ["turns", "Turns"], ["clients", "Clients"], ["store", "Store"],
  ["models", "Models & tools"], ["log", "Log"], ["audit", "Audit"]];
const parents = { letters: "log" };

export function createShell({ onRetry, onLogout }) {
  const header = document.getElementById("shell");
  const banner = document.getElementById("banner");
  const links = pages.map(([page, text]) => h("a", { href: href(page), "data-page-link": page }, text));
  const menu = h("button", { type: "button", class: "menu", "aria-expanded": "false", "aria-controls": "nav" }, "Menu");
  const nav = h("nav", { id: "nav", "aria-label": "pages of the console" }, links);
  const phase = h("span", { class: "phase is-connecting", role: "img", "aria-label": "connecting" }, h("span", { class: "dot" }), h("span", { class: "phase-text" }, "…"));
  const operator = h("span", { class: "operator" });
  const themeButton = h("button", { type: "button", class: "quiet", "data-theme-button": true, on: { click: () => sayTheme(nextTheme()) } });
  const help = h("button", { type: "button", class: "quiet", "aria-label": "keys", title: "keys (?)", on: { click: showHelp } }, "?");
  const leave = h("button", { type: "button", class: "quiet", on: { click: logout } }, "Log out");
  header.replaceChildren(h("a", { class: "mark", href: href("overview") }, "Troupe"), menu, nav,
    h("div", { class: "aside" }, phase, operator, themeButton, help, leave));

  menu.addEventListener("click", () => openMenu(!header.classList.contains("open")));
  nav.addEventListener("click", () => openMenu(false));
  document.addEventListener("troupe-up", () => openMenu(false));
  sayTheme(theme());

  let shown = { phase: "live" };
  setInterval(sayBanner, 1000);

  function openMenu(open) {
    header.classList.toggle("open", open);
    setAttribute(menu, "aria-expanded", String(open));
  }

  function sayTheme(name) {
    setText(themeButton, { system: "Auto", dark: "Dark", light: "Light" }[name], `theme: ${name}`);
    setAttribute(themeButton, "aria-label", `theme: ${name}, change`);
  }

  async function logout() {
    try {
      await post(path("logout"));
    } finally {
      onLogout();
    }
  }

  function sayBanner() {
    const lost = shown.phase === "polling" || shown.phase === "lost";
    banner.hidden = !lost || header.hidden;
    if (banner.hidden) return;
    const since = `${time(shown.since).text} (${milliseconds(Math.floor((Date.now() - shown.since) / 1000) * 1000).text})`;
    const left = Math.max(0, Math.ceil((shown.retryAt - Date.now()) / 1000));
    const text = shown.phase === "lost" ? `Connection lost since ${since}. What is shown is from then.`
      : `Live connection lost since ${since}. Asking every 2 s instead.`;
    if (!banner.firstChild)
      banner.append(h("span"), h("span", { class: "retry-in", "aria-hidden": "true" }), h("button", { type: "button", on: { click: onRetry } }, "Try now"));
    setClass(banner, `banner ${shown.phase}`);
    // The alert is read out when its text changes: not each second.
    if (banner.firstChild.dataset.phase !== shown.phase) {
      banner.firstChild.dataset.phase = shown.phase;
      setText(banner.firstChild, text);
    } else if (banner.firstChild.textContent !== text) {
      banner.firstChild.firstChild.data = text;
    }
    setText(banner.children[1], left > 0 ? `next try in ${left} s` : "trying…");
  }

  return {
    show(me) {
      header.hidden = false;
      setText(operator, me.scopes.includes("act") ? me.operator : `${me.operator} (reads only)`,
        `logged in as ${me.operator}; may ${me.scopes.join(" and ")}; Troupe ${me.version}`);
    },
    hide() {
      header.hidden = true;
      banner.hidden = true;
    },
    route() {
      const now = current().page;
      for (const link of links)
        setAttribute(link, "aria-current", link.dataset.pageLink === (parents[now] ?? now) ? "page" : null);
    },
    phase(state) {
      shown = state;
      setClass(phase, `phase is-${state.phase}`);
      setText(phase.lastChild, { live: "live", polling: "every 2 s", lost: "lost", connecting: "…" }[state.phase]);
      setAttribute(phase, "aria-label", `connection: ${phase.lastChild.textContent}`);
      sayBanner();
    },
  };
}
