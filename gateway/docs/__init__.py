"""The pages vendors' developers read: the API's reference and that of its error codes."""
