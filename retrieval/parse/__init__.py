"""Reading a shopper's free text: which part is the thing they want, and which parts are conditions on it.

Rules and the catalogue's own vocabulary, not a model. What a rule takes is cut out of the text, so that each
word counts once; what is left names the thing.
"""
