"""The claim: the app's own metafield that says who syncs the store (PROTOCOL §3). Whether a claim is ours is not decided here.

It hangs on the app's installation, where an app needs no scope and no other app looks, and in the app's reserved namespace.
"""

from __future__ import annotations

from supportdesk.core.looks import ClaimLook
from supportdesk.core.progress import Watch
from supportdesk.errors import AnswerUnreadable, ChangeRefused, Conflict, StoreUnreachable
from supportdesk.shopify import wire_stock as wire
from supportdesk.shopify.client import AdminClient
from supportdesk.shopify.wire import read

_STALE = "STALE_OBJECT"


def read_claim(client: AdminClient, watch: Watch) -> ClaimLook:
    """Who has claimed the store. Raises what `errors` names."""
    return _look(_holder(client, watch).metafield)


def write_claim(client: AdminClient, value: str, replacing: str | None, watch: Watch) -> ClaimLook:
    """Claim it with `value` (not empty), where its digest still is `replacing`, None for no claim at all. Not sent twice.

    Where the answer is lost the claim is read again: it is ours once it says `value`. Raises `Conflict` where somebody else's
    claim is there, and what else `errors` names.
    """
    owner = _holder(client, watch).id
    try:
        data = client.execute("write_claim", {"owner": owner, "value": value, "replacing": replacing}, watch)
    except ChangeRefused as refused:
        if any(error.code == _STALE for error in refused.user_errors):
            raise Conflict("Somebody else claimed the store meanwhile.", "Look again who syncs it.") from None
        raise
    except StoreUnreachable:
        look = read_claim(client, watch)
        if look.value == value:
            return look
        raise
    written = read(wire.WriteClaimAnswer, data).metafields_set
    if written is None or not written.metafields:
        raise AnswerUnreadable("The store did not say that it is claimed.", "Look again who syncs it.")
    return _look(written.metafields[0])


def drop_claim(client: AdminClient, watch: Watch) -> None:
    """Take the claim away, whoever's it is; nothing where there is none. Raises what `errors` names."""
    client.execute("drop_claim", {"owner": _holder(client, watch).id}, watch)


def _holder(client: AdminClient, watch: Watch) -> wire.ClaimHolder:
    return read(wire.ClaimAnswer, client.execute("claim", watch=watch)).current_app_installation


def _look(field: wire.ClaimField | None) -> ClaimLook:
    return ClaimLook(field.value, field.compare_digest) if field else ClaimLook("", None)
