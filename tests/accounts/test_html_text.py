"""HTML becomes readable text, in one place for imports, mail and calendars; what is no HTML stays as it is."""

from __future__ import annotations

import time

from accounts.rules.automatic import came_back, is_away
from accounts.rules.html_text import readable, text_of


def test_what_a_page_shows_is_kept_and_what_it_does_not_show_is_not() -> None:
    page = """<html><head><title>Offer</title><style>p {color: red}</style></head><body>
    <div style="display:none">Preview of nothing</div><script>track()</script>
    <h1>Offer</h1><p>We agreed&nbsp;on <b>three</b> things,<br>said Ada &amp; Cy:</p>
    <ul><li>the <a href="https://shop.example/price?id=7&utm_source=mail">price</a></li>
        <li><p>the day</p><ol><li>first</li><li>last</li></ol></li></ul>
    <table><tr><th>Site</th><th><p>Units</p></th></tr><tr><td>Riga</td><td>40</td></tr></table>
    <p>Call <a href="tel:+4420">us</a> or <a href="mailto:ada@p.example">ada@p.example</a>,
       not <a href="javascript:x()">this</a>.<img src="https://t.example/x" width="1" height="1" alt="seen">
       <img src="cid:1" alt="Our logo"></p></body></html>"""
    assert readable(page) == (
        "Offer\n\nWe agreed on three things,\nsaid Ada & Cy:\n\n"
        "- the price (https://shop.example/price?id=7)\n- the day\n  1. first\n  2. last\n\n"
        "Site | Units\nRiga | 40\n\n"
        "Call us (+4420) or ada@p.example, not this. [Our logo]"
    )


def test_quotations_and_what_is_set_line_by_line_are_kept_as_that() -> None:
    assert text_of("<p>Yes</p><blockquote><p>Do you?</p><blockquote>Well</blockquote></blockquote>x") == (
        "Yes\n\n> Do you?\n>\n>> Well\n\nx"
    )
    assert text_of("<pre>a\n  b</pre>") == "a\n  b"


def test_plain_text_in_which_signs_of_html_stand_stays_as_it_is() -> None:
    for text in [
        "5 < 6 and 7 > 3",
        "Write to <ada@ponder.example> please",
        "press <br> to break a line",
        "the tag <b> makes it bold",
        "Dear <Name>,\n  your <order>",
        "if a<b then c>d",
        "<3 from all of us",
        "see <https://shop.example/a>",
        "Q&A at AT&T",
        "<p> is the tag of a paragraph",
        "1 <2\n\n  indented > so",
    ]:
        assert readable(text) == text


def test_what_only_a_system_would_write_is_read() -> None:
    for text, words in [
        ("Line one<br>Line two<br/>Line three", "Line one\nLine two\nLine three"),
        ("<div>Hi</div><div><br></div><div>Bye</div>", "Hi\n\nBye"),
        ("Ada &amp; Cy&nbsp;agree\non it", "Ada & Cy agree\non it"),
        ("&lt;p&gt;Twice&lt;/p&gt;&lt;p&gt;over&lt;/p&gt;", "Twice\n\nover"),
        (
            '<p class="MsoNormal">Yes.<o:p></o:p></p><!-- no --><![if !mso]><p>No.</p><![endif]>',
            "Yes.\n\nNo.",
        ),
        ("<p>cut off <b>here", "cut off here"),
        ("<P>LOUD</P>", "LOUD"),
        ("<p></p>", ""),
    ]:
        assert readable(text) == words


def test_no_page_keeps_the_reading_busy() -> None:
    began = time.process_time()
    for piece in ["<div>", "<a ", "<!--", "<ul><li>", "<blockquote>", "<a href=https://x.example>q", "<td>a", "<pre>\n",
                  "<p><b id='x'>", "</", "&#", "<select>"]:  # fmt: skip
        text_of(piece * (150_000 // len(piece)))
    assert time.process_time() - began < 20


def test_the_subjects_of_programs_are_known_in_five_languages_and_those_of_people_are_not_among_them() -> (
    None
):
    away = [
        "Automatic reply: Offer", "Out of Office", "Out of office Re: Offer", "AutoReply: x", "OOO: back Monday",
        "Automatische Antwort: Angebot", "Abwesenheitsnotiz", "Réponse automatique : Offre", "Absence du bureau",
        "Respuesta automática: Oferta", "Fuera de la oficina", "Risposta automatica: Offerta", "Fuori sede",
        "[Out of Office] Offer",
    ]  # fmt: skip
    back = [
        "Undeliverable: Offer", "Undelivered Mail Returned to Sender", "Delivery Status Notification (Failure)",
        "Unzustellbar: Angebot", "Non remis : Offre", "No se puede entregar: Oferta", "Non recapitabile: Offerta",
    ]  # fmt: skip
    people = [
        "Re: Automatic reply: Offer", "Out of office hours support", "Auto: two new vans", "Absence of a signature",
        "Returned mailers", "AW: Abwesenheitsnotiz", "Autoreply feature: when?", "On leave policy", "",
    ]  # fmt: skip
    assert [subject for subject in away + back + people if is_away(subject)] == away
    assert [subject for subject in away + back + people if came_back(subject)] == back
