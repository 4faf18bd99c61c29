"""CSV and TSV: every row right, with the line that an editor shows, or named in an error."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.review_files import column, reading, refusal, rows, written

from harness.errors import UsageError
from harness.reviews import ReviewOptions, ReviewSet, read
from harness.reviews.rows import is_blank

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40).filter(
    lambda text: not is_blank(text)
)
LABELS = st.sampled_from(["1", "2", "4.0", "pos", "NA", "None", "4 stars"])


class TestLines:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_kind_of_line_end_counts_as_an_editor_counts_it(self, tmp_path: Path, end: str):
        found = reading(tmp_path, "r.csv", end.join(["text,label", "good,5", '"two', 'lines",4', "bad,1"]))

        assert found.texts() == ["good", f"two{end}lines", "bad"]
        assert rows(found) == [2, 3, 5]

    def test_line_ends_may_be_mixed(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", b"text,label\r\ngood,5\nbad,1\rso so,3\r\n")

        assert rows(found) == [2, 3, 4]
        assert list(found.labels()) == ["5", "1", "3"]

    def test_a_bare_cr_that_no_quotes_enclose_is_text_where_rows_end_with_lf(self, tmp_path: Path):
        """pandas writes texts so on Linux; an editor counts the CR as a line end all the same."""
        found = reading(tmp_path, "r.csv", "text,label\none\rline,5\nbad,1\ntwo\r\rmore,2\nso,3\n")

        assert found.texts() == ["one\rline", "bad", "two\r\rmore", "so"]
        assert rows(found) == [2, 4, 5, 8]
        assert found.notes == ("carriage returns within a line are part of the texts",)

    def test_empty_lines_are_no_rows_but_count_as_lines(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "\ntext,label\n\ngood,5\n   \nbad,1\n\n\n")

        assert rows(found) == [4, 6]
        assert found.read == 2

    @given(st.lists(st.tuples(TEXTS, LABELS), min_size=1, max_size=8), st.sampled_from("\r\n,;\t|"), st.booleans())
    def test_what_a_writer_writes_is_read_back_with_its_lines(
        self, tmp_path_factory: pytest.TempPathFactory, reviews: list[tuple[str, str]], sign: str, all_quoted: bool
    ):
        delimiter = sign if sign in ",;\t|" else ","
        file = io.StringIO(newline="")
        writer = csv.writer(
            file, delimiter=delimiter, lineterminator=sign if sign in "\r\n" else "\r\n",
            # The writer leaves a line end of another kind than its own unquoted.
            quoting=csv.QUOTE_ALL if all_quoted or sign in "\r\n" else csv.QUOTE_MINIMAL,
        )  # fmt: skip
        writer.writerow(["text", "label", "n"])
        lines = []
        for number, (text, label) in enumerate(reviews):
            # What stands before ends with a line end, so the row begins on the line after it.
            lines.append(len(file.getvalue().replace("\r\n", "\n").replace("\r", "\n").split("\n")))
            writer.writerow([text, label, number])

        found = reading(tmp_path_factory.mktemp("csv"), "r.csv", file.getvalue())

        assert found.texts() == [text for text, _ in reviews]
        assert column(found, "label") == [label for _, label in reviews]
        assert rows(found) == lines


class TestDelimiter:
    @pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "pipes")])
    def test_is_read_off_the_rows_and_noted(self, tmp_path: Path, delimiter: str, name: str):
        content = "text/label\nGood, really/5\nBad no/1\n".replace("/", delimiter)
        found = reading(tmp_path, "r.csv", content)

        assert found.texts() == ["Good, really", "Bad no"]
        assert found.notes == (f"separated by {name}",)

    def test_a_tsv_may_hold_commas_and_the_other_way_round(self, tmp_path: Path):
        assert reading(tmp_path, "r.tsv", "text\tlabel\na, b\t5\nc, d\t1\n").texts() == ["a, b", "c, d"]
        assert reading(tmp_path, "s.tsv", "text,label\nab,5\ncd,1\n").texts() == ["ab", "cd"]

    def test_given_by_the_user_decides(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "text:label\ngood:5\n", delimiter=":")

        assert found.texts() == ["good"]

    def test_may_be_given_by_name(self, tmp_path: Path):
        assert reading(tmp_path, "r.csv", "text\tlabel\na\t5\n", delimiter="tab").texts() == ["a"]

    def test_of_several_characters_is_wrong_use(self):
        with pytest.raises(UsageError) as caught:
            ReviewOptions(delimiter="::")

        assert caught.value.message == "the delimiter cannot be '::'"
        assert caught.value.where == "option --delimiter"

    def test_named_in_the_first_line_by_excel_is_taken(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", 'sep=;\r\nText;Bewertung\r\n"Gut; sehr";4,0\r\n')

        assert found.texts() == ["Gut; sehr"]
        assert rows(found) == [3]
        assert found.notes == ("separated by semicolons, as its first line says",)

    def test_followed_by_a_space_in_the_header_leaves_quotes_quotes(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", 'text, label\n"Hello, world", "5"\nplain, 1\n')

        assert found.texts() == ["Hello, world", "plain"]
        assert found.labels() == {"5": 1, "1": 1}

    def test_a_space_before_a_quote_within_a_text_stays(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", 'text,label\n"He said, ""wow""",5\n good,1\n')

        assert found.texts() == ['He said, "wow"', " good"]


