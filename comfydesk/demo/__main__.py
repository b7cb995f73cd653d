"""`python -m comfydesk.demo`: the demo server without the command line around it, so that it starts fast."""

from __future__ import annotations

import sys

from comfydesk.demo.main import main

sys.exit(main())
