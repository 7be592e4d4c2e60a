"""The product's database and roles in PostgreSQL: the owner migrates, the site runs as one that owns nothing."""

from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from .processes import CannotStart

DATABASE, OWNER, SITE = "throughline", "throughline", "throughline_site"
CUSTOMER = "throughline_customer"  # as in accounts/database/row_security.py
EXTENSIONS = ["btree_gist", "pg_trgm", "unaccent"]


def prepare_database(superuser_url: str, owner_password: str, site_password: str) -> None:
    """The owner, the site's role, the owner's database; whatever of it is there already stays."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        make_role(connection, OWNER, owner_password, "CREATEDB")  # the tests make databases
        make_role(connection, SITE, site_password)
        # A member of the site's role may end its connections, as `DROP DATABASE ... WITH (FORCE)` must.
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(SITE), sql.Identifier(OWNER)))
        make_customer_role(connection)
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not exists:
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    with psycopg.connect(url_with(superuser_url, database=DATABASE), autocommit=True) as connection:
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))


def make_role(
    connection: "psycopg.Connection[tuple[object, ...]]", role: str, password: str, may: str = ""
) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {} " + may)
    verb = sql.SQL("ALTER" if exists else "CREATE")
    connection.execute(statement.format(verb, sql.Identifier(role), sql.Literal(password)))


def make_customer_role(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """The role as which a customer's page is read: nobody signs in as it, and the site may step into it."""
    role = sql.Identifier(CUSTOMER)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [CUSTOMER]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
    connection.execute(sql.SQL("GRANT {} TO {}").format(role, sql.Identifier(SITE)))


def url_with(url: str, *, role: str = "", password: str = "", database: str = "") -> str:
    """The same server's address for another role or another database."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")
    who = f"{quote(role)}:{quote(password)}" if role else place[0]
    path = f"/{quote(database)}" if database else parts.path
    return parts._replace(netloc=f"{who}@{place[2]}" if who else place[2], path=path).geturl()


def site_environment(owner_url: str, password: str) -> dict[str, str]:
    """The addresses of somebody's own PostgreSQL, given the owner's. Makes the role that the site runs as."""
    try:
        with psycopg.connect(owner_url, autocommit=True, connect_timeout=10) as connection:
            make_role(connection, SITE, password)
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(SITE)))
            make_customer_role(connection)
    except psycopg.errors.InsufficientPrivilege as refused:
        raise CannotStart(
            f"The role in DATABASE_URL may not make the role {SITE}, as which the site runs "
            f"({refused.diag.message_primary}). Grant it CREATEROLE; or make a role that owns nothing "
            "yourself, name that one in DATABASE_URL and the owner in OWNER_DATABASE_URL."
        ) from refused
    except psycopg.OperationalError as away:
        raise CannotStart(f"The database in DATABASE_URL does not answer: {away}") from away
    return {
        "OWNER_DATABASE_URL": owner_url,
        "DATABASE_URL": url_with(owner_url, role=SITE, password=password),
    }
