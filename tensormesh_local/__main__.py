"""`python -m tensormesh_local`."""

from tensormesh_local.command_line import local

if __name__ == "__main__":
    local()
