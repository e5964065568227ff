"""Sets or finds keys through Django's cache, with the settings of the page."""

import sys

import django
from django.conf import settings

sys.path.insert(0, sys.argv[1])
import settings as page  # noqa: E402

settings.configure(CACHES=page.CACHES)
django.setup()
from django.core.cache import cache  # noqa: E402

KEYS = 100

if sys.argv[2] == "set":
    for i in range(KEYS):
        cache.set(f"django-{i}", {"value": i}, timeout=3600)
    print(f"set {KEYS}")
else:
    found = sum(cache.get(f"django-{i}") == {"value": i} for i in range(KEYS))
    print(f"found {found}")
