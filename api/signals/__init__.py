"""Signals: something noticed about an account, with the rule that noticed it, its evidence and how bad it is.

The rules are code (:mod:`api.signals.kinds`), each one entry of a registry with one select; a workspace sets its
thresholds, for all accounts or for a segment. The worker evaluates them every hour, all accounts of a workspace in one
statement, and a few of them at once where something happened. ``open → acknowledged``; then ``resolved``, by itself when
the cause is gone or by a person, or ``dismissed`` with a reason until a day. While the cause lasts there is one signal for
it; when it comes back there is a new one. News (IR, press, personnel) is posted by integrations.

Announces ``signal.opened``, ``.acknowledged``, ``.resolved``, ``.dismissed``, ``.updated`` (news that was posted again,
or attached to a roadmap);
``signal_rule.created`` and ``.updated``.
"""
