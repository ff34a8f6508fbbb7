"""The words of wishes: fillers that name nothing, colours, materials, sizes, and the words that rules look for."""

from __future__ import annotations

import re

COLORS = frozenset(
    """black white gray grey silver gold golden red blue navy green olive yellow orange pink purple violet brown
    beige cream ivory tan khaki teal turquoise maroon burgundy charcoal coral mint lavender bronze copper
    chestnut camel mustard rust sage lilac indigo magenta cyan aqua rose peach plum sand taupe walnut oak
    multicolor multicolour transparent clear graphite anthracite tortoise tortoiseshell""".split()
)
MATERIALS = frozenset(
    """leather suede cotton wool linen silk polyester nylon velvet denim canvas steel iron aluminium aluminum
    brass bamboo oak walnut pine wood wooden glass ceramic porcelain marble plastic rubber silicone rattan
    wicker felt cashmere fleece mesh metal stone concrete cork latex titanium mohair merino stoneware terracotta jute
    hemp chenille corduroy satin acrylic teak acacia birch beech mahogany chrome tweed viscose spandex lycra""".split()
)
VAGUE = frozenset(
    """small big large little tiny huge light lightweight heavy comfy comfortable warm soft stylish fancy pretty
    cute modern simple basic unit units quality durable sturdy portable compact fast quiet powerful""".split()
)
"""Words that rank products of a kind but do not name the kind."""
DIMENSIONS = frozenset(
    """weigh weighs weight wide width long length tall high height deep depth big large screen display memory ram
    storage capacity size volume""".split()
)
"""Words beside a measure that only say what it measures."""
OPPOSITES = dict.fromkeys(("cable", "cables", "cord", "cords", "wire", "wires"), "wireless or cordless or bluetooth")
"""What "without X" asks for, where products say that and not what they lack."""
SIZES = frozenset("""xs xl xxl xxxl 2xl 3xl small medium large queen king twin full single double""".split())
FOR_WHOM = {
    "men": "men", "mens": "men", "men's": "men", "man": "men", "male": "men", "guys": "men", "husband": "men",
    "boyfriend": "men", "dad": "men", "father": "men", "gentlemen": "men",
    "women": "women", "womens": "women", "women's": "women", "woman": "women", "female": "women", "ladies": "women",
    "wife": "women", "girlfriend": "women", "mom": "women", "mum": "women", "mother": "women", "lady": "women",
}  # fmt: skip

FILLERS = frozenset(
    """a an the i i'm im i'd id i've ive i'll me my mine we we're our us you your u ur it's its it is are am was
    be been being do does did done have has had got get getting give gimme show find see look looking lookin
    search searching searched hunting shopping shop buy buying purchase purchasing need needed needing want
    wanted wanting wants wish like love prefer would could can may might should will shall please pls plz
    thanks thank hi hey hello hiya yo there so well um uh hmm hm ok okay oh ah ahh alright right actually
    really just maybe perhaps some any something anything someone one ones thing things stuff kind sort type
    types what whats what's which wich that thats that's this these those them they their for of in on at to
    with and or but from by as if into about also too then now still again only even ever sell sells selling
    carry carrying stock available offer offers available let let's lets go know tell recommend recommendation
    recommendations suggest suggestion suggestions help good great nice decent cool best better new quick
    quickly today soon hope hoping trying try think thinking thought wondering wonder interested interest bit
    little lot lots few more most much many very quite pretty all every each other another same different
    instead rather else where how when why who not no yes yeah yep nope items item product products model
    models option options choice choices make makes made comes come coming store website site online price
    prices priced cost costs costing money budget dollars bucks euros he she his her him hers who's whose
    because since while than out up down off over currently possibly possible ideally basically honestly sorry
    mean meant forget ready set before after nah nay fine shame aw darn please kindly got gotta wanna gonna spend
    spending spent pay paying somewhere whichever whatever regardless ur lookin cheers mate guys folks dear wife's hubby
    having ideal ideas idea also pair pairs aged least heavier lighter wider taller faster higher lower bigger
    larger smaller longer shorter needs uses itself himself herself hurts either fit fits fitting""".split()
)
"""Words that are dropped from the name of the wanted thing where nothing names more than they do."""

PRONOUNS = frozenset("""one ones it them those these that this same they""".split())
LANGUAGE = (
    FILLERS
    | COLORS
    | MATERIALS
    | frozenset(
        """back under below less than cheaper cheap cheapest expensive pricey priciest dearest affordable inexpensive
    lowest highest rated reviews stars around roughly approximately between maximum minimum least without
    except excluding fancier pricier dearer fanciest premium affordable mustn't can't don't whatever brand
    colour color size price wireless compare difference between versus second third fourth fifth first last
    order orders cancel cancelled return returns refund exchange delivery deliver delivered shipping shipped
    tracking track parcel package address payment account policy person human agent staff someone speak talk
    dollar euro pound pounds quid bucks eur gbp usd grand hundred thousand budget inch inches metre metres meter meters
    litre litres width height length depth pieces people seater faster heavier lighter wider taller
    real warranty gift card leather cotton wooden women mens womens kids""".split()
    )
)


def subject_of(query: str) -> str:
    """The words of a query that name the kind of thing: what stands before "for", without vague words."""
    head = re.split(r"\sfor\s", query)[0]
    naming = [word for word in head.split() if word.lower() not in VAGUE]
    return " ".join(naming) or query
