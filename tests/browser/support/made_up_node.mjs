// A made-up node with 10,000 actors, for tests of the pages alone: names that
// hold markup, one stuck actor, one turn in flight. Each look at it moves it on.

const script = "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>";
const roles = ["session", "runner", "connection"];

function row(id, role, more = {}) {
  return { id: String(id), role, label: `${role} of client ${id}`, parent: "1", state: "idle", mailbox: 0, oldest_ms: 0,
    messages_per_second: (id * 7919 % 1000) / 100, handled: id * 13, p50_us: 4 + id % 9, p99_us: 90 + id % 400, busy_share: (id * 31 % 97) / 2000,
    busy_ms: 0, memory_bytes: 2048 + (id * 104729) % 90000, tokens_in: 0, tokens_out: 0, last_message: "run_turn", last_error: "", restarts: 0,
    shed: 0, log_level: null, linked: role === "connection" ? String(id - 2) : "", ...more };
}

export class MadeUpNode {
  constructor({ actors = 10000, now = () => Date.now() } = {}) {
    this.now = now;
    this.begun = now();
    this.stuckId = "4242";
    this.slowTurn = "9f3ad0c2e1b84d57a2f60b91c7e45d18";
    this.audit = [];
    this.interrupted = false;
    this.disconnected = new Set();
    this.looks = 0;
    this.rows = [row(1, "supervisor", { label: "node", parent: "0" }), row(2, "model", { label: "gemini:flash", tokens_in: 812345, tokens_out: 90412 }),
      row(3, "tool", { label: "everything" }), row(4, "journal", { label: "" }), row(5, "memory", { label: "", last_error: "storage: the column `memory` is read-only" })];
    for (let id = 6; this.rows.length < actors; ++id) this.rows.push(row(id, roles[id % 3], { parent: String(id % 3 === 1 && id > 8 ? id - 1 : 1) }));
    this.byId = new Map(this.rows.map((each) => [each.id, each]));
    Object.assign(this.byId.get("17"), { label: script, tokens_in: 41000, tokens_out: 15800 });
    Object.assign(this.byId.get("77"), { state: "waiting", mailbox: 12, oldest_ms: 340 });
    Object.assign(this.byId.get(this.stuckId), { role: "runner", label: "runner of the slow client", state: "busy", busy_share: 1, mailbox: 3,
      tokens_in: 5200, tokens_out: 310, last_message: "model_delta" });
    this.turnList = Array.from({ length: 160 }, (_, index) => this.turn(index));
    this.turnList.unshift({ ...this.turn(0), turn: this.slowTurn, session: "5e55".repeat(8), client: "client-1414", state: "in_flight", outcome: "", slow: true,
      duration_ms: null, first_delta_ms: 812.4, runner: this.stuckId, session_actor: "4240", started_at: this.begun, error: "" });
    this.lines = [];
    for (let index = 0; index < 400; ++index) this.say(this.begun - (400 - index) * 900);
  }

  turn(index) {
    const failed = index % 23 === 5;
    return { turn: `${(index * 2654435761 % 4294967296).toString(16).padStart(8, "0")}${"ab12cd34".repeat(3)}`, trace: "4bf92f3577b34da6a3ce929d0e0e4736",
      session: `${index}`.padStart(32, "0"), client: index === 3 ? script : `client-${index}`, dialect: "luna", model: "gemini:flash", state: "done",
      outcome: failed ? "failed" : index % 31 === 2 ? "interrupted" : "reply", slow: index % 17 === 3, started_at: this.begun - index * 7300,
      duration_ms: index % 17 === 3 ? 8123.5 : 41.7 + index, first_delta_ms: 12.5, tokens_in: 180 + index, tokens_out: 42, bytes: 512 + index * 3,
      tool_calls: index % 4, error: failed ? "upstream: 503 The model is overloaded. Please try again later." : "", runner: "10", session_actor: "9" };
  }

  say(at) {
    const index = this.lines.length;
    const level = index % 41 === 0 ? "error" : index % 13 === 0 ? "warn" : index % 3 === 0 ? "debug" : "info";
    this.lines.push({ at, level, event: ["turn_ended", "client_connected", "model_call", "journal_synced"][index % 4], actor: String(6 + index % 60),
      text: level === "error" ? `model answered 503 ${script}` : `duration_ms=${index % 90} tokens_out=${index}` });
  }

  /** Time goes on: the stuck one is stuck longer, others flicker. */
  move() {
    ++this.looks;
    const stuck = this.byId.get(this.stuckId);
    const lasted = this.now() - this.begun;
    if (!this.interrupted) Object.assign(stuck, { busy_ms: stuck.state === "paused" ? 0 : 1500 + lasted, oldest_ms: 1300 + lasted });
    for (let index = 5; index < this.rows.length; index += 97) {
      const each = this.rows[index];
      if (each !== stuck && each.state !== "paused") each.messages_per_second = ((index + this.looks) * 31 % 900) / 10;
    }
    this.say(this.now());
  }

  interrupt() {
    this.interrupted = true;
    Object.assign(this.turnList[0], { state: "done", outcome: "interrupted", duration_ms: this.now() - this.begun, error: "interrupted by an operator" });
    Object.assign(this.byId.get(this.stuckId), { state: "idle", busy_ms: 0, busy_share: 0.1, mailbox: 0, oldest_ms: 0 });
  }

  spans() {
    const open = this.interrupted ? this.turnList[0].duration_ms * 1000 - 13500 : null;
    return [["turn", "4240", 0, this.interrupted ? this.turnList[0].duration_ms * 1000 : null, {}], ["queued", "4240", 0, 1800, { position: 2 }],
      ["journal user event", "4", 1900, 4200, { bytes: 412 }], ["recall", "5", 6300, 6100, { records: 5, bytes: 1820 }], ["tools", "3", 12500, 800, { offered: 14 }],
      ["model call", "2", 13500, open, { attempt: 1, tokens_in: 5200, tokens_out: 310 }], ["first delta", "2", 812400, 0, { bytes: 24 }],
      ["tool search_memory", "3", 850000, 120000, { bytes: 310, error: "" }]]
      .map(([name, actor, start_us, duration_us, attributes]) => ({ name, actor, start_us, duration_us, attributes }));
  }
}
