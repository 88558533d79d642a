"""The questions, in the SQL of Athena."""
