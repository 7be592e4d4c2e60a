"""The customer's own page: `page.compose` reads it, and staff see it through the very same query."""
