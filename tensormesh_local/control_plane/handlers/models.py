"""Models that an account runs on GPUs of its own: deploy, inspect, try out, tear down."""

import json
import re
import secrets
import sqlite3
import uuid
from collections.abc import Awaitable

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane import chosen
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.deployments import UP, add, deployments_of, entry, find, is_up
from tensormesh_local.control_plane.failure import invalid, not_found, taken, unready
from tensormesh_local.control_plane.moments import SECOND
from tensormesh_local.control_plane.transactions import balance

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}", re.ASCII)
_BILLIONS = re.compile(r"(\d+(?:\.\d+)?)[bB](?![A-Za-z])", re.ASCII)
_GIB = 2**30


def shown(call: Call, row: sqlite3.Row) -> JsonObject:
    """Write a deployment for this caller, at the address the caller knows this host by."""
    return entry(row, call.now, call.base_url.removesuffix("/control-plane") + "/on-demand")


def deployment(call: Call, column: str, value: str) -> sqlite3.Row:
    """
    Find a deployment by one of its ids among those the caller may see.

    Raises:
        Failure: when there is none.
    """
    row = find(call.db, column, value)
    if row is None or not call.sees(row["user_id"]):
        raise not_found(f"The deployment {value}")
    return row


def _model(call: Call) -> sqlite3.Row:
    return deployment(call, "model_id", call.arguments.text("modelId"))


def list_deployed_models(call: Call) -> JsonObject:
    return {"models": [shown(call, row) for row in deployments_of(call.db, call.subject().id)]}


def get_model(call: Call) -> JsonObject:
    call.subject()
    return {"model": shown(call, _model(call))}


def delete_model(call: Call) -> JsonObject:
    call.subject()
    tear_down(call)
    return EMPTY


def tear_down(call: Call) -> None:
    """Delete the deployment of `modelId`; inference no longer knows it from now on."""
    row = _model(call)
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
    add(
        call.db,
        model_id=model_id,
        deployment_id=deployment_id,
        user_id=owner.id,
        name=name,
        description=given.text("description"),
        path=path,
        spec=json.dumps(given.object("modelSpec")),
        infra=json.dumps({"cloudProvider": chosen.CLOUD_PROVIDER, **given.object("infra")}),
        gpu_count=count,
        gpu_type=given.text("gpuType") or chosen.GPU_TYPE,
        api_key=given.text("apiKey") or f"dk-local-{secrets.token_urlsafe(24)}",
        created_at=call.now,
        up_at=call.now + int(call.settings.deploy_seconds * SECOND),
    )
    call.record("create", ("deployment", deployment_id), f"deployed {path} as {name}", user_id=owner.id)
    return {"model": shown(call, deployment(call, "model_id", model_id))}


def _is_free(call: Call, user_id: str, name: str) -> bool:
    return all(row["name"] != name for row in deployments_of(call.db, user_id))


def validate_model_name(call: Call) -> JsonObject:
    name = call.arguments.text("modelName")
    return {"isValid": bool(_NAME.fullmatch(name)) and _is_free(call, call.subject().id, name)}


def chat_with_model(call: Call) -> Awaitable[JsonObject]:
    call.subject()
    row = _model(call)
    if not is_up(row, call.now):
        raise unready(f"The deployment {row['name']} is still starting; wait until its status is {UP}.")

    async def answer() -> JsonObject:
        # Asked after the transaction: the answer is metered, and that is a change of its own.
        text = call.arguments.text("body")
        return {"response": await call.settings.reply(user_id=row["user_id"], model=row["name"], text=text)}

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
