"""Use cases of search: find products with facets, suggest phrases. Reads only. Not here: documents (see `indexing`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.search import facets
from commerce.search.lexicon import lexicon_words, meanings
from commerce.search.rules import Found, Term, choose, estimate_of, query_text
from commerce.search.schemas import Facet, Hit, SearchAnswer, SearchRequest, Suggestion, Suggestions
from commerce.search.statement import CANDIDATES, MOST_COUNTED, ORDERS, Conditions, conditions_of, find_statement
from commerce.search.words import MAX_WORDS, cuts, sound_keys, split_words
from foundation.database import Connection, fetch_all
from foundation.errors import InvalidInput
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__, "finding.sql")
# Above every letter: the end of a range of words with a prefix.
_END = "\U0010ffff"


class NothingToFind(InvalidInput):
    code = "nothing-to-search"
    message = "The query has no letters or digits. Type a word of the product."


async def search(commerce: Commerce, request: SearchRequest, *, locale: str) -> SearchAnswer:
    """Best matches with facets.

    Raises:
        NothingToFind, BadCursor.
    """
    asked = split_words(request.q)[:MAX_WORDS] if request.q else []
    if request.q and not asked:
        raise NothingToFind
    async with commerce.database.connection() as connection:
        terms = await _terms(connection, asked) if asked else []
        conditions = conditions_of(request, query_text(terms) if terms else None)
        row = await _find(connection, request, conditions, estimate=estimate_of(terms))
        is_partial = row["total"] == 0 and len(terms) > 1 and request.cursor is None
        if is_partial:
            conditions = conditions_of(request, query_text(terms, " | "))
            row = await _find(connection, request, conditions, estimate=None)
        found = await _facets(connection, request, conditions, row, locale=locale)
    return _answer(request, row, found, terms, is_partial=is_partial, locale=locale)


async def _find(
    connection: Connection, request: SearchRequest, conditions: Conditions, *, estimate: int | None
) -> Mapping[str, Any]:
    params = {**conditions.params, "candidates": CANDIDATES, "limit": request.limit + 1, **_after(request)}
    statement = find_statement(SQL, request, conditions, estimate=estimate)
    # Never prepared: the plan depends on how many match, so a plan for all words alike would be a bad one.
    cursor = await connection.execute(statement, params, prepare=False)
    row = await cursor.fetchone()
    return row or {"total": 0, "hits": None, "facets": None}


def _after(request: SearchRequest) -> dict[str, object]:
    values = decode_cursor(request.cursor, 2)
    if values is None:
        return {}
    try:
        kinds = {"newest": datetime.fromisoformat, "relevance": float}
        return {"after": kinds.get(request.sort, int)(values[0]), "after_id": UUID(values[1])}  # type: ignore[operator]
    except ValueError as error:
        raise BadCursor from error


async def _terms(connection: Connection, asked: Sequence[str]) -> list[Term]:
    """What each word of the query stands for."""
    senses = [meanings(word) for word in asked]
    known = [word in lexicon_words() or word.isdigit() for word in asked]
    found = await _vocabulary(connection, asked)
    terms = [choose(word, found[n], senses[n], is_known=known[n]) for n, word in enumerate(asked)]
    lost = [n for n, term in enumerate(terms) if term.phrases == ((asked[n],),) and not known[n] and not found[n]]
    lost += [
        n
        for n, term in enumerate(terms)
        if n not in lost and term.phrases == ((asked[n],),) and _is_unknown(found[n], known[n])
    ]
    if lost:
        pairs = [(n, key) for n in lost for key in sound_keys(asked[n]) if len(key) > 3]
        rows = await fetch_all(
            connection, SQL["resolve_alike"], key_ns=[n for n, _ in pairs], keys=[key for _, key in pairs]
        )
        for n in lost:
            alike = [Found(row["word"], row["how"], row["documents"]) for row in rows if row["n"] == n]
            terms[n] = choose(asked[n], alike, senses[n], is_known=False)
    return terms


def _is_unknown(found: Sequence[Found], is_known: bool) -> bool:
    return not is_known and all(one.how == "near" for one in found)


async def _vocabulary(connection: Connection, asked: Sequence[str]) -> list[list[Found]]:
    keyed = [(n, key) for n, word in enumerate(asked) if not word.isdigit() for key in sound_keys(word)]
    cut = [(n, one) for n, key in keyed for one in (key, *cuts(key)) if len(key) > 2]
    last = len(asked) - 1
    begun = [(last, asked[last])] if len(asked[last]) > 1 and not asked[last].isdigit() else []
    rows = await fetch_all(
        connection, SQL["resolve"], ns=list(range(len(asked))), words=list(asked), key_ns=[n for n, _ in keyed],
        keys=[key for _, key in keyed], prefix_ns=[n for n, _ in begun], prefixes=[word for _, word in begun],
        prefix_ends=[word + _END for _, word in begun], cut_ns=[n for n, _ in cut], cuts=[key for _, key in cut],
    )  # fmt: skip
    found: list[list[Found]] = [[] for _ in asked]
    for row in rows:
        found[row["n"]].append(Found(row["word"], row["how"], row["documents"]))
    return found


async def _facets(
    connection: Connection, request: SearchRequest, conditions: Conditions, row: Mapping[str, Any], *, locale: str
) -> list[Facet]:
    """Facets of the first page; a facet that is filtered by is counted as if it were not."""
    if request.cursor is not None:
        return []
    counts = facets.Counts(row["facets"] or [], locale)
    for name, prefix in facets.chosen_facets(conditions):
        statement = SQL["count_tokens"].format(condition=conditions.text(without=name))
        params = {**conditions.params, "prefix": prefix, "candidates": CANDIDATES}
        cursor = await connection.execute(statement, params, prepare=False)
        found = await cursor.fetchall()
        counts.replace(prefix, [(one["token"], one["products"], one["name"], one["name_bn"]) for one in found])
    return facets.facets_of(counts, request)


def _answer(
    request: SearchRequest,
    row: Mapping[str, Any],
    found: list[Facet],
    terms: Sequence[Term],
    *,
    is_partial: bool,
    locale: str,
) -> SearchAnswer:
    hits = row["hits"] or []
    corrected = any(term.corrected for term in terms)
    return SearchAnswer(
        items=[_hit(hit, locale) for hit in hits[: request.limit]],
        total=min(row["total"], MOST_COUNTED),
        is_total_exact=row["total"] <= MOST_COUNTED,
        is_estimate=row["total"] > CANDIDATES,
        is_partial=is_partial,
        facets=found,
        did_you_mean=" ".join(term.corrected or term.asked for term in terms) if corrected else None,
        next_cursor=_next(request, hits) if len(hits) > request.limit else None,
    )


def _next(request: SearchRequest, hits: Sequence[Mapping[str, Any]]) -> str:
    last = hits[request.limit - 1]
    return encode_cursor([last[ORDERS[request.sort].column], last["product_id"]])


def _hit(hit: Mapping[str, Any], locale: str) -> Hit:
    kept = {key: hit[key] for key in Hit.model_fields if key in hit}
    picture = f"/v1/media/{hit['picture']}" if hit["picture"] else None
    return Hit(title=hit.get(f"title_{locale}") or hit["title_en"], picture_url=picture, **kept)


async def suggest(commerce: Commerce, text: str, *, limit: int) -> Suggestions:
    """Phrases that begin with what is typed, in its own spelling or in the meaning of its last word."""
    words = split_words(text)[:MAX_WORDS]
    if not words:
        return Suggestions(items=[])
    begun = [" ".join(words)]
    begun += [" ".join([*words[:-1], *phrase]) for phrase in meanings(words[-1])[:6]]
    seen: dict[str, Suggestion] = {}
    async with commerce.database.connection() as connection:
        for low in dict.fromkeys(begun):
            for row in await fetch_all(connection, SQL["suggest"], low=low, high=low + _END, limit=limit):
                seen.setdefault(row["phrase"].casefold(), Suggestion(phrase=row["phrase"], kind=row["kind"]))
            if len(seen) >= limit:
                break
    return Suggestions(items=list(seen.values())[:limit])
