"""The names that people give to columns, in English, German, French, Spanish, Italian and Dutch.

A name is compared by its letters and digits alone: `Review Text`, `reviewText`, `review_text` and
`reviews.text` are spelled without case, accents, spaces or signs. Within a rank all names are
equally good. A second rank holds words that also mean something else: *Bewertung* is a review in
one file and the stars of it in the next, so it counts where no unequivocal name stands beside it.
"""

from __future__ import annotations

import unicodedata


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEXT = (
    _words(
        """
        text texts review reviews reviewtext reviewtexts reviewstext textreview reviewbody reviewsbody reviewcontent
        reviewscontent reviewcomment reviewcomments reviewdescription reviewsentence verifiedreviews userreview
        customerreview fulltext body content contents sentence sentences comment comments commenttext opinion opinions
        rezension rezensionen rezensionstext bewertungstext kommentar kommentare kommentartext meinung kundenmeinung
        inhalt
        texte avis textesavis texteavis avistexte commentaire commentaires critique contenu
        texto resena resenas textoresena opiniones comentario comentarios critica contenido
        testo recensione recensioni testorecensione commento commenti opinione contenuto
        tekst recensie recensies recensietekst reviewtekst commentaar opmerking mening inhoud
        """
    ),
    _words(
        """
        bewertung bewertungen beoordeling beoordelingen valoracion giudizio evaluation feedback reactie
        message messages nachricht bericht description phrase tweet document utterance input
        """
    ),
)

LABEL = (
    _words(
        """
        label labels star stars starrating starratings reviewstars reviewstar rating ratings reviewrating reviewsrating
        userrating overall overallrating score scores reviewscore sentiment sentiments sentimentlabel goldlabel
        sterne sternebewertung sternbewertung sternzahl anzahlsterne bewertungsterne gesamtbewertung note gesamtnote
        punkte punktzahl stimmung
        etoile etoiles nombreetoiles nbetoiles notes noteavis sentimentavis etiquette
        estrella estrellas numeroestrellas calificacion puntuacion puntaje nota sentimiento etiqueta
        stella stelle numerostelle voto valutazione punteggio sentimento etichetta
        ster sterren aantalsterren cijfer waardering
        """
    ),
    _words(
        """
        class klasse classe clase target polarity polaridad polarita polaritaet polarite liked recommended gold grade
        bewertung beoordeling valoracion giudizio evaluation feedback airlinesentiment
        """
    ),
)

ID = (
    _words(
        """
        reviewid reviewsid idreview bewertungsid rezensionsid idavis avisid idresena resenaid idrecensione recensioneid
        idrecensie recensieid commentid tweetid
        """
    ),
    frozenset({"id"}),
    frozenset({"uuid", "guid", "uid", "idx"}),
)


def spelled(name: str) -> str:
    """A column's name by its letters and digits alone.

    >>> spelled("Review Text"), spelled("reviews.rating"), spelled("Reseña")
    ('reviewtext', 'reviewsrating', 'resena')
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum())
