// Chromium (the distribution's) through playwright-core, and what every test of
// the console watches for: errors, and breaches of the content security policy.

import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { chromium } = createRequire(new URL("../../npm/package.json", import.meta.url))("playwright-core");

export const wide = { viewport: { width: 1400, height: 900 } };
export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export function startBrowser() {
  const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (!program) throw new Error("chromium is missing; './dev setup' installs it");
  // As root, as in a container, Chromium refuses to start with its own sandbox.
  return chromium.launch({ executablePath: program, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
}

/** A page with `faults`: what the browser complained about. */
export async function openPage(browser, options = wide) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  const faults = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.stack ?? error}`));
  page.on("console", (message) => {
    // A refused request is the browser's own line; what was refused is tested by itself.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource") && !message.text().startsWith("WebSocket connection"))
      faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (page.url().startsWith("http") && new URL(request.url()).host !== new URL(page.url()).host) faults.push(`asked another host: ${request.url()}`);
  });
  await page.exposeFunction("breach", (text) => faults.push(`policy: ${text}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => window.breach(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
  });
  return { page, faults, close: () => context.close() };
}

export async function logIn(page, url, token) {
  await page.goto(`${url}/console/`);
  await page.getByLabel("Operator token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
}

/** Goes to a route; what was on the page before is gone when it returns. */
export async function goTo(page, route, heading) {
  await page.evaluate((to) => { location.hash = to; }, `#/${route}`);
  await page.locator("main h1", heading ? { hasText: heading } : {}).first().waitFor();
}

/** How far the page itself can be scrolled sideways. */
export function sideways(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Pictures to look at, where TROUPE_SCREENSHOTS names a folder. */
export async function picture(page, name, options = {}) {
  const folder = process.env.TROUPE_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), ...options });
}
