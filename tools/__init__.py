"""From the OpenAPI documents to `tensormesh_generated`: load, merge, render, check."""
