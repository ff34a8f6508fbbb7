"""The demo shop: products, pictures, people and their behaviour, made by our own code from a seed.

It lets a first start need nothing from outside, and it has hidden causes (tastes, prices, seasons, things
that go together), so that there is something true to learn. The words are data, in `words/*.toml`.
"""
