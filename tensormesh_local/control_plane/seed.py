"""
The account a new host begins with: people, keys, money, thirty days of use, a deployment.

Everything follows from the credentials and the time, so two hosts that begin
at the same moment begin alike. No secret is made up here that opens anything.
"""

import json
import random
import sqlite3
import uuid
from decimal import Decimal

from tensormesh_local.access import Credentials
from tensormesh_local.accounts import Price, Tokens
from tensormesh_local.catalogue import ON_DEMAND_NAME, SERVERLESS
from tensormesh_local.control_plane import chosen, tokens, usage
from tensormesh_local.control_plane.deployments import add
from tensormesh_local.control_plane.feed import Deed, enter
from tensormesh_local.control_plane.handlers.stripe import attach, customer_id
from tensormesh_local.control_plane.handlers.support import ANY_TYPE, OPEN
from tensormesh_local.control_plane.inference_keys import NewKey, add_key
from tensormesh_local.control_plane.moments import DAY, HOUR, MINUTE, Moment, calendar, floor
from tensormesh_local.control_plane.money import plain
from tensormesh_local.control_plane.transactions import Payment, add_money
from tensormesh_local.control_plane.users import ADMIN, SUPER_ADMIN, USER

DEPLOYMENT_ID = "dep-7f3a91c2"
PAYMENT_METHOD = "pm_1LocalVisa4242"

_CHANCE = 20_260_601
_DAYS_OF_USE = 30
_SHARE_OF_BUSY_HOURS = 0.12
# Rates and bundles are unverified; chosen.
_GPU_RATES = (
    ("GPU_TYPE_A100", "CLOUD_PROVIDER_LAMBDA", "1.49", False),
    ("GPU_TYPE_H100", "CLOUD_PROVIDER_NEBIUS", "2.95", True),
    ("GPU_TYPE_H100", "CLOUD_PROVIDER_LAMBDA", "2.99", True),
    ("GPU_TYPE_H200", "CLOUD_PROVIDER_NEBIUS", "3.50", True),
    ("GPU_TYPE_H200", "CLOUD_PROVIDER_YOTTA", "3.40", True),
    ("GPU_TYPE_B200", "CLOUD_PROVIDER_NEBIUS", "5.50", True),
)
_PRODUCTS = (
    ("prd-h100-8x", "8 x H100", 8, "h100", True, {"memoryGib": 640, "interconnect": "NVLink"}),
    ("prd-h200-1x", "1 x H200", 1, "h200", True, {"memoryGib": 141}),
    ("prd-b200-8x", "8 x B200", 8, "b200", True, {"memoryGib": 1440, "interconnect": "NVLink"}),
    ("prd-a100-1x", "1 x A100", 1, "a100", False, {"memoryGib": 80}),
)
_ADDRESS = {
    "name": "Accounts Payable",
    "company": "Example Labs",
    "line1": "12 Sample Street",
    "line2": "2nd floor",
    "city": "Lyon",
    "state": "",
    "postalCode": "69002",
    "country": "FR",
    "phone": "+33 4 00 00 00 00",
}


