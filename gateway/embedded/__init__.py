"""A real PostgreSQL and a real Redis, from Python packages, for whoever configured none."""
