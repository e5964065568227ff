"""Sets or finds keys through oslo.cache as Keystone does, with the keystone.conf of the page."""

import sys

from oslo_cache import core
from oslo_config import cfg

KEYS = 100

conf = cfg.ConfigOpts()
core.configure(conf)
conf(["--config-file", f"{sys.argv[1]}/keystone.conf"], project="keystone")
region = core.create_region()
core.configure_cache_region(conf, region)

if sys.argv[2] == "set":
    for i in range(KEYS):
        region.set(f"keystone-{i}", {"value": i})
    print(f"set {KEYS}")
else:
    found = sum(region.get(f"keystone-{i}") == {"value": i} for i in range(KEYS))
    print(f"found {found}")
