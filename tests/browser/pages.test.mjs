// The pages alone, with a made-up node behind them: 10,000 actors, live updates,
// the keyboard, a phone, the colours.

import assert from "node:assert/strict";
import { test } from "node:test";

import { goTo, phone, sideways, wide } from "./support/browser.mjs";
import { faintTexts } from "./support/contrast.mjs";
import { settle, stage } from "./support/stage.mjs";

const set = stage();

test("of 10,000 actors one page is in the document, and the server sorts, searches and pages", async () => {
  const { page } = await set.open();
  await goTo(page, "actors");
  const rows = page.locator("tbody tr");
  await page.getByText("1–100 of 10,000").waitFor();
  assert.equal(await rows.count(), 100);
  assert.match(await rows.first().innerText(), /runner of the slow client/);
  await page.getByRole("button", { name: "Memory" }).click();
  await page.waitForFunction(() => document.querySelector("th[aria-sort=descending]")?.textContent === "Memory");
  await page.getByRole("button", { name: "Memory" }).click();
  await page.waitForFunction(() => document.querySelector("th[aria-sort=ascending]")?.textContent === "Memory");
  assert.match(page.url(), /sort=memory_bytes&order=asc/);
  await page.getByRole("button", { name: "page after" }).click();
  await page.getByText("101–200 of 10,000").waitFor();
  assert.equal(await rows.count(), 100);
  await page.getByRole("searchbox").fill("slow client");
  await page.getByText("1–1 of 1 (10,000 in all)").waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByLabel("role", { exact: true }).selectOption("session");
  await page.locator(".empty:visible", { hasText: "no actor matches" }).waitFor();
  await goTo(page, "actors?view=tree");
  await page.getByRole("button", { name: /^open supervisor node/ }).click();
  await page.getByRole("button", { name: "400 more: show them" }).waitFor();
  assert.ok(await rows.count() <= 102);
});

test("the overview says what is stuck and slow, and no longer does when it is over", async () => {
  const { page } = await set.open();
  const verdict = page.locator(".verdict");
  await verdict.getByText(/^1 actor is stuck, the longest for [\d.]+ s. 1 turn in flight is slow, the longest for/).waitFor();
  await page.getByRole("region", { name: "Stuck or under pressure" }).getByRole("link", { name: "runner of the slow client" }).waitFor();
  set.server.node.interrupt();
  await verdict.getByText("No actor is stuck, and no turn in flight is slow.").waitFor();
});

test("a live update keeps focus, selection and scroll position, even when the row moves to another place", async () => {
  const { page } = await set.open();
  for (let place = 0; place < 100; ++place) set.server.node.byId.get(String(300 + place)).mailbox = 500 - place;
  await goTo(page, "actors?sort=mailbox");
  const chosen = page.locator("tbody tr").nth(60);
  await page.waitForFunction(() => document.querySelectorAll("tbody tr")[60]?.innerText.startsWith("session of client 360"));
  await chosen.locator(".row-link").focus();
  await page.evaluate(() => {
    scrollTo(0, 700);
    window.row = document.activeElement.closest("tr");
    document.getSelection().selectAllChildren(window.row.cells[0]);
  });
  set.server.node.byId.get("360").mailbox = 1000;
  set.server.node.byId.get("300").mailbox = 401;
  await page.waitForFunction(() => document.querySelector("tbody").firstChild === window.row);
  assert.deepEqual(await page.evaluate(() => ({ focused: window.row.contains(document.activeElement), selected: document.getSelection().toString().trim(), scrolled: scrollY,
    order: [...document.querySelectorAll("tbody tr")].map((each) => Number(each.cells[3].textContent.replace(",", ""))).every((each, index, all) => index === 0 || all[index - 1] >= each) })),
  { focused: true, selected: "session of client 360", scrolled: 700, order: true });
  // A row that goes hands the focus to the one in its place.
  set.server.node.byId.get("360").mailbox = 0;
  await page.waitForFunction(() => !window.row.isConnected);
  assert.ok(await page.evaluate(() => document.activeElement.matches("tbody tr:first-child .row-link")));
});

test("everything is within reach of the keyboard", async () => {
  const { page, faults } = await set.open();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.getByRole("heading", { name: "Actors" }).waitFor();
  await page.locator("tbody tr").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("slow client");
  await page.getByText("1–1 of 1").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "runner of the slow client");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "runner of the slow client" }).waitFor();
  await page.locator("section[aria-label=Turns] .row-link").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Turn 9f3ad0c2" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Turns", exact: true }).waitFor();
  await page.locator("tbody tr").nth(3).waitFor();
  for (const key of ["j", "j", "ArrowDown", "k"]) await page.keyboard.press(key);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll("tbody tr")].indexOf(document.activeElement.closest("tr"))), 1);
  await page.keyboard.press("]");
  await page.getByText("101–161 of 161").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("dialog").count(), 0);
  for (const [key, title] of [["c", "Clients"], ["l", "Log"], ["t", "Turns"], ["o", "Overview"]]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("heading", { name: title, level: 1 }).waitFor();
  }
  assert.deepEqual(faults, []);
});

test("no page can be scrolled sideways on a phone, and its menu opens", async () => {
  const { page } = await set.open(phone);
  for (const route of set.routes()) {
    await goTo(page, route);
    await settle(page);
    assert.ok(await sideways(page) <= 0, `${route} is ${await sideways(page)} px too wide`);
  }
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("link", { name: "Clients" }).click();
  await page.getByRole("heading", { name: "Clients" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Store" }).count(), 0, "the menu closed");
});

test("every text stands out from its ground, dark and light", async () => {
  for (const colorScheme of ["dark", "light"]) {
    const { page } = await set.open({ ...wide, colorScheme });
    for (const route of set.routes()) {
      await goTo(page, route);
      await settle(page);
      assert.deepEqual(await page.evaluate(faintTexts, 4.5), [], `${route} ${colorScheme}`);
    }
    assert.ok((await page.evaluate(faintTexts, 22)).length > 20, "texts were measured");
  }
});

test("the chosen theme outlives a reload", async () => {
  const { page } = await set.open({ ...wide, colorScheme: "light" });
  await page.getByRole("button", { name: /^theme/ }).click();
  await page.reload();
  await page.getByRole("button", { name: "theme: dark, change" }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
});

test("what was opened of a state stays open when a newer state comes", async () => {
  const { page } = await set.open();
  await goTo(page, "actors/40");
  const credit = page.locator(".json summary", { hasText: "delta_credit" });
  await credit.click();
  assert.equal(await credit.evaluate((each) => each.parentNode.open), false);
  set.server.node.begun += 1;  // `since` is another now
  await page.locator(".json", { hasText: String(set.server.node.begun) }).waitFor();
  assert.equal(await credit.evaluate((each) => each.parentNode.open), false);
});
