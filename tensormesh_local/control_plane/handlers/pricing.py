"""Prices of GPUs and of serverless tokens, as any account may read them and administrators keep them."""

import sqlite3
import uuid
from collections.abc import Sequence
from decimal import Decimal

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.failure import invalid, not_found, taken
from tensormesh_local.control_plane.money import money, plain, read_price

_PRICES = {"inputTokenPrice": "input_price", "outputTokenPrice": "output_price", "cachedTokenPrice": "cached_price"}


def _listed(call: Call, table: str, wanted: dict[str, str]) -> Sequence[sqlite3.Row]:
    """Give the rows of a price table that fit the query, in a stable order."""
    wheres = [f"{column} = ?" for column, value in wanted.items() if value]
    if call.arguments.flag("activeOnly"):
        wheres.append("is_active")
    where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    values = [value for value in wanted.values() if value]
    return call.db.execute(f"SELECT * FROM {table} {where} ORDER BY rowid", values).fetchall()  # noqa: S608


def _specific(name: str) -> str:
    """Read a filter: the zero value of an enumeration asks for all."""
    return "" if name.endswith("_UNSPECIFIED") else name


def _gpu_entry(row: sqlite3.Row) -> JsonObject:
    return {
        "gpuType": row["gpu_type"],
        "cloudProvider": row["cloud_provider"],
        "hourlyRate": money(Decimal(row["hourly_rate"])),
        "isActive": bool(row["is_active"]),
    }


def list_gpu_pricing(call: Call) -> JsonObject:
    wanted = {
        "gpu_type": _specific(call.arguments.text("gpuType")),
        "cloud_provider": _specific(call.arguments.text("cloudProvider")),
    }
    return {"pricing": [_gpu_entry(row) for row in _listed(call, "gpu_prices", wanted)]}


def _gpu_row(call: Call, gpu: str, provider: str) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM gpu_prices WHERE gpu_type = ? AND cloud_provider = ?", (gpu, provider)
    ).fetchone()
    if row is None:
        raise not_found(f"A rate of {gpu} at {provider}")
    return row


def _gpu_key(pricing: JsonObject) -> tuple[str, str]:
    """Read what names a record."""
    gpu, provider = (str(pricing.get(name) or "") for name in ("gpuType", "cloudProvider"))
    for name, value in (("gpuType", gpu), ("cloudProvider", provider)):
        if not _specific(value):
            raise invalid(f"pricing.{name}", "is required: GPU and provider together name the record")
    return gpu, provider


def _gpu_facts(pricing: JsonObject) -> tuple[str, int]:
    rate = read_price(pricing.get("hourlyRate"), "pricing.hourlyRate")
    return plain(rate), int(pricing.get("isActive") is True)


def admin_create_gpu_pricing(call: Call) -> JsonObject:
    pricing = call.arguments.object("pricing")
    gpu, provider = _gpu_key(pricing)
    if _listed(call, "gpu_prices", {"gpu_type": gpu, "cloud_provider": provider}):
        raise taken(f"{gpu} at {provider} has a rate already; change it with PUT.")
    call.db.execute("INSERT INTO gpu_prices VALUES (?, ?, ?, ?)", (gpu, provider, *_gpu_facts(pricing)))
    call.record("create", ("gpu_pricing", f"{gpu}/{provider}"), f"set a rate of {gpu} at {provider}")
    return {"pricing": _gpu_entry(_gpu_row(call, gpu, provider))}


def admin_update_gpu_pricing(call: Call) -> JsonObject:
    pricing = call.arguments.object("pricing")
    gpu, provider = _gpu_key(pricing)
    _gpu_row(call, gpu, provider)
    call.db.execute(
        "UPDATE gpu_prices SET hourly_rate = ?, is_active = ? WHERE gpu_type = ? AND cloud_provider = ?",
        (*_gpu_facts(pricing), gpu, provider),
    )
    call.record("update", ("gpu_pricing", f"{gpu}/{provider}"), f"changed the rate of {gpu} at {provider}")
    return {"pricing": _gpu_entry(_gpu_row(call, gpu, provider))}


