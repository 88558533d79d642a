import sys

from how_fake_accounts.cli import main

sys.exit(main())
