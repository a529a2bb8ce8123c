"""The tables. `python -m shop.database` creates them."""
from datetime import datetime

from sqlalchemy import ForeignKey, create_engine, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from .settings import DATABASE_URL

# As many connections as Starlette has threads (40), so that no request waits for one.
engine = create_engine(DATABASE_URL, pool_size=20, max_overflow=20)
Session = sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[float]
    stock: Mapped[int]


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    total: Mapped[float]
    date: Mapped[datetime] = mapped_column(server_default=func.now())


def session():
    """A session for one request."""
    with Session() as db:
        yield db


if __name__ == "__main__":
    Base.metadata.create_all(engine)