class TestRaggedRows:
    FILE = "text,label\ngood,5\nbad\nfine, but dear,3\nok,2\n"

    def test_are_named_with_the_counts_and_the_remedy(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", self.FILE)

        assert str(error) == (
            "2 rows have another number of columns than the first (1 instead of 2 in row 3, separated by commas)\n"
            f"  where     {tmp_path}/r.csv, rows 3, 4 (2 in all)\n"
            "  expected  as many columns as the first row has\n"
            "  remedy    put texts that hold the delimiter or a line break in double quotes, or name the --delimiter; "
            "or leave the rows out with --on-bad-row skip"
        )

    def test_are_counted_where_they_are_skipped(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", self.FILE, on_bad_row="skip")

        assert found.texts() == ["good", "ok"]
        assert found.read == 4
        assert found.skipped_reasons == {"wrong number of columns": 2}
        assert "left out for 'wrong number of columns': rows 3, 4 (2 in all)" in found.notes

    def test_beyond_ten_are_counted(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", "text,label\ngood,5\n" + "bad\n" * 12)

        assert error.where.endswith("rows 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, … (12 in all)")

    def test_a_delimiter_at_the_end_of_each_row_is_no_column(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "text,label\ngood,5,\nbad,1,\n")

        assert found.labels() == {"5": 1, "1": 1}
        assert found.notes == ("a delimiter ends each row: the empty last column is left out",)

    def test_row_numbers_without_a_name_as_r_writes_them_are_a_column(self, tmp_path: Path):
        found = reading(tmp_path, "r.tsv", "text\tlabel\n1\tgood\t5\n2\tbad\t1\n")

        assert found.texts() == ["good", "bad"]
        assert found.labels() == {"5": 1, "1": 1}

    def test_one_value_too_many_that_numbers_nothing_is_an_error(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", "text,label\ngood,5,en\nbad,1,de\n")

        assert error.message.startswith("2 rows have another number of columns")


class TestQuotes:
    def test_within_an_unquoted_field_are_letters(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", 'text,label\nHe said "wow" twice,5\n5" screen,2\n')

        assert found.texts() == ['He said "wow" twice', '5" screen']

    def test_text_after_a_closing_quote_is_an_error(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", 'text,label\n"Great" product,5\nfine,4\n')

        assert error.message == "a row has text after a closing quote"
        assert error.where.endswith("r.csv, row 2 (1 in all)")
        assert error.expected == 'quotes around the whole field, and "" for a quote within'

    def test_a_file_that_ends_within_a_field_is_an_error_and_can_be_read_without_its_last_row(self, tmp_path: Path):
        content = 'text,label\ngood,5\n"cut in the\nmiddle of'
        error = refusal(tmp_path, "r.csv", content)
        found = reading(tmp_path, "r.csv", content, on_bad_row="skip")

        assert error.message == "the file ends within a quoted field (from line 3 to line 4)"
        assert "it may be cut short" in error.remedy
        assert found.texts() == ["good"]
        assert found.skipped_reasons == {"quote never closed": 1}

    @pytest.mark.parametrize("on_bad_row", ["error", "skip"])
    @pytest.mark.parametrize("last", ["ok,2", '"ok",2'])
    def test_a_stray_one_never_takes_whole_rows_with_it(self, tmp_path: Path, on_bad_row: str, last: str):
        error = refusal(tmp_path, "r.csv", f'text,label\n"Great,5\nfine,4\nbad,1\n{last}\n', on_bad_row=on_bad_row)

        assert error.message == "a quote that opens in row 2 reaches to row 5 and takes 3 whole rows with it"
        assert error.remedy == 'close the quote in row 2, or write "" where it is part of the text'

    def test_are_part_of_the_texts_where_tabs_separate_and_each_line_is_a_row(self, tmp_path: Path):
        found = reading(tmp_path, "r.tsv", 'sentence\tlabel\n"open\t1\nplain\t0\nclosed"\t1\n')

        assert found.texts() == ['"open', "plain", 'closed"']
        assert found.notes == ("double quotes are part of the texts",)

    def test_of_a_header_that_do_not_fit_make_no_review_the_header(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", 'text,"la"bel"\n"good",1\nbad,2\n')

        assert error.where.endswith("r.csv, row 1 (1 in all)")
        assert error.remedy == "correct the first row"


class TestHeader:
    def test_missing_is_recognised_and_the_remedy_works(self, tmp_path: Path):
        content = '"A book that I read twice, and will read again soon","-1"\n"Dull","1"\n"Fine","1"\n'
        error = refusal(tmp_path, "r.csv", content)
        found = reading(tmp_path, "r.csv", content, no_header=True, text_column="1", label_column="2")

        assert error.remedy == (
            "the first row looks like a review: if the file has no header, "
            "add --no-header --text-column 1 --label-column 2"
        )
        assert len(found) == 3
        assert rows(found) == [1, 2, 3]
        assert (found.text_column, found.label_column) == ("1", "2")

    def test_missing_columns_are_never_guessed(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", "good as gold,5\nbad as can be,1\n", no_header=True)

        assert error.message == "no column has a name that is known for the text"
        assert error.expected == "one of the columns: '1', '2'"
        assert error.remedy == "name the columns by their numbers, such as --text-column 1 --label-column 2"

    def test_alone_is_an_empty_set(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", "text,label\n")

        assert error.message == "the file has a header and no review"

    def test_names_lose_the_space_around_them(self, tmp_path: Path):
        assert reading(tmp_path, "r.csv", " text ,label , language\ngood,5,en\n").kept == ("language",)

    def test_an_index_column_without_a_name_is_called_by_its_number(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", ",text,label\n0,good,5\n1,bad,1\n")

        assert found.kept == ("1",)
        assert "columns without a name are called by number: 1" in found.notes

    def test_a_name_that_stands_twice_where_it_matters_is_settled_by_the_remedy(self, tmp_path: Path):
        content = "text,label,text\ngood,5,x\nbad,1,y\n"
        error = refusal(tmp_path, "r.csv", content)

        assert error.message == "two columns fit equally well as the text: 'text (1)' and 'text (3)'"
        assert error.remedy == "name it: --text-column 'text (1)' or --text-column 'text (3)'"
        assert reading(tmp_path, "r.csv", content, text_column="text (3)").texts() == ["x", "y"]
        assert reading(tmp_path, "r.csv", content, text_column="3").texts() == ["x", "y"]

    def test_a_name_that_stands_twice_elsewhere_is_numbered(self, tmp_path: Path):
        assert reading(tmp_path, "r.csv", "text,label,x,x\ngood,5,a,b\n").kept == ("x (3)", "x (4)")


class TestTexts:
    @pytest.mark.parametrize("word", ["NA", "None", "null", "nan", "N/A", "NULL"])
    def test_that_mean_missing_elsewhere_are_texts_and_labels_here(self, tmp_path: Path, word: str):
        found = reading(tmp_path, "r.csv", f"text,label\n{word},{word}\n")

        assert found.texts() == [word]
        assert found.labels() == {word: 1}

    def test_may_be_longer_than_the_limit_of_the_csv_module(self, tmp_path: Path):
        before = csv.field_size_limit()
        text = "very " * 100_000 + "long"

        assert reading(tmp_path, "r.csv", f"text,label\n{text},5\n").texts() == [text]
        assert csv.field_size_limit() == before

    def test_keep_the_space_around_them_while_labels_lose_it(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "text,label\n good , 5 \n")

        assert found.texts() == [" good "]
        assert found.labels() == {"5": 1}

    @pytest.mark.parametrize("label", ["4,0", "4/5", "★★★★"])
    def test_labels_are_passed_on_as_they_are(self, tmp_path: Path, label: str):
        assert reading(tmp_path, "r.csv", f'text,rating\ngood,"{label}"\n').labels() == {label: 1}

    @pytest.mark.parametrize("text", ["", "  ", '" "', "\u200b", "\u00a0", "\ufeff"])
    def test_that_show_nothing_are_bad_rows(self, tmp_path: Path, text: str):
        error = refusal(tmp_path, "r.csv", f"text,label\n{text},5\nfine,4\n")

        assert error.message == "a row has no text"
        assert error.where.endswith("r.csv, row 2 (1 in all), column 'text'")

    def test_with_nul_are_bad_rows(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", b"text,label\ngo\0od,5\nbad,1\n")

        assert error.message == "a row holds a NUL character"
        assert reading(tmp_path, "r.csv", b"text,label\ngo\0od,5\nbad,1\n", on_bad_row="skip").texts() == ["bad"]


class TestSeveralKindsOfBadRows:
    def test_are_one_error_with_a_line_each(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", "text,label\n,5\ngood,\nbad\nfine,4\n,\n")

        assert str(error) == (
            "4 rows are no labelled reviews, for 3 reasons\n"
            f"  where     {tmp_path}/r.csv\n"
            "            a row has another number of columns than the first "
            "(1 instead of 2 in row 4, separated by commas); row 4 (1 in all)\n"
            "            2 rows have no text; column 'text'; rows 2, 6 (2 in all)\n"
            "            a row has no label; column 'label'; row 3 (1 in all)\n"
            "  expected  as many columns as the first row has\n"
            "            a text in each row\n"
            "            a label in each row\n"
            "  remedy    put texts that hold the delimiter or a line break in double quotes, or name the --delimiter\n"
            "            correct the rows\n"
            "            or leave the rows out with --on-bad-row skip"
        )

    def test_are_counted_once_each_where_they_are_skipped(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", "text,label\n,5\ngood,\nbad\nfine,4\n,\n", on_bad_row="skip")

        assert found.texts() == ["fine"]
        assert found.read == 5
        assert found.skipped_reasons == {"wrong number of columns": 1, "no text": 2, "no label": 1}
        assert rows(found) == [5]

    def test_that_leave_no_review_are_an_error_even_so(self, tmp_path: Path):
        error = refusal(tmp_path, "r.csv", "text,label\n,5\n,4\n", on_bad_row="skip")

        assert error.message == "no review is left: 2 rows have no text"


class TestPacked:
    CONTENT = b"text,label\n" + b"".join(b"review %d,5\n" % number for number in range(2000))

    def test_with_gzip_is_unpacked(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv.gz", gzip.compress(self.CONTENT))

        assert len(found) == 2000
        assert found.id == "r"

    def test_under_a_plain_name_is_unpacked_and_noted(self, tmp_path: Path):
        found = reading(tmp_path, "r.csv", gzip.compress(self.CONTENT))

        assert len(found) == 2000
        assert found.notes == ("packed with gzip, though its name does not end in .gz",)

    def test_not_at_all_under_a_packed_name_is_read_and_noted(self, tmp_path: Path):
        assert reading(tmp_path, "r.csv.gz", self.CONTENT).notes == ("not packed, though its name ends in .gz",)

    def test_and_cut_short_is_an_error(self, tmp_path: Path):
        packed = gzip.compress(self.CONTENT)

        for length in (20, len(packed) // 2, len(packed) - 1):
            error = refusal(tmp_path, "r.csv.gz", packed[:length])
            assert error.message == "the gzip file is cut short"
            assert error.remedy == "fetch or copy the file again (gzip -t checks it)"

    def test_and_damaged_is_an_error(self, tmp_path: Path):
        packed = bytearray(gzip.compress(self.CONTENT))
        packed[len(packed) // 2] ^= 0xFF

        assert refusal(tmp_path, "r.csv.gz", bytes(packed)).message.startswith("the gzip file is damaged: ")


class TestSharedFiles:
    """The developers' own files, where they are at hand: each read right, or by its error's remedy."""

    def read(self, folder: Path, name: str, **options: object) -> ReviewSet:
        return read(str(folder / "messy" / name), ReviewOptions(**options))  # type: ignore[arg-type]

    def error(self, folder: Path, name: str, **options: object) -> str:
        with pytest.raises(Exception) as caught:  # noqa: PT011
            self.read(folder, name, **options)
        return str(caught.value)

    def test_bare_cr(self, shared_data: Path):
        found = self.read(shared_data, "restaurants_bare_cr.csv")

        assert (len(found), rows(found)[-1]) == (1000, 1001)
        assert found.labels() == {"1": 500, "0": 500}

    def test_tabs_in_a_csv_cut_short(self, shared_data: Path):
        assert "--on-bad-row skip" in self.error(shared_data, "bank_tabs_named.csv")
        found = self.read(shared_data, "bank_tabs_named.csv", on_bad_row="skip")

        assert (len(found), found.read) == (257, 258)
        assert (found.text_column, found.label_column) == ("text", "rating")

    def test_no_header(self, shared_data: Path):
        assert "--no-header --text-column 1 --label-column 2" in self.error(shared_data, "books_headerless.csv")
        found = self.read(shared_data, "books_headerless.csv", no_header=True, text_column="1", label_column="2")

        assert len(found) == 186
        assert set(found.labels()) == {"-1", "1"}

    def test_french_names_behind_a_byte_order_mark(self, shared_data: Path):
        assert "--on-bad-row skip" in self.error(shared_data, "films_half_stars_bom.csv")
        found = self.read(shared_data, "films_half_stars_bom.csv", on_bad_row="skip")

        assert (len(found), found.read) == (151, 152)
        assert (found.text_column, found.label_column) == ("texte", "note")
        assert "4.5" in found.labels()

    def test_windows_1252_with_semicolons(self, shared_data: Path):
        assert "remedy    --encoding cp1252" in self.error(shared_data, "klinik_cp1252_semicolon.csv")
        assert "106 rows have no text" in self.error(shared_data, "klinik_cp1252_semicolon.csv", encoding="cp1252")
        found = self.read(shared_data, "klinik_cp1252_semicolon.csv", encoding="cp1252", on_bad_row="skip")

        assert (len(found), found.read) == (326, 433)
        assert (found.text_column, found.label_column) == ("Bewertung", "Sternebewertung")

    @pytest.mark.parametrize(("language", "reviews"), [("en", 5000), ("de", 4996)])
    def test_the_evaluation_files(self, shared_data: Path, language: str, reviews: int):
        found = read(str(shared_data / "marc" / "eval" / f"{language}.test.csv"), ReviewOptions())

        assert len(found) == reviews
        assert rows(found)[-1] == reviews + 1
        assert found.kept == ("language",)


def test_a_written_file_is_the_source_of_its_set(tmp_path: Path):
    """The record names the file without the folders of the machine; errors name it as the user did."""
    source = written(tmp_path, "my reviews.csv", "text,label\ngood,5\n")
    found = read(source, ReviewOptions())

    assert found.record().source == "my reviews.csv"
    assert found.id == "my-reviews"
    assert found.location == source
