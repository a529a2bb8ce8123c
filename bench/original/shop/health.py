import os
import socket

from fastapi import APIRouter, HTTPException
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from .database import engine
from .store import cache

# None of these is limited. Those that wait for nothing need no thread.
router = APIRouter(tags=["health"])


@router.get("/")
async def root():
    return {"message": "Mini E-Commerce API is running"}


@router.get("/health")
async def health():
    return {"status": "ok"}


@router.get("/health/live")
async def live():
    return {"status": "alive"}


@router.get("/health/ready")
def ready():
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        detail = {"status": "not_ready", "database": "disconnected", "error": str(error)}
        raise HTTPException(status_code=503, detail=detail)
    return {"status": "ready", "database": "connected"}


@router.get("/whoami")
async def whoami():
    return {"instance": os.getenv("INSTANCE_NAME") or socket.gethostname()}


@router.get("/cache")
def inspect_cache():
    """Everything in Redis: the list, the counts of the limit with their addresses, and what RQ keeps as a string."""
    data = {key: cache.get(key) for key in cache.scan_iter(_type="string")}  # the original: of all types
    return {"cached_items": len(data), "data": data}
