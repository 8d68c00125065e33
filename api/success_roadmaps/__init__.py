"""Success roadmaps: what a customer wants to achieve, by when, and how far it has come.

A roadmap has goals (company → department → project), milestones, hypotheses and reviews; its tasks are tasks of
:mod:`api.tasks` whose origin is the roadmap or one of its milestones. Its version covers the whole tree: whoever
changes a part raises it. Onboarding plans are roadmaps of the kind ``onboarding``. States: ``draft`` → ``active`` →
``completed`` or ``cancelled``; the first two are *open*.

Progress, status and coverage are kept with their day and the moment they became known
(:mod:`api.success_roadmaps.recording`). What came of it is kept as value realisations (``draft`` → ``confirmed`` by a contact,
and a draft again when its figures are corrected). Links show it to the customer, who can comment where the link lets them.

Announces ``success_roadmap.*``, ``roadmap_goal.*``, ``roadmap_milestone.*``,
``roadmap_hypothesis.*``, ``roadmap_review.created`` and ``roadmap_template.*``; ``value_realisation.created``, ``.updated``,
``.confirmed``, ``.corrected``, ``.archived``, ``.restored``; ``roadmap_share.created``, ``.revoked``;
``roadmap_comment.created``, which names the person of ours to mention, and ``.archived``.
"""
