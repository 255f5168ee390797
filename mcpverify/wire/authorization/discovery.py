"""From a 401 to the metadata that tells where tokens come from: what was found on the way.

https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
"""

from dataclasses import replace

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.authorization_metadata import (
    MetadataUnusable,
    ServerMetadata,
    resource_metadata_in,
    resource_metadata_urls,
    server_metadata_in,
    server_metadata_urls,
)
from mcpverify.facts.challenge import Challenge
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.transcript import Exchange, Step
from mcpverify.wire.authorization.asking import Asker

_MOST_SERVERS = 3


class Discovery:
    """Gathers what the documents of the server at `url` say, wherever they were asked for."""

    def __init__(self, url: str, known: Authorization) -> None:
        self.known = known
        self.server: ServerMetadata | None = None
        self._url = url

    def challenged(self, challenge: Challenge | None) -> None:
        """What a 401 or 403 wants."""
        if challenge is not None:
            wanted = challenge.scopes or self.known.scopes_wanted
            self.known = replace(self.known, scopes_wanted=wanted, error=challenge.error)

    def take_resource(self, address: str, exchange: Exchange) -> bool:
        """Read the resource's document, if it is one. Whether the search is over."""
        if exchange.failure is not None:
            self._absent("resource", address, exchange.failure.detail)
            return False
        try:
            found = resource_metadata_in(exchange.body, self._url)
        except MetadataUnusable as problem:
            self._problem("resource", address, str(problem))
            return False
        self.known = replace(
            self.known,
            resource_metadata=address,
            resource=found.resource,
            authorization_servers=found.authorization_servers,
            scopes_offered=found.scopes,
            metadata_problem="",
        )
        return True

    def take_server(self, address: str, exchange: Exchange, issuer: str) -> bool:
        """Read the authorization server's document, if it is one. Whether the search is over."""
        if exchange.failure is not None:
            self._absent("authorization server", address, exchange.failure.detail)
            return False
        try:
            found = server_metadata_in(exchange.body, issuer)
        except MetadataUnusable as problem:
            self._problem("authorization server", address, str(problem))
            return False
        self.server = found
        self.known = replace(
            self.known,
            server_metadata=address,
            token_endpoint=found.token_endpoint,
            metadata_problem="",
        )
        return True

    def search(self, asker: Asker, challenge: Challenge | None) -> None:
        """Ask for both documents, where they are not known yet, as a client does."""
        if self.known.resource_metadata is None:
            self.search_resource(asker, challenge)
        if self.known.resource_metadata is None or self.known.server_metadata is not None:
            return
        self.known = replace(self.known, metadata_problem="")
        for issuer in self.known.authorization_servers[:_MOST_SERVERS]:
            for address in server_metadata_urls(issuer):
                exchange = asker.keep(asker.get(Step.SERVER_METADATA, address))
                if self.take_server(address, exchange, issuer):
                    return

    def search_resource(self, asker: Asker, challenge: Challenge | None) -> bool:
        """Ask for the resource's document alone. Whether it was found."""
        return any(
            self.take_resource(address, asker.keep(asker.get(Step.RESOURCE_METADATA, address)))
            for address in self._resource_addresses(asker, challenge)
        )

    def named_elsewhere(self, address: str) -> None:
        """A server must not make us ask an address that only we can reach, and it names."""
        problem = (
            f"WWW-Authenticate names metadata of another origin, {masked_url(address)}: not asked"
        )
        self.known = replace(self.known, metadata_problem=problem)

    def _resource_addresses(self, asker: Asker, challenge: Challenge | None) -> tuple[str, ...]:
        places = resource_metadata_urls(self._url)
        named = None if challenge is None else challenge.resource_metadata
        if named is None:
            return places
        if asker.is_own(named):
            return (named,)
        self.named_elsewhere(named)
        return places

    def _absent(self, whose: str, address: str, words: str) -> None:
        """Nothing is there, which tells less than a document that cannot be used elsewhere."""
        if not self.known.metadata_problem:
            self._problem(whose, address, words)

    def _problem(self, whose: str, address: str, words: str) -> None:
        problem = f"the {whose} metadata at {masked_url(address)}: {words}"
        self.known = replace(self.known, metadata_problem=problem)
