"""What administrators do for other users: roles, balances, spending, deployments."""

from collections.abc import Sequence

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane.arguments import read_user_id
from tensormesh_local.control_plane.call import EMPTY, Call
from tensormesh_local.control_plane.failure import denied, invalid, unready
from tensormesh_local.control_plane.handlers.billing import spending_of
from tensormesh_local.control_plane.handlers.models import shown, tear_down
from tensormesh_local.control_plane.money import money, plain, read_positive
from tensormesh_local.control_plane.pages import numbered_page
from tensormesh_local.control_plane.transactions import add_money, balance
from tensormesh_local.control_plane.users import SUPER_ADMIN, User, find_user


def admin_list_users(call: Call) -> JsonObject:
    page = numbered_page(call.db, call.arguments, "SELECT * FROM users ORDER BY number", ())
    return {
        "users": [User.of(row).entry() for row in page.rows],
        "page": page.number,
        "size": page.size,
        "total": page.total,
    }


def _target(call: Call) -> User:
    return call.any_user(read_user_id(call.arguments.text("targetUserId"), "targetUserId"))


def admin_change_user_role(call: Call) -> JsonObject:
    """Change a role; for super administrators only, and never the last one's."""
    if call.caller.role != SUPER_ADMIN:
        raise denied("Only a super administrator may change roles.")
    target, role = _target(call), call.arguments.text("targetUserRole")
    if role.endswith("_UNSPECIFIED"):
        raise invalid("targetUserRole", "must be a role")
    others = call.db.execute(
        "SELECT count(*) FROM users WHERE role = ? AND id != ?", (SUPER_ADMIN, target.id)
    ).fetchone()[0]
    if role != SUPER_ADMIN and not others:
        raise unready("This is the last super administrator; appoint another one first.")
    call.db.execute("UPDATE users SET role = ? WHERE id = ?", (role, target.id))
    call.record(
        "change_role",
        ("user", target.id),
        f"gave {target.email} the role {role}",
        user_id=target.id,
        metadata={"from": target.role, "to": role},
    )
    return {"user": call.any_user(target.id).entry()}


def _targets(call: Call) -> Sequence[str]:
    """Give the users that were asked about and exist, each once; no list asks about all."""
    given = call.arguments.texts("targetUserIds")
    if not given:
        return [row["id"] for row in call.db.execute("SELECT id FROM users ORDER BY number")]
    wanted = dict.fromkeys(read_user_id(text, f"targetUserIds[{at}]") for at, text in enumerate(given))
    return [user_id for user_id in wanted if find_user(call.db, user_id) is not None]


def admin_lookup_balances(call: Call) -> JsonObject:
    found: list[Json] = [{"userId": one, "balance": money(balance(call.db, one))} for one in _targets(call)]
    return {"balances": found}


def admin_add_balance(call: Call) -> JsonObject:
    target, amount = _target(call), read_positive(call.arguments.raw("amount"), "amount")
    add_money(call.db, target.id, amount, call.now, description="Credit")
    call.record(
        "add_balance",
        ("balance", target.id),
        f"credited {target.email} with {plain(amount)} USD",
        user_id=target.id,
        metadata={"amount": plain(amount), "currencyCode": "USD"},
    )
    return {"balance": money(balance(call.db, target.id))}


def admin_spending_summary(call: Call) -> JsonObject:
    return {"summaries": [{"userId": one, **spending_of(call, one)} for one in _targets(call)]}


def admin_list_models(call: Call) -> JsonObject:
    page = numbered_page(
        call.db, call.arguments, "SELECT * FROM deployments WHERE deleted_at IS NULL ORDER BY number", ()
    )
    return {
        "models": [shown(call, row) for row in page.rows],
        "page": page.number,
        "size": page.size,
        "total": page.total,
    }


def admin_delete_model(call: Call) -> JsonObject:
    tear_down(call)
    return EMPTY


HANDLERS = (
    admin_list_users,
    admin_change_user_role,
    admin_lookup_balances,
    admin_add_balance,
    admin_spending_summary,
    admin_list_models,
    admin_delete_model,
)
