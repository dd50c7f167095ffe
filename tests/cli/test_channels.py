"""connect, open, channels, show, load, check, forget: their JSON, what they keep, what they refuse, what is left behind."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from supportdesk.core.catalog import Location
from supportdesk.sandbox.server import create_app, running
from supportdesk.sandbox.store import SandboxShop
from tests.cli.commands import Commands, dump, files_of
from tests.cli.conftest import Served
from tests.shops import level, listing, small_shop

TOTALS = {
    "listings": 3,
    "skus": 2,
    "without_sku": 0,
    "locations": 2,
    "duplicate_groups": 1,
    "duplicate_listings": 2,
    "disagreeing_groups": 1,
    "units": 15,
}
HEADER = (
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty\n"
)


def export(path: Path, *rows: str) -> Path:
    path.write_text(HEADER + "\n".join(rows or ("tent,Tent,Title,Default Title,T-1,shopify,4",)) + "\n")
    return path


def exactly(value: Any, **kinds: type | tuple[type, ...]) -> None:
    """The object has these keys and no other, each of its type; True is no number."""
    assert list(value) == list(kinds)
    for name, kind in kinds.items():
        assert isinstance(value[name], kind), (name, value[name])
        assert isinstance(value[name], bool) == (kind is bool)


def test_the_json_of_a_store(cli: Commands, served: Served) -> None:
    made = cli.good(*served.connect, "--json").json
    exactly(made, channel=str, account=str, token=str, missing_scopes=list)
    assert made["channel"] == made["account"] == "kestrel"
    assert served.shop.token not in json.dumps(made)
    never = cli.good("channels", "--json").json
    assert never[0]["listings"] is None
    assert never[0]["loaded_at"] is None
    assert cli.good("load", "kestrel", "--json").json == TOTALS
    assert list(cli.good("show", "kestrel", "--json").json) == list(TOTALS)
    (line,) = cli.good("channels", "--json").json
    exactly(
        line,
        **dict.fromkeys(("channel", "account", "title", "source", "sync"), str),
        **dict.fromkeys(("listings", "duplicate_groups", "disagreeing_groups", "unlinked_locations"), int),
        loaded_at=str,
    )
    assert line["loaded_at"].endswith("Z")
    checks = cli.good("check", "kestrel", "--json").json
    for each in checks:
        exactly(each, id=str, state=str, text=str)
    order = [["block", "warn", "pass"].index(each["state"]) for each in checks]
    assert order == sorted(order)
    assert len({each["id"] for each in checks}) == len(checks)


def test_the_json_of_exports(cli: Commands, tmp_path: Path) -> None:
    made = cli.good("open", export(tmp_path / "acme.csv"), "--json").json
    exactly(made, **dict.fromkeys(TOTALS, int))
    exactly(cli.good("forget", "acme", "--json").json, account=str, file=str, text=str)
    for line in cli.good("keys", "--json").json:
        exactly(line, id=str, keys=list, label=str, where=str, help=str)
    paths = cli.good("paths", "--json").json
    assert paths["home"] == str(cli.home)
    exactly(paths.pop("settings")[0], key=str, variable=str, values=str, default=str, meaning=str)
    assert all(isinstance(path, str) for path in paths.values())


def test_show_lists_locations_and_what_is_left_out(cli: Commands, tmp_path: Path) -> None:
    rows = ["Handle,Title,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty"]
    rows += [
        f"tent-{number},Tent,Default Title,{sku},shopify,3" for number, sku in enumerate(("A", "", "B", ""))
    ]
    file = tmp_path / "acme.csv"
    file.write_text("\n".join([*rows, "loose,Loose,Default Title,C,,1", ""]))
    cli.good("open", file)
    (place,) = cli.good("show", "acme", "--locations", "--json").json
    exactly(
        place, id=int, name=str, active=bool, service=str, service_manages_stock=bool, stocked=int, units=int
    )
    assert (place["stocked"], place["units"]) == (5, 13)
    left_out = cli.good("show", "acme", "--left-out", "--json").json
    for line in left_out:
        exactly(line, listing=str, title=str, variant_title=str, sku=str, reason=str)
    assert [line["reason"] for line in left_out] == ["no_sku", "no_sku", "untracked"]
    assert [line["listing"] for line in cli.good("show", "acme", "--left-out=untracked", "--json").json] == [
        "loose/Default Title"
    ]
    assert "left out: 2 have no SKU" in cli.good("show", "acme").out
    assert cli("show", "acme", "--left-out=nonsense").code == 2


def test_scenarios_are_listed_as_json_too(cli: Commands) -> None:
    for line in cli.good("demo", "--list", "--json").json:
        exactly(line, scenario=str, summary=str)
    assert "Did you mean hostile?" in cli("sandbox", "--scenario=hostil").err


def test_show_and_check_before_the_first_load(cli: Commands, served: Served) -> None:
    cli.good(*served.connect)
    error = cli.refused(1, "show", "kestrel")
    assert error["code"] == "not_loaded"
    assert "supportdesk load kestrel" in error["next"]
    assert "block" in cli.good("check", "kestrel").out


def test_a_token_is_kept_for_its_owner_alone_and_never_said(cli: Commands, served: Served) -> None:
    said = cli.good(*served.connect)
    assert served.shop.token not in said.out + said.err
    kept = cli.home / "credentials" / "kestrel.json"
    assert str(kept) in said.err
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert served.shop.token not in json.dumps(dump(cli.home))


def test_connecting_again_renews_the_token_and_keeps_what_was_loaded(
    cli: Commands, connected: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = connected.shop.app
    monkeypatch.setenv("SHOP_SECRET", app.client_secret)
    said = cli.good(*connected.connect[:3], f"--client-id={app.client_id}", "--client-secret-env=SHOP_SECRET")
    assert "client secret" in said.err
    assert cli.good("show", "kestrel", "--json").json == TOTALS
    assert cli.good("load", "kestrel", "--json").json == TOTALS
    assert app.granted == 2, "one to try it, one to load"
    assert len(cli.good("channels", "--json").json) == 1


def test_a_store_is_in_one_account(cli: Commands, connected: Served) -> None:
    error = cli.refused(4, *connected.connect, "--account=other")
    assert "kestrel" in error["detail"]
    assert not (cli.home / "accounts" / "other.db").exists()
    cli.good(*connected.connect, "--account=kestrel")


def test_two_stores_of_one_account(cli: Commands, connected: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    other = small_shop("outlet")
    with running(create_app([other])) as url:
        monkeypatch.setenv("OUTLET_TOKEN", other.token)
        cli.good("connect", "outlet", f"--api-url={url}", "--token-env=OUTLET_TOKEN", "--account=kestrel")
        cli.good("load", "outlet")
    assert [line["account"] for line in cli.good("channels", "--json").json] == ["kestrel", "kestrel"]
    said = cli.good("forget", "outlet")
    assert "keeps its other channels" in said.out
    assert cli.good("show", "kestrel", "--json").json == TOTALS
    assert not (cli.home / "credentials" / "outlet.json").exists()
    assert (cli.home / "credentials" / "kestrel.json").exists()


def test_a_secret_may_stay_in_its_variable(
    cli: Commands, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.good(*served.connect, "--env-only")
    assert served.shop.token not in (cli.home / "credentials" / "kestrel.json").read_text()
    cli.good("load", "kestrel")
    monkeypatch.delenv("SHOP_TOKEN")
    error = cli.refused(1, "load", "kestrel")
    assert error["code"] == "credential"
    assert "SHOP_TOKEN" in error["detail"]


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["not a shop", "--token-env=SHOP_TOKEN"], 2, "address"),
        (["kestrel.example.org", "--token-env=SHOP_TOKEN"], 2, "address"),
        (["kestrel", "--api-url=http://example.org", "--token-env=SHOP_TOKEN"], 2, "address"),
        (["other", "--token-env=SHOP_TOKEN"], 3, "shop_missing"),
        (["kestrel", "--token-env=WRONG_TOKEN"], 3, "token_refused"),
        (["kestrel", "--client-id=x", "--client-secret-env=WRONG_TOKEN"], 3, "token_refused"),
        (["kestrel"], 2, "usage"),
        (["kestrel", "--token-env=NO_SUCH_VARIABLE"], 2, "usage"),
        (["kestrel", "--client-id=x"], 2, "usage"),
        (["kestrel", "--client-secret-env=SHOP_TOKEN"], 2, "usage"),
        (["kestrel", "--token-env=SHOP_TOKEN", "--client-id=x"], 2, "usage"),
        (["kestrel", "--token-env=SHOP_TOKEN", "--account=No Such"], 2, "usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_connect_that_fails_leaves_nothing_behind(
    cli: Commands, served: Served, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, error: str
) -> None:
    monkeypatch.setenv("WRONG_TOKEN", "shpat_wrong")
    where = [] if any("api-url" in word for word in words) else [f"--api-url={served.url}"]
    said = cli.refused(code, "connect", *words, *where)
    assert said["code"] == error
    assert "shpat_" not in json.dumps(said)
    assert files_of(cli.home) == []


def test_a_token_with_too_few_scopes(cli: Commands, served: Served) -> None:
    served.shop.app.scopes = {"read_products", "read_locations"}
    error = cli.refused(3, *served.connect)
    assert error["code"] == "scope_missing"
    assert "read_inventory" in error["detail"]
    assert files_of(cli.home) == []
    served.shop.app.scopes = {"read_products", "read_locations", "read_inventory"}
    made = cli.good(*served.connect, "--json").json
    assert "write_inventory" in made["missing_scopes"]
    cli.good("load", "kestrel")
    checks = {each["id"]: each for each in cli.good("check", "kestrel", "--json").json}
    assert checks["access"]["state"] == "block"
    assert "write_inventory" in checks["access"]["text"]


@pytest.mark.parametrize("broken", ["credentials", "ledger"])
def test_a_connect_that_cannot_keep_leaves_nothing_behind(
    cli: Commands, served: Served, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    where = {
        "credentials": "tempfile.mkstemp",
        "ledger": "supportdesk.ledger.channels.renew_shop",
    }
    with monkeypatch.context() as patch:
        patch.setattr(where[broken], full)
        assert cli.refused(1, *served.connect)["code"] == "disk_full"
    assert files_of(cli.home) == []
    cli.good(*served.connect)


def test_forgetting_removes_token_rows_file_and_line(cli: Commands, connected: Served) -> None:
    (cli.home / "spool").mkdir(exist_ok=True)
    (cli.home / "spool" / "kestrel.operation").write_text("gid://shopify/BulkOperation/7")
    (cli.home / "spool" / "kestrel.1.1.jsonl").write_text("rows")
    said = cli.good("forget", "kestrel")
    assert said.out == "kestrel is forgotten, with its token. The account kestrel is removed.\n"
    assert files_of(cli.home) == ["channels.db"]
    assert cli.good("channels", "--json").json == []
    assert cli.refused(2, "forget", "kestrel")["code"] == "unknown"


def test_opening_the_same_files_again_loads_them_anew_and_others_are_refused(
    cli: Commands, tmp_path: Path
) -> None:
    first = export(tmp_path / "products_export.csv")
    (tmp_path / "other").mkdir()
    second = export(tmp_path / "other" / "products_export.csv", "mug,Mug,Title,Default Title,M-1,shopify,9")
    cli.good("open", first)
    cli.good("open", first)
    error = cli.refused(4, "open", second)
    assert error["next"] == "Give these files another name, or the name products-export to replace those."
    cli.good("open", second, "--name=other")
    assert cli.good("show", "other", "--json").json["units"] == 9
    cli.good("open", second, "--name=products-export")
    assert cli.good("show", "products-export", "--json").json["units"] == 9


def test_exports_never_take_a_stores_name(cli: Commands, connected: Served, tmp_path: Path) -> None:
    assert cli.refused(4, "open", export(tmp_path / "kestrel.csv"))["code"] == "refused"
    assert cli.refused(2, "open", tmp_path / "kestrel.csv", "--name=No Good")["code"] == "usage"
    cli.good("open", tmp_path / "kestrel.csv", "--name=files", "--account=kestrel")
    assert (
        cli.refused(4, "open", tmp_path / "kestrel.csv", "--name=files", "--account=b")["code"] == "refused"
    )
    cli.good("forget", "kestrel")
    assert cli.good("show", "files", "--json").json["listings"] == 1


def test_an_export_file_that_is_gone_is_said_and_its_rows_stay(cli: Commands, tmp_path: Path) -> None:
    path = export(tmp_path / "acme.csv")
    cli.good("open", path)
    path.unlink()
    assert cli.refused(1, "load", "acme")["code"] == "export"
    assert cli.good("show", "acme", "--json").json["units"] == 4


HOSTILE = "Tent \x1b[31mred\x1b]0;gotcha\x07 \x9b31m \u202egnorw [@click=app.quit]x[/]"


def test_no_title_reaches_the_terminal_raw(cli: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = SandboxShop("kestrel", HOSTILE)
    place = Location(101, HOSTILE, service="Peak", service_manages_stock=True)
    shop.fill([place], [listing(1, "A\x1b[5m", title=HOSTILE)], [level(1, place, 5)])
    with running(create_app([shop])) as url:
        monkeypatch.setenv("SHOP_TOKEN", shop.token)
        cli.good("connect", "kestrel", f"--api-url={url}", "--token-env=SHOP_TOKEN")
        cli.good("load", "kestrel")
    for words in (("channels",), ("show", "kestrel"), ("check", "kestrel")):
        cli.good(*words)
        cli.good(*words, "--json")
    assert "\\x1b[31mred" in cli.good("check", "kestrel").out
    (line,) = cli.good("channels", "--json").json
    assert line["title"] == HOSTILE, "JSON keeps what the merchant wrote"


def test_the_list_is_made_anew_where_it_is_lost(cli: Commands, connected: Served) -> None:
    before = cli.good("channels", "--json").json
    index = cli.home / "channels.db"
    for change in (
        index.unlink,
        lambda: index.write_bytes(b"nonsense" * 1000),
        lambda: index.write_bytes(b""),
    ):
        change()
        assert cli.good("channels", "--json").json == before
        assert cli.good("show", "kestrel", "--json").json == TOTALS


def test_a_damaged_list_in_an_empty_home_stops_nothing(cli: Commands, served: Served) -> None:
    cli.home.mkdir()
    (cli.home / "channels.db").write_bytes(b"nonsense" * 1000)
    assert cli.good("channels", "--json").json == []
    cli.good(*served.connect)
    assert [line["channel"] for line in cli.good("channels", "--json").json] == ["kestrel"]


def test_account_files_that_come_and_go_by_hand(cli: Commands, connected: Served, tmp_path: Path) -> None:
    file = cli.home / "accounts" / "kestrel.db"
    away = tmp_path / "kestrel.db"
    file.rename(away)
    assert cli.good("channels", "--json").json == []
    assert cli.refused(2, "show", "kestrel")["code"] == "unknown"
    away.rename(file)
    assert cli.good("show", "kestrel", "--json").json == TOTALS


def test_a_damaged_account_file_is_said_and_the_others_work(
    cli: Commands, connected: Served, tmp_path: Path
) -> None:
    cli.good("open", export(tmp_path / "acme.csv"))
    file = cli.home / "accounts" / "kestrel.db"
    file.write_bytes(b"nonsense" * 4000)
    said = cli("show", "kestrel", "--json")
    assert said.code == 1
    assert said.error["code"] == "ledger_damaged"
    assert "restore" in said.error["next"]
    assert cli.good("show", "acme", "--json").json["listings"] == 1
    (cli.home / "channels.db").unlink()
    assert [line["channel"] for line in cli.good("channels", "--json").json] == ["acme"]


def test_other_channels_are_not_said_more_than_the_nearest(cli: Commands, tmp_path: Path) -> None:
    for number in range(10):
        cli.good("open", export(tmp_path / f"shop-{number}.csv"))
    assert cli.refused(2, "show", "zzz")["next"].endswith("and 2 more.")
