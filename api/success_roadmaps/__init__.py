"""Success roadmaps: what a customer wants to achieve, by when, and how far it has come.

A roadmap has goals (company → department → project), milestones, hypotheses and reviews; its tasks are tasks of
:mod:`api.tasks` whose origin is the roadmap or one of its milestones. Its version covers the whole tree: whoever
changes a part raises it. Onboarding plans are roadmaps of the kind ``onboarding``. States: ``draft`` → ``active`` →
``completed`` or ``cancelled``; the first two are *open*.

Progress, status and coverage are kept with their day and the moment they became known
(:mod:`api.success_roadmaps.recording`). Announces ``success_roadmap.*``, ``roadmap_goal.*``, ``roadmap_milestone.*``,
``roadmap_hypothesis.*``, ``roadmap_review.created`` and ``roadmap_template.*``.
"""