def admin_delete_gpu_pricing(call: Call) -> JsonObject:
    gpu, provider = call.arguments.text("gpuType"), call.arguments.text("cloudProvider")
    _gpu_row(call, gpu, provider)
    call.db.execute("DELETE FROM gpu_prices WHERE gpu_type = ? AND cloud_provider = ?", (gpu, provider))
    call.record("delete", ("gpu_pricing", f"{gpu}/{provider}"), f"removed the rate of {gpu} at {provider}")
    return EMPTY


def _serverless_entry(row: sqlite3.Row) -> JsonObject:
    prices = {name: money(Decimal(row[column])) for name, column in _PRICES.items()}
    return {
        "id": row["id"],
        "name": row["name"],
        "model": row["model"],
        **prices,
        "isActive": bool(row["is_active"]),
    }


def _serverless_list(call: Call) -> JsonObject:
    rows = _listed(call, "serverless_prices", {"model": call.arguments.text("model")})
    return {"pricing": [_serverless_entry(row) for row in rows]}


def list_serverless_pricing(call: Call) -> JsonObject:
    return _serverless_list(call)


def admin_list_serverless_pricing(call: Call) -> JsonObject:
    return _serverless_list(call)


def _serverless_row(call: Call, price_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = call.db.execute("SELECT * FROM serverless_prices WHERE id = ?", (price_id,)).fetchone()
    if row is None:
        raise not_found(f"The price record {price_id}")
    return row


def _store_serverless(call: Call, given: JsonObject, price_id: str) -> None:
    """Write a record; of one model only one record may be in force."""
    model, active = str(given.get("model") or ""), given.get("isActive") is True
    if not model:
        raise invalid("pricing.model", "is required")
    other = call.db.execute(
        "SELECT id FROM serverless_prices WHERE model = ? AND is_active AND id != ?", (model, price_id)
    ).fetchone()
    if active and other is not None:
        raise taken(f"The record {other['id']} has prices of {model} in force already; change that one.")
    prices = [plain(read_price(given.get(name), f"pricing.{name}")) for name in _PRICES]
    title = str(given.get("name") or model.rpartition("/")[2])
    call.db.execute(
        "INSERT INTO serverless_prices (id, name, model, input_price, output_price, cached_price, is_active)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, model = excluded.model,"
        " input_price = excluded.input_price, output_price = excluded.output_price,"
        " cached_price = excluded.cached_price, is_active = excluded.is_active",
        (price_id, title, model, *prices, int(active)),
    )


def admin_create_serverless_pricing(call: Call) -> JsonObject:
    given = call.arguments.object("pricing")
    if given.get("id"):
        raise invalid("pricing.id", "must be left out: a new record gets its id here")
    price_id = str(uuid.uuid4())
    _store_serverless(call, given, price_id)
    call.record("create", ("serverless_pricing", price_id), f"priced {given['model']}")
    return {"pricing": _serverless_entry(_serverless_row(call, price_id))}


def admin_update_serverless_pricing(call: Call) -> JsonObject:
    given = call.arguments.object("pricing")
    price_id = str(given.get("id") or "")
    if not price_id:
        raise invalid("pricing.id", "is required")
    _serverless_row(call, price_id)
    _store_serverless(call, given, price_id)
    call.record("update", ("serverless_pricing", price_id), f"changed the prices of {given['model']}")
    return {"pricing": _serverless_entry(_serverless_row(call, price_id))}


def admin_delete_serverless_pricing(call: Call) -> JsonObject:
    row = _serverless_row(call, call.arguments.text("id"))
    call.db.execute("DELETE FROM serverless_prices WHERE id = ?", (row["id"],))
    call.record("delete", ("serverless_pricing", row["id"]), f"removed the prices of {row['model']}")
    return EMPTY


HANDLERS = (
    list_gpu_pricing,
    admin_create_gpu_pricing,
    admin_update_gpu_pricing,
    admin_delete_gpu_pricing,
    list_serverless_pricing,
    admin_list_serverless_pricing,
    admin_create_serverless_pricing,
    admin_update_serverless_pricing,
    admin_delete_serverless_pricing,
)
