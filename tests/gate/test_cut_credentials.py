"""A credential in a text that we shorten is hidden before the cut, which could halve it."""

import pytest

from tests.conftest import Mcpverify
from tests.gate.judging import checked
from tests.servers import echoes_credentials
from tests.servers.echoes_credentials import CUT_PLACES

TOKEN = "sk-live-9f8e7d6c5b4a39281706f5e4"
SHOWN_AT_MOST = 8  # characters of it, which other texts may have in common with it
# Texts are cut at 30 to 600 characters: one of these has a cut inside the credential.
PADDINGS = range(0, 640, 20)


@pytest.mark.xfail(reason="texts of the server are cut before credentials are taken out")
@pytest.mark.parametrize("where", CUT_PLACES)
def test_no_half_of_a_credential_is_shown(where: str, mcpverify: Mcpverify) -> None:
    shown = {}
    for padding in PADDINGS:
        with echoes_credentials.serve_cut(where, padding) as server:
            run, report = checked(
                mcpverify, "--samples", "1", "-H", f"Authorization: Bearer {TOKEN}", server.url
            )
        assert run.code != 0
        # A terminal report breaks lines inside long words.
        text = "".join(line.strip() for line in run.output.splitlines()) + report.text
        if TOKEN[: SHOWN_AT_MOST + 1] in text:
            shown[padding] = max(n for n in range(len(TOKEN) + 1) if TOKEN[:n] in text)
    assert shown == {}
