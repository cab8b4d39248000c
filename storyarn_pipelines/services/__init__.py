"""Use cases. Assets, endpoints and commands are a few lines that call one of these."""
