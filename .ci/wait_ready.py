"""Waits until a server answers 200: wait_ready.py URL PID SECONDS. Gives up at once when its process has ended."""

import os
import sys
import time
import urllib.error
import urllib.request


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return True


def main() -> int:
    url, pid, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + seconds
    last = "no answer"
    while time.monotonic() < end:
        try:
            with opener.open(url, timeout=2) as answer:
                if answer.status == 200:
                    return 0
                last = f"status {answer.status}"
        except urllib.error.HTTPError as error:
            last = f"status {error.code}"
        except OSError as error:
            last = str(error)
        if not alive(pid):
            print(f"the server ended before {url} answered", file=sys.stderr)
            return 1
        time.sleep(0.1)
    print(f"{url} was not ready within {seconds:.0f} s: {last}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
