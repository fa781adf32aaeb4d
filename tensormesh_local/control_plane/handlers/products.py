"""The hardware bundles on offer, and their maintenance."""

import json
import sqlite3
import uuid

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.call import Call
from tensormesh_local.control_plane.failure import invalid


def _entry(row: sqlite3.Row) -> JsonObject:
    return {
        "id": row["id"],
        "name": row["name"],
        "requiredGpuNum": row["required_gpu_num"],
        "family": row["family"],
        "isActive": bool(row["is_active"]),
        "spec": json.loads(row["spec"]),
    }


def list_products(call: Call) -> JsonObject:
    rows = call.db.execute("SELECT * FROM products WHERE is_active ORDER BY number")
    return {"products": [_entry(row) for row in rows]}


def admin_list_products(call: Call) -> JsonObject:
    return {"products": [_entry(row) for row in call.db.execute("SELECT * FROM products ORDER BY number")]}


def admin_upsert_product(call: Call) -> JsonObject:
    """Store a product: over the one with its id, or as a new one under that id, or under an id made up here."""
    given = call.arguments.object("product")
    name, gpus = str(given.get("name") or ""), given.get("requiredGpuNum") or 0
    if not name:
        raise invalid("product.name", "is required")
    if not isinstance(gpus, int) or gpus < 0:
        raise invalid("product.requiredGpuNum", "must not be negative")
    product_id = str(given.get("id") or f"prd-{uuid.uuid4()}")
    call.db.execute(
        "INSERT INTO products (id, name, required_gpu_num, family, is_active, spec) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, required_gpu_num = excluded.required_gpu_num,"
        " family = excluded.family, is_active = excluded.is_active, spec = excluded.spec",
        (
            product_id,
            name,
            gpus,
            str(given.get("family") or ""),
            int(given.get("isActive") is True),
            json.dumps(given.get("spec") or {}),
        ),
    )
    call.record("upsert", ("product", product_id), f"stored the product {name}")
    return {"product": _entry(call.db.execute("SELECT * FROM products WHERE id = ?", (product_id,)).fetchone())}


def delete_product(call: Call) -> JsonObject:
    """Remove a product; `deleted` is false when there was nothing to remove."""
    product_id = call.arguments.text("id")
    deleted = call.db.execute("DELETE FROM products WHERE id = ?", (product_id,)).rowcount > 0
    if deleted:
        call.record("delete", ("product", product_id), f"removed the product {product_id}")
    return {"deleted": deleted}


HANDLERS = (list_products, admin_list_products, admin_upsert_product, delete_product)
