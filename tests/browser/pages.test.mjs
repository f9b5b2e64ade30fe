// The pages alone, with a made-up node behind the console's interface: what names
// that hold markup, 10,000 actors, a phone, the keyboard and a lost connection do.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { goTo, logIn, openPage, phone, sideways, startBrowser, wide } from "./support/browser.mjs";
import { faintTexts } from "./support/contrast.mjs";
import { MadeUpServer } from "./support/made_up_server.mjs";

let browser;
let server;
let opened;

before(async () => { browser = await startBrowser(); });
after(() => browser?.close());
beforeEach(async () => {
  server = await new MadeUpServer().listen();
  opened = [];
});
afterEach(async () => {
  for (const each of opened) await each.close();
  await server.close();
});

async function open(options = wide, token = "ops-token") {
  const one = await openPage(browser, options);
  opened.push(one);
  if (token) await logIn(one.page, server.url, token);
  return one;
}

function routes() {
  return ["overview", "actors", "actors?view=tree", `actors/${server.node.stuckId}`, "actors/17", "turns", `turns/${server.node.slowTurn}`, "clients", "store",
    "models", "log", "letters", "audit"];
}

async function settle(page) {
  await page.locator("main:not([aria-busy])").waitFor();
}

test("a wrong token is refused, too many are slowed down, and a right one comes in", async () => {
  const { page } = await open(wide, null);
  await page.goto(`${server.url}/console/`);
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
  const { page, faults } = await open();
  for (const route of routes()) {
    await goTo(page, route);
    await settle(page);
  }
  await goTo(page, "actors/17", "<img src=x");
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.deepEqual(faults, []);
});

test("a breach of the policy would be noticed", async () => {
  const { page, faults } = await open();
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("script"), { textContent: "window.pwned = 2" })));
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 50); }));
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.ok(faults.some((each) => each.startsWith("policy: script-src")), faults.join());
});

test("of 10,000 actors one page is in the document, and the server sorts, searches and pages", async () => {
  const { page } = await open();
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
  await page.getByRole("button", { name: /^open node/ }).click();
  await page.getByRole("button", { name: "400 more: show them" }).waitFor();
  assert.ok(await rows.count() <= 102);
});

test("the overview says what is stuck and slow, and no longer does when it is over", async () => {
  const { page } = await open();
  const verdict = page.locator(".verdict");
  await verdict.getByText(/^1 actor is stuck, the longest for [\d.]+ s. 1 turn in flight is slow, the longest for/).waitFor();
  await page.getByRole("region", { name: "Stuck or under pressure" }).getByRole("link", { name: "runner of the slow client" }).waitFor();
  server.node.interrupt();
  await verdict.getByText("No actor is stuck, and no turn in flight is slow.").waitFor();
});

test("a live update keeps focus, selection and scroll position, even when the row moves to another place", async () => {
  const { page } = await open();
  for (let place = 0; place < 100; ++place) server.node.byId.get(String(300 + place)).mailbox = 500 - place;
  await goTo(page, "actors?sort=mailbox");
  const chosen = page.locator("tbody tr").nth(60);
  await page.waitForFunction(() => document.querySelectorAll("tbody tr")[60]?.innerText.startsWith("session of client 360"));
  await chosen.locator(".row-link").focus();
  await page.evaluate(() => {
    scrollTo(0, 700);
    window.row = document.activeElement.closest("tr");
    document.getSelection().selectAllChildren(window.row.cells[0]);
  });
  server.node.byId.get("360").mailbox = 1000;
  server.node.byId.get("300").mailbox = 401;
  await page.waitForFunction(() => document.querySelector("tbody").firstChild === window.row);
  assert.deepEqual(await page.evaluate(() => ({ focused: window.row.contains(document.activeElement), selected: document.getSelection().toString().trim(), scrolled: scrollY,
    order: [...document.querySelectorAll("tbody tr")].map((each) => Number(each.cells[2].textContent.replace(",", ""))).every((each, index, all) => index === 0 || all[index - 1] >= each) })),
  { focused: true, selected: "session of client 360", scrolled: 700, order: true });
  // A row that goes hands the focus to the one in its place.
  server.node.byId.get("360").mailbox = 0;
  await page.waitForFunction(() => !window.row.isConnected);
  assert.ok(await page.evaluate(() => document.activeElement.matches("tbody tr:first-child .row-link")));
});

test("everything is within reach of the keyboard", async () => {
  const { page, faults } = await open();
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
  const { page } = await open(phone);
  for (const route of routes()) {
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
    const { page } = await open({ ...wide, colorScheme });
    for (const route of routes()) {
      await goTo(page, route);
      await settle(page);
      assert.deepEqual(await page.evaluate(faintTexts, 4.5), [], `${route} ${colorScheme}`);
    }
    assert.ok((await page.evaluate(faintTexts, 22)).length > 20, "texts were measured");
  }
});

test("the chosen theme outlives a reload", async () => {
  const { page } = await open({ ...wide, colorScheme: "light" });
  await page.getByRole("button", { name: /^theme/ }).click();
  await page.reload();
  await page.getByRole("button", { name: "theme: dark, change" }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
});

test("without the socket the page says so and asks by itself, until the socket is back", async () => {
  const { page, faults } = await open();
  await page.getByRole("img", { name: "connection: live" }).waitFor();
  server.liveAllowed = false;
  server.dropLive();
  const banner = page.locator("#banner");
  await banner.getByText("Live connection lost since").waitFor();
  const looks = await page.locator(".tile-value").first().getAttribute("title");
  await page.waitForFunction((was) => document.querySelector(".tile-value").title !== was, looks);
  server.liveAllowed = true;
  await banner.getByRole("button", { name: "Try now" }).click();
  await page.getByRole("img", { name: "connection: live" }).waitFor();
  assert.ok(await banner.isHidden());
  assert.deepEqual(faults, []);
});

test("a session that is over leads back to the login", async () => {
  const { page } = await open();
  await page.getByRole("img", { name: "connection: live" }).waitFor();
  server.sessions.clear();
  server.dropLive();
  await page.getByText("The session is over").waitFor();
  await page.getByLabel("Operator token").fill("ops-token");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
});

test("who may only read is offered no act", async () => {
  const { page } = await open(wide, "look-token");
  for (const route of routes()) {
    await goTo(page, route);
    await settle(page);
    assert.equal(await page.locator("main .danger, main .acts, main select[aria-label='log level']").count(), 0, route);
  }
});

test("an act that destroys is asked about first, and one that is refused says why", async () => {
  const { page } = await open();
  await goTo(page, `actors/${server.node.stuckId}`, "slow client");
  await page.getByRole("button", { name: "Stop…" }).click();
  await page.keyboard.press("Escape");
  assert.deepEqual(server.node.audit, []);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  assert.deepEqual(server.node.audit.map((each) => each.act), ["pause"]);
  for (const who of server.sessions.values()) who.scopes = ["read"];
  await page.getByRole("button", { name: "Restart…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
  await page.getByRole("alert").getByText("may only read").waitFor();
});

test("what was opened of a state stays open when a newer state comes", async () => {
  const { page } = await open();
  await goTo(page, "actors/40");
  const credit = page.locator(".json summary", { hasText: "delta_credit" });
  await credit.click();
  assert.equal(await credit.evaluate((each) => each.parentNode.open), false);
  server.node.begun += 1;  // `since` is another now
  await page.locator(".json", { hasText: String(server.node.begun) }).waitFor();
  assert.equal(await credit.evaluate((each) => each.parentNode.open), false);
});
