"""A locustfile as anybody may have one, without a word about chats."""

from locust import User


class Anybody(User):
    """Never runs here: the workers are ours."""
