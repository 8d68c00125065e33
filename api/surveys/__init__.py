"""Surveys: what customers say when asked. NPS, CSAT and CES, on a schedule, by links that need no login.

A survey has occasions: days or months after an anchor of the account (first paid day, start of the first contract, end
of onboarding). The worker makes an invitation when one is due: ``scheduled → sent → (answered | expired)``, or ``skipped``
with its reason. A mail tool fetches the due invitations with their links, each shown once. An answer, or a response
brought in from another tool, is a fact: a correction keeps the superseded score.

Announces ``survey.created``, ``.updated``, ``.archived``, ``.restored``; ``survey_invitation.created``, ``.skipped``,
``.sent``, ``.answered``, ``.expired``; ``survey_response.created``, ``.corrected``, ``.updated``, ``.archived`` and
``survey_response.low``, which names the people of ours who should know.
"""
