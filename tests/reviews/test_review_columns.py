"""Which column is the text, the label and the id."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.review_files import reading, refusal

from harness.errors import ReviewSetError, UsageError
from harness.reviews import ReviewOptions
from harness.reviews.columns import Chosen, choose
from harness.reviews.raw import RawTable
from harness.reviews.vocabulary import ID, LABEL, TEXT, spelled


def chosen(*names: str, **options: str) -> Chosen:
    raw = RawTable({name: ["x"] for name in names}, [2], by_number=True)
    return choose(raw, ReviewOptions(**options), "r.csv")  # type: ignore[arg-type]


def error(*names: str, **options: str) -> ReviewSetError:
    with pytest.raises(ReviewSetError) as caught:
        chosen(*names, **options)
    return caught.value


class TestNames:
    @pytest.mark.parametrize(
        ("header", "text", "label"),
        [
            ("text,label", "text", "label"),
            ("review_id,product_id,reviewer_id,stars,review_body,review_title,language", "review_body", "stars"),
            ("reviewerID,asin,reviewerName,helpful,reviewText,overall,summary", "reviewText", "overall"),
            ("Id,ProductId,UserId,HelpfulnessNumerator,Score,Time,Summary,Text", "Text", "Score"),
            ("review_id,user_id,business_id,stars,useful,funny,cool,text,date", "text", "stars"),
            ("review,sentiment", "review", "sentiment"),
            ("idx,sentence,label", "sentence", "label"),
            ("label,title,content", "content", "label"),
            ("id,text,label,label_text", "text", "label"),
            ("reviewId,userName,content,score,thumbsUpCount,replyContent", "content", "score"),
            ("id,name,reviews.id,reviews.rating,reviews.text,reviews.title", "reviews.text", "reviews.rating"),
            ("Clothing ID,Age,Title,Review Text,Rating,Recommended IND", "Review Text", "Rating"),
            ("rating,date,variation,verified_reviews,feedback", "verified_reviews", "rating"),
            ("Review,Liked", "Review", "Liked"),
            ("Name der Klinik,Bewertung,Datum der Bewertung,Sternebewertung,Likes", "Bewertung", "Sternebewertung"),
            ("Kommentar,Bewertung", "Kommentar", "Bewertung"),
            ("Rezension,Sterne", "Rezension", "Sterne"),
            ("content_id,titre_avis,note,texte,date", "texte", "note"),
            ("Avis,Étoiles", "Avis", "Étoiles"),
            ("Reseña,Calificación", "Reseña", "Calificación"),
            ("comentario,valoración", "comentario", "valoración"),
            ("Recensione,Voto", "Recensione", "Voto"),
            ("testo,valutazione", "testo", "valutazione"),
            ("recensie,beoordeling", "recensie", "beoordeling"),
            ("Tekst,Sterren", "Tekst", "Sterren"),
        ],
    )
    def test_that_people_give_are_known(self, header: str, text: str, label: str):
        found = chosen(*header.split(","))

        assert (found.text, found.label) == (text, label)

    @pytest.mark.parametrize("name", ["Review Text", "REVIEW_TEXT", "reviewText", "review-text", " review.text "])
    def test_are_spelled_in_any_way(self, name: str):
        assert chosen(name, "label").text == name

    def test_stand_in_the_vocabulary_as_they_are_compared(self):
        for ranks in (TEXT, LABEL, ID):
            for rank in ranks:
                assert {spelled(word) for word in rank} == rank

    def test_that_mean_one_thing_stand_in_one_role_only(self):
        assert TEXT[0].isdisjoint(LABEL[0])
        assert (TEXT[0] | LABEL[0]).isdisjoint(frozenset().union(*ID))
        assert TEXT[0].isdisjoint(TEXT[1])
        assert LABEL[0].isdisjoint(LABEL[1])


class TestEquallyGoodNames:
    @pytest.mark.parametrize(
        ("first", "second"), [("text", "review"), ("review_body", "content"), ("Text", "Kommentar")]
    )
    def test_of_texts_are_an_error_that_names_both(self, first: str, second: str):
        found = error(first, second, "label")

        assert found.message == f"two columns fit equally well as the text: '{first}' and '{second}'"
        assert found.where == "r.csv"
        assert found.expected == "one of them"
        assert found.remedy == f"name it: --text-column {first} or --text-column {second}"

    @pytest.mark.parametrize(("first", "second"), [("stars", "rating"), ("label", "sentiment"), ("Note", "score")])
    def test_of_labels_are_an_error_that_names_both(self, first: str, second: str):
        found = error("text", first, second)

        assert found.message == f"two columns fit equally well as the label: '{first}' and '{second}'"
        assert found.remedy == f"name it: --label-column {first} or --label-column {second}"

    def test_are_all_named_where_there_are_more(self):
        assert error("text", "review", "body", "label").message == (
            "three columns fit equally well as the text: 'text', 'review' and 'body'"
        )

    def test_are_settled_by_the_option(self):
        assert chosen("text", "review", "stars", "rating", text_column="review", label_column="stars") == Chosen(
            "review", "stars", None, None
        )

    def test_are_quoted_for_the_shell(self):
        assert "--text-column 'Review Text'" in error("Review Text", "comment", "label").remedy

    def test_give_way_to_none_that_also_means_something_else(self):
        """`Bewertung` is a review here and a rating there; beside `Text` it can only be the rating."""
        assert chosen("Text", "Bewertung").label == "Bewertung"
        assert chosen("Bewertung", "Sterne").text == "Bewertung"


class TestMissingColumns:
    def test_are_an_error_with_the_columns_that_are_there(self, tmp_path: Path):
        found = refusal(tmp_path, "r.csv", "product,opinion,label\nbook,good,5\n".replace("opinion", "words"))

        assert found.message == "no column has a name that is known for the text"
        assert found.expected == "one of the columns: 'product', 'words', 'label'"
        assert found.remedy == "name the column with --text-column"

    def test_of_the_label_say_what_the_text_is(self):
        assert error("Produkt", "Bewertung").message == (
            "no column has a name that is known for the label (the text is 'Bewertung')"
        )

    def test_that_were_named_suggest_a_near_one(self):
        found = error("text", "stars", "comment", text_column="coment")

        assert found.message == "there is no column 'coment' for the text"
        assert found.remedy == "did you mean --text-column comment?"

    def test_that_were_named_are_found_in_any_spelling(self):
        assert chosen("Review Text", "Stars Given", text_column="review_text", label_column="stars given") == Chosen(
            "Review Text", "Stars Given", None, None
        )

    def test_named_for_two_roles_are_wrong_use(self):
        with pytest.raises(UsageError) as caught:
            chosen("text", "label", text_column="text", label_column="TEXT")

        assert caught.value.message == "column 'text' cannot be both the text and the label"


class TestIds:
    @pytest.mark.parametrize("name", ["id", "ID", "review_id", "reviewId", "uuid"])
    def test_are_found_by_name(self, name: str):
        assert chosen(name, "text", "label").id == name

    def test_of_reviews_are_better_than_of_anything(self):
        """In the files of Datafiniti, `id` is the product's and `reviews.id` the review's."""
        assert chosen("id", "reviews.id", "text", "label").id == "reviews.id"

    def test_of_products_are_none(self):
        assert chosen("product_id", "asin", "user_id", "text", "label").id is None

    def test_in_an_empty_column_are_none(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "reviews.id,text,label\n,good,5\n,bad,1\n")

        assert found.table["id"].to_pylist() == ["770e607624d68926-1", "2f05d4b689d270ca-1"]

    def test_can_be_done_without(self):
        assert chosen("id", "text", "label", id_column="none").id is None
        assert chosen("none", "text", "label", id_column="none").id == "none"
