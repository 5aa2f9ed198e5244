"""What a Locust master does with the exact figures of chat-loadtest workers."""
