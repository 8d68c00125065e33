"""Programs: tech-touch and community work over many accounts, and who took part with what result.

A webinar, a user group, a mail course, a trial of something new, or a *co-creation*, which links to what came of it:
product gaps, reference cases, releases. ``planned → running → finished``, or ``cancelled``.

Announces ``program.created``, ``.updated``, ``.archived``, ``.restored`` and ``program_participant.created`` and
``.updated``.
"""
