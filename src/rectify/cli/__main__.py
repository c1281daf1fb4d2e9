"""``python -m rectify.cli``."""

import sys

from rectify.cli import main

sys.exit(main())
