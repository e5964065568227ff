"""Logs in to all servers of a SecureMemcached, then sets and gets keys on them.

The login comes from a mounted Secret in the layout of the Service Binding specification:
$SERVICE_BINDING_ROOT/memcached/ with a file for each of username, password and servers.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import bmemcached
from bmemcached.exceptions import MemcachedException
from uhashring import HashRing

KEYS = 1000
TIMEOUT = 3  # seconds, for connecting and for each answer
REFUSED = 0x20  # memcached's status for a refused login
# Seconds before each further try to log in. The first follows at once, as the files may be newer
# than what was read; the last is for a login that was revoked before they have the next.
RETRY_AFTER = (0, 3)

RATE = 200  # requests a second under --load
PER_LOGIN = 20  # requests with one login under --load: only a login sees that it changed


class CacheError(Exception):
    """A server could not be used; the text says which one and why."""


class Login:
    """What the mounted Secret says now."""

    def __init__(self):
        folder = Path(os.environ.get("SERVICE_BINDING_ROOT", "/bindings"), "memcached")
        try:
            self.user = os.environ.get("MEMCACHED_USERNAME") or (folder / "username").read_text()
            self.password = (folder / "password").read_text()
            self.servers = (folder / "servers").read_text().split(",")
        except OSError as error:
            raise CacheError(f"no binding: {error}") from error


class Cache:
    """Spreads keys over the servers, and reads the login again when a server refuses it.

    The ring is of the servers' names alone. That of bmemcached.DistributedClient also hashes the
    user and the password: a new login would move nearly all keys.
    """

    def __init__(self):
        self.log_in()

    def log_in(self):
        """Forgets all connections; the next request on a server opens one with the login of now."""
        self.close()
        self.login = Login()
        self.ring = HashRing(nodes=self.login.servers)
        self.clients = {
            server: bmemcached.Client(
                (server,), self.login.user, self.login.password, socket_timeout=TIMEOUT
            )
            for server in self.login.servers
        }

    def close(self):
        for client in getattr(self, "clients", {}).values():
            client.disconnect_all()

    def set(self, key, value):
        if not self._at(lambda: self.ring.get_node(key), lambda client: client.set(key, value)):
            # The library gives False for a server that it can't reach, and for an item too large.
            raise CacheError(f"{self.ring.get_node(key)} did not take {key}; does it let us in?")

    def get(self, key):
        return self._at(lambda: self.ring.get_node(key), lambda client: client.get(key))

    def items(self):
        """How many items each server holds."""
        counts = {}
        for server in self.login.servers:
            answer = self._at(lambda: server, lambda client: client.stats())
            counts[server] = int(answer[server].get("curr_items", 0))
        return counts

    def _at(self, place, request):
        for pause in (*RETRY_AFTER, None):
            # Anew each time: the list of servers may be another one after a login.
            server = place()
            try:
                return request(self.clients[server])
            except MemcachedException as error:
                if error.code != REFUSED:
                    raise CacheError(f"{server}: {error}") from error
                refusal = f"{server} refused the login of {self.login.user}"
                if pause is None:
                    raise CacheError(refusal) from error
                report(f"{refusal}; trying again in {pause} s with what the files say by then")
                time.sleep(pause)
                self.log_in()


def report(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def check(cache):
    """Sets and gets keys, and proves that each server has got some."""
    keys = [f"python-{number}" for number in range(KEYS)]
    for key in keys:
        cache.set(key, key.upper())
    for key in keys:
        if cache.get(key) != key.upper():
            raise CacheError(f"{key} was set, and came back as {cache.get(key)}")
    used = [server for server, items in cache.items().items() if items > 0]
    print(f"ok: {KEYS} keys on {len(used)} servers as {cache.login.user}")


def load(cache, seconds):
    """Sets and gets at a steady rate, with a login every few requests; counts what fails."""
    requests = failed = 0
    reason = ""
    due = time.monotonic()
    end = due + seconds
    while due < end:
        time.sleep(max(0, due - time.monotonic()))
        # Time lost in a retry is not caught up in a burst.
        due = max(due, time.monotonic() - 1) + 1 / RATE
        key = f"load-{requests // 2 % KEYS}"
        try:
            if requests % PER_LOGIN == 0:
                cache.log_in()
            if requests % 2 == 0:
                cache.set(key, str(requests))
            elif cache.get(key) != str(requests - 1):
                raise CacheError(f"{key} has another value than the one set just before")
        except CacheError as error:
            failed += 1
            if str(error) != reason:
                reason = str(error)
                report(f"failed: {reason}")
        requests += 1
    print(f"requests={requests} failed={failed}")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--load", metavar="SECONDS", type=float, help="go on for so long")
    arguments = parser.parse_args()
    try:
        cache = Cache()
        if arguments.load:
            return load(cache, arguments.load)
        check(cache)
    except CacheError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
