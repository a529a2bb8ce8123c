import json
import time

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from .database import Product, session
from .limits import limited
from .settings import CACHE_TTL
from .store import PRODUCTS_KEY, cache

router = APIRouter(tags=["products"])


class ProductIn(BaseModel):
    name: str
    price: float
    stock: int


class ProductOut(ProductIn):
    model_config = ConfigDict(from_attributes=True)
    id: int


class CreatedProduct(BaseModel):
    data: ProductOut
    processing_time_ms: float


class ProductList(BaseModel):
    data: list[ProductOut]
    processing_time_ms: float
    from_cache: bool


def milliseconds_since(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 2)


@router.post("/products/")
@limited
def create_product(request: Request, product: ProductIn, db: Session = Depends(session)) -> CreatedProduct:
    start = time.perf_counter()
    row = Product(**product.model_dump())
    db.add(row)
    db.commit()
    cache.delete(PRODUCTS_KEY)
    return {"data": row, "processing_time_ms": milliseconds_since(start)}


@router.get("/products/")
@limited
def list_products(request: Request, db: Session = Depends(session)) -> ProductList:
    """Cache-aside: Redis first, then the database, whose answer is left in Redis."""
    start = time.perf_counter()
    cached = cache.get(PRODUCTS_KEY)
    if cached:
        products = json.loads(cached)
    else:
        rows = db.scalars(select(Product))
        products = [{"name": p.name, "price": p.price, "stock": p.stock, "id": p.id} for p in rows]
        if CACHE_TTL:
            cache.setex(PRODUCTS_KEY, CACHE_TTL, json.dumps(products))
    return {"data": products, "processing_time_ms": milliseconds_since(start), "from_cache": bool(cached)}
