"""Progress and status in SQL, for any number of roadmaps at once; :mod:`api.success_roadmaps.progress` says what is meant.

Levels are at most three, so three steps from the bottom up roll up any tree: no recursion.
"""

from typing import Final

from api.success_roadmaps.settings import RoadmapSettings

# A goal of the level, with what its milestones and the goals below it have come to.
_STEP: Final = """
SELECT o.*, coalesce(o.metric, (o.reached + {reached}) / nullif(o.parts + {parts}, 0)) AS progress
FROM own o {joins} WHERE o.level = '{level}'
"""
_BELOW: Final = """
SELECT parent_id, sum(weight) AS parts, sum(weight * progress) AS reached
FROM {of} WHERE progress IS NOT NULL AND parent_id IS NOT NULL GROUP BY parent_id
"""
_EXPECTED: Final = """
CASE WHEN {due} <= {starts} THEN ({today} >= {due})::int::float8
ELSE least(1, greatest(0, ({today} - {starts})::float8 / ({due} - {starts}))) END
"""
_STATUS: Final = """
CASE WHEN {open} AND {progress} IS NOT NULL THEN CASE
    WHEN ({today} > {due} AND {progress} < 1 - 1e-9)
        OR ({expected} - {progress}) * 100 >= %(off_track)s::float8 - 1e-9 THEN 'off_track'
    WHEN ({expected} - {progress}) * 100 >= %(at_risk)s::float8 - 1e-9 THEN 'at_risk'
    ELSE 'on_track' END END
"""


def _step(level: str, *below: str) -> str:
    joins = " ".join(f"LEFT JOIN {name} ON {name}.parent_id = o.id" for name in below)
    reached = " + ".join(["0::float8", *(f"coalesce({name}.reached, 0)" for name in below)])
    parts = " + ".join(["0::float8", *(f"coalesce({name}.parts, 0)" for name in below)])
    return _STEP.format(level=level, joins=joins, reached=reached, parts=parts)


_DAYS: Final = {"today": "%(today)s::date", "starts": "starts_on", "due": "due_on"}

FIGURES: Final = f"""
chosen AS (
    SELECT id, account_id, state, archived_at, starts_on, due_on, state = 'active' AND archived_at IS NULL AS running
    FROM success_roadmaps WHERE workspace_id = %(ws)s AND {{these}}
), marks AS (
    SELECT m.roadmap_id, m.goal_id, sum(m.weight) AS parts,
        coalesce(sum(m.weight) FILTER (WHERE m.reached_on <= %(today)s), 0) AS reached
    FROM roadmap_milestones m JOIN chosen c ON c.id = m.roadmap_id
    WHERE m.workspace_id = %(ws)s AND m.archived_at IS NULL GROUP BY m.roadmap_id, m.goal_id
), own AS (
    SELECT g.id, g.roadmap_id, c.account_id, g.parent_id, g.level, g.weight, g.current, c.running,
        coalesce(g.starts_on, c.starts_on) AS starts_on, coalesce(g.due_on, c.due_on) AS due_on,
        CASE WHEN g.baseline IS NULL OR g.target IS NULL THEN NULL
            WHEN g.target = g.baseline THEN CASE WHEN g.direction = 'higher_is_better'
                THEN coalesce(g.current, g.baseline) >= g.target ELSE coalesce(g.current, g.baseline) <= g.target
                END::int::float8
            ELSE least(1, greatest(0, (coalesce(g.current, g.baseline) - g.baseline) / (g.target - g.baseline)))
        END AS metric,
        coalesce(k.parts, 0) AS parts, coalesce(k.reached, 0) AS reached,
        g.agreed_at IS NOT NULL AND g.target IS NOT NULL AND g.baseline IS NOT NULL AND g.owner_id IS NOT NULL
            AND g.contact_id IS NOT NULL AS counts
    FROM roadmap_goals g JOIN chosen c ON c.id = g.roadmap_id
    LEFT JOIN marks k ON k.roadmap_id = g.roadmap_id AND k.goal_id = g.id
    WHERE g.workspace_id = %(ws)s AND g.archived_at IS NULL
), projects AS ({_step("project")}
), of_projects AS ({_BELOW.format(of="projects")}
), departments AS ({_step("department", "of_projects")}
), of_departments AS ({_BELOW.format(of="departments")}
), companies AS ({_step("company", "of_projects", "of_departments")}
), measured AS (
    SELECT *, {_EXPECTED.format(**_DAYS)} AS expected
    FROM (SELECT * FROM projects UNION ALL SELECT * FROM departments UNION ALL SELECT * FROM companies) AS each
), goal_figures AS (
    SELECT *, {_STATUS.format(**_DAYS, open="running", progress="progress", expected="expected")} AS status
    FROM measured
), whole AS (
    SELECT c.id, c.account_id, c.state, c.archived_at, c.running, c.starts_on, c.due_on,
        {_EXPECTED.format(**_DAYS)} AS expected,
        (coalesce(k.reached, 0) + coalesce(t.reached, 0)) / nullif(coalesce(k.parts, 0) + coalesce(t.parts, 0), 0)
            AS progress,
        coalesce(k.parts, 0) + coalesce(t.parts, 0) AS parts,
        coalesce(t.covers_company, false) AS covers_company, coalesce(t.covers_department, false) AS covers_department,
        coalesce(t.covers_project, false) AS covers_project
    FROM chosen c LEFT JOIN marks k ON k.roadmap_id = c.id AND k.goal_id IS NULL
    LEFT JOIN (
        SELECT roadmap_id, sum(weight) FILTER (WHERE parent_id IS NULL AND progress IS NOT NULL) AS parts,
            sum(weight * progress) FILTER (WHERE parent_id IS NULL) AS reached,
            bool_or(counts) FILTER (WHERE level = 'company') AS covers_company,
            bool_or(counts) FILTER (WHERE level = 'department') AS covers_department,
            bool_or(counts) FILTER (WHERE level = 'project') AS covers_project
        FROM measured GROUP BY roadmap_id
    ) AS t ON t.roadmap_id = c.id
), roadmap_figures AS (
    SELECT *, {_STATUS.format(**_DAYS, open="running", progress="progress", expected="expected")} AS status FROM whole
)
"""  # noqa: S608
"""Common table expressions ``goal_figures`` and ``roadmap_figures`` of the roadmaps that ``{these}`` says.

Parameters: ``ws``, ``today``, and those of :func:`thresholds`.
"""


def thresholds(settings: RoadmapSettings) -> dict[str, float]:
    """The parameters of the statuses."""
    return {"at_risk": settings.at_risk_behind_pct, "off_track": settings.off_track_behind_pct}
