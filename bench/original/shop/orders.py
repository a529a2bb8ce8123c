from datetime import datetime

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from .database import Customer, Order, session
from .limits import limited
from .store import queue
from .tasks import create_order_task

router = APIRouter(tags=["orders"])


class OrderIn(BaseModel):
    customer_id: int
    total: float


class OrderOut(OrderIn):
    model_config = ConfigDict(from_attributes=True)
    id: int
    date: datetime


class Accepted(BaseModel):
    message: str
    job_id: str
    customer_id: int
    total: float


@router.post("/orders/")
@limited
def enqueue_order(request: Request, order: OrderIn, db: Session = Depends(session)) -> Accepted:  # the original: OrderOut
    if db.get(Customer, order.customer_id) is None:
        raise HTTPException(status_code=404, detail="Customer not found")
    job = queue.enqueue(create_order_task, order.customer_id, order.total)
    return {"message": "Order queued", "job_id": job.id, "customer_id": order.customer_id, "total": order.total}


@router.get("/orders/")
@limited
def list_orders(request: Request, db: Session = Depends(session)) -> list[OrderOut]:
    return db.scalars(select(Order)).all()
