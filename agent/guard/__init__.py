"""What stands between a shopper's text, the model and the shop: text, calls and replies are checked here."""
