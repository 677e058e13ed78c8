"""The sandbox's messengers: an SMS gateway, an e-mail API and a push service that deliver to a table."""
