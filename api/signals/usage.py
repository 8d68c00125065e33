"""What is noticed of usage: that it falls, and errors that nobody complains about."""

from typing import Final

# Whole weeks, as usage keeps them rolled up: the days of all accounts would be seven times the rows. All accounts in one
# pass: looked up for each account, 50,000 of them did not end within the statement timeout. A metric that nobody has sent
# lately says nothing about anybody.
DROP: Final = """
WITH metrics AS MATERIALIZED (
    SELECT m.id, m.key, m.role, m.aggregation, (
        SELECT max(w.week) FROM usage_weekly w WHERE w.workspace_id = %(ws)s AND w.metric_id = m.id
    ) AS last_week
    FROM usage_metrics m WHERE m.workspace_id = %(ws)s AND m.archived_at IS NULL
), wanted AS MATERIALIZED (
    SELECT p.account_id, p.weeks, p.minimum, m.id AS metric_id, m.key, m.aggregation
    FROM population p JOIN metrics m ON CASE WHEN p.metric IS NULL THEN m.role = 'active' ELSE m.key = p.metric END
    WHERE m.last_week >= %(monday)s::date - 7 * p.weeks
), summed AS (
    SELECT n.account_id, n.key, n.aggregation, n.minimum,
        sum(w.sum) FILTER (WHERE w.week >= %(monday)s::date - 7 * n.weeks) AS recent,
        sum(w.n) FILTER (WHERE w.week >= %(monday)s::date - 7 * n.weeks) AS recent_days,
        sum(w.sum) FILTER (WHERE w.week < %(monday)s::date - 7 * n.weeks) AS before,
        sum(w.n) FILTER (WHERE w.week < %(monday)s::date - 7 * n.weeks) AS days_before
    FROM wanted n JOIN usage_weekly w ON w.account_id = n.account_id AND w.metric_id = n.metric_id
    WHERE w.workspace_id = %(ws)s AND w.week >= %(monday)s::date - 14 * n.weeks AND w.week < %(monday)s
    GROUP BY n.account_id, n.key, n.aggregation, n.minimum
), compared AS (
    SELECT account_id, key, minimum, CASE aggregation WHEN 'sum' THEN before ELSE before / days_before END AS before,
        coalesce(CASE aggregation WHEN 'sum' THEN recent ELSE recent / recent_days END, 0) AS recent
    FROM summed
), moved AS (
    SELECT account_id, key, round(before::numeric, 2)::float8 AS before, round(recent::numeric, 2)::float8 AS recent,
        round((100 * (recent / before - 1))::numeric, 1)::float8 AS change_pct
    FROM compared WHERE before > 0 AND before >= minimum
)
SELECT p.account_id, '' AS subject,
    CASE WHEN u.change_pct <= -p.critical_drop_pct OR (s.fell AND s.status = 'inactive') THEN 'critical' ELSE p.severity END
        AS severity,
    jsonb_build_object('metric', u.key, 'weeks', p.weeks, 'before', u.before, 'recent', u.recent,
        'change_pct', u.change_pct, 'from_status', CASE WHEN s.fell THEN s.was END,
        'to_status', CASE WHEN s.fell THEN s.status END) AS evidence
FROM population p
LEFT JOIN moved u USING (account_id)
LEFT JOIN LATERAL (
    SELECT kept[1] AS status, kept[2] AS was, since[1] > %(today)s::date - 7 * p.weeks AND
        array_position(ARRAY['inactive', 'needs_attention', 'healthy'], kept[1])
            < array_position(ARRAY['inactive', 'needs_attention', 'healthy'], kept[2]) AS fell
    FROM (
        SELECT array_agg(c.status ORDER BY c.recorded_at DESC, c.id DESC) AS kept,
            array_agg(c.since ORDER BY c.recorded_at DESC, c.id DESC) AS since
        FROM (
            SELECT c.status, c.since, c.recorded_at, c.id FROM usage_statuses c
            WHERE c.workspace_id = %(ws)s AND c.account_id = p.account_id
            ORDER BY c.recorded_at DESC, c.id DESC LIMIT 2
        ) AS c
    ) AS latest
) AS s ON true
WHERE u.change_pct <= -p.drop_pct OR s.fell
"""
# Peers are accounts in the same size band for which the same thresholds hold, that is, of the same segment.
SILENT_TROUBLE: Final = """
WITH metrics AS MATERIALIZED (
    SELECT id, key, role, direction, aggregation FROM usage_metrics WHERE workspace_id = %(ws)s AND archived_at IS NULL
), used AS (
    SELECT p.account_id, sum(w.sum) FILTER (WHERE m.role = 'active') AS active, coalesce(sum(w.sum) FILTER (
        WHERE CASE WHEN p.metric IS NULL THEN m.direction = 'lower_is_better' AND m.aggregation = 'sum'
            ELSE m.key = p.metric END
    ), 0) AS errors
    FROM population p JOIN usage_weekly w ON w.account_id = p.account_id JOIN metrics m ON m.id = w.metric_id
    WHERE w.workspace_id = %(ws)s AND w.week >= %(monday)s::date - 7 * p.weeks AND w.week < %(monday)s
    GROUP BY p.account_id
), rates AS (
    SELECT p.*, band.name AS size, used.errors, used.errors / used.active AS rate, EXISTS (
        SELECT FROM tickets t WHERE t.workspace_id = %(ws)s AND t.account_id = p.account_id AND t.archived_at IS NULL
        AND t.opened_at >= %(now)s - make_interval(days => p.ticket_days)
    ) AS asked
    FROM population p JOIN used USING (account_id)
    LEFT JOIN LATERAL (
        SELECT band.name FROM jsonb_to_recordset(%(size_bands)s)
            AS band (name text, employees_min integer, employees_max integer)
        WHERE p.employee_count BETWEEN band.employees_min AND coalesce(band.employees_max, 2147483647)
    ) AS band ON true
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
