"""A real nginx on loopback, in front of servers of ours or of others."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream replicas {{ {method} {upstream} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://replicas;
            proxy_http_version 1.1;
            proxy_buffering off;
            proxy_set_header Host $http_host;
        }}
    }}
}}
"""


@contextmanager
def balanced(folder: Path, *servers: str, method: str = "") -> Iterator[str]:
    """The URL of an nginx that takes turns between the servers at these addresses.

    `method` is a directive of the upstream that chooses otherwise, as in `ip_hash;`.
    """
    assert NGINX is not None
    # The socket is made here and handed down, so that the port is ours and accepts at once.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        upstream = " ".join(f"server {each};" for each in servers)
        (folder / "nginx.conf").write_text(
            _CONFIGURATION.format(upstream=upstream, port=port, method=method)
        )
        with (folder / "nginx.log").open("wb") as log:
            process = subprocess.Popen(
                [NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"],
                env=os.environ | {"NGINX": f"{listener.fileno()};"},
                pass_fds=(listener.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()  # it ends its worker, too
        process.wait(10)
