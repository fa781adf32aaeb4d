curl https://serverless.tensormesh.ai/v1/models
