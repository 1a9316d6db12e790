"""Who works here: names, roles, credentials, secrets and locks, and whether what is in a name is that person's."""
