"""The only room that touches MiniStack, our borrowed control plane, and in places its insides.

Everything used here beyond `ministack.app:app` is private to MiniStack 1.5.33, which is why that version is pinned
exactly and why `tests/local/test_emulator.py` holds each of these uses to what it relies on.

Not modelled by it, and not mended here: more than one account or region at a time, `arm64`, expiry by lifecycle rules,
policies on root. The last one matters: on AWS an explicit Deny in a bucket policy binds the account's root too, here
root (the access key `test`) passes it, because everything that looks into the local bucket does so as root. Roles are
held to it.
"""

from local.emulator.callers import ACCOUNT
from local.emulator.control_plane import Emulator

__all__ = ["ACCOUNT", "Emulator"]
