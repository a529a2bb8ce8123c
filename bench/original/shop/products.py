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
    stock: int = 0


class ProductOut(ProductIn):
    model_config = ConfigDict(from_attributes=True)
    id: int


class ProductList(BaseModel):
    from_cache: bool
    processing_time_ms: float
    products: list[ProductOut]


@router.post("/products/", status_code=201)
@limited
def create_product(request: Request, product: ProductIn, db: Session = Depends(session)) -> ProductOut:
    row = Product(**product.model_dump())
    db.add(row)
    db.commit()
    cache.delete(PRODUCTS_KEY)
    return row


@router.get("/products/")
@limited
def list_products(request: Request, db: Session = Depends(session)) -> ProductList:
    """Cache-aside: Redis first, then the database, whose answer is left in Redis."""
    start = time.perf_counter()
    cached = cache.get(PRODUCTS_KEY)
    if cached:
        products = json.loads(cached)
    else:
        rows = db.scalars(select(Product).order_by(Product.id))
        products = [{"id": p.id, "name": p.name, "price": p.price, "stock": p.stock} for p in rows]
        if CACHE_TTL:
            cache.setex(PRODUCTS_KEY, CACHE_TTL, json.dumps(products))
    elapsed = (time.perf_counter() - start) * 1000
    return {"from_cache": bool(cached), "processing_time_ms": round(elapsed, 3), "products": products}


@router.get("/cache")
@limited
def inspect_cache(request: Request):
    cached = cache.get(PRODUCTS_KEY)
    return {"key": PRODUCTS_KEY, "ttl": cache.ttl(PRODUCTS_KEY), "data": json.loads(cached) if cached else None}
