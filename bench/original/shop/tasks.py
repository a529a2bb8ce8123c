"""What the worker runs."""
from .database import Order, Session


def create_order_task(customer_id: int, total: float) -> int:
    with Session() as db:
        order = Order(customer_id=customer_id, total=total)
        db.add(order)
        db.commit()
        return order.id
