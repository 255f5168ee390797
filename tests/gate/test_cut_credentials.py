"""A credential in a text that we shorten is hidden before the cut, which could halve it."""

import pytest

from tests.conftest import Mcpverify
from tests.gate.judging import checked
from tests.servers import echoes_credentials
from tests.servers.echoes_credentials import CUT_PLACES

TOKEN = "sk-live-9f8e7d6c5b4a39281706f5e4"
# Characters of it that may stand there by chance, or are left of a cut at its very beginning.
HARMLESS = 8


@pytest.mark.parametrize("where", CUT_PLACES)
def test_no_half_of_a_credential_is_shown(where: str, mcpverify: Mcpverify) -> None:
    longest = 0
    # The second time, what was cut at the very beginning of a credential is cut in its midst.
    for padding in (0, 15):
        with echoes_credentials.serve_cut(where, padding) as server:
            run, report = checked(mcpverify, "-H", f"Authorization: Bearer {TOKEN}", server.url)
        assert run.code != 0
        # A terminal report breaks lines inside long words.
        text = "".join(line.strip() for line in run.output.splitlines()) + report.text
        longest = max(longest, *(n for n in range(len(TOKEN) + 1) if TOKEN[:n] in text))
    assert longest <= HARMLESS
