"""
Customers, payment methods and intents of a Stripe that is not there.

Ids look like Stripe's and hold together; no money moves but that of this host.
"""

import hashlib
import re
import secrets
import sqlite3
import uuid
from decimal import Decimal

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.failure import invalid, not_found, taken, unready
from tensormesh_local.control_plane.moments import calendar
from tensormesh_local.control_plane.money import plain, read_positive
from tensormesh_local.control_plane.transactions import Payment, add_money
from tensormesh_local.control_plane.users import User

_BRANDS = ("mastercard", "amex", "discover", "diners", "jcb", "unionpay", "visa")


def _new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def customer_id(user_id: str) -> str:
    """Give the id of a user's customer, the same on every host."""
    return f"cus_{uuid.uuid5(uuid.NAMESPACE_URL, f'tensormesh-local:customer:{user_id}').hex[:14]}"


def _customer(call: Call, user: User) -> str:
    if user.stripe_customer:
        return user.stripe_customer
    customer = customer_id(user.id)
    call.db.execute("UPDATE users SET stripe_customer = ? WHERE id = ?", (customer, user.id))
    call.record("create", ("stripe_customer", customer), "became a Stripe customer", user_id=user.id)
    return customer


def get_or_create_stripe_customer(call: Call) -> JsonObject:
    return {"stripeCusId": _customer(call, call.subject())}


def list_stripe_payment_methods(call: Call) -> JsonObject:
    rows = call.db.execute(
        "SELECT * FROM payment_methods WHERE user_id = ? ORDER BY number", (call.subject().id,)
    ).fetchall()
    methods: list[Json] = [
        {
            "stripePaymentMethodId": row["id"],
            "type": chosen.CARD,
            "brand": row["brand"],
            "last4": row["last4"],
            "expMonth": row["exp_month"],
            "expYear": row["exp_year"],
            "isDefault": bool(row["is_default"]),
        }
        for row in rows
    ]
    return {"stripePaymentMethodIds": [row["id"] for row in rows], "paymentMethods": methods}


def attach_stripe_payment_method(call: Call) -> JsonObject:
    """Save any method whose id looks like one of Stripe's."""
    user, method = call.subject(), call.arguments.text("stripePaymentMethodId")
    if not method.startswith("pm_"):
        raise invalid("stripePaymentMethodId", "must be the id of a Stripe payment method, which starts with pm_")
    if call.db.execute("SELECT 1 FROM payment_methods WHERE id = ?", (method,)).fetchone():
        raise taken(f"The payment method {method} is attached already.")
    _customer(call, user)
    attach(call.db, user.id, method, expires=calendar(call.now).year + 3)
    call.record("attach", ("payment_method", method), "saved a payment method", user_id=user.id)
    return EMPTY


def attach(db: sqlite3.Connection, user_id: str, method: str, *, expires: int) -> None:
    """Save a payment method, its card made up from the id; the first one of a user is the default."""
    digest = int(hashlib.sha256(method.encode()).hexdigest(), 16)
    brand = next((brand for brand in _BRANDS if brand in method.lower()), "visa")
    last4 = method[-4:] if re.fullmatch(r"\d{4}", method[-4:], re.ASCII) else f"{digest % 10_000:04}"
    first = db.execute("SELECT count(*) FROM payment_methods WHERE user_id = ?", (user_id,)).fetchone()[0] == 0
    db.execute(
        "INSERT INTO payment_methods (id, user_id, brand, last4, exp_month, exp_year, is_default)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (method, user_id, brand, last4, digest % 12 + 1, expires, int(first)),
    )


def detach_stripe_payment_method(call: Call) -> JsonObject:
    user, method = call.subject(), call.arguments.text("stripePaymentMethodId")
    row = _method(call, user, method)
    call.db.execute("DELETE FROM payment_methods WHERE number = ?", (row["number"],))
    if row["is_default"]:
        call.db.execute(
            "UPDATE payment_methods SET is_default = 1"
            " WHERE number = (SELECT min(number) FROM payment_methods WHERE user_id = ?)",
            (user.id,),
        )
    call.record("detach", ("payment_method", method), "removed a payment method", user_id=user.id)
    return EMPTY


def _method(call: Call, user: User, method: str) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM payment_methods WHERE id = ? AND user_id = ?", (method, user.id)
    ).fetchone()
    if row is None:
        raise not_found(f"The payment method {method}")
    return row


def create_stripe_payment_intent(call: Call) -> JsonObject:
    user, method = call.subject(), call.arguments.text("stripePaymentMethodId")
    amount = read_positive(call.arguments.raw("amount"), "amount")
    if method:
        _method(call, user, method)
    intent = _new_id("pi")
    call.db.execute(
        "INSERT INTO payment_intents (id, user_id, amount, payment_method) VALUES (?, ?, ?, ?)",
        (intent, user.id, plain(amount), method or None),
    )
    description = f"prepared a top-up of {plain(amount)} USD"
    call.record("create", ("payment_intent", intent), description, user_id=user.id)
    return {"stripePaymentIntentId": intent, "clientSecret": _new_id(f"{intent}_secret")}


def confirm_stripe_payment_intent(call: Call) -> JsonObject:
    """Pay, with the method of the intent or else the default one; the balance has grown by the time of the answer."""
    user, intent = call.subject(), call.arguments.text("stripePaymentIntentId")
    row = call.db.execute("SELECT * FROM payment_intents WHERE id = ? AND user_id = ?", (intent, user.id)).fetchone()
    if row is None:
        raise not_found(f"The payment intent {intent}")
    if row["confirmed_at"] is not None:
        raise taken(f"The payment intent {intent} is confirmed already.")
    method = row["payment_method"] or _default_method(call, user)
    call.db.execute("UPDATE payment_intents SET confirmed_at = ? WHERE id = ?", (call.now, intent))
    amount = Decimal(row["amount"])
    add_money(call.db, user.id, amount, call.now, description="Top-up", payment=Payment(intent, method))
    call.record("confirm", ("payment_intent", intent), f"topped up {plain(amount)} USD", user_id=user.id)
    return EMPTY


def _default_method(call: Call, user: User) -> str:
    row = call.db.execute("SELECT id FROM payment_methods WHERE user_id = ? AND is_default", (user.id,)).fetchone()
    if row is None:
        raise unready("There is no payment method to pay with; attach one first.")
    return str(row["id"])


def create_stripe_setup_intent(call: Call) -> JsonObject:
    user = call.subject()
    _customer(call, user)
    intent = _new_id("seti")
    call.record("create", ("setup_intent", intent), "began to save a card", user_id=user.id)
    return {"stripeSetupIntentId": intent, "clientSecret": _new_id(f"{intent}_secret")}


HANDLERS = (
    get_or_create_stripe_customer,
    list_stripe_payment_methods,
    attach_stripe_payment_method,
    detach_stripe_payment_method,
    create_stripe_payment_intent,
    confirm_stripe_payment_intent,
    create_stripe_setup_intent,
)
