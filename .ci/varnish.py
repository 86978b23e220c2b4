"""Reads through Varnish while an editor publishes: `varnish.py IBID VARNISH`. Ends with 0 when every answer was right."""

import json
import os
import sys
import time
import urllib.error
import urllib.request

IBID, FRONT = sys.argv[1:]
ARTICLE = "/v1/articles/microneedling-for-large-pores"
# The answer of the editor's publish may overtake the purge; it is not far behind.
SOON = 2.0


def ask(address, body=None, method=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(address, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def title(path):
    status, headers, body = ask(FRONT + path)
    assert status == 200, (status, body)
    return json.loads(body)["title"], headers["X-Cache"]


def main():
    status, _, body = ask(f"{IBID}/v1/auth/login", {"email": "editor@example.org", "password": os.environ["IBID_DEMO_PASSWORD"]})
    assert status == 200, body
    token = {"Authorization": f"Bearer {json.loads(body)['access_token']}"}
    slug = ARTICLE.rsplit("/", 1)[1]
    working = f"{IBID}/v1/manage/articles/{slug}"

    first, _ = title(ARTICLE)
    again, cache = title(ARTICLE)
    assert (again, cache) == (first, "hit"), (again, cache)

    for number in range(1, 6):
        new = f"{first} ({number})"
        status, headers, body = ask(working, {"title": new}, "PATCH", {**token, "If-Match": ask(working, headers=token)[1]["ETag"]})
        assert status == 200, body
        status, _, body = ask(f"{working}/publish", None, "POST", {**token, "If-Match": headers["ETag"]})
        assert status == 200, body
        began = time.monotonic()
        while title(ARTICLE)[0] != new:
            assert time.monotonic() - began < SOON, f"Varnish still has the answer before {new}"
            time.sleep(0.01)
        took = time.monotonic() - began
        for _ in range(50):
            seen, cache = title(ARTICLE)
            assert seen == new, f"{seen} came back after {new}"
        assert cache == "hit"
        print(f"publish {number}: new through Varnish {took * 1000:.0f} ms after the publish was answered, then from its memory")

    status, _, _ = ask(FRONT + ARTICLE, None, "PURGE", {"xkey-purge": "articles"})
    assert status == 200
    assert title(ARTICLE)[1] == "hit", "another tag was purged"


if __name__ == "__main__":
    main()
