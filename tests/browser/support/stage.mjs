// What each test of the pages begins with: a made-up node behind the console's
// interface, and a browser.

import { after, afterEach, before, beforeEach } from "node:test";

import { logIn, openPage, startBrowser, wide } from "./browser.mjs";
import { MadeUpServer } from "./made_up_server.mjs";

export function stage() {
  const set = { server: null, open, routes };
  let browser;
  let opened;

  before(async () => { browser = await startBrowser(); });
  after(() => browser?.close());
  beforeEach(async () => {
    set.server = await new MadeUpServer().listen();
    opened = [];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    await set.server.close();
  });

  /** A page, logged in unless `token` is null. */
  async function open(options = wide, token = "ops-token") {
    const one = await openPage(browser, options);
    opened.push(one);
    if (token) await logIn(one.page, set.server.url, token);
    return one;
  }

  /** Every page that there is. */
  function routes() {
    const { stuckId, slowTurn } = set.server.node;
    return ["overview", "actors", "actors?view=tree", `actors/${stuckId}`, "actors/17", "turns", `turns/${slowTurn}`, "clients", "store", "models", "log", "letters", "audit"];
  }

  return set;
}

/** What the page asked for is there. */
export async function settle(page) {
  await page.locator("main:not([aria-busy])").waitFor();
}
