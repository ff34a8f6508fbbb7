"""Google's product feed, as a table and as XML, and what XML may not do."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from agent.errors import ImportFailed
from agent.feeds import detect_format
from agent.shop import Money, Product, Variant

from .reading_of import read, written

TSV = """\
id|title|description|image_link|availability|price|sale_price|brand|product_type|item_group_id|color|size|material|MPN
t1|Trail jacket - Red S|Warm|https://x.example/1.jpg|in_stock|15.00 USD||Hike|Outer > Jackets|jacket|red|S|wool|TJ
m1|Mug|||out of stock|5.00 EUR|4.00 EUR||||blue|||
t2|Trail jacket - Red M|Warm|https://x.example/2.jpg|preorder|16.00 USD||Hike|Outer > Jackets|jacket|red|M|wool|TJ
""".replace("|", "\t")
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title><link>https://x.example</link>
<item><g:id>t1</g:id><title>Plain title</title><g:title>Trail &lt;b&gt;jacket&lt;/b&gt; - Red S</g:title>
<description><![CDATA[<p>Warm</p>]]></description><g:image_link>https://x.example/1.jpg</g:image_link>
<g:availability>in_stock</g:availability><g:price>15.00 USD</g:price><g:brand>Hike</g:brand>
<g:product_type>Outer &gt; Jackets</g:product_type><g:item_group_id>jacket</g:item_group_id><g:color>red</g:color>
<g:size>S</g:size><g:material>wool</g:material><g:mpn>TJ</g:mpn>
<g:shipping><g:country>US</g:country><g:price>99.00 USD</g:price></g:shipping></item>
<item><g:id>m1</g:id><g:title>Mug</g:title><g:availability>out of stock</g:availability><g:price>5.00 EUR</g:price>
<g:sale_price>4.00 EUR</g:sale_price><g:color>blue</g:color></item>
<item>
  <g:id>t2</g:id><g:title>Trail jacket - Red M</g:title><description>Warm</description>
  <g:image_link>https://x.example/2.jpg</g:image_link><g:availability>preorder</g:availability>
  <g:price>16.00 USD</g:price><g:brand>Hike</g:brand><g:product_type>Outer &gt; Jackets</g:product_type>
  <g:item_group_id>jacket</g:item_group_id><g:color>red</g:color><g:size>M</g:size><g:material>wool</g:material>
  <g:mpn>TJ</g:mpn>
</item></channel></rss>"""
JACKET = Product(
    id="jacket",
    title="Trail jacket - Red",
    description="Warm",
    brand="Hike",
    category=("Outer", "Jackets"),
    attributes={"color": "red", "material": "wool", "mpn": "TJ"},
    image="https://x.example/1.jpg",
    variants=(Variant("t1", {"size": "S"}, Money(1500), None), Variant("t2", {"size": "M"}, Money(1600), 0)),
)
MUG = Product(id="m1", title="Mug", attributes={"color": "blue"}, variants=(Variant("m1", {}, Money(400, "EUR"), 0),))
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id><g:title>&b;</g:title></item></channel></rss>"""
FOREIGN = BOMB.replace('<!ENTITY a "aaaaaaaaaa">', '<!ENTITY a SYSTEM "file:///etc/passwd">')


def rss(*items: str) -> str:
    inside = "".join(f"<item>{item}</item>\n" for item in items)
    return f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>\n{inside}</channel></rss>'


@pytest.mark.parametrize(
    ("name", "content"),
    [("feed.tsv", TSV), ("feed.txt", TSV), ("feed.csv", TSV.replace("\t", ",")), ("feed.xml", RSS),
     ("utf16.xml", RSS.replace('"1.0"?', '"1.0" encoding="utf-16"?').encode("utf-16")),
     ("prefixed.tsv", TSV.replace("id\ttitle", "g:id\tg:title", 1))],
)  # fmt: skip
def test_table_and_xml_give_the_same_products(tmp_path: Path, name: str, content: str | bytes) -> None:
    path = written(tmp_path, name, content)
    assert detect_format(path) == "google"
    result = read(path)
    assert not result.bad
    assert result.products == {"m1": MUG, "jacket": JACKET}


def test_atom(tmp_path: Path) -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>
    <entry><id>tag:x.example,1</id><g:id>1</g:id><title>Lamp</title><summary>Bright</summary>
    <link href="https://x.example/1"/><g:price>1,299.00 USD</g:price>
    <g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Bulb</g:attribute_name>
    <g:attribute_value>LED</g:attribute_value></g:product_detail></entry></feed>"""
    lamp = read(written(tmp_path, "a.xml", feed)).products["1"]
    assert (lamp.title, lamp.description, lamp.price) == ("Lamp", "Bright", Money(129900))
    assert lamp.attributes == {"bulb": "LED"}


