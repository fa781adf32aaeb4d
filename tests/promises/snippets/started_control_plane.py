from tensormesh import Tensormesh

with Tensormesh() as client:
    user = client.control_plane.users.get_auth_profile()
    print(user.display_name)
