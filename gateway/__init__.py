"""The LinkoJob gateway: recruitment lines on WhatsApp, one per client, every client's data apart."""

__version__ = "0.1.0"
