"""One decision: facts and features → champion, or rules with the reason why → stored → answered. Not here: HTTP, storage.

Repeatable by event id: the same question gets the stored answer, another question under the same id is refused.
"""

import hashlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from foundation.clock import Clock, system_clock
from foundation.database import Database, fetch_one
from foundation.errors import Conflict
from foundation.ids import uuid7
from foundation.statements import load_statements
from models.features.catalogue import CHECKOUT
from models.features.events import keys_of
from models.features.online import to_us, vector
from models.features.requests import CheckoutFacts, request_values
from models.fraud.costs import Action
from models.fraud.reasons import spell
from models.fraud.rules import VERSION as RULES_VERSION
from models.fraud.rules import decide_by_rules
from models.fraud.scorer import FraudScorer
from serving.champions import Champion
from serving.lookup import FeatureLookup, Place
from serving.schemas import Reason, ScoreAnswer, ScoreRequest
from serving.states import PLANS, StoreUnavailable

SQL = load_statements(__file__)


class EventReused(Conflict):
    code = "event-reused"
    message = "This event_id was scored with another question. Take a new event_id for a new event."


@dataclass(frozen=True)
class Verdict:
    """What was decided, before it is written down."""

    action: Action
    score: float
    codes: tuple[str, ...]
    source: str
    version: str
    values: Mapping[str, float]
    place: Place


@dataclass(frozen=True)
class Scoring:
    """What a decision needs of the process."""

    database: Database
    features: FeatureLookup
    champion: Champion[FraudScorer]
    clock: Clock = system_clock

    async def score(self, request: ScoreRequest, *, locale: str) -> bytes:
        """Answer as JSON, stored before it is returned.

        Raises:
            EventReused: the event was scored with another question.
            Unavailable: the decision cannot be stored.
        """
        started = time.perf_counter()
        verdict = await self.judge(request)
        latency = round((time.perf_counter() - started) * 1000, 3)
        answer = _answer(request, verdict, locale=locale, latency_ms=latency)
        return await self._keep(request, answer)

    async def judge(self, request: ScoreRequest) -> Verdict:
        """Decision of the champion; of the rules when there is none or the features cannot be read in time."""
        facts, at_us = _facts(request), to_us(request.occurred_at)
        own = request_values(facts)
        keys = keys_of(request.model_dump(mode="json"))
        try:
            states, place = await self.features.read(keys)
        except StoreUnavailable:
            return _by_rules(facts, own, why="store_unavailable", place="nowhere")
        values = vector(CHECKOUT, PLANS, states, at_us=at_us, request=own, keys=keys)
        scorer = self.champion.current
        if scorer is None:
            return _by_rules(facts, values, why=f"model_{self.champion.problem}", place=place)
        scored = scorer.decide(values, amount_poisha=request.amount_poisha, is_cash=request.payment_method == "cod")
        if math.isnan(scored.score):
            return _by_rules(facts, values, why="model_nan", place=place)
        return Verdict(scored.action, scored.score, scored.codes, "model", scorer.version, values, place)

    async def _keep(self, request: ScoreRequest, answer: ScoreAnswer) -> bytes:
        question = request.model_dump_json()
        digest = hashlib.sha256(question.encode()).hexdigest()
        body = answer.model_dump_json().encode()
        async with self.database.connection() as connection:
            kept = await fetch_one(
                connection, SQL["keep_decision"], id=answer.decision_id, event_id=request.event_id,
                request_sha256=digest, request=Jsonb(request.model_dump(mode="json")),
                answer=Jsonb(answer.model_dump(mode="json")), features=Jsonb(answer.features), score=answer.score,
                action=answer.action, source=answer.source, model_version=answer.model_version,
                latency_ms=answer.latency_ms,
            )  # fmt: skip
            if kept is not None:
                return body
            earlier = await fetch_one(connection, SQL["find_decision"], event_id=request.event_id)
        if earlier is None or earlier["request_sha256"] != digest:
            raise EventReused
        return ScoreAnswer.model_validate(earlier["answer"]).model_dump_json().encode()


def _facts(request: ScoreRequest) -> CheckoutFacts:
    return CheckoutFacts(
        occurred_at=request.occurred_at,
        payment_method=request.payment_method,
        amount_poisha=request.amount_poisha,
        subtotal_poisha=request.subtotal_poisha,
        discount_poisha=request.discount_poisha,
        item_count=request.item_count,
        seller_count=request.seller_count,
        max_line_poisha=request.max_line_poisha,
        has_voucher=request.voucher_code is not None,
        has_device=request.device_index is not None,
        buyer_created_at=request.buyer_created_at,
    )


def _by_rules(facts: CheckoutFacts, values: Mapping[str, float], *, why: str, place: Place) -> Verdict:
    decision = decide_by_rules(facts, values)
    return Verdict(decision.action, decision.score, decision.codes, f"rules:{why}", RULES_VERSION, values, place)


def _answer(request: ScoreRequest, verdict: Verdict, *, locale: str, latency_ms: float) -> ScoreAnswer:
    return ScoreAnswer.model_construct(
        decision_id=uuid7(),
        event_id=request.event_id,
        action=verdict.action,
        score=verdict.score,
        reasons=[Reason(code=reason.code, text=reason.text) for reason in spell(verdict.codes, locale)],
        model_version=verdict.version,
        source=verdict.source,
        features_from=verdict.place,
        latency_ms=latency_ms,
        features={name: None if math.isnan(value) else value for name, value in verdict.values.items()},
    )
