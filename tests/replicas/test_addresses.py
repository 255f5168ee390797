"""What is no address of a replica is refused by its own name, with advice that it can take."""

import pytest

from mcpverify.cli.addresses_beside import replica_urls
from mcpverify.errors import TargetInvalid
from mcpverify.facts.target import Transport


@pytest.mark.parametrize("text", ["/bin/x", "weather", "stdio://x"])
def test_what_is_no_address_of_a_replica_is_refused_without_advice_of_a_command(text: str) -> None:
    with pytest.raises(TargetInvalid) as error:
        replica_urls([text], Transport.AUTO)
    assert "the address of a replica" in error.value.message
    assert error.value.hint.startswith("Give a")
    assert "command" not in error.value.hint
