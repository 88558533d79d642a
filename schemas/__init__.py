"""The data contract: what the producer may send and what may land in the bucket."""

from schemas.signup import Address, DeliveredSignup, Signup

__all__ = ["Address", "DeliveredSignup", "Signup"]
