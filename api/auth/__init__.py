"""Who may do what: workspaces, users and their roles, invitations, sign-in, API keys, the audit log.

A credential (a signed-in session or an API key) belongs to one workspace. Proving it costs no round trip of
its own: the statement that opens the request's transaction also reads the credential and the user's role,
so a revocation or a new role counts from the next request on.

States: user ``active ⇄ suspended``, ``→ archived``; session and key ``active → revoked | expired``;
invitation ``open → accepted | expired | withdrawn``. Announces ``user.*`` (``created``, ``updated``,
``archived``), ``invitation.*`` (``created``, ``accepted``, ``archived``), ``api_key.*`` (``created``,
``rotated``, ``revoked``), ``workspace.updated``.
"""
