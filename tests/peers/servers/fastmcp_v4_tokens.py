"""A server of fastmcp 4 that wants JWTs of one authorization server, for its own address."""

import argparse
import os
import socket
from pathlib import Path

from fastmcp import FastMCP
from fastmcp.server.auth import RemoteAuthProvider
from fastmcp.server.auth.providers.jwt import JWTVerifier
from offered_tools import offer
from port_zero import serve

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("issuer", help="its address, as its tokens name it")
parser.add_argument("key", type=Path, help="a file with its public key in PEM")
parser.add_argument("scopes", nargs="+", help="what a token has to have")
asked = parser.parse_args()

listener = socket.create_server(("127.0.0.1", 0))
origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
path = os.environ["PEER_PATH"]
verifier = JWTVerifier(
    public_key=asked.key.read_text(),
    issuer=asked.issuer,
    audience=origin + path,
    algorithm="ES256",
    required_scopes=asked.scopes,
)
auth = RemoteAuthProvider(verifier, authorization_servers=[asked.issuer], base_url=origin)
server = FastMCP("peer", auth=auth)
offer(server, "reviewed")
serve(server.http_app(path=path), path, listener)
