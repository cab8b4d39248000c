"""The vocabulary the sample story is written in: plain data, without any database ids."""
