from tensormesh import Tensormesh

client = Tensormesh()
