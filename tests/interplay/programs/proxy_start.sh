export TENSORMESH_INFERENCE_API_KEY="your-api-key"
export LITELLM_MASTER_KEY="sk-local-tensormesh"

litellm --config config.yaml --port 4000
# RUNNING on http://0.0.0.0:4000
