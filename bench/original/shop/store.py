"""Redis: one client for the cache, one for the queue, whose jobs are pickled bytes."""
from redis import Redis
from rq import Queue

from .settings import REDIS_URL

PRODUCTS_KEY = "products:all"
cache = Redis.from_url(REDIS_URL, decode_responses=True)
queue_connection = Redis.from_url(REDIS_URL)
queue = Queue("default", connection=queue_connection)
