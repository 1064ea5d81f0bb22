"""Runs Node.js functions of LocalStack as processes of this machine, where there is no Docker.

LocalStack finds it by the entry point beside this package, which is on PYTHONPATH and need not be installed.
"""
