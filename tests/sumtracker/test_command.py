"""`supportdesk sandbox` serves the account beside the shop."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

from supportdesk.sandbox.sumtracker import key_of
from supportdesk.secret import Secret
from supportdesk.sumtracker.account import open_account


def test_the_sandbox_command_serves_the_scenarios_account() -> None:
    command = [
        *(sys.executable, "-m", "supportdesk", "sandbox", "--json"),
        *("--until-stdin-closes", "--scenario=outdoor", "--seed=3"),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        try:
            url = json.loads(child.stdout.readline())[0]["url"]
            with contextlib.closing(open_account(Secret(key_of("kestrel", 3)), url)) as account:
                codes = [warehouse.code for warehouse in account.warehouses()]
                levels = sum(1 for _ in account.levels(311))
        finally:
            child.stdin.close()
            child.terminate()
    assert codes == ["MAIN", "DEPOT", "OUTLET", "RETURNS"]
    assert levels > 900
