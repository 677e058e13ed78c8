"""One spelling for each word: Bangla's many forms, Banglish, English plurals, typing errors; the lexicon joins languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.search.lexicon import meanings
from commerce.search.rules import Found, choose, query_text, word_vector
from commerce.search.words import canonical, cuts, distance, normalise, sound_keys, split_words

SAME_SOUND = (
    "চাল chal|চাল chaal|ডিম dim|আলু alu|আলু aloo|পেঁয়াজ peyaj|পেঁয়াজ piyaj|রসুন roshun|দুধ dudh|দুধ doodh|মরিচ morich|লবণ lobon|"
    "ময়দা moida|মুরগি murgi|সাবান saban|চিনি chini|তেল tel|মাছ mach|মাংস mangsho|বিস্কুট biskut|শ্যাম্পু shampu|চা cha|শাড়ি shari|"
    "পাঞ্জাবি panjabi|ঘড়ি ghori|হলুদ holud|বাদাম badam|চকলেট choklet|ক্যান্ডি candy|টমেটো tometo|বাসমতি basmati|নাজিরশাইল nazirshail|"
    "চিংড়ি chingri|জুতা juta|খেলনা khelna|মিনিকেট miniket|ইলিশ ilish"
)


@pytest.mark.parametrize("pair", SAME_SOUND.split("|"))
def test_bangla_and_its_banglish_share_a_sound(pair):
    bangla, latin = pair.split()
    assert set(sound_keys(split_words(bangla)[0])) & set(sound_keys(latin))


def test_the_naive_twin_letters_alone_do_not_meet():
    """Negative control: without sounds no Bangla word equals its Banglish."""
    assert all(len(set(normalise(pair).split())) == 2 for pair in SAME_SOUND.split("|"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("শাড়ি", "শাড়ি"), ("শাড়ী", "শাড়ি"), ("লবন", "লবণ"), ("ক\u200dক", "কক"), ("৫ কেজি", "5 কেজি"), ("5KG", "5 kg"),
        ("Tomatoes", "tomato"), ("batteries", "BATTERY"), ("ড়", "\u09dc"), ("\u09cb", "\u09c7\u09be"), ("boxes", "box"),
    ],
)  # fmt: skip
def test_forms_of_one_word_are_one(one, other):
    assert split_words(one) == split_words(other)


@pytest.mark.parametrize("word", ["glass", "virus", "basis", "gas", "rice"])
def test_words_that_only_look_like_plurals_stay(word):
    assert canonical(word) == word


@given(st.text(max_size=60))
def test_any_text_gives_words_fit_for_a_query(text):
    words = split_words(text)
    assert words == split_words(" ".join(words)) or any(word != canonical(word) for word in words)
    for word in words:
        assert not set(word) & set("'\\ &|!():*\0")
        assert all(key.isascii() and key.isalnum() for key in sound_keys(word))


@given(
    st.text("abcdrst", min_size=3, max_size=9), st.integers(0, 8), st.sampled_from(["drop", "swap", "add", "change"])
)
def test_one_typing_error_shares_a_cut(word, place, error):
    place %= len(word)
    twisted = {
        "drop": word[:place] + word[place + 1 :], "add": word[:place] + "z" + word[place:],
        "change": word[:place] + "z" + word[place + 1 :],
        "swap": word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    }[error]  # fmt: skip
    assert distance(word, twisted) <= 1
    if len(twisted) > 2:
        assert {word, *cuts(word)} & {twisted, *cuts(twisted)}


def test_the_lexicon_joins_languages():
    assert ("rice",) in meanings("chal")
    assert ("rice",) in meanings("চাল")
    assert (split_words("চাল")[0],) in meanings("rice")
    assert ("ice", "cream") in meanings(split_words("আইসক্রিম")[0])
    assert meanings("zzyzx") == ()


def test_a_known_word_is_not_corrected_and_an_unknown_one_goes_to_the_nearest():
    near = [Found("rice", "near", 900), Found("dice", "near", 3)]
    assert choose("rice", [Found("rice", "exact", 900)], [], is_known=False).corrected is None
    assert choose("rcie", near, [], is_known=False).corrected == "rice"
    assert choose("zzzzz", near, [], is_known=False).phrases == (("zzzzz",),)
    assert (
        query_text([choose("chal", [], [("rice",), ("ice", "cream")], is_known=True)])
        == "(('rice') | ('ice' & 'cream'))"
    )


def test_a_word_keeps_its_weightiest_place():
    assert word_vector([("Rice rice", "A"), ("rice bran", "C")]) == "'rice':1A 'bran':4C"
