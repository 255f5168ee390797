"""A credential that is typed is for one origin: of several, nobody said which."""

from collections.abc import Iterable, Sequence

from mcpverify.cli.options import WayOptions
from mcpverify.errors import UsageError
from mcpverify.facts.credentials import of_header
from mcpverify.facts.origin import origin_of
from mcpverify.facts.target import HttpEndpoint, Target


def refuse_second_origin(
    typed: WayOptions, targets: Iterable[Target], whose: str, way: str
) -> None:
    """Raises UsageError where a typed credential would go to several origins.

    `whose` says of what they are, and `way` how to do without.
    """
    given = _credentials(typed)
    if not given:
        return
    origins = {
        origin_of(each.endpoint.urls[0])
        for each in targets
        if isinstance(each.endpoint, HttpEndpoint) and each.endpoint.urls
    }
    if len(origins) > 1:
        where = "both" if len(origins) == 2 else f"all {len(origins)}"
        raise UsageError(
            f"{whose} are {_counted(len(origins))}, and {given[0]} would go to {where}",
            f"If {where} may have it, say --share-credentials. Otherwise {way}",
        )


def _credentials(typed: WayOptions) -> Sequence[str]:
    """What was typed that says who we are."""
    headers = (line.partition(":") for line in typed.header)
    values = {
        "-H": any(of_header(name.strip(), value.strip()) for name, _, value in headers),
        "--bearer-env": typed.bearer_env,
        "the token of --bearer-file": typed.bearer_file,
        "the token of --oauth-client-id": typed.oauth_client_id,
        "the token of --oauth-secret-env": typed.oauth_secret_env,
        "the token of --oauth-key": typed.oauth_key,
    }
    return [flag for flag, value in values.items() if value]


def _counted(origins: int) -> str:
    return "two origins" if origins == 2 else f"{origins} origins"
