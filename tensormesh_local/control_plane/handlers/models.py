"""Models that an account runs on GPUs of its own: deploy, inspect, try out, tear down."""

import json
import re
import secrets
import sqlite3
import uuid
from collections.abc import Awaitable

from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.deployments import deployments_of, entry, is_up
from tensormesh_local.control_plane.failure import invalid, not_found, taken, unready
from tensormesh_local.control_plane.moments import SECOND
from tensormesh_local.control_plane.transactions import balance
from tensormesh_local.wire import Json, JsonObject

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}", re.ASCII)
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)[bB](?![A-Za-z])", re.ASCII)
_GIB = 2**30


def shown(call: Call, row: sqlite3.Row) -> JsonObject:
    """Write a deployment for this caller, at the address the caller knows this host by."""
    return entry(row, call.now, call.base_url.removesuffix("/control-plane") + "/on-demand")


def deployment(call: Call) -> sqlite3.Row:
    """
    Find the deployment of `modelId` among those the caller may see.

    Raises:
        Failure: when there is none.
    """
    model_id = call.arguments.text("modelId")
    row: sqlite3.Row | None = call.db.execute(
        "SELECT * FROM deployments WHERE model_id = ? AND deleted_at IS NULL", (model_id,)
    ).fetchone()
    if row is None or not call.sees(row["user_id"]):
        raise not_found(f"The deployment {model_id}")
    return row


def list_deployed_models(call: Call) -> JsonObject:
    return {"models": [shown(call, row) for row in deployments_of(call.db, call.subject().id)]}


def get_model(call: Call) -> JsonObject:
    call.subject()
    return {"model": shown(call, deployment(call))}


def delete_model(call: Call) -> JsonObject:
    call.subject()
    tear_down(call)
    return EMPTY


def tear_down(call: Call) -> None:
    """Delete the deployment of `modelId`; inference no longer knows it from now on."""
    row = deployment(call)
    call.db.execute("UPDATE deployments SET deleted_at = ? WHERE number = ?", (call.now, row["number"]))
    description = f"tore down the deployment {row['name']}"
    call.record("delete", ("deployment", row["deployment_id"]), description, user_id=row["user_id"])


def deploy_model(call: Call) -> JsonObject:
    """Start a deployment. Its GPUs cost nothing here: time alone never moves the balance."""
    owner, given = call.subject(), call.arguments
    name, path = given.text("modelName"), given.text("modelPath")
    for field, value in (("modelName", name), ("modelPath", path)):
        if not value:
            raise invalid(field, "is required")
    if not _NAME.fullmatch(name):
        raise invalid("modelName", "must be 1 to 128 letters, digits, dots, dashes, underscores or slashes")
    if not _is_free(call, owner.id, name):
        raise taken(f"The user {owner.id} has a deployment named {name} already.")
    if balance(call.db, owner.id) <= 0:
        raise unready("The balance is used up; top it up before you deploy.")
    count = given.count("gpuCount") or 1
    if count > chosen.LARGEST_GPU_COUNT:
        raise invalid("gpuCount", f"must be at most {chosen.LARGEST_GPU_COUNT}")
    model_id, deployment_id = str(uuid.uuid4()), f"dep-{secrets.token_hex(4)}"
    call.db.execute(
        "INSERT INTO deployments (model_id, deployment_id, user_id, name, description, path, spec, infra,"
        " gpu_count, gpu_type, api_key, created_at, up_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            model_id,
            deployment_id,
            owner.id,
            name,
            given.text("description"),
            path,
            json.dumps(given.object("modelSpec")),
            json.dumps({"cloudProvider": chosen.CLOUD_PROVIDER, **given.object("infra")}),
            count,
            given.text("gpuType") or chosen.GPU_TYPE,
            given.text("apiKey") or f"dk-local-{secrets.token_urlsafe(24)}",
            call.now,
            call.now + int(call.settings.deploy_seconds * SECOND),
        ),
    )
    call.record("create", ("deployment", deployment_id), f"deployed {path} as {name}", user_id=owner.id)
    row = call.db.execute("SELECT * FROM deployments WHERE model_id = ?", (model_id,)).fetchone()
    return {"model": shown(call, row)}


def _is_free(call: Call, user_id: str, name: str) -> bool:
    return all(row["name"] != name for row in deployments_of(call.db, user_id))


def validate_model_name(call: Call) -> JsonObject:
    name = call.arguments.text("modelName")
    return {"isValid": bool(_NAME.fullmatch(name)) and _is_free(call, call.subject().id, name)}


def chat_with_model(call: Call) -> Awaitable[JsonObject]:
    call.subject()
    row = deployment(call)
    if not is_up(row, call.now):
        raise unready(f"The deployment {row['name']} is still starting; wait until its status is {chosen.MODEL_UP}.")

    async def answer() -> JsonObject:
        # Asked after the transaction: the answer is metered, and that is a change of its own.
        text = call.arguments.text("body")
        reply = await call.settings.reply(key=row["api_key"], user_id=row["user_id"], model=row["name"], text=text)
        return {"response": reply}

    return answer()


def search_models_by_infra(call: Call) -> JsonObject:
    """Find deployments whose place has everything that was asked for; zero values ask for nothing."""
    wanted = {
        name: value
        for name, value in call.arguments.object("infra").items()
        if value and not str(value).endswith("_UNSPECIFIED")
    }
    models: list[Json] = [
        shown(call, row)
        for row in deployments_of(call.db, call.subject().id)
        if wanted.items() <= json.loads(row["infra"]).items()
    ]
    return {"models": models}


def check_model(call: Call) -> JsonObject:
    """Estimate memory from the number of parameters and the format, both read off the model's name."""
    name = call.arguments.text("modelId")
    found = _BILLIONS.search(name)
    if found is None:
        raise not_found(f"A model named {name} whose size can be told")
    size = next(
        (size for mark, size in chosen.BYTES_PER_PARAMETER if mark in name.lower()), chosen.BYTES_PER_FULL_PARAMETER
    )
    memory = float(found.group(1)) * 1e9 * size * (1 + chosen.RUN_TIME_SHARE) / _GIB
    return {
        "requiredGpuMemoryGib": round(memory, 1),
        "requiredLmCacheMemoryGib": round(memory * chosen.CACHE_SHARE, 1),
    }


HANDLERS = (
    list_deployed_models,
    deploy_model,
    get_model,
    delete_model,
    chat_with_model,
    search_models_by_infra,
    validate_model_name,
    check_model,
)