def seeded_id(what: str) -> str:
    """Give the id of something that every host begins with."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tensormesh-local:{what}"))


ADMIN_ID = seeded_id("user:admin")
SUPER_ADMIN_ID = seeded_id("user:super-admin")
COLLEAGUE_ID = seeded_id("user:colleague")


def seed(db: sqlite3.Connection, now: Moment, credentials: Credentials, role: str | None) -> None:
    """Fill an empty database."""
    seeder = _Seeder(db, now, credentials)
    seeder.users(role or USER)
    seeder.keys()
    seeder.prices()
    seeder.products()
    seeder.money()
    seeder.deployment()
    seeder.use()
    seeder.tickets()


class _Seeder:
    """Writes one account down."""

    def __init__(self, db: sqlite3.Connection, now: Moment, credentials: Credentials) -> None:
        self._db = db
        # To the minute, as people would remember it.
        self._now = floor(now, MINUTE)
        self._credentials = credentials
        self._owner = credentials.user_id

    def _did(self, at: Moment, action: str, resource: tuple[str, str], words: str, **metadata: str) -> None:
        enter(self._db, self._owner, self._owner, Deed(action, resource, f"Ada Moreau {words}", {**metadata}), at)

    def users(self, role: str) -> None:
        joined = self._now - 60 * DAY
        people = (
            (self._owner, "Ada", "Moreau", role, json.dumps(_ADDRESS)),
            (ADMIN_ID, "Ines", "Okafor", ADMIN, None),
            (SUPER_ADMIN_ID, "Sam", "Lindqvist", SUPER_ADMIN, None),
            (COLLEAGUE_ID, "Tomas", "Reyes", USER, None),
        )
        for number, (user_id, first, last, its_role, address) in enumerate(people, 1):
            self._db.execute(
                "INSERT INTO users (id, number, first_name, last_name, display_name, email, role, company,"
                " tos_accepted_at, survey_completed_at, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    user_id,
                    number,
                    first,
                    last,
                    f"{first} {last}",
                    f"{first}.{last}@example.com".lower(),
                    its_role,
                    "Example Labs" if user_id in (self._owner, COLLEAGUE_ID) else "Tensormesh, local",
                    joined,
                    joined + HOUR if user_id == self._owner else None,
                    address,
                ),
            )
        self._db.execute("INSERT INTO owner VALUES (?)", (self._owner,))
        self._did(joined, "accept", ("terms_of_service", self._owner), "accepted the terms of service")

    def keys(self) -> None:
        tokens.keep(self._db, "access", self._credentials.control_plane_token, self._owner, None)
        now = self._now
        # The two that open nothing are there to be listed; their text is no secret.
        keys = (
            (f"ak-local-{seeded_id('key:first try')}", "first try", now - 58 * DAY, None, now - 30 * DAY),
            (f"ak-local-{seeded_id('key:workshop')}", "workshop", now - 45 * DAY, now - 38 * DAY, None),
            (self._credentials.inference_api_key, "default", now - 30 * DAY, None, None),
        )
        for number, (key, name, created_at, expires_at, deleted_at) in enumerate(keys, 1):
            add_key(self._db, NewKey(key, self._owner, name, expires_at=expires_at), created_at)
            self._db.execute("UPDATE api_keys SET deleted_at = ? WHERE key = ?", (deleted_at, key))
            self._did(created_at, "create", ("api_key", f"key-{number}"), f'created the API key "{name}"', name=name)

    def prices(self) -> None:
        for model in SERVERLESS:
            self._db.execute(
                "INSERT INTO serverless_prices"
                " (id, name, model, input_price, output_price, cached_price, is_active) VALUES (?, ?, ?, ?, ?, '0', 1)",
                (model.price_id, model.title, model.name, plain(model.input_price), plain(model.output_price)),
            )
        self._db.executemany("INSERT INTO gpu_prices VALUES (?, ?, ?, ?)", _GPU_RATES)

    def products(self) -> None:
        for *facts, spec in _PRODUCTS:
            self._db.execute(
                "INSERT INTO products (id, name, required_gpu_num, family, is_active, spec) VALUES (?, ?, ?, ?, ?, ?)",
                (*facts, json.dumps(spec)),
            )

    def money(self) -> None:
        customer = customer_id(self._owner)
        self._db.execute("UPDATE users SET stripe_customer = ? WHERE id = ?", (customer, self._owner))
        attach(self._db, self._owner, PAYMENT_METHOD, expires=calendar(self._now).year + 3)
        add_money(self._db, self._owner, Decimal(5), self._now - 59 * DAY, description="Welcome credit")
        for days, amount in ((34, 50), (12, 75)):
            intent, at = f"pi_{seeded_id(f'top-up:{days}').replace('-', '')[:24]}", self._now - days * DAY
            payment = Payment(intent, PAYMENT_METHOD)
            add_money(self._db, self._owner, Decimal(amount), at, description="Top-up", payment=payment)
            self._did(at, "confirm", ("payment_intent", intent), f"topped up {amount} USD")
        for user_id in (ADMIN_ID, SUPER_ADMIN_ID, COLLEAGUE_ID):
            add_money(self._db, user_id, Decimal(20), self._now - 40 * DAY, description="Welcome credit")

    def deployment(self) -> None:
        """Deploy the one model that on-demand serves, with the account's own key."""
        at = self._now - 9 * DAY
        infra = {"cloudProvider": "CLOUD_PROVIDER_NEBIUS", "nebiusRegion": "NEBIUS_REGION_UNSPECIFIED"}
        add(
            self._db,
            model_id=seeded_id("deployment"),
            deployment_id=DEPLOYMENT_ID,
            user_id=self._owner,
            name=ON_DEMAND_NAME,
            description="Chat assistant",
            path="openai/gpt-oss-120b",
            spec="{}",
            infra=json.dumps(infra),
            gpu_count=1,
            gpu_type="GPU_TYPE_H200",
            api_key=self._credentials.inference_api_key,
            created_at=at,
            up_at=at + 4 * MINUTE,
        )
        self._did(at, "create", ("deployment", DEPLOYMENT_ID), f"deployed openai/gpt-oss-120b as {ON_DEMAND_NAME}")

    def use(self) -> None:
        """Spread use over the last thirty days, in an hour here and there, and more of the cache as time goes on."""
        chance = random.Random(_CHANCE)  # noqa: S311 - the same on every start, and no secret
        hours = _DAYS_OF_USE * 24
        for back in range(hours - 1, 0, -1):
            if chance.random() > _SHARE_OF_BUSY_HOURS:
                continue
            at = floor(self._now, HOUR) - back * HOUR + chance.randrange(60) * MINUTE
            requests = chance.randint(60, 480)
            prompt = requests * chance.randint(800, 3_200)
            cached = prompt * chance.randint(10, 50 + 30 * (hours - back) // hours) // 100
            used = Tokens(prompt, cached, requests * chance.randint(120, 700))
            model = chance.choice(SERVERLESS[:5])
            price = Price(model.input_price, model.output_price)
            source = usage.Source(usage.SERVERLESS, model.price_id, model.title, price)
            usage.record(self._db, self._owner, source, used, at, requests=requests)
            if back < 8 * 24:
                own = usage.Source(usage.ON_DEMAND, DEPLOYMENT_ID, ON_DEMAND_NAME, Price())
                usage.record(self._db, self._owner, own, used, at, requests=requests)

    def tickets(self) -> None:
        now, staff = self._now, ADMIN_ID
        tickets = (
            (
                "Invoice address",
                chosen.TICKET_CLOSED,
                (
                    (self._owner, now - 20 * DAY, "Which address does the invoice show?"),
                    (staff, now - 20 * DAY + 3 * HOUR, "The billing address of your account; you can change it there."),
                ),
            ),
            (
                "Region for a second deployment",
                OPEN,
                ((self._owner, now - 2 * DAY, "Can we deploy next to our data, in Paris?"),),
            ),
        )
        for number, (subject, status, messages) in enumerate(tickets, 1):
            self._db.execute(
                "INSERT INTO tickets (user_id, subject, status, type, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (self._owner, subject, status, ANY_TYPE, messages[0][1], messages[-1][1]),
            )
            for author, at, content in messages:
                self._db.execute(
                    "INSERT INTO ticket_messages (ticket, user_id, content, created_at) VALUES (?, ?, ?, ?)",
                    (number, author, content, at),
                )
            self._did(messages[0][1], "create", ("ticket", f"tkt-{number}"), f'opened the ticket "{subject}"')
