"""The embedded PostgreSQL and the running of the product. Plain Python: no Django models live here."""
