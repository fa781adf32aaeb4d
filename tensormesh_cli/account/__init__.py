"""Spending, deployments and logs of an account. Pure: what the control plane answered is handed in."""
