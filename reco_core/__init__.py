"""The recommendation core: what each shopper may like next, why, and how sure. Works on ids and arrays alone."""
