import asyncio
import os
import sys

try:
    from lionagi import Branch, Session, iModel
except ImportError:
    sys.exit("this example needs the package lionagi, which the image does not have")
if "OPENAI_API_KEY" not in os.environ:
    sys.exit("this example needs a model: its key is missing in OPENAI_API_KEY")


def agent(name, system):
    model = iModel(provider="openai", model="gpt-4.1-mini", base_url=os.environ.get("OPENAI_BASE_URL"))
    return Branch(name=name, system=system, chat_model=model)


async def main():
    assistant = agent("assistant", "Answer in one sentence.")
    critic = agent("critic", "Say in one sentence what an answer lacks.")
    session = Session()
    session.include_branches([assistant, critic])

    # Your conversation logic here
    for question in ["What is a conversation?", "And how does it end?"]:
        answer = await assistant.communicate(question)
        remark = await critic.communicate(f"{question}\n{answer}")
        print(f"> {question}\n{answer}\n  ({remark})")

    for branch in (assistant, critic):
        print(branch.name, "has", len(branch.messages), "messages")


asyncio.run(main())
