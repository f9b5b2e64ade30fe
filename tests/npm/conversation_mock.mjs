// A language model for the conversation suite (tests/conformance), served by
// aimock as Gemini, Ollama and OpenAI. It reads the prompts that the server writes
// for a real model and answers as far as those tests ask: it rewrites, explains,
// quotes the highlighted text, the conversation and what the prompt says is
// remembered, and else takes note.
//
// The model's name is "pace-N": N ms pass before each piece of an answer.

import { LLMock } from "@copilotkit/aimock";

// Characters of a piece: fine enough to be stopped and resumed anywhere. The mock
// cuts between UTF-16 units; in the tests' texts no pair of these is cut by 4.
const pieceSize = 4;
const slowest = 100;

const ordinary = new Set(
  ("a an the is are am was were do does did i my you your he she it we they " +
    "what where when who which how why to of in at on and").split(" "),
);

const wordsOf = (text) => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !ordinary.has(word));
const sentencesOf = (text) => text.match(/[^.!?]+[.!?]*/g)?.map((each) => each.trim()) ?? [];
const isQuestion = (text) => text.trim().endsWith("?");
const quoted = (text) => `“${text}”`;
const shortened = (text) => [...text.slice(0, 400)].slice(0, 200).join("");

function textOf(message) {
  if (typeof message.content === "string") return message.content;
  return (message.content ?? []).map((part) => part.text ?? "").join("");
}

/// What the user wants last: a message may hold more than one request, the last
/// of which counts, and a line for the model's role before them.
function requestIn(message) {
  const parts = textOf(message).split("\n\n");
  const last = parts.at(-1);
  const before = parts.at(-2) ?? "";
  if (last.startsWith("Text:\n"))
    return { action: before.startsWith("Rewrite") ? "rewrite" : "explain", text: last.slice("Text:\n".length) };
  if (!last.startsWith("Highlighted context:\n")) return { action: "talk", text: last };
  const text = last.slice("Highlighted context:\n".length);
  if (before === "What can be said about this?") return { action: "talk", text };
  return { action: "chat", text: before, context: text };
}

function rewritten(text) {
  const better = text.replace(/\b(we) was\b/gi, "$1 were").replace(/\b(he) dont\b/gi, "$1 doesn't");
  const whole = better.split(" ").length > 2 && /[\p{L}\p{N}]$/u.test(better) ? better + "." : better;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/// Those of `texts` that share a word with the question, most first.
function related(question, texts) {
  const asked = new Set(wordsOf(question));
  const shared = (text) => new Set(wordsOf(text).filter((word) => asked.has(word))).size;
  return texts.filter((text) => shared(text) > 0).sort((one, other) => shared(other) - shared(one));
}

function remembered(system) {
  const notes = system.split("\n").filter((line) => line.startsWith("- "));
  return notes.map((line) => line.slice(2).replace(/ \(confidence [0-9.]+\)$/, ""));
}

function aboutConversation(question, said) {
  const asksLast = /what did i just say/i.test(question);
  if (!asksLast && !/what was my first message/i.test(question)) return null;
  if (said.length === 0) return "Nothing was said before in this conversation.";
  return `You said: ${quoted(asksLast ? said.at(-1) : said[0])}`;
}

function answerTo({ messages }) {
  const system = messages.filter((each) => each.role === "system").map(textOf).join("\n");
  const requests = messages.filter((each) => each.role === "user").map(requestIn);
  const { action, text, context } = requests.pop();
  const said = requests.map((each) => each.text);
  if (action === "rewrite") return rewritten(text);
  if (action === "explain") return `This is what I read: ${quoted(shortened(text))}`;
  const [sentence] = action === "chat" ? related(text, sentencesOf(context)) : [];
  if (sentence) return `The highlighted text says: ${quoted(sentence)}`;
  if (/^(hello|hi)\b/i.test(text)) return `Hello. I am ${/You are (\w+)/.exec(system)?.[1]}.`;
  const known = aboutConversation(text, said);
  if (known !== null) return known;
  if (!isQuestion(text)) return `Noted: ${quoted(shortened(text.replace(/\.$/, "")))}.`;
  const facts = related(text, [...remembered(system), ...said.filter((each) => !isQuestion(each))]);
  return facts.length > 0 ? `You told me: ${facts.map(quoted).join(", ")}` : "I do not remember anything about that.";
}

const mock = new LLMock({ port: 0, host: "127.0.0.1", chunkSize: pieceSize, journalMaxEntries: 1 });
for (let pace = 0; pace <= slowest; ++pace)
  mock.on(
    { endpoint: "chat", model: `pace-${pace}` },
    (request) => ({ content: answerTo(request) }),
    { latency: pace },
  );
console.log(`listening on ${await mock.start()}`);
