// The whole way, with the real server: log in, find the one agent among 10,000
// actors that is slow, look at it, interrupt it. What it talks to comes from the
// environment (run.mjs sets it); without that the test is skipped.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { goTo, logIn, openPage, phone, picture, sideways, startBrowser, wide } from "./support/browser.mjs";
import { crowd, LunaClient } from "./support/luna.mjs";
import { slowWords } from "./support/slow_model.mjs";

const url = process.env.TROUPE_URL;
const token = process.env.TROUPE_OPERATOR_TOKEN;
const wanted = Number(process.env.TROUPE_ACTORS ?? 10000);
const options = { skip: url ? false : "TROUPE_URL names no server" };

let browser;
let clients = [];
before(async () => { if (url) browser = await startBrowser(); });
after(async () => {
  for (const each of clients) each.close();
  await browser?.close();
});

/** As many clients as it takes; how many actors one has is the server's affair. */
async function fill(page) {
  for (let before = 0;;) {
    const { actors, detail } = await page.evaluate(() => fetch("/console/api/overview").then((each) => each.json()));
    assert.ok(actors > before, detail ?? `${clients.length} clients have ${actors} actors`);
    if (actors >= wanted) return;
    before = actors;
    clients.push(...await crowd(url, Math.min(500, wanted - actors)));
  }
}

async function pictures(page, name) {
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(wide.viewport);
    await picture(page, `${name}-${colorScheme}-wide`);
    await page.setViewportSize(phone.viewport);
    assert.ok(await sideways(page) <= 0, `${name} is too wide for a phone`);
    await picture(page, `${name}-${colorScheme}-phone`, { fullPage: true });
  }
  await page.setViewportSize(wide.viewport);
}

test("the slow agent among 10,000 actors is found, read, followed and interrupted", options, async () => {
  const { page, faults, close } = await openPage(browser);
  await logIn(page, url, token);
  await fill(page);
  const slow = await LunaClient.connect(url);
  clients.push(slow);
  slow.say(`Please ${slowWords}`);
  await slow.next((frame) => frame.type === "chunk");

  // The overview names it.
  const longest = page.getByRole("region", { name: "Longest in flight" }).locator(".row-link");
  // The crowd's last turns may be shown until the next look.
  await page.waitForFunction(() => document.querySelectorAll("section[aria-label='Longest in flight'] .row-link").length === 1);
  await page.locator(".verdict").getByText("1 turn in flight is slow").waitFor();
  await pictures(page, "overview");
  await goTo(page, "actors", "Actors");
  await page.getByText(/^1–100 of [\d,]+$/).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 100);
  await pictures(page, "actors");

  // Its turn leads to it, and it to its turn.
  await goTo(page, "overview", "Overview");
  await longest.first().click();
  await page.getByRole("link", { name: /^runner \d+/ }).click();
  const state = page.getByRole("region", { name: "State", exact: true });
  await state.locator(".json-key").first().waitFor();
  await pictures(page, "actor");
  await page.getByRole("region", { name: "Turns" }).locator(".row-link").first().click();
  const model = page.locator(".span-row", { hasText: "model call" });
  await model.locator(".bar.open").waitFor();
  assert.ok(await page.locator(".span-row:not(.head)").count() >= 3);
  await pictures(page, "turn");

  await page.getByRole("button", { name: "Interrupt…" }).click();
  const ended = slow.next((frame) => frame.type === "error" || frame.type === "complete");
  await page.getByRole("dialog").getByRole("button", { name: "Interrupt" }).click();
  assert.equal((await ended).type, "error");
  await page.locator(".heading .badge:not(.is-in_flight)").waitFor();
  assert.ok(await page.getByRole("button", { name: "Interrupt…" }).isHidden());
  assert.equal(await page.locator(".bar.open").count(), 0);

  await goTo(page, "audit", "Audit");
  const entry = page.locator("tbody tr", { hasText: "interrupt" });
  await entry.first().waitFor();
  assert.match(await entry.first().innerText(), /ops/);
  await pictures(page, "audit");
  if (process.env.TROUPE_DATA) assert.match(await readFile(join(process.env.TROUPE_DATA, "audit.jsonl"), "utf8"), /interrupt/);
  assert.deepEqual(faults, []);
  await close();
});

test("every page of the real server can be looked at, and breaks no policy", options, async () => {
  const { page, faults, close } = await openPage(browser);
  await logIn(page, url, token);
  for (const name of ["turns", "clients", "store", "models", "log", "letters", "audit", "actors?view=tree"]) {
    await goTo(page, name);
    await page.locator("main:not([aria-busy])").waitFor();
    assert.equal(await page.locator("main > .page > .trouble").first().isVisible(), false, `${name}: ${await page.locator("main .trouble").first().innerText()}`);
    await pictures(page, name.replace(/\W/g, "-"));
  }
  assert.deepEqual(faults, []);
  await close();
});
