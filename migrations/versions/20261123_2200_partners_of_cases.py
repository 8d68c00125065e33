"""the partners who see a case, by the case and by them

The index for the rows of a case gets the partner as well: to show one partner one case anew, whatever the statistics say
of a table that was just filled, reads that row and not all that the partner sees.
"""

from migrations import ddl

revision = "0028_partners_of_cases"
down_revision = "0027_usage_weeks_of_accounts"
branch_labels = None
depends_on = None

TABLE = "partner_reference_cases"
OLD, NEW = f"ix_{TABLE}_workspace_id_case_id", f"ix_{TABLE}_workspace_id_case_id_partner_id"


def upgrade() -> None:
    ddl.create_index_concurrently(NEW, TABLE, "workspace_id", "case_id", "partner_id")
    ddl.drop_index_concurrently(OLD)


def downgrade() -> None:
    ddl.create_index_concurrently(OLD, TABLE, "workspace_id", "case_id")
    ddl.drop_index_concurrently(NEW)
