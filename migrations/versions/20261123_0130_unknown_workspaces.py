"""searches in workspaces that statistics do not know yet

The planner looked up how many rows the transaction's workspace has. Of one that came since the last ANALYZE it expected a
single row, took an index over the workspace alone and cut every row's text into bigrams: 20 seconds instead of 50 ms
after a large import. Asked by a sub-select, it expects what an average workspace has; and cutting now counts as expensive.
"""

from alembic import op

revision = "0025_unknown_workspaces"
down_revision = "0024_told_by_cases"
branch_labels = None
depends_on = None

# Measured: 0.1 to 0.3 ms for each text, which is a tenth of this. Where most workspaces are small, the average expects a few
# rows, and the index over bigrams has to be preferred for these already.
COST = "ALTER FUNCTION perennial_bigrams(text) COST {cost}"
REWRITE = """
DO $$ DECLARE here record; setting text; asked text; BEGIN
    SET LOCAL check_function_bodies = off;
    FOR here IN SELECT pg_get_functiondef(oid) AS definition FROM pg_proc
        WHERE proowner = 'perennial_searcher'::regrole AND proname LIKE '{named}'
    LOOP
        FOREACH setting IN ARRAY ARRAY['workspace_id', 'partner_id'] LOOP
            asked := format('NULLIF(current_setting(''app.%s'', true), '''')::uuid', setting);
            here.definition := {replaced};
        END LOOP;
        EXECUTE here.definition;
    END LOOP;
    SET LOCAL check_function_bodies = on;
END $$
"""


def upgrade() -> None:
    op.execute(COST.format(cost=100_000))
    statement = REWRITE.replace("{named}", "%")
    op.execute(statement.replace("{replaced}", "replace(here.definition, '= ' || asked, '= (SELECT ' || asked || ')')"))


def downgrade() -> None:
    statement = REWRITE.replace("{named}", r"find\_%")  # the others are made so from the beginning by now
    op.execute(statement.replace("{replaced}", "replace(here.definition, '= (SELECT ' || asked || ')', '= ' || asked)"))
    op.execute(COST.format(cost=100))
