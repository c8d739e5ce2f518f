"""
Drives a KMIP server with PyKMIP.

  run.py list                                  prints the names of each version's cases as JSON
  run.py VERSION PORT CA CERTIFICATE KEY       runs the cases of a version; prints a JSON line for each
"""

import json
import logging
import sys
import traceback
import warnings

# PyKMIP and what it imports are older than the Python that runs them, and warn of it.
warnings.simplefilter('ignore')

import attribute_cases  # noqa: E402, F401
import crypto_cases  # noqa: E402, F401
import lifecycle_cases  # noqa: E402, F401
import locate_cases  # noqa: E402, F401
import object_cases  # noqa: E402, F401
import rekey_cases  # noqa: E402, F401
import server_cases  # noqa: E402, F401
from suite import CASES, VERSIONS, Server, Session  # noqa: E402


def cases_of(version):
    return [one for one in CASES if one.applies(VERSIONS[version])]


def run(version, server):
    with server.client() as client:
        session = Session(client, VERSIONS[version], server)
        for one in cases_of(version):
            try:
                one.run(session)
                error = None
            except Exception:
                error = traceback.format_exc()
            print(json.dumps({'name': one.name, 'error': error}), flush=True)


def main(command, *arguments):
    logging.disable(logging.CRITICAL)
    if command == 'list':
        print(json.dumps({version: [one.name for one in cases_of(version)] for version in VERSIONS}))
    else:
        run(command, Server(command, *arguments))


main(*sys.argv[1:])
