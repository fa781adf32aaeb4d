// What a model said, put together from a whole answer or from the events of a stream.

const empty = () => ({ text: "", thought: "", calls: [] });

/** The choices of an answer, each with its text, its thought and its calls; and what went wrong, if anything did. */
export function said(answer) {
  const found = { choices: new Map(), error: null };
  if (answer.events) for (const event of answer.events) piece(found, dataOf(event.data));
  else whole(found, answer.body);
  return { choices: [...found.choices.values()], error: found.error };
}

/** What an event says, or its text where that is no JSON. */
export function dataOf(text) {
  const data = text.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim()).join("\n");
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** What an event adds to the answer, on one line. */
export function brief(data) {
  if (typeof data !== "object" || data === null) return String(data);
  if (data.error) return `error: ${data.error.message ?? JSON.stringify(data.error)}`;
  const choice = data.choices?.[0];
  const delta = choice?.delta ?? choice;
  if (delta) {
    const text = delta.content ?? delta.text ?? delta.reasoning ?? delta.reasoning_content;
    if (text) return JSON.stringify(text);
    if (delta.tool_calls?.length) return `call ${delta.tool_calls.map((call) => call.function?.name ?? call.function?.arguments ?? "").join(", ")}`;
    if (choice.finish_reason) return `end: ${choice.finish_reason}`;
    if (delta.role) return `begins as ${delta.role}`;
  }
  if (typeof data.delta === "string") return JSON.stringify(data.delta);
  if (data.usage) return `usage: ${data.usage.prompt_tokens ?? data.usage.input_tokens} in, ${data.usage.completion_tokens ?? data.usage.output_tokens} out`;
  return data.type ?? "";
}

function choiceOf(found, index) {
  if (!found.choices.has(index)) found.choices.set(index, empty());
  return found.choices.get(index);
}

function add(choice, part) {
  const { content, text, reasoning, reasoning_content: other, tool_calls: calls } = part;
  choice.text += typeof content === "string" ? content : typeof text === "string" ? text : "";
  choice.thought += reasoning ?? other ?? "";
  for (const [place, call] of (calls ?? []).entries()) {
    const known = (choice.calls[call.index ?? place] ??= { name: "", arguments: "" });
    known.name += call.function?.name ?? "";
    known.arguments += call.function?.arguments ?? "";
  }
}

function piece(found, data) {
  if (typeof data !== "object" || data === null) return;
  if (data.error) found.error = data.error.message ?? JSON.stringify(data.error);
  for (const choice of data.choices ?? []) add(choiceOf(found, choice.index ?? 0), choice.delta ?? choice);
  if (data.type === "response.output_text.delta") choiceOf(found, 0).text += data.delta;
  else if (/reasoning.*delta$/.test(data.type ?? "")) choiceOf(found, 0).thought += data.delta;
  else if (data.type === "response.output_item.done" && data.item?.type === "function_call") choiceOf(found, 0).calls.push(data.item);
}

function whole(found, body) {
  if (typeof body !== "object" || body === null) {
    if (body) choiceOf(found, 0).text = String(body);
    return;
  }
  if (body.error) found.error = body.error.message ?? (typeof body.error === "string" ? body.error : JSON.stringify(body.error));
  for (const choice of body.choices ?? []) add(choiceOf(found, choice.index ?? 0), choice.message ?? choice);
  for (const item of Array.isArray(body.output) ? body.output : []) {
    const choice = choiceOf(found, 0);
    if (item.type === "function_call") choice.calls.push(item);
    for (const part of Array.isArray(item.content) ? item.content : []) {
      if (item.type === "reasoning") choice.thought += part.text ?? "";
      else choice.text += part.text ?? "";
    }
  }
}
