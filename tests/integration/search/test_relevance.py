"""What people type finds what they mean: the goods in the first ten for at least 95 of 100 labelled searches."""

GOAL = 0.95


def hit_rates(labelled, answers):
    rates, missed = {}, []
    for kind, queries in labelled.QUERIES.items():
        found = 0
        for query, code in queries.items():
            hit = code in answers[query]
            found += hit
            if not hit:
                missed.append(f"{kind}: {query}")
        rates[kind] = found / len(queries)
    total = sum(len(queries) for queries in labelled.QUERIES.values())
    return (total - len(missed)) / total, rates, missed


async def ask(api, labelled, market, path):
    codes = {str(product): code for code, product in market.items()}
    answers = {}
    for queries in labelled.QUERIES.values():
        for query in queries:
            answer = await api.client.get(
                path.format(query="q" if "search" in path else "query"),
                params={"q" if "search" in path else "query": query, "limit": 10},
            )
            assert answer.status_code == 200, answer.text
            answers[query] = [codes.get(item["product_id"]) for item in answer.json()["items"]]
    return answers


def test_labelled_searches_find_their_goods_and_plain_words_do_not(run, open_api, settings, market, labelled):
    async def story():
        async with open_api(settings) as api:
            return await ask(api, labelled, market, "/v1/search"), await ask(api, labelled, market, "/v1/products")

    ours, naive = run(story())
    rate, by_kind, missed = hit_rates(labelled, ours)
    naive_rate, naive_by_kind, _ = hit_rates(labelled, naive)
    print(f"search {rate:.3f} {by_kind}; plain words {naive_rate:.3f} {naive_by_kind}; missed {missed}")

    assert sum(map(len, labelled.QUERIES.values())) >= 120
    assert rate >= GOAL, missed
    assert min(by_kind.values()) >= 0.9, missed
    assert naive_rate < rate - 0.3, "the naive twin must do clearly worse, or the labels prove nothing"
