"""terms_known_at

Terms, rates and exchange rates as known at any moment. What is there is kept as known since it was recorded: a rate since
its line in the ledger, a term since its contract was, on its own day if it was brought in as history.
"""

import sqlalchemy as sa
from alembic import op

from migrations import ddl

revision = "0023_terms_known_at"
down_revision = "0022_partner_cases"
branch_labels = None
depends_on = None

_BACK_FILL = """
DO $$ DECLARE ws uuid; BEGIN
    FOR ws IN SELECT workspace_id FROM workspace_directory LOOP
        PERFORM set_config('app.workspace_id', ws::text, true);
        INSERT INTO contract_rate_changes (workspace_id, id, contract_id, product_id, day, parts, recorded_at)
        SELECT ws, uuidv7(), c.contract_id, c.product_id, c.day, sum(c.parts)::bigint, coalesce((
            SELECT min(m.recorded_at) FROM mrr_movements m WHERE m.workspace_id = ws AND m.account_id = c.account_id
            AND m.effective_on = c.day AND m.product_id = c.product_id
        ), (SELECT k.created_at FROM contracts k WHERE k.workspace_id = ws AND k.id = c.contract_id))
        FROM (
            SELECT contract_id, account_id, product_id, starts_on AS day, parts FROM contract_rates WHERE workspace_id = ws
            UNION ALL
            SELECT contract_id, account_id, product_id, ends_before, -parts FROM contract_rates
            WHERE workspace_id = ws AND ends_before IS NOT NULL
        ) AS c
        GROUP BY c.contract_id, c.account_id, c.product_id, c.day HAVING sum(c.parts) <> 0;
        INSERT INTO contract_term_versions
            (workspace_id, id, term_id, contract_id, starts_on, ends_before, backfilled, recorded_at)
        SELECT ws, uuidv7(), t.id, t.contract_id, t.starts_on, t.ends_before, past.told,
            CASE WHEN past.told THEN least(t.created_at, t.starts_on::timestamp AT TIME ZONE w.time_zone)
            ELSE t.created_at END
        FROM contract_terms t
        JOIN workspaces w ON w.workspace_id = ws
        JOIN contracts c ON c.workspace_id = ws AND c.id = t.contract_id AND c.archived_at IS NULL
        CROSS JOIN LATERAL (SELECT EXISTS (
            SELECT FROM mrr_movements m WHERE m.workspace_id = ws AND m.account_id = t.account_id
            AND m.contract_id = t.contract_id AND m.backfilled
        ) AS told) AS past
        WHERE t.workspace_id = ws;
    END LOOP;
    PERFORM set_config('app.workspace_id', '', true);
END $$
"""


def upgrade() -> None:
    op.create_table(
        "exchange_rates_superseded",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.String(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("fk_exchange_rates_superseded_workspace_id_workspaces"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_exchange_rates_superseded")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_exchange_rates_superseded_of_day",
        "exchange_rates_superseded",
        ["workspace_id", "currency", "day", "superseded_at"],
        unique=False,
    )
    op.create_table(
        "contract_rate_changes",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contract_id"],
            ["contracts.workspace_id", "contracts.id"],
            name=op.f("fk_contract_rate_changes_workspace_id_contract_id_contracts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"],
            ["products.workspace_id", "products.id"],
            name=op.f("fk_contract_rate_changes_workspace_id_product_id_products"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_contract_rate_changes")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_contract_rate_changes_of_contract",
        "contract_rate_changes",
        ["workspace_id", "contract_id", "day"],
        unique=False,
        postgresql_include=["recorded_at", "product_id", "parts"],
    )
    op.create_table(
        "contract_term_versions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=False),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contract_id"],
            ["contracts.workspace_id", "contracts.id"],
            name=op.f("fk_contract_term_versions_workspace_id_contract_id_contracts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "term_id"],
            ["contract_terms.workspace_id", "contract_terms.id"],
            name=op.f("fk_contract_term_versions_workspace_id_term_id_contract_terms"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_contract_term_versions")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_contract_term_versions_workspace_id_contract_id_starts_on"),
        "contract_term_versions",
        ["workspace_id", "contract_id", "starts_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_term_versions_workspace_id_ends_before"),
        "contract_term_versions",
        ["workspace_id", "ends_before"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_term_versions_workspace_id_term_id"),
        "contract_term_versions",
        ["workspace_id", "term_id"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    ddl.tenant_table("contract_rate_changes", grants="SELECT, INSERT")
    ddl.tenant_table("contract_term_versions", grants="SELECT, INSERT, UPDATE")
    ddl.tenant_table("exchange_rates_superseded")
    op.execute(_BACK_FILL)


def downgrade() -> None:
    op.drop_index(
        op.f("ix_contract_term_versions_workspace_id_term_id"),
        table_name="contract_term_versions",
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(op.f("ix_contract_term_versions_workspace_id_ends_before"), table_name="contract_term_versions")
    op.drop_index(
        op.f("ix_contract_term_versions_workspace_id_contract_id_starts_on"), table_name="contract_term_versions"
    )
    op.drop_table("contract_term_versions")
    op.drop_index(
        "ix_contract_rate_changes_of_contract",
        table_name="contract_rate_changes",
        postgresql_include=["recorded_at", "product_id", "parts"],
    )
    op.drop_table("contract_rate_changes")
    op.drop_index("ix_exchange_rates_superseded_of_day", table_name="exchange_rates_superseded")
    op.drop_table("exchange_rates_superseded")
