"""The account database: schema, migrations, queries, and the index of channels. The only SQL in the program."""
