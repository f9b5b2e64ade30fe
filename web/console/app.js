// Begins here: who is it, then the page that the address names, kept live.

import { get, path } from "./api.js";
import { h, panel } from "./dom.js";
import { listenToKeys } from "./keys.js";
import { Live } from "./live.js";
import { current, go, href } from "./router.js";
import { createShell } from "./shell.js";
import { actorPage } from "./pages/actor.js";
import { actorsPage } from "./pages/actors.js";
import { auditPage } from "./pages/audit.js";
import { clientsPage } from "./pages/clients.js";
import { lettersPage } from "./pages/letters.js";
import { logPage } from "./pages/log.js";
import { loginPage } from "./pages/login.js";
import { modelsPage } from "./pages/models.js";
import { overviewPage } from "./pages/overview.js";
import { storePage } from "./pages/store.js";
import { turnPage } from "./pages/turn.js";
import { turnsPage } from "./pages/turns.js";

const pages = { overview: overviewPage, actors: actorsPage, turns: turnsPage, clients: clientsPage, store: storePage,
  models: modelsPage, log: logPage, letters: lettersPage, audit: auditPage };
const onePages = { actors: actorPage, turns: turnPage };

const main = document.getElementById("main");
let me = null;
let page = null;
let pageName = "";
let awaited = new Set();  // keys of the watch list that a page just opened has not got yet

const live = new Live({
  url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/console/live`,
  get,
  onBody: received,
  onPhase: (state) => shell.phase(state),
});
const shell = createShell({ onRetry: () => live.retryNow(), onLogout: () => login("") });

/** What a page may use of the rest. */
function context() {
  return { me, rewatch: () => watch() };
}

function received(key, status, body) {
  if (status === 401) {
    login("The session is over. Please log in again.");
  } else if (status === 200) {
    page?.trouble?.(key, null);
    page?.show(key, body);
    came(key);
  } else if (page?.trouble) {
    page.trouble(key, { status, detail: body?.detail ?? `status ${status}` });
    came(key);
  }
}

function came(key) {
  if (awaited.delete(key) && awaited.size === 0) main.removeAttribute("aria-busy");
}

function watch() {
  live.watch(page.watches(current()));
}

function showRoute() {
  if (!me) return;
  const route = current();
  const create = route.id ? onePages[route.page] : pages[route.page];
  const name = `${route.page}/${route.id}`;
  if (!create) {
    open(name, unknownPage());
  } else if (name !== pageName) {
    open(name, withTrouble(create(context(), route)));
  }
  shell.route();
  page.route?.(route);
  document.title = `${page.title} · Troupe`;
  watch();
}

function awaitAll(list) {
  awaited = new Set(list.map((each) => each.key));
  if (awaited.size > 0) main.setAttribute("aria-busy", "true");
  else main.removeAttribute("aria-busy");
}

function open(name, next) {
  page?.close?.();
  page = next;
  const first = pageName === "";
  pageName = name;
  main.replaceChildren(page.element);
  scrollTo(0, 0);
  awaitAll(page.watches(current()));
  if (!first) main.querySelector("h1")?.focus({ preventScroll: true });
}

/** A line above the page that says what could not be had, per key of the watch list. */
function withTrouble(made) {
  if (made.trouble) return made;
  const troubles = new Map();
  const line = h("p", { class: "trouble", role: "alert", hidden: true });
  made.element.prepend(line);
  made.trouble = (key, error) => {
    if (error) troubles.set(key, error.detail);
    else if (!troubles.delete(key)) return;
    const text = [...new Set(troubles.values())].join("; ");
    if (line.textContent !== text) line.textContent = text;
    line.hidden = text === "";
  };
  return made;
}

function unknownPage() {
  return { title: "No such page", element: h("div", {}, h("h1", { tabindex: "-1" }, "No such page"),
    panel("What there is", {}, h("p", {}, h("a", { href: href("overview") }, "Overview")))), watches: () => [], show() {} };
}

function login(reason) {
  live.stop();
  me = null;
  page?.close?.();
  page = null;
  pageName = "";
  shell.hide();
  document.title = "Log in · Troupe";
  awaitAll([]);
  const form = loginPage({ reason, done: begin });
  main.replaceChildren(form.element);
  form.focus();
}

function begin(who) {
  me = { ...who, scopes: Array.isArray(who.scopes) ? who.scopes : [] };
  shell.show(me);
  shell.phase({ phase: "connecting" });
  live.start();
  showRoute();
}

async function start() {
  listenToKeys();
  addEventListener("hashchange", showRoute);
  addEventListener("troupe-unauthorised", () => login("The session is over. Please log in again."));
  document.addEventListener("troupe-up", () => {
    const route = current();
    if (me && route.id) go(href(route.page));
  });
  document.getElementById("skip").addEventListener("click", () => (main.querySelector("h1") ?? main).focus());
  try {
    begin(await get(path("me")));
  } catch (error) {
    login(error.status === 401 ? "" : error.message);
  }
}

start();
