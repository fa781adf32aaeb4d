"""What a first call would have to load: the surfaces that a client can use, and what their answers are made of."""

from __future__ import annotations

from importlib import import_module

from tensormesh_overlay.configuration.config import Config


def base_urls(config: Config) -> list[str]:
    """The addresses that a client with these settings can call."""
    inference = (config.serverless_base_url, config.on_demand_base_url) if _infers(config) else ()
    control_plane = () if config.control_plane_token is None else (config.control_plane_base_url,)
    return list(dict.fromkeys(url for url in (*inference, *control_plane) if url is not None))


def load_surfaces(config: Config) -> None:
    """
    Load them.

    Raises:
        TensormeshError: the system does not let this process read them now.
    """
    if _infers(config):
        import_module("tensormesh_overlay.surfaces.inference")
        _load_inference()
    if config.control_plane_token is not None:
        import_module("tensormesh_overlay.surfaces.control_plane")


def _infers(config: Config) -> bool:
    return config.inference_api_key is not None or config.control_plane_token is None


def _load_inference() -> None:
    from tensormesh_generated import api, models
    from tensormesh_overlay.calls.loading import load
    from tensormesh_overlay.telemetry import listening

    for model in (models.ChatCompletionRequest, models.TextCompletionRequest, models.ResponseCreateRequest):
        model.from_dict({})
    for operation in (
        api.chat.create_chat_completion,
        api.completions.create_completion,
        api.responses.create_response,
    ):
        load(operation.build_request(body={}))
        load(operation.build_stream_request(body={}))
    load(api.models.list_models.build_request())
    listening.load()
