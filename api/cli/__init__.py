"""The command line: run the service, prepare its database, look after its data.

Modules are imported where a command needs them: ``serve`` must be quick, and never needs the application.
"""

import gc

# What is imported stays: looking for garbage among it took a fifth of each process's start. Later it means fewer, larger
# rounds.
gc.set_threshold(50_000, 20, 50)
