"""Read a page of a local HTTP server."""

import http.client


def fetch(port: int, path: str) -> tuple[int, str]:
    """The status and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
