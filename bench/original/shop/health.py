import os
import socket

from fastapi import APIRouter, HTTPException, Request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from .database import engine
from .limits import limited

router = APIRouter(tags=["health"])


# Kubernetes probes these from one address, so they are not limited; the first two wait for nothing, so they need no thread.
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
    except SQLAlchemyError:
        raise HTTPException(status_code=503, detail="Database unavailable")
    return {"status": "ready"}


@router.get("/whoami")
@limited
def whoami(request: Request):
    return {"hostname": os.getenv("HOSTNAME", socket.gethostname()), "pid": os.getpid()}
