"""CSV and TSV: every row is right, or named as a spreadsheet counts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scores.score_files import reading, refusal

ROWS = "gold,p_neg,p_pos\npos,0.2,0.8\nneg,0.9,0.1\n"


class TestRows:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_kind_of_line_end_is_read(self, tmp_path: Path, end: str) -> None:
        scores = reading(tmp_path, "a.csv", ROWS.replace("\n", end))

        assert scores.probabilities.tolist() == [[0.2, 0.8], [0.9, 0.1]]
        assert scores.probabilities.dtype == "float64"
        assert scores.gold.tolist() == [1, 0]

    @pytest.mark.parametrize(("name", "delimiter"), [("a.tsv", "\t"), ("a.csv", "\t"), ("a.csv", ";"), ("a.tsv", ",")])
    def test_columns_may_stand_apart_by_other_signs(self, tmp_path: Path, name: str, delimiter: str) -> None:
        assert reading(tmp_path, name, ROWS.replace(",", delimiter)).gold.tolist() == [1, 0]

    def test_another_sign_than_the_name_promises_is_noted(self, tmp_path: Path) -> None:
        assert "separated by semicolons" in reading(tmp_path, "a.csv", ROWS.replace(",", ";")).notes

    def test_a_byte_order_mark_is_no_part_of_the_first_name(self, tmp_path: Path) -> None:
        assert reading(tmp_path, "a.csv", "\ufeff" + ROWS).gold.tolist() == [1, 0]

    def test_spaces_around_names_labels_and_numbers_do_not_count(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold , p_neg, p_pos\n pos, 0.2, 0.8\nneg ,0.9,0.1 \n")

        assert scores.probabilities.tolist() == [[0.2, 0.8], [0.9, 0.1]]
        assert scores.gold.tolist() == [1, 0]

    def test_texts_may_hold_delimiters_quotes_and_line_ends(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", 'text,gold,p_neg,p_pos\n"one, ""two""\nlines",pos,0.2,0.8\n')

        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"text": ['one, "two"\nlines']}

    def test_texts_may_be_long(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", f"gold,p_a,p_b,text\na,1,0,{'long ' * 600_000}\nb,0,1,short\n")

        assert scores.gold.tolist() == [0, 1]

    def test_but_one_of_many_megabytes_is_refused(self, tmp_path: Path) -> None:
        content = "gold,p_a,p_b,text\n" + 100 * "a,1,0,x\n" + f"a,1,0,{'long ' * 7_000_000}\n"
        message = refusal(tmp_path, "a.csv", content)

        assert message.startswith("the file cannot be taken apart: straddling object straddles two block boundaries")
        assert message.endswith("\n  remedy    write it without columns of very long texts, or as Parquet")

    def test_an_empty_cell_of_another_column_is_a_null(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", "gold,lang,p_neg,p_pos\npos,de,0.2,0.8\nneg,,0.9,0.1\nneg,NA,0.9,0.1\n")

        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"lang": ["de", None, "NA"]}

    def test_a_nameless_column_is_called_by_its_place(self, tmp_path: Path) -> None:
        """pandas writes its index so."""
        scores = reading(tmp_path, "a.csv", ",gold,p_neg,p_pos\n0,pos,0.2,0.8\n1,neg,0.9,0.1\n")

        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"column 1": ["0", "1"]}


class TestCells:
    def test_rows_are_named_by_the_lines_that_an_editor_shows(self, tmp_path: Path) -> None:
        content = '\ngold,p_neg,p_pos,text\npos,0.2,0.8,"two\n\nlines"\n\r\nneg,0.9,much,\nneg,0.9,more,\n'

        assert refusal(tmp_path, "a.csv", content) == (
            "'much' is no number\n"
            "  where     a.csv, column 'p_pos', lines 7, 8 (2 in all)\n"
            "  expected  numbers such as 0.25 or 2.5e-05\n"
            "  remedy    correct the cells, or leave the rows out"
        )

    @pytest.mark.parametrize(("delimiter", "name"), [(";", "a.csv"), ("\t", "a.tsv")])
    def test_decimals_may_have_commas_where_columns_do_not(self, tmp_path: Path, delimiter: str, name: str) -> None:
        content = "gold;price;p_neg;p_pos\npos;1,5;0,2;0,8\nneg;2;1;0\nneg;3;,75;2,5E-01\n".replace(";", delimiter)
        scores = reading(tmp_path, name, content)

        assert scores.probabilities.tolist() == [[0.2, 0.8], [1, 0], [0.75, 0.25]]
        assert "the commas within numbers are read as decimal points" in scores.notes
        assert scores.columns is not None
        assert scores.columns.to_pydict() == {"price": ["1,5", "2", "3"]}

    def test_points_beside_commas_could_stand_for_thousands(self, tmp_path: Path) -> None:
        message = refusal(tmp_path, "a.csv", "gold;logit_neg;logit_pos\npos;1.000,5;0,8\n")

        assert message.startswith("'1.000,5' is no number\n")

    def test_decimals_with_a_comma_are_told_where_commas_stand_between_columns(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", 'gold,p_neg,p_pos\npos,"0,2","0,8"\n') == (
            "'0,2' is no number\n"
            "  where     a.csv, column 'p_neg', line 2\n"
            "  expected  numbers such as 0.25 or 2.5e-05\n"
            "  remedy    write decimals with a point"
        )

    def test_so_are_lists_in_a_cell(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", 'gold,probabilities\npos,"[0.2, 0.8]"\n') == (
            "'[0.2, 0.8]' is no number\n"
            "  where     a.csv, column 'probabilities', line 2\n"
            "  expected  numbers such as 0.25 or 2.5e-05\n"
            "  remedy    write one column for each class, p_<class> or logit_<class>"
        )

    def test_an_empty_cell_of_a_class_is_named(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", ROWS + "neg,,1\n") == (
            "numbers are missing\n"
            "  where     a.csv, column 'p_neg', line 4\n"
            "  expected  a number for each class in every row\n"
            "  remedy    fill them in, or leave the rows out"
        )

    @pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-Infinity"])
    def test_what_is_not_finite_is_named(self, tmp_path: Path, cell: str) -> None:
        assert refusal(tmp_path, "a.csv", ROWS + f"neg,1,{cell}\n") == (
            "numbers are NaN or infinite\n"
            "  where     a.csv, column 'p_pos', line 4\n"
            "  expected  finite numbers\n"
            "  remedy    look at what made these rows"
        )

    @pytest.mark.parametrize("cell", ["", '""', "  "])
    def test_an_empty_gold_label_is_named(self, tmp_path: Path, cell: str) -> None:
        assert refusal(tmp_path, "a.csv", ROWS + f"{cell},1,0\n") == (
            "rows have no gold label\n"
            "  where     a.csv, column 'gold', line 4\n"
            "  expected  a label in every row\n"
            "  remedy    fill the labels in, or leave the rows out"
        )


class TestDamage:
    @pytest.mark.parametrize(("row", "cells"), [("neg,1", 2), ("neg,1,0,0", 4)])
    def test_a_row_with_another_number_of_cells_is_named(self, tmp_path: Path, row: str, cells: int) -> None:
        assert refusal(tmp_path, "a.csv", f"{ROWS}\n{row}\n") == (
            f"line 5 has {cells} cells, separated by commas, and the header has 3\n"
            "  where     a.csv, line 5\n"
            "  expected  3 cells in every line\n"
            "  remedy    correct the line; a text that holds the delimiter stands in double quotes"
        )

    def test_a_quote_that_is_never_closed_takes_no_rows_with_it(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", 'gold,p_neg,p_pos,text\npos,0.2,0.8,x\nneg,1,0,"y\nneg,1,0,z\n') == (
            "a quote in line 3 is in the wrong place, or is never closed: unexpected end of data\n"
            "  where     a.csv, line 3\n"
            "  remedy    double each quote within a text, and enclose the text in quotes"
        )

    def test_a_quote_within_a_text_does_no_harm(self, tmp_path: Path) -> None:
        scores = reading(tmp_path, "a.csv", 'gold,p_neg,p_pos,text\npos,0.2,0.8,a 5" disk\nneg,1,0,z\n')

        assert scores.columns is not None
        assert scores.columns["text"].to_pylist() == ['a 5" disk', "z"]

    def test_rows_below_a_stray_quote_are_still_named(self, tmp_path: Path) -> None:
        content = 'gold,p_neg,p_pos,text\npos,0.2,0.8,"a"b\nneg,x,0,z\n'

        assert "where     a.csv, column 'p_neg', line 3\n" in refusal(tmp_path, "a.csv", content)

    def test_two_columns_of_one_name_are_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", "gold,p_a,p_b,p_a\na,1,0,1\n") == (
            "2 columns have the name 'p_a'\n  where     a.csv\n  remedy    give each column a name of its own"
        )

    @pytest.mark.parametrize("content", ["gold,p_a,p_b\na,1,0\nbé,0,1\n", "gold,p_a,p_b,pé\n"])
    def test_bytes_that_are_not_utf_8_are_named(self, tmp_path: Path, content: str) -> None:
        line = content[: content.index("é")].count("\n") + 1

        assert refusal(tmp_path, "a.csv", content.encode("latin-1")) == (
            f"the file is not UTF-8: byte 0xe9 in line {line} is no character of it\n"
            f"  where     a.csv, line {line}\n"
            "  expected  UTF-8\n"
            "  remedy    write or save the file again as CSV UTF-8"
        )

    def test_wherever_they_are(self, tmp_path: Path) -> None:
        content = b"gold,p_a,p_b,text\n" + b"a,1,0,x\n" * 20_000 + b"a,1,0,\xff\n"

        assert refusal(tmp_path, "a.csv", content).startswith(
            "the file is not UTF-8: byte 0xff in line 20002 is no character of it\n"
        )

    def test_so_is_utf_16(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", ROWS.encode("utf-16")).startswith("the file is UTF-16\n")

    def test_a_header_with_a_stray_quote_is_refused(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "a.csv", '"gold"x,p_a,p_b\na,1,0\n').startswith("the header cannot be read: ")
