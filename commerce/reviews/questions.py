"""Use cases of questions and answers on products. Not here: reviews."""

from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.reviews.rules import STATES
from commerce.reviews.schemas import Entry, EntryPage, Question, QuestionPage, Written
from commerce.reviews.use_cases import SQL, state_of
from foundation.database import execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor


class IllegalEntryState(Conflict):
    code = "illegal-entry-state"
    message = "A question or answer that is {from_status} cannot become {to_status}."


async def ask(commerce: Commerce, author_id: UUID, product_id: UUID, body: str) -> Written:
    """A question on a product.

    Raises:
        NotFound: no such product.
    """
    question_id, state = uuid7(), state_of(body)
    async with commerce.database.transaction() as connection:
        if await fetch_one(connection, SQL["product_exists"], product_id=product_id) is None:
            raise NotFound
        await execute(
            connection, SQL["add_question"], id=question_id, product_id=product_id, author_id=author_id, body=body,
            state=state, at=commerce.clock(),
        )  # fmt: skip
        payload = {"question_id": str(question_id), "product_id": str(product_id), "state": state}
        event = NewEvent(topic="review", aggregate_id=question_id, event_type="question.asked", payload=payload)
        await record_events(connection, [event])
    return Written(id=question_id, state=state)


async def answer(
    commerce: Commerce, author_id: UUID, question_id: UUID, body: str, *, seller_id: UUID | None = None
) -> Written:
    """An answer: of anybody, marked as a buyer's if they received the product, or in the name of a seller of it.

    Raises:
        NotFound: no such question, or the seller does not offer the product.
    """
    answer_id, state = uuid7(), state_of(body)
    async with commerce.database.transaction() as connection:
        question = await fetch_one(connection, SQL["find_question"], question_id=question_id)
        if question is None:
            raise NotFound
        product_id = question["product_id"]
        if seller_id is not None:
            sold = await fetch_one(connection, SQL["sells_product"], product_id=product_id, seller_id=seller_id)
            if sold is None:
                raise NotFound
        bought = await fetch_one(connection, SQL["has_bought"], product_id=product_id, buyer_id=author_id)
        await execute(
            connection, SQL["add_answer"], id=answer_id, question_id=question_id, author_id=author_id, seller_id=seller_id,
            is_buyer=bool(bought and bought["has_bought"]) and seller_id is None, body=body, state=state, at=commerce.clock(),
        )  # fmt: skip
    return Written(id=answer_id, state=state)


async def list_questions(commerce: Commerce, product_id: UUID, *, limit: int, cursor: str | None) -> QuestionPage:
    """Questions of a product with their answers, the seller's first.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    try:
        before_id = UUID(values[0]) if values else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_questions"], product_id=product_id, before_id=before_id, limit=limit + 1
        )
    last = rows[limit - 1] if len(rows) > limit else None
    return QuestionPage(
        items=[Question.model_validate(row) for row in rows[:limit]],
        next_cursor=encode_cursor([last["question_id"]]) if last else None,
    )


async def list_entries(commerce: Commerce, *, state: str, limit: int, cursor: str | None) -> EntryPage:
    """Questions and answers in a state, oldest first, for staff.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    try:
        after_id = UUID(values[0]) if values else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_entries"], state=state, after_id=after_id, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return EntryPage(
        items=[Entry.model_validate(row) for row in rows[:limit]],
        next_cursor=encode_cursor([last["entry_id"]]) if last else None,
    )


async def moderate(
    commerce: Commerce, entry_id: UUID, state: str, *, actor_id: UUID, reason: str | None = None
) -> Entry:
    """Staff publishes a held or hidden question or answer, or hides one.

    Raises:
        NotFound, IllegalEntryState.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["lock_question"], entry_id=entry_id)
        row = row or await fetch_one(connection, SQL["lock_answer"], entry_id=entry_id)
        if row is None:
            raise NotFound
        if state not in STATES[row["state"]]:
            raise IllegalEntryState(from_status=row["state"], to_status=state)
        kind = row["kind"]
        await execute(connection, SQL[f"move_{kind}"], entry_id=entry_id, state=state)
        await audit.record(
            connection, actor_id=actor_id, action=f"{kind}.{state}", subject=(kind, entry_id), detail={"reason": reason}
        )
        payload = {f"{kind}_id": str(entry_id), "product_id": str(row["product_id"]), "state": state}
        event = NewEvent(topic="review", aggregate_id=entry_id, event_type=f"{kind}.{state}", payload=payload)
        await record_events(connection, [event])
    return Entry.model_validate({**row, "state": state})
