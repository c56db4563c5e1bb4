"""Forms that are sent again and again: one message each."""

import asyncio
import time

from tests.faults.crowd import Crowd
from tests.faults.ledger import Attempt, Ledger, Verdict
from tests.faults.registry import Size, fault
from tests.faults.site import Person, Site

MOST_COPIES = 5
AT_ONCE = 6
"""Messages whose copies are under way at the same time."""


@fault("F10", ordinary=Size(messages=100, readers=20), full=Size(messages=1000, readers=100))
async def forms_sent_repeatedly(site: Site, size: Size, seed: int) -> Verdict:
    """Each form is sent two to five times at once, and once more when it has long been answered."""
    chat, ledger = site.room(), Ledger(seed)
    async with Crowd(site, ledger) as crowd:
        await crowd.read(chat, size.readers)
        gate = asyncio.Semaphore(AT_ONCE)
        authors = site.members

        async def send_copies(number: int) -> tuple[Attempt, set[str]]:
            author = authors[number % len(authors)]
            async with gate:
                attempt = ledger.attempt(chat, author.name, "says it more than once")
                copies = ledger.random.randint(2, MOST_COPIES)
                answers = await asyncio.gather(*(_send(crowd, attempt, author) for _ in range(copies)))
            return attempt, {*answers, await _send(crowd, attempt, author)}

        sent = await asyncio.gather(*(send_copies(number) for number in range(size.messages)))
        verdict = await crowd.verdict(limit=size.within)
        messages = len(await crowd.truth(chat))
    forms = sum(len(attempt.answers) for attempt, _ in sent)
    different = [attempt.token for attempt, answers in sent if len(answers) > 1]
    verdict.expect(not different, f"forms that were answered in different ways: {different[:5]}")
    verdict.expect(messages == size.messages, f"{size.messages} messages were sent, and {messages} are there")
    verdict.notes = {"forms": forms, "post p99": round(verdict.post_p99, 3)}
    return verdict


async def _send(crowd: Crowd, attempt: Attempt, author: Person) -> str:
    """Send the form once, and return all that the answer says to a browser."""
    began_at = time.monotonic()
    form = {"body": attempt.body, "client_id": attempt.client_id}
    answer = await crowd.submit(author, f"/chats/{attempt.chat}/messages/", form)
    attempt.answered(answer.status_code, time.monotonic() - began_at)
    return f"{answer.status_code} {answer.headers.get('Location', '')} {answer.text}"
