"""the weeks of all accounts, by account

The index for the weeks of all accounts gets the account as well. Without it, and before statistics know the table, it
looks as good as the primary key to whoever asks for one week of one account: a load then read a whole week for each line.
"""

from migrations import ddl

revision = "0027_usage_weeks_of_accounts"
down_revision = "0026_authors_of_versions"
branch_labels = None
depends_on = None

OLD, NEW = "ix_usage_weekly_workspace_id_week", "ix_usage_weekly_workspace_id_week_account_id"


def upgrade() -> None:
    ddl.create_index_concurrently(NEW, "usage_weekly", "workspace_id", "week", "account_id")
    ddl.drop_index_concurrently(OLD)


def downgrade() -> None:
    ddl.create_index_concurrently(OLD, "usage_weekly", "workspace_id", "week")
    ddl.drop_index_concurrently(NEW)
