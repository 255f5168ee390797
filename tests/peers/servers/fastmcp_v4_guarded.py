"""A server of fastmcp 4 that demands a token of one scope, and says who issues such.

It trusts the JWTs that were signed with one key (ES256), for itself and by one issuer.
"""

import argparse
import socket
from pathlib import Path

from fastmcp import FastMCP
from fastmcp.server.auth import RemoteAuthProvider
from fastmcp.server.auth.providers.jwt import JWTVerifier
from offered_tools import offer
from port_zero import serve

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--issuer", required=True)
parser.add_argument("--public-key", required=True, help="the file of the issuer's public key")
parser.add_argument("--scope", required=True)
asked = parser.parse_args()
# Its metadata name its own address, so that has to be known before it serves.
listener = socket.create_server(("127.0.0.1", 0))
origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
verifier = JWTVerifier(
    public_key=Path(asked.public_key).read_text(),
    issuer=asked.issuer,
    audience=f"{origin}/mcp",
    algorithm="ES256",
    required_scopes=[asked.scope],
)
server = FastMCP(
    "peer",
    auth=RemoteAuthProvider(verifier, authorization_servers=[asked.issuer], base_url=origin),
)
offer(server, "reviewed")
serve(server.http_app(path="/mcp", stateless_http=True), "/mcp", listener)
