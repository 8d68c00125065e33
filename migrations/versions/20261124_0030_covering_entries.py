"""the entries of cases answer from their index

A search with words looks at each entry of an initiative and metric before it knows which cases to show: it finds what it
needs of them in the index, instead of one page of the table for each.
"""

from migrations import ddl

revision = "0029_covering_entries"
down_revision = "0028_partners_of_cases"
branch_labels = None
depends_on = None

SOUGHT = ("initiative_id", "metric_id", "improvement_sort", "id")
TABLES = {
    "reference_case_entries": ("state", ["case_id", "industry", "employee_count"]),
    "partner_case_entries": ("partner_id", ["visible_from", "visible_until", "industry", "size_band"]),
}


def upgrade() -> None:
    for table, (first, include) in TABLES.items():
        ddl.create_index_concurrently(f"ix_{table}_covering", table, "workspace_id", first, *SOUGHT, include=include)
        ddl.drop_index_concurrently(f"ix_{table}_question")


def downgrade() -> None:
    for table, (first, _) in TABLES.items():
        ddl.create_index_concurrently(f"ix_{table}_question", table, "workspace_id", first, *SOUGHT)
        ddl.drop_index_concurrently(f"ix_{table}_covering")
