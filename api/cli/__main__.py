"""``python -m api.cli``."""

from api.cli.commands import app

app(prog_name="perennial")
