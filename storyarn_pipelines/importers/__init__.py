"""What comes in: files are read, checked, compared with the database and applied."""
