// A language model in OpenAI's protocol that answers at once, but for who says
// "take your time": he gets one piece, and then nothing until somebody gives up.

import { createServer } from "node:http";

export const slowWords = "take your time";

export async function startSlowModel() {
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const said = text ? JSON.parse(text).messages?.at(-1)?.content ?? "" : "";
    const piece = (delta, finish_reason = null) => response.write(`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
    response.writeHead(200, { "content-type": "text/event-stream" });
    piece({ role: "assistant", content: "Well, " });
    if (JSON.stringify(said).includes(slowWords)) return;
    piece({ content: "hello." });
    piece({}, "stop");
    response.end("data: [DONE]\n\n");
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  return { url: `http://127.0.0.1:${server.address().port}/v1`, close: () => {
    server.closeAllConnections();
    server.close();
  } };
}
