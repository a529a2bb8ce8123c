from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .database import Customer, session
from .limits import limited

router = APIRouter(tags=["customers"])


class CustomerIn(BaseModel):
    name: str
    email: str


class CustomerOut(CustomerIn):
    model_config = ConfigDict(from_attributes=True)
    id: int


@router.post("/customers/", status_code=201)
@limited
def create_customer(request: Request, customer: CustomerIn, db: Session = Depends(session)) -> CustomerOut:
    row = Customer(**customer.model_dump())
    db.add(row)
    try:
        db.commit()
    except IntegrityError:
        raise HTTPException(status_code=409, detail="Email already registered")
    return row


@router.get("/customers/")
@limited
def list_customers(request: Request, db: Session = Depends(session)) -> list[CustomerOut]:
    return db.scalars(select(Customer).order_by(Customer.id)).all()
