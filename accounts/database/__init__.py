"""What PostgreSQL enforces beside the models' own constraints and the migrations: the rights of the site's role
(`grants`), what a customer's role may read (`row_security`), how the history triggers are planned (`history`), and the
sentence for each refusal (`sentences`)."""
