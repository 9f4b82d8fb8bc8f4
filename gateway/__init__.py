"""The LinkoJob gateway: recruitment lines on WhatsApp, one a client, all data apart."""

__version__ = "0.1.0"
