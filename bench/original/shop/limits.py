"""SlowAPI as its documentation shows it: a decorator on each route, one count per address and path, in Redis.

GET and POST of one path share a count: SlowAPI's default counts by path.
"""
from slowapi import Limiter
from slowapi.util import get_remote_address

from .settings import RATE_LIMIT, REDIS_URL

off = RATE_LIMIT == "off"
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://" if off else REDIS_URL, enabled=not off)
limited = limiter.limit("1/minute" if off else RATE_LIMIT)
