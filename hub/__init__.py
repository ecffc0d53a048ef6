"""The program: settings, wiring, command line, supervision, logs."""
