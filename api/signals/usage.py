"""What is noticed of usage: that it falls, and errors that nobody complains about."""

from typing import Final

# Whole weeks, as usage keeps them rolled up: the days of all accounts would be a hundred times the rows.
_WEEKS: Final = """
SELECT CASE m.aggregation WHEN 'sum' THEN coalesce(sum(w.sum) FILTER (WHERE w.week >= since.recent), 0)
        ELSE coalesce(sum(w.sum) FILTER (WHERE w.week >= since.recent) / sum(w.n) FILTER (WHERE w.week >= since.recent), 0)
    END AS recent,
    CASE m.aggregation WHEN 'sum' THEN sum(w.sum) FILTER (WHERE w.week < since.recent)
        ELSE sum(w.sum) FILTER (WHERE w.week < since.recent) / sum(w.n) FILTER (WHERE w.week < since.recent)
    END AS before
FROM usage_weekly w, (SELECT %(monday)s::date - 7 * p.weeks AS recent) AS since
WHERE w.workspace_id = %(ws)s AND w.account_id = p.account_id AND w.metric_id = m.id
AND w.week >= %(monday)s::date - 14 * p.weeks AND w.week < %(monday)s
"""
# A metric that nobody has sent lately says nothing about anybody.
DROP: Final = f"""
SELECT p.account_id, '' AS subject,
    CASE WHEN u.change_pct <= -p.critical_drop_pct OR (s.fell AND s.status = 'inactive') THEN 'critical' ELSE p.severity END
        AS severity,
    jsonb_build_object('metric', u.key, 'weeks', p.weeks, 'before', u.before, 'recent', u.recent,
        'change_pct', u.change_pct, 'from_status', CASE WHEN s.fell THEN s.was END,
        'to_status', CASE WHEN s.fell THEN s.status END) AS evidence
FROM population p
LEFT JOIN LATERAL (
    SELECT m.key, round(w.before::numeric, 2)::float8 AS before, round(w.recent::numeric, 2)::float8 AS recent,
        CASE WHEN w.before > 0 THEN round((100 * (w.recent / w.before - 1))::numeric, 1)::float8 END AS change_pct
    FROM usage_metrics m CROSS JOIN LATERAL ({_WEEKS} GROUP BY m.aggregation) AS w
    WHERE m.workspace_id = %(ws)s AND m.archived_at IS NULL
    AND CASE WHEN p.metric IS NULL THEN m.role = 'active' ELSE m.key = p.metric END
    AND EXISTS (
        SELECT FROM usage_weekly any_of WHERE any_of.workspace_id = %(ws)s AND any_of.metric_id = m.id
        AND any_of.week >= %(monday)s::date - 7 * p.weeks
    ) AND w.before >= p.minimum
) AS u ON true
LEFT JOIN LATERAL (
    SELECT kept[1] AS status, kept[2] AS was, since > %(today)s::date - 7 * p.weeks AND
        array_position(ARRAY['inactive', 'needs_attention', 'healthy'], kept[1])
            < array_position(ARRAY['inactive', 'needs_attention', 'healthy'], kept[2]) AS fell
    FROM (
        SELECT array_agg(c.status ORDER BY c.recorded_at DESC, c.id DESC) AS kept, max(c.since) AS since
        FROM (
            SELECT c.status, c.since, c.recorded_at, c.id FROM usage_statuses c
            WHERE c.workspace_id = %(ws)s AND c.account_id = p.account_id
            ORDER BY c.recorded_at DESC, c.id DESC LIMIT 2
        ) AS c
    ) AS latest
) AS s ON true
WHERE u.change_pct <= -p.drop_pct OR s.fell
"""  # noqa: S608
# Peers are accounts in the same size band for which the same thresholds hold, that is, of the same segment.
SILENT_TROUBLE: Final = """
WITH rates AS (
    SELECT p.*, band.name AS size, used.errors, used.errors / used.active AS rate, EXISTS (
        SELECT FROM tickets t WHERE t.workspace_id = %(ws)s AND t.account_id = p.account_id AND t.archived_at IS NULL
        AND t.opened_at >= %(now)s - make_interval(days => p.ticket_days)
    ) AS asked
    FROM population p
    LEFT JOIN LATERAL (
        SELECT band.name FROM jsonb_to_recordset(%(size_bands)s)
            AS band (name text, employees_min integer, employees_max integer)
        WHERE p.employee_count BETWEEN band.employees_min AND coalesce(band.employees_max, 2147483647)
    ) AS band ON true
    CROSS JOIN LATERAL (
        SELECT sum(w.sum) FILTER (WHERE m.role = 'active') AS active, coalesce(sum(w.sum) FILTER (
            WHERE CASE WHEN p.metric IS NULL THEN m.direction = 'lower_is_better' AND m.aggregation = 'sum'
                ELSE m.key = p.metric END
        ), 0) AS errors
        FROM usage_metrics m JOIN usage_weekly w ON w.workspace_id = %(ws)s AND w.account_id = p.account_id
            AND w.metric_id = m.id AND w.week >= %(monday)s::date - 7 * p.weeks AND w.week < %(monday)s
        WHERE m.workspace_id = %(ws)s AND m.archived_at IS NULL
    ) AS used
    WHERE used.active > 0
), peers AS (
    SELECT place, size, count(*) AS accounts, percentile_cont(0.5) WITHIN GROUP (ORDER BY rate) AS median,
        100 * avg(asked::integer)::float8 AS asking_pct
    FROM rates GROUP BY place, size
)
SELECT r.account_id, '' AS subject, r.severity, jsonb_build_object('errors', r.errors, 'errors_per_use', round(r.rate::numeric, 4),
    'peers_median', round(o.median::numeric, 4), 'peers', o.accounts, 'peers_with_tickets_pct', round(o.asking_pct::numeric, 1),
    'size_band', r.size, 'weeks', r.weeks, 'ticket_days', r.ticket_days) AS evidence
FROM rates r JOIN peers o ON o.place = r.place AND o.size IS NOT DISTINCT FROM r.size
WHERE NOT r.asked AND r.errors >= r.min_errors AND r.rate > r.times * o.median AND o.accounts >= r.peers
    AND EXISTS (SELECT FROM tickets WHERE workspace_id = %(ws)s)
"""
