"""Who syncs the store: the app's own metafield, written only where nobody else was faster (PROTOCOL §3)."""

from __future__ import annotations

import httpx
import pytest

from supportdesk.core.looks import ClaimLook
from supportdesk.errors import AnswerUnreadable, ChangeRefused, Conflict, StoreUnreachable
from supportdesk.sandbox.access import App
from supportdesk.sandbox.clock import Clock
from supportdesk.sandbox.faults import Fault
from tests.shopify.in_process import Asked
from tests.shopify.replies import PretendStore, RecordingWatch, data
from tests.shops import small_shop

OWNER = "gid://shopify/AppInstallation/5"


@pytest.fixture
def one() -> Asked:
    return Asked(small_shop(clock=Clock(running=False)))


def test_a_claim_is_written_read_taken_over_and_dropped(one: Asked) -> None:
    store, watch = one.engine, one.watch
    assert store.claim(watch) == ClaimLook("", None)
    mine = store.write_claim('{"ledger": "a",\n"by": "mia"}', None, watch)
    assert mine.value == '{"ledger": "a",\n"by": "mia"}'
    assert mine.digest
    assert store.claim(watch) == mine
    theirs = store.write_claim("ledger b", mine.digest, watch)
    assert store.claim(watch) == theirs != mine
    store.drop_claim(watch)
    store.drop_claim(watch)
    assert store.claim(watch) == ClaimLook("", None)
    assert one.variables("WriteClaim")[0]["replacing"] is None


def test_of_two_writers_one_is_told_so(one: Asked) -> None:
    first = one.engine.write_claim("a", None, one.watch)
    with pytest.raises(Conflict):
        one.engine.write_claim("b", None, one.watch)
    one.engine.write_claim("b", first.digest, one.watch)
    with pytest.raises(Conflict):
        one.engine.write_claim("c", first.digest, one.watch)
    assert one.engine.claim(one.watch).value == "b"
    one.engine.drop_claim(one.watch)
    with pytest.raises(Conflict):
        one.engine.write_claim("c", first.digest, one.watch)


def test_another_app_does_not_see_it(one: Asked) -> None:
    one.engine.write_claim("a", None, one.watch)
    other = App.derived_for("small-shop", 9, "Another app")
    one.shop.apps.append(other)
    query = '{currentAppInstallation{metafield(namespace:"$app:supportdesk",key:"sync"){value}}}'
    headers = {"x-shopify-access-token": other.static_token}
    reply = one.api.post(query, headers=headers).json()
    assert reply["data"]["currentAppInstallation"]["metafield"] is None


@pytest.mark.parametrize("fault", ["internal_error", "bad_gateway", "timeout"])
@pytest.mark.parametrize("after", [True, False])
def test_where_the_answer_was_lost_the_store_is_asked(fault: str, after: bool, one: Asked) -> None:
    one.api.faults.add(Fault(fault, after=after, operation="metafieldsSet"))  # type: ignore[arg-type]
    if after:
        assert one.engine.write_claim("a", None, one.watch).value == "a"
    else:
        with pytest.raises(StoreUnreachable):
            one.engine.write_claim("a", None, one.watch)
    assert one.engine.claim(one.watch).value == ("a" if after else "")
    assert one.names().count("WriteClaim") == 1


def pretended(reply: httpx.Response) -> PretendStore:
    holder = {"currentAppInstallation": {"id": OWNER, "metafield": None}}
    return PretendStore().on("Claim", data(holder)).on("WriteClaim", reply)


def test_what_is_sent() -> None:
    made = {"metafields": [{"value": "a", "compareDigest": "d"}], "userErrors": []}
    pretend = pretended(data({"metafieldsSet": made}))
    assert pretend.store().write_claim("a", "c", RecordingWatch()) == ClaimLook("a", "d")
    assert pretend.variables("WriteClaim") == [{"owner": OWNER, "value": "a", "replacing": "c"}]


@pytest.mark.parametrize(
    ("code", "error"),
    [("STALE_OBJECT", Conflict), ("APP_NOT_AUTHORIZED", ChangeRefused), ("BLANK", ChangeRefused)],
)
def test_user_errors(code: str, error: type[Exception]) -> None:
    wrong = {"metafields": [], "userErrors": [{"field": None, "message": "No.", "code": code}]}
    with pytest.raises(error):
        pretended(data({"metafieldsSet": wrong})).store().write_claim("a", None, RecordingWatch())


def test_an_answer_that_shows_nothing_is_no_claim() -> None:
    with pytest.raises(AnswerUnreadable):
        pretended(data({"metafieldsSet": None})).store().write_claim("a", None, RecordingWatch())
