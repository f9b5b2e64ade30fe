// The JSON interface (docs/console.md): requests, and errors as one type.

const root = "/console/api/";

export class ApiError extends Error {
  constructor(status, detail, retryAfter = 0) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** path("actors", {sort: "mailbox"}) -> "/console/api/actors?sort=mailbox"; leaves out what is empty. */
export function path(name, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given).toString();
  return root + name + (text ? `?${text}` : "");
}

/** Ids come from the server, but belong into one segment of a path all the same. */
export function segment(id) {
  return encodeURIComponent(String(id));
}

async function answerOf(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // 204, or a proxy's page: the status has to do.
  }
  if (response.ok) return body;
  const detail = typeof body?.detail === "string" ? body.detail : `the server answered ${response.status}`;
  throw new ApiError(response.status, detail, Number(response.headers.get("retry-after") ?? 0));
}

async function send(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new ApiError(0, "the server does not answer");
  }
  return answerOf(response);
}

export function get(url) {
  return send(url, {});
}

/** Changes something. The header is what no other page can add. */
export function post(url, body = {}) {
  return send(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-troupe-console": "1" },
    body: JSON.stringify(body),
  });
}