def test_details_in_a_table(tmp_path: Path) -> None:
    table = 'id,title,link,availability,product_detail\n1,A,x,in_stock,"General:Bulb:LED,General:Watts:5"\n'
    assert read(written(tmp_path, "a.csv", table)).products["1"].attributes == {"bulb": "LED", "watts": "5"}


def test_items_that_differ_in_nothing_named_are_told_apart_by_title(tmp_path: Path) -> None:
    items = [
        f"<g:id>{n}</g:id><g:title>Candle {scent}</g:title><g:item_group_id>c</g:item_group_id>"
        for n, scent in enumerate(("rose", "cedar"))
    ]
    product = read(written(tmp_path, "a.xml", rss(*items))).products["c"]
    assert product.title == "Candle"
    assert product.options == {"item": ("Candle rose", "Candle cedar")}


@pytest.mark.parametrize(
    ("span", "minor"),
    [
        ("", 400),
        ("2000-01-01T00:00+0100/2999-01-01T00:00+0100", 400),
        ("2000-01-01T00:00Z/2001-01-01T00:00Z", 500),
        ("2000-01-01/2999-01-01", 400),
        ("soon", 500),
    ],
)
def test_a_sale_price_counts_while_the_sale_is_on(tmp_path: Path, span: str, minor: int) -> None:
    sale = f"<g:sale_price>4 USD</g:sale_price><g:sale_price_effective_date>{span}</g:sale_price_effective_date>"
    item = f"<g:id>1</g:id><g:title>A</g:title><g:price>5 USD</g:price>{sale}"
    assert read(written(tmp_path, "a.xml", rss(item))).products["1"].price == Money(minor)


def test_bad_items_are_reported_by_line_and_the_rest_is_loaded(tmp_path: Path) -> None:
    items = [
        "<g:id>1</g:id><g:title>A</g:title>",
        "<g:title>no id</g:title>",
        "<g:id>2</g:id>",
        "<g:id>3</g:id><g:title>C</g:title><g:price>free</g:price>",
        "<g:id>4</g:id><g:title>D</g:title><g:availability>maybe</g:availability>",
        "<g:id>1</g:id><g:title>again</g:title>",
    ]
    result = read(written(tmp_path, "a.xml", rss(*items)))
    assert list(result.products) == ["1"]
    assert [(row.line, row.id) for row in result.bad] == [(3, None), (4, "2"), (5, "3"), (6, "4"), (7, "1")]


@pytest.mark.parametrize("content", [BOMB, FOREIGN])
def test_entities_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ImportFailed, match="entities"):
        read(written(tmp_path, "a.xml", content))


def test_planted_fault_the_bomb_goes_off_in_a_plain_parser() -> None:
    title = ElementTree.fromstring(BOMB).find(".//{http://base.google.com/ns/1.0}title")
    assert title is not None
    assert title.text == "a" * 100


@pytest.mark.parametrize(
    "content", [RSS[:900], "<rss><channel><item><g:id>1</g:id></item></channel></rss>", "<a><b></a>"]
)
def test_broken_xml_fails_with_what_to_do(tmp_path: Path, content: str) -> None:
    with pytest.raises(ImportFailed, match="broken XML"):
        read(written(tmp_path, "a.xml", content))


def test_xml_without_items_holds_no_product(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="no product"):
        read(written(tmp_path, "a.xml", "<rss><channel/></rss>"))
