import asyncio
import os
import sys

try:
    from lionagi import Branch, iModel
except ImportError:
    sys.exit("this example needs the package lionagi, which the image does not have")
if "OPENAI_API_KEY" not in os.environ:
    sys.exit("this example needs a model: its key is missing in OPENAI_API_KEY")

# An agent: who it is, and the model it thinks with.
agent = Branch(
    name="my_agent",
    system="You are a helpful assistant.",
    chat_model=iModel(provider="openai", model="gpt-4.1-mini", base_url=os.environ.get("OPENAI_BASE_URL")),
)


async def main():
    # Your code here
    answer = await agent.communicate("Explain in one sentence what an agent is.")
    print(answer)
    print(len(agent.messages), "messages so far")


asyncio.run(main())
