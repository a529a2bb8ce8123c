from fastapi import FastAPI
from slowapi import _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded

from . import customers, health, orders, products
from .limits import limiter

app = FastAPI(title="Mini E-Commerce API (FastAPI)")
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)

for part in (health, products, customers, orders):
    app.include_router(part.router)
