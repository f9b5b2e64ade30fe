// The real program, on a free port, with a data directory of its own.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const startWithin = 30000;
const longestLog = 20000;

export async function startTroupe(binary, settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "troupe-browser-"));
  // Settings of whoever runs the tests are not the test's.
  const environment = { PATH: process.env.PATH, HOME: folder, TROUPE_HOME: folder, ...settings };
  const child = spawn(binary, ["serve", "--port", "0", "--data-dir", folder], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let log = "";  // thousands of clients write much; its end tells enough
  child.stderr.on("data", (data) => { log = (log + data).slice(-longestLog); });
  const close = async () => {
    if (child.pid && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => { child.once("exit", resolve); });
      child.kill("SIGTERM");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const listening = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server did not start:\n${output}`)), startWithin);
    const over = (code) => reject(new Error(`the server ended with ${code}:\n${output}${log}`));
    child.once("exit", over);
    child.once("error", reject);
    child.stdout.on("data", (data) => {
      output += data;
      const found = /listening on http:\/\/[^,]*:(\d+),[^]*data in/.exec(output);
      if (!found) return;
      clearTimeout(timer);
      child.off("exit", over);
      resolve(Number(found[1]));
    });
  });
  const port = await listening.catch(async (error) => {
    await close();
    throw error;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    log: () => log,
    /** What `troupe token add` prints: the token is its last word that looks like one. */
    async token(name, scope) {
      const { stdout } = await promisify(execFile)(binary, ["token", "add", name, "--scope", scope, "--data-dir", folder], { cwd: folder, env: environment });
      const words = stdout.match(/[A-Za-z0-9_-]{20,}/g);
      if (!words) throw new Error(`no token in: ${stdout}`);
      return words.at(-1);
    },
    close,
  };
}
