from tensormesh import Tensormesh

client = Tensormesh(
    control_plane_token="YOUR_CONTROL_PLANE_TOKEN",
    inference_api_key="YOUR_INFERENCE_API_KEY",
    on_demand_base_url="https://YOUR_ON_DEMAND_BASE_URL",
    on_demand_user_id="00000000-0000-0000-0000-000000000000",
    timeout=30,
    max_retries=2,
)
