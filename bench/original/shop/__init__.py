"""The original Mini E-Commerce API, rebuilt from its README, the only part of it that is published.

From the README: the paths, 10 requests a minute per address and endpoint (SlowAPI on Redis), cache-aside on
`products:all` for 60 s with `from_cache` and `processing_time_ms`, `POST /products/` invalidates, `POST /orders/`
enqueues on RQ's queue `default` and answers a `job_id`, a worker writes the order, ready is 503 without the database.
Guessed: PostgreSQL (no database is named), the other fields and status codes, prices as floats, whole lists.
"""
