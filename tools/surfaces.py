"""What a document says of its host: the version, the address, and which credentials open it."""

from __future__ import annotations

import re

from tensormesh_documents.library import Document, Node
from tensormesh_documents.places import DocumentError
from tensormesh_runtime.surface import Security, Surface

SURFACES = ("serverless", "on_demand", "control_plane")

BEARER = {"type": "http", "scheme": "bearer"}
USER = {"type": "apiKey", "in": "header", "name": "x-user-id"}
SENT = {surface: {"authorization": BEARER} for surface in SURFACES}
SENT["on_demand"] = {"authorization": BEARER, "x-user-id": USER}
"""The credentials that a client of each surface has, by the header that they are sent in."""

ADDRESS = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[\w.~-]+)*", re.ASCII)
VARIABLE = re.compile(r"\{([^{}]*)\}")


def surface_of(name: str, document: Document) -> Surface:
    """
    What a document says of its host.

    Raises:
        DocumentError: it leaves out where that is, or wants credentials that no client sends.
    """
    template, variables = _address(document)
    base_url = VARIABLE.sub(lambda found: variables[found[1]], template)
    return Surface(
        version=document.root["info"].text("version"),
        base_url=base_url,
        template=template,
        variables=variables,
        security=security_of(name, document.root, document),
    )


def security_of(surface: str, holder: Node, document: Document) -> Security:
    """
    How an operation, or a whole document, lets callers in.

    Args:
        holder: what says so.
        document: that of the surface, which has the schemes.

    Raises:
        DocumentError: no client can do what it asks for.
    """
    ways = holder.get("security")
    if ways is None:
        return ()
    return tuple(tuple(_header(surface, scheme, document) for scheme in way.children()) for way in ways.elements())


def _header(surface: str, scheme: Node, document: Document) -> str:
    components = document.root.get("components")
    schemes = components.get("securitySchemes") if components else None
    if schemes is None or scheme.name not in schemes:
        raise DocumentError(scheme.place, f"no scheme {scheme.name!r} is under components.securitySchemes: add it")
    if scheme.value != []:
        raise DocumentError(scheme.place, "no client knows scopes: write []")
    said = schemes[scheme.name]
    for header, wanted in SENT[surface].items():
        if {key: said.text(key).lower() for key in wanted} == {key: text.lower() for key, text in wanted.items()}:
            return header
    able = "a bearer token (type: http, scheme: bearer)"
    if "x-user-id" in SENT[surface]:
        able += " and the header X-User-Id (type: apiKey, in: header, name: X-User-Id)"
    raise DocumentError(said.place, f"a client of {surface} cannot send that; it has {able}")


def _address(document: Document) -> tuple[str, dict[str, str]]:
    servers = document.root.get("servers")
    first = next(servers.elements(), None) if servers else None
    if first is None:
        advice = "write `servers: [{url: https://...}]`"
        raise DocumentError(document.place(("servers",)), f"nothing says where the host is: {advice}")
    template, variables = first.text("url"), dict[str, str]()
    for name in VARIABLE.findall(template):
        known = first.get("variables")
        if known is None or name not in known:
            raise DocumentError(first.place, f"its address has a variable {name!r}, and `variables` has none: add it")
        variables[name] = known[name].text("default")
    filled = VARIABLE.sub(lambda found: variables[found[1]], template)
    if not ADDRESS.fullmatch(filled) or filled.endswith("/v1"):
        advice = "write https:// and a host in small letters, without / or /v1 at its end"
        raise DocumentError(first.step("url").place, f"{filled!r} is no address to call: {advice}")
    return template, variables
