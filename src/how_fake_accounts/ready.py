"""The Faker that is ready to use, as `from how_fake_accounts import fake`."""

from faker import Faker

from how_fake_accounts.provider import AccountProvider

fake = Faker("pt_BR")
fake.add_provider(AccountProvider)
