"""The command line: run the service, prepare its database, look after its data.

Modules are imported where a command needs them: ``serve`` must be quick, and never needs the application.
"""
