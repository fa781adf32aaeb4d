import asyncio

from tensormesh import AsyncTensormesh


async def main() -> None:
    async with AsyncTensormesh() as client:
        answer = await client.inference.serverless.chat.completions.create(
            model="openai/gpt-oss-20b",
            messages=[{"role": "user", "content": "Say hello in one sentence."}],
        )
        print(answer.choices[0].message.content)


asyncio.run(main())
