"""`python -m tensormesh_contract`."""

from tensormesh_contract.command_line import contract

if __name__ == "__main__":
    contract()
