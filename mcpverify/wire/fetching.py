"""A plain GET over the connections of a session: what is beside MCP at the same address."""

from mcpverify.facts.credentials import masked_url
from mcpverify.facts.transcript import Exchange, Step
from mcpverify.wire.deadline import Broken, Deadline
from mcpverify.wire.http_client import HttpClient
from mcpverify.wire.http_status import status_failure
from mcpverify.wire.transports.channel import Clock, Draft


def fetched(client: HttpClient, step: Step, url: str, clock: Clock, deadline: Deadline) -> Exchange:
    """What `url` answers; a status other than 2xx is a failure."""
    draft = Draft(step, "GET", masked_url(url), None, clock)
    try:
        with client.request("GET", url, {"Accept": "*/*"}, None, deadline) as answer:
            draft.note(answer)
            try:
                answer.body()
            finally:
                draft.body = bytes(answer.received)
            if not 200 <= answer.status < 300:
                raise status_failure(answer)
    except Broken as error:
        draft.fail(error)
    draft.peer = client.peer
    return draft.done()
