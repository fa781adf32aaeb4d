from tensormesh import Tensormesh

with (
    Tensormesh() as client,
    client.inference.serverless.chat.completions.create(
        model="openai/gpt-oss-20b",
        messages=[{"role": "user", "content": "Write a haiku."}],
        stream=True,
    ) as stream,
):
    for text in stream.text_deltas():
        print(text, end="", flush=True)
