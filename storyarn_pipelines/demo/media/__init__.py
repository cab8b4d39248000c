"""Pictures and sounds that the sample draws and plays itself.

Everything is integer arithmetic with its own noise and its own packing, so that the bytes, and
with them the hashes in the database, are the same on every machine and with every zlib.
"""
