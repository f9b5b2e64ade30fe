// Called by ctest: `node run.mjs BUILD/troupe`. Starts a model, the real server
// with it and an operator's token, and has Node's test runner run every
// *.test.mjs against them. TROUPE_SCREENSHOTS names a folder for pictures.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { startSlowModel } from "./support/slow_model.mjs";
import { startTroupe } from "./support/troupe_server.mjs";

if (!process.argv[2]) {
  console.error("usage: node run.mjs PATH/TO/troupe");
  process.exit(2);
}
const binary = resolve(process.argv[2]);
const here = fileURLToPath(new URL(".", import.meta.url));
const tests = readdirSync(here).filter((each) => each.endsWith(".test.mjs")).map((each) => here + each);
const model = await startSlowModel();
let troupe;
let status = 1;
try {
  troupe = await startTroupe(binary, { MODEL: "openai:gpt-4o-mini", OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "test-key", SLOW_TURN_MS: "500" });
  const environment = { ...process.env, TROUPE_URL: troupe.url, TROUPE_DATA: troupe.folder, TROUPE_OPERATOR_TOKEN: await troupe.token("ops", "act") };
  // One file after the other: two browsers at once are slower than one after the other.
  const child = spawn(process.execPath, ["--test", "--test-concurrency=1", ...tests], { env: environment, stdio: "inherit" });
  status = await new Promise((resolve) => { child.once("exit", (code) => resolve(code ?? 1)); });
  if (status !== 0) console.error(`the server's log ends:\n${troupe.log()}`);
} catch (error) {
  console.error(error);
} finally {
  await troupe?.close();
  model.close();
}
process.exitCode = status;
