"""Conformance cases for an HTTP/1.1 origin server of files.

One table of cases (cases.py) that needs an address and the folder that
folder.py fills, whatever the server:

  python3 -m conformance.run ADDRESS:PORT FOLDER    from tests/http
"""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
# raw.py: the client that the other tests of this folder use
sys.path.insert(0, str(TOP / "tests" / "http"))
