"""Settings from the environment, as a ConfigMap and a Secret would give them."""
import os

DATABASE_URL = os.environ["DATABASE_URL"]  # postgresql+psycopg://…
REDIS_URL = os.environ["REDIS_URL"]
RATE_LIMIT = os.getenv("RATE_LIMIT", "10/minute")  # or "off"
CACHE_TTL = int(os.getenv("CACHE_TTL", "60"))  # seconds; 0: nothing is stored, so every list comes from the database
