// The pages alone, with a made-up node behind them: logging in, scopes, acts, lost
// connections, and names that hold markup.

import assert from "node:assert/strict";
import { test } from "node:test";

import { goTo, wide } from "./support/browser.mjs";
import { settle, stage } from "./support/stage.mjs";

const set = stage();

test("a wrong token is refused, too many are slowed down, and a right one comes in", async () => {
  const { page } = await set.open(wide, null);
  await page.goto(`${set.server.url}/console/`);
  const token = page.getByLabel("Operator token");
  const button = page.getByRole("button", { name: "Log in" });
  for (let count = 0; count < 3; ++count) {
    await token.fill("guess");
    await button.click();
    await page.getByText("That is no operator token").waitFor();
  }
  await token.fill("guess");
  await button.click();
  await page.getByText("Too many wrong tokens").waitFor();
  assert.ok(await button.isDisabled());
  await page.waitForFunction(() => !document.querySelector("button[type=submit]").disabled);
  await token.fill("ops-token");
  await button.click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.equal(await page.evaluate(() => document.cookie), "", "the session is out of reach of scripts");
});

test("names, states and log lines that hold markup stay text, and the policy is never broken", async () => {
  const { page, faults } = await set.open();
  for (const route of set.routes()) {
    await goTo(page, route);
    await settle(page);
  }
  await goTo(page, "actors/17", "<img src=x");
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.deepEqual(faults, []);
});

test("a breach of the policy would be noticed", async () => {
  const { page, faults } = await set.open();
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("script"), { textContent: "window.pwned = 2" })));
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 50); }));
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.ok(faults.some((each) => each.startsWith("policy: script-src")), faults.join());
});

test("without the socket the page says so and asks by itself, until the socket is back", async () => {
  const { page, faults } = await set.open();
  await page.getByRole("img", { name: "connection: live" }).waitFor();
  set.server.liveAllowed = false;
  set.server.dropLive();
  const banner = page.locator("#banner");
  await banner.getByText("Live connection lost since").waitFor();
  const looks = await page.locator(".tile-value").first().getAttribute("title");
  await page.waitForFunction((was) => document.querySelector(".tile-value").title !== was, looks);
  set.server.liveAllowed = true;
  await banner.getByRole("button", { name: "Try now" }).click();
  await page.getByRole("img", { name: "connection: live" }).waitFor();
  assert.ok(await banner.isHidden());
  assert.deepEqual(faults, []);
});

test("a session that is over leads back to the login", async () => {
  const { page } = await set.open();
  await page.getByRole("img", { name: "connection: live" }).waitFor();
  set.server.sessions.clear();
  set.server.dropLive();
  await page.getByText("The session is over").waitFor();
  await page.getByLabel("Operator token").fill("ops-token");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
});

test("who may only read is offered no act", async () => {
  const { page } = await set.open(wide, "look-token");
  for (const route of set.routes()) {
    await goTo(page, route);
    await settle(page);
    assert.equal(await page.locator("main .danger, main .acts, main select[aria-label='log level']").count(), 0, route);
  }
});

test("an act that destroys is asked about first, and one that is refused says why", async () => {
  const { page } = await set.open();
  await goTo(page, `actors/${set.server.node.stuckId}`, "slow client");
  await page.getByRole("button", { name: "Stop…" }).click();
  await page.keyboard.press("Escape");
  assert.deepEqual(set.server.node.audit, []);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  assert.deepEqual(set.server.node.audit.map((each) => each.act), ["pause"]);
  for (const who of set.server.sessions.values()) who.scopes = ["read"];
  await page.getByRole("button", { name: "Restart…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
  await page.getByRole("alert").getByText("may only read").waitFor();
});
